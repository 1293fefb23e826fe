"""The plan for generated files, which are opgen's own and hold no one's edits."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from opgen.scaffold.paths import File, Tree
from opgen.scaffold.plan import Action, Plan, Policy, compare_files, ordered, remove, unix

_HEAD = 200
"""How many bytes of a file a header is looked for in; a page in HTML begins with another line."""


def generated_plan(
    root: Path,
    files: Mapping[str, str],
    removed: Iterable[str] = (),
    *,
    header: str = "",
    force: bool = False,
) -> Plan:
    """The plan that writes generated files, and deletes those that are generated no more.

    Args:
        root: The project's folder.
        files: The text of each file by its path.
        removed: Files that go.
        header: What all of the files begin with, if a person chose their place: what is there
            without it is the person's.
        force: Whether a person's files are replaced; a copy is kept.

    Raises:
        Problems: something else than a file is in the place of one.
    """
    tree = Tree(root)
    actions = [
        _action(tree, path, File(text.encode()), header.encode(), force)
        for path, text in files.items()
    ]
    gone = (remove(tree, path, Policy(generated=True)) for path in removed)
    return Plan(tree.root, ordered([*actions, *filter(None, gone)]))


def _action(tree: Tree, path: str, wanted: File, header: bytes, force: bool) -> Action:
    old = tree.read(path)
    generated = old is None or header in unix(old.content)[:_HEAD]
    return compare_files(tree, path, old, wanted, Policy(generated=generated, force=force))
