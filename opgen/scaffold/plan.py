"""Plans: what a command would do to a project's files, as data.

A plan is made by comparing the files that a command wants with those on disk and with what opgen
wrote last time (the digests in PROJECT). The comparison has three sides, as a merge has:

* the file on disk is what opgen wrote: it may be replaced
* the person changed it and the template did not: the person's text stays (`skip`)
* both changed: `conflict`, and the whole plan is not carried out; or `merge` in `opgen update`

A plan is shown (`diff`, `as_json`) or handed to `opgen.scaffold.execute`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

from opgen.scaffold.paths import File, Tree

BACKUP_SUFFIX = ".opgen-old"


class Verb(StrEnum):
    """What happens to a file."""

    CREATE = "create"
    UPDATE = "update"
    INSERT = "insert"
    IDENTICAL = "identical"
    MERGE = "merge"
    SKIP = "skip"
    CONFLICT = "conflict"
    DELETE = "delete"


WRITING = frozenset({Verb.CREATE, Verb.UPDATE, Verb.INSERT, Verb.MERGE})
CHANGING = WRITING | {Verb.DELETE}


@dataclass(frozen=True, slots=True)
class Action:
    """What happens to one file, and why.

    Attributes:
        verb: What happens.
        path: The file, relative to the plan's root, with `/`.
        old: What is on disk.
        new: What the command wants; for a conflict, what it would have written.
        reason: Why, if the verb does not say it.
        backup: Where the old content is kept; empty if it is not.
        clashes: How many conflicts a person has to resolve after the plan has been carried out.
    """

    verb: Verb
    path: str
    old: File | None = None
    new: File | None = None
    reason: str = ""
    backup: str = ""
    clashes: int = 0

    @property
    def changes(self) -> bool:
        """Whether the file on disk becomes another."""
        return self.verb in CHANGING

    def diff(self) -> str:
        """The change as a unified diff; empty if there is none."""
        if self.verb not in CHANGING and self.verb is not Verb.CONFLICT:
            return ""
        old, new = _text(self.old), _text(self.new)
        if old is None or new is None:
            return f"Binary file {self.path} differs\n"
        return "".join(_unified(self.path, old, new, self.old is None, self.new is None))

    def as_json(self) -> dict[str, Any]:
        """The action as a JSON object."""
        entry: dict[str, Any] = {"action": self.verb.value, "path": self.path}
        if self.reason:
            entry["reason"] = self.reason
        if self.backup:
            entry["backup"] = self.backup
        if self.clashes:
            entry["clashes"] = self.clashes
        return entry


@dataclass(frozen=True, slots=True)
class Plan:
    """All that a command does to a project, in the order of its execution."""

    root: Path
    actions: tuple[Action, ...] = ()

    @property
    def changes(self) -> tuple[Action, ...]:
        """The actions that write or delete."""
        return tuple(action for action in self.actions if action.changes)

    @property
    def conflicts(self) -> tuple[Action, ...]:
        """The actions that keep the plan from being carried out."""
        return tuple(action for action in self.actions if action.verb is Verb.CONFLICT)

    @property
    def clashing(self) -> tuple[Action, ...]:
        """The actions that leave conflicts for a person to resolve."""
        return tuple(action for action in self.actions if action.clashes)

    def diff(self) -> str:
        """The plan as one unified diff."""
        return "".join(action.diff() for action in self.actions)

    def counts(self) -> Counter[Verb]:
        """How many files each verb is about."""
        return Counter(action.verb for action in self.actions)

    def as_json(self) -> dict[str, Any]:
        """The plan as a JSON object."""
        return {"root": str(self.root), "actions": [action.as_json() for action in self.actions]}


@dataclass(frozen=True, kw_only=True, slots=True)
class Policy:
    """How files that are in the way are treated.

    Attributes:
        recorded: Path to digest of what opgen wrote last time.
        force: Replace edited files, keeping a backup.
        keep: Patterns of paths that belong to the person once they exist.
        generated: The files are opgen's own, whatever they hold.
        strict: Edited files that are not needed any more are conflicts.
    """

    recorded: Mapping[str, str] = field(default_factory=dict)
    force: bool = False
    keep: tuple[str, ...] = ()
    generated: bool = False
    strict: bool = False

    def keeps(self, path: str) -> bool:
        """Whether a file belongs to the person once it exists."""
        import fnmatch

        return any(fnmatch.fnmatchcase(path, pattern) for pattern in self.keep)


def digest(content: bytes) -> str:
    """What is recorded of a file: SHA-256 with every line ending counted as LF."""
    import hashlib  # which loads OpenSSL

    return hashlib.sha256(unix(content)).hexdigest()


def compare(tree: Tree, path: str, wanted: File, policy: Policy) -> Action:
    """The action that brings a file to the wanted content, or says why it cannot.

    Raises:
        Problems: something else than a file is in its place.
    """
    return compare_files(tree, path, tree.read(path), wanted, policy)


def compare_files(tree: Tree, path: str, old: File | None, wanted: File, policy: Policy) -> Action:
    """As `compare`, with the content on disk given."""
    recorded = policy.recorded.get(path)
    if old is None:
        if recorded is None or policy.force:
            return Action(Verb.CREATE, path, None, wanted)
        return Action(Verb.SKIP, path, None, wanted, "you deleted it; --force brings it back")
    if unix(old.content) == unix(wanted.content):
        if old.executable or not wanted.executable:
            return Action(Verb.IDENTICAL, path, old, wanted)
        return Action(Verb.UPDATE, path, old, wanted, "it must be executable")
    wanted = File(as_on_disk(wanted.content, old.content), wanted.executable)
    if policy.generated or recorded == digest(old.content):
        return Action(Verb.UPDATE, path, old, wanted)
    return _occupied(tree, path, old, wanted, policy)


def _occupied(tree: Tree, path: str, old: File, wanted: File, policy: Policy) -> Action:
    """The action on a file that holds somebody else's text."""
    recorded = policy.recorded.get(path)
    if recorded is None and policy.keeps(path):
        return Action(Verb.SKIP, path, old, wanted, "it exists already and stays as it is")
    if policy.force:
        return Action(Verb.UPDATE, path, old, wanted, backup=backup_path(tree, path, old))
    if recorded is None:
        return Action(Verb.CONFLICT, path, old, wanted, "it exists and opgen did not write it")
    if recorded == digest(wanted.content):
        return Action(Verb.SKIP, path, old, wanted, "you edited it, and opgen has nothing new")
    return Action(Verb.CONFLICT, path, old, wanted, "you edited it, and opgen has something new")


def remove(
    tree: Tree, path: str, policy: Policy, bare: Callable[[bytes], bytes] = bytes
) -> Action | None:
    """The action that takes a file away which opgen wrote; None if it is gone already.

    Args:
        tree: The files on disk.
        path: The file.
        policy: How it is treated.
        bare: Takes out of its content what commands have added to it since.

    Raises:
        Problems: something else than a file is in its place.
    """
    old = tree.read(path)
    if old is None:
        return None
    if policy.generated or policy.recorded.get(path) == digest(bare(old.content)):
        return Action(Verb.DELETE, path, old, None, "it is not needed any more")
    if policy.force:
        return Action(Verb.DELETE, path, old, None, backup=backup_path(tree, path, old))
    if policy.strict:
        return Action(Verb.CONFLICT, path, old, None, "you edited it")
    return Action(Verb.SKIP, path, old, None, "you edited it; delete it if you do not need it")


def backup_path(tree: Tree, path: str, old: File) -> str:
    """A free name beside a file for its old content, or one that holds just that already."""
    number = 0
    while True:
        candidate = f"{path}{BACKUP_SUFFIX}{f'.{number}' if number else ''}"
        existing = tree.read(candidate)
        if existing is None or existing.content == old.content:
            return candidate
        number += 1


def ordered(actions: Iterable[Action]) -> tuple[Action, ...]:
    """Actions in the order of execution: by path, and PROJECT last, as it tells of the others."""
    return tuple(sorted(actions, key=lambda action: (action.path == "PROJECT", action.path)))


def unix(content: bytes) -> bytes:
    """A text with LF at the ends of its lines; other files as they are."""
    if b"\r" not in content or b"\0" in content:  # a single byte is found much faster than two
        return content
    return content.replace(b"\r\n", b"\n")


def as_on_disk(wanted: bytes, old: bytes) -> bytes:
    """The wanted content with the line endings of the old, if those are all CRLF."""
    lines = old.count(b"\n")
    if b"\0" in wanted or not lines or old.count(b"\r\n") != lines:
        return wanted
    return unix(wanted).replace(b"\n", b"\r\n")


def _text(file: File | None) -> str | None:
    if file is None:
        return ""
    try:
        return None if b"\0" in file.content else file.content.decode()
    except UnicodeDecodeError:
        return None


def _unified(path: str, old: str, new: str, created: bool, deleted: bool) -> Iterator[str]:
    import difflib

    lines = difflib.unified_diff(
        old.splitlines(keepends=True),
        new.splitlines(keepends=True),
        "/dev/null" if created else f"a/{path}",
        "/dev/null" if deleted else f"b/{path}",
    )
    for line in lines:
        yield line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n"
