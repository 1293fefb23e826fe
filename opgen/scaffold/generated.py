"""The plan for generated files, which are opgen's own and hold no one's edits."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from opgen.scaffold.paths import File, Tree
from opgen.scaffold.plan import Plan, Policy, compare, ordered, remove


def generated_plan(root: Path, files: Mapping[str, str], removed: Iterable[str] = ()) -> Plan:
    """The plan that writes generated files, and deletes those that are generated no more.

    Raises:
        Problems: something else than a file is in the place of one.
    """
    tree = Tree(root)
    policy = Policy(generated=True)
    actions = [compare(tree, path, File(text.encode()), policy) for path, text in files.items()]
    gone = (remove(tree, path, policy) for path in removed)
    return Plan(tree.root, ordered([*actions, *filter(None, gone)]))
