"""The options of `opgen make manifests`, read before an option parser is awake.

An option parser takes longer to load than the project's code does to be read, and this command runs
at every save. So its options are in a table here as well, and what the table does not know, or what
is wrong, is left to the parser, which has the right words for it. A test holds both together.
"""

from __future__ import annotations

TYPE_CHECKING = False  # what `typing` calls so is not loaded yet
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import Any

FLAGS: Mapping[str, tuple[str, bool]] = {
    "--check": ("check", True),
    "--strict": ("strict", True),
    "--preflight": ("preflight", True),
    "--no-preflight": ("preflight", False),
    "--dry-run": ("dry_run", True),
    "--diff": ("diff", True),
    "--verbose": ("verbose", True),
    "-v": ("verbose", True),
}
"""The argument that a word sets, and to what."""
VALUES: Mapping[str, tuple[str, Callable[[str], object]]] = {
    "--kube-version": ("kube_version", str),
    "--max-desc-len": ("max_desc_len", int),
    "--against": ("against", str),
    "--output": ("output", str),
    "-o": ("output", str),
}
"""The argument that is the word behind this one, and what is made of it."""


def read(words: Sequence[str]) -> dict[str, Any] | None:
    """The arguments that words of a command line set; None if that takes an option parser."""
    arguments: dict[str, Any] = {}
    waiting = iter(words)
    for word in waiting:
        name, assigned, value = word.partition("=")
        if not word.isascii() or name not in (VALUES if assigned else {**FLAGS, **VALUES}):
            return None
        if name in FLAGS:
            argument, arguments[argument] = FLAGS[name]
            continue
        argument, make = VALUES[name]
        value = value if assigned else next(waiting, "")
        if not _is_plain(argument, value) or (assigned and not name.startswith("--")):
            return None
        arguments[argument] = make(value)
    return arguments


def _is_plain(argument: str, value: str) -> bool:
    """Whether a value is one that nobody has to think about."""
    if argument == "max_desc_len":
        return value.isascii() and value.isdecimal()
    if argument == "output":
        return value in ("text", "json")
    return bool(value) and value.isascii() and value.isprintable() and value[0] != "-"
