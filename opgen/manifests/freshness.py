"""Whether the generated files on disk are what the code would generate now."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import unified_diff
from pathlib import Path

from opgen.manifests.generate import Generated


@dataclass(frozen=True, slots=True)
class StaleFile:
    """A file that is not up to date; the diff leads from what is there to what should be."""

    path: str
    diff: str


def check(root: Path, generated: Generated) -> list[StaleFile]:
    """The files that are missing, changed, or left over, by path."""
    wanted = {**generated.files, **dict.fromkeys(generated.removed, "")}
    stale = []
    for path, text in sorted(wanted.items()):
        file = root / path
        found = file.read_text(encoding="utf-8") if file.exists() else ""
        if found != text:
            stale.append(StaleFile(path, _diff(path, found, text)))
    return stale


def _diff(path: str, found: str, wanted: str) -> str:
    lines = unified_diff(
        found.splitlines(keepends=True),
        wanted.splitlines(keepends=True),
        path if found else "/dev/null",
        path if wanted else "/dev/null",
    )
    return "".join(lines)
