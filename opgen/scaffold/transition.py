"""From one set of answers to another: the plan that changes exactly what follows from them.

Both sets are rendered with the templates of the running opgen. What differs between the two is
wanted or not needed any more; all other files are left alone, whatever they hold.
"""

from __future__ import annotations

from opgen.scaffold.desired import Desired, everything
from opgen.scaffold.paths import Tree
from opgen.scaffold.plan import Plan
from opgen.scaffold.project import Project
from opgen.scaffold.record import Resolve, finished_plan
from opgen.scaffold.templates import templates_of


def transition(
    tree: Tree,
    before: Project,
    after: Project,
    *,
    force: bool = False,
    strict: bool = False,
    resolve: Resolve | None = None,
) -> Plan:
    """The plan that brings a project from the answers in PROJECT to others.

    Args:
        tree: The files on disk.
        before: What PROJECT says.
        after: What it shall say.
        force: Whether edited files are replaced and deleted; a copy is kept.
        strict: Whether edited files that are not needed any more are conflicts; else they stay.
        resolve: What becomes of conflicts; without it the plan is not carried out.

    Raises:
        Problems: a file cannot be compared, or a shared one has no place for a line.
    """
    old = everything(templates_of(tree.root, before), before)
    new = everything(templates_of(tree.root, after), after)
    wanted, obsolete = difference(old, new)
    return finished_plan(
        tree, after, wanted, before, obsolete=obsolete, force=force, strict=strict, resolve=resolve
    )


def difference(old: Desired, new: Desired) -> tuple[Desired, Desired]:
    """What is wanted and was not, and what was wanted and is not any more."""
    files = {path: file for path, file in new.files.items() if old.files.get(path) != file}
    lines = tuple(
        line for line in new.insertions if line.path in files or line not in old.insertions
    )
    gone = {path: file for path, file in old.files.items() if path not in new.files}
    removed = tuple(line for line in old.insertions if line not in new.insertions)
    return Desired(files, lines, new.keep), Desired(gone, removed)
