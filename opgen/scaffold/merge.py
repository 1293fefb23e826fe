"""Three-way merges of files: what opgen wrote, what the person made of it, what opgen writes now.

The merge is that of `git merge-file --diff3`, and done by git where it is installed; elsewhere
merge3 does it, with common lines chosen as git chooses them. Files are bytes here: a merge must not
fail because of an encoding.
"""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

MARKERS = (b"<<<<<<<", b"|||||||", b"=======", b">>>>>>>")


@dataclass(frozen=True, slots=True)
class Labels:
    """How the three sides are called beside the markers of a conflict."""

    ours: str = "yours"
    base: str = "opgen before"
    theirs: str = "opgen now"


@dataclass(frozen=True, slots=True)
class Merged:
    """The outcome: the content, with markers around conflicts, and how many conflicts there are."""

    content: bytes
    conflicts: int = 0


def merge(base: bytes, ours: bytes, theirs: bytes, labels: Labels) -> Merged | None:
    """Merge a text file; None if one side is no text.

    If one side did not change, the outcome is the other side, byte for byte.
    """
    if ours in (base, theirs):
        return Merged(theirs)
    if base == theirs:
        return Merged(ours)
    if any(b"\0" in side for side in (base, ours, theirs)):
        return None
    if (apart := merge_apart(base, ours, theirs)) is not None:
        return Merged(apart)
    if git := shutil.which("git"):
        return merge_with_git(git, base, ours, theirs, labels)
    return merge_without_git(base, ours, theirs, labels)


def merge_apart(base: bytes, ours: bytes, theirs: bytes) -> bytes | None:
    """The merge of two changes that have nothing to do with each other; None if they may have.

    Between them is a line that each side has once only. However a change among equal lines may be
    aligned, it never moves across such a line, so every merge comes to the same outcome.
    """
    first, second = _changed(base, ours), _changed(base, theirs)
    if first.start > second.start:
        first, second = second, first
    between = first.base[first.end : second.start]
    everywhere = (base, ours, theirs)
    if not any(_occurs_once(line, everywhere) for line in between):
        return None
    lines = (*first.base[: first.start], *first.lines, *between, *second.lines)
    return b"".join((*lines, *second.base[second.end :]))


@dataclass(frozen=True, slots=True)
class _Change:
    """What is between the lines that a side begins and ends with as the base does."""

    base: list[bytes]
    start: int
    end: int
    lines: list[bytes]


def _changed(base: bytes, side: bytes) -> _Change:
    old, new = split_lines(base), split_lines(side)
    start = _common(old, new)
    rest = min(len(old), len(new)) - start
    tail = min(rest, _common(old[::-1], new[::-1]))
    return _Change(old, start, len(old) - tail, new[start : len(new) - tail])


def _common(one: list[bytes], other: list[bytes]) -> int:
    """How many lines two texts begin with alike."""
    pairs = zip(one, other, strict=False)
    shortest = min(len(one), len(other))
    return next((at for at, (left, right) in enumerate(pairs) if left != right), shortest)


def _occurs_once(line: bytes, texts: Sequence[bytes]) -> bool:
    """Whether each text has a line once; one that is a part of another line does not count."""
    return line.endswith(b"\n") and all(text.count(line) == 1 for text in texts)


def merge_with_git(git: str, base: bytes, ours: bytes, theirs: bytes, labels: Labels) -> Merged:
    """The merge as `git merge-file` does it.

    Raises:
        RuntimeError: git cannot do it.
    """
    with TemporaryDirectory(prefix="opgen-merge-") as name:
        sides = [Path(name) / side for side in ("ours", "base", "theirs")]
        for side, content in zip(sides, (ours, base, theirs), strict=True):
            side.write_bytes(content)
        titles = [f"-L{title}" for title in (labels.ours, labels.base, labels.theirs)]
        done = subprocess.run(
            [git, "merge-file", "--stdout", "--diff3", *titles, *map(str, sides)],
            capture_output=True,
            check=False,
        )
    # More than 127 conflicts are told as 127, and everything above is an error.
    if done.returncode > 127 or done.returncode < 0:
        raise RuntimeError(f"git merge-file: {done.stderr.decode(errors='replace').strip()}")
    return Merged(done.stdout, count_conflicts(done.stdout) if done.returncode else 0)


def merge_without_git(base: bytes, ours: bytes, theirs: bytes, labels: Labels) -> Merged:
    """The same merge by merge3."""
    from merge3 import Merge3

    from opgen.scaffold.line_diff import Matcher

    merged: list[bytes] = []
    conflicts = 0
    sides = (split_lines(base), split_lines(ours), split_lines(theirs))
    matcher: Any = Matcher
    for group in Merge3(*sides, sequence_matcher=matcher).merge_groups():
        if group[0] == "conflict":
            conflicts += 1
            _, before, mine, new = group
            merged += _marked(before, mine, new, labels)
        else:
            merged += group[1]
    return Merged(b"".join(merged), conflicts)


def split_lines(content: bytes) -> list[bytes]:
    """The lines with their ends; only LF ends a line, as for git."""
    lines = content.split(b"\n")
    last = lines.pop()
    return [*(line + b"\n" for line in lines), *([last] if last else [])]


def has_markers(content: bytes) -> bool:
    """Whether a file holds a conflict that nobody has resolved."""
    return count_conflicts(content) > 0


def count_conflicts(content: bytes) -> int:
    """How many unresolved conflicts a file holds."""
    lines = content.split(b"\n")
    starts = sum(line.startswith(MARKERS[0] + b" ") for line in lines)
    ends = sum(line.startswith(MARKERS[3] + b" ") for line in lines)
    return min(starts, ends)


def _marked(
    base: Sequence[bytes], ours: Sequence[bytes], theirs: Sequence[bytes], labels: Labels
) -> Iterable[bytes]:
    """A conflict in git's form diff3."""
    crlf = any(line.endswith(b"\r\n") for line in (*ours, *base, *theirs))
    end = b"\r\n" if crlf else b"\n"
    titled = (
        (MARKERS[0], labels.ours, ours),
        (MARKERS[1], labels.base, base),
        (MARKERS[2], "", theirs),
    )
    for marker, title, lines in titled:
        yield marker + (f" {title}".encode() if title else b"") + end
        yield from (line if line.endswith(b"\n") else line + end for line in lines)
    yield MARKERS[3] + f" {labels.theirs}".encode() + end
