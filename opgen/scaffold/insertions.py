"""Adding lines to files that several commands share, and taking them out again.

A shared file, such as a kustomization, holds a comment line for each list that grows:
`# +opgen:scaffold:crd`. New lines go right above it, with its indentation and the file's own line
endings, so exactly one line of the file changes.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from opgen.api.errors import Location, Problem, Problems
from opgen.scaffold.paths import File, Tree
from opgen.scaffold.plan import Action, Policy, Verb, compare_files


@dataclass(frozen=True, slots=True)
class Insertion:
    """A line that a template adds to a file it shares, above the line with the marker."""

    path: str
    marker: str
    line: str


def insert(content: bytes, insertions: Iterable[Insertion]) -> bytes:
    """The content with all lines in it, each once.

    Raises:
        Problems: markers are missing.
    """
    lines = content.splitlines(keepends=True)
    problems = []
    for insertion in insertions:
        if _find(lines, insertion.line) is not None:
            continue
        at = _find(lines, insertion.marker)
        if at is None:
            problems.append(missing_marker(insertion))
            continue
        marker = lines[at]
        indent = marker[: len(marker) - len(marker.lstrip())]
        ending = b"\r\n" if marker.endswith(b"\r\n") else b"\n"
        lines.insert(at, indent + insertion.line.encode() + ending)
    if problems:
        raise Problems(problems)
    return b"".join(lines)


def take_out(content: bytes, insertions: Iterable[Insertion]) -> bytes:
    """The content without the lines."""
    lines = content.splitlines(keepends=True)
    for insertion in insertions:
        at = _find(lines, insertion.line)
        if at is not None:
            del lines[at]
    return b"".join(lines)


def exchange(
    content: bytes, removed: Iterable[Insertion], insertions: Iterable[Insertion]
) -> bytes:
    """The content with new lines in the places of those that go, as far as there are any.

    Raises:
        Problems: markers are missing.
    """
    insertions = tuple(insertions)
    lines = content.splitlines(keepends=True)
    new = [one for one in insertions if _find(lines, one.line) is None]
    for old in removed:
        at = _find(lines, old.line)
        if at is None:
            continue
        successor = next((one for one in new if one.marker == old.marker), None)
        if successor is None:
            del lines[at]
        else:
            new.remove(successor)
            lines[at] = lines[at].replace(old.line.encode(), successor.line.encode())
    return insert(b"".join(lines), insertions)


def compare_shared(
    tree: Tree,
    path: str,
    bare: File,
    insertions: Iterable[Insertion],
    policy: Policy,
    removed: Iterable[Insertion] = (),
) -> Action:
    """The action on a shared file, of which the template wrote the `bare` part.

    The lines of the insertions, and those that are to be removed, are left out of the comparison,
    so they do not count as edits.

    Raises:
        Problems: a marker is missing, or something else than a file is in its place.
    """
    insertions, removed = tuple(insertions), tuple(removed)
    old = tree.read(path)
    full = replace(bare, content=insert(bare.content, insertions))
    if old is None:
        return compare_files(tree, path, None, full, policy)
    bare_old = replace(old, content=take_out(old.content, (*insertions, *removed)))
    action = compare_files(tree, path, bare_old, bare, policy)
    if action.verb in (Verb.IDENTICAL, Verb.SKIP):
        return add_lines(path, old, insertions, removed)
    wanted = action.new or bare
    new = replace(wanted, content=insert(wanted.content, insertions))
    return replace(action, old=old, new=new)


def add_lines(
    path: str, old: File, insertions: Iterable[Insertion], removed: Iterable[Insertion] = ()
) -> Action:
    """The action that adds lines to a shared file as it stands on disk, and takes others out.

    Raises:
        Problems: a marker is missing.
    """
    removed = tuple(removed)
    content = exchange(old.content, removed, insertions)
    verb = Verb.UPDATE if take_out(old.content, removed) != old.content else Verb.INSERT
    if content == old.content:
        verb = Verb.IDENTICAL
    return Action(verb, path, old, replace(old, content=content))


def missing_marker(insertion: Insertion) -> Problem:
    """The problem that a shared file has no place for a line."""
    return Problem(
        f"{insertion.path} has no line {insertion.marker!r}, so opgen cannot tell where "
        f"{insertion.line!r} belongs",
        location=Location(insertion.path),
        hint=f"add the line {insertion.marker} at the end of the list, or add {insertion.line} "
        "yourself",
    )


def _find(lines: list[bytes], text: str) -> int | None:
    wanted = text.encode().strip()
    return next((at for at, line in enumerate(lines) if line.strip() == wanted), None)
