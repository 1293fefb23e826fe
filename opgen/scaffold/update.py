"""`opgen update`: a project brought to the templates of the installed opgen, its edits kept.

Each file has three sides: what opgen wrote (`opgen.scaffold.bases`), what the person made of it,
and what opgen writes now. One side changed: the change stays. Both did: they are merged. Where the
two change the same lines, a person decides:

* in Python, YAML and Markdown, both versions stand between git's conflict markers
* in every other file (a Makefile with markers could not even be run) the person's version stays,
  and the new one is put beside it, as `Makefile.opgen-new`

In a git repository such files are marked as unmerged, with all three sides in the index, so that
`git mergetool` and editors offer their help.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

from opgen.api.errors import Location, Problem
from opgen.scaffold.bases import Bases
from opgen.scaffold.beside import of_charts
from opgen.scaffold.desired import Desired
from opgen.scaffold.execute import Conflicts, execute
from opgen.scaffold.merge import count_conflicts
from opgen.scaffold.merger import NEW_SUFFIX, Merger, is_marked, number
from opgen.scaffold.new_project import renewed
from opgen.scaffold.paths import File, Tree
from opgen.scaffold.plan import Action, Plan, Verb
from opgen.scaffold.project import Project, not_a_project
from opgen.scaffold.record import finished_plan
from opgen.scaffold.repository import Repository, Stages
from opgen.scaffold.templates import templates_of


class ConflictsLeft(Conflicts):
    """An update was carried out, this one or one before, and left conflicts for a person."""


@dataclass(frozen=True, slots=True)
class Update:
    """A plan, and what the repository is told when it has been carried out."""

    plan: Plan
    repository: Repository | None = None
    stages: tuple[Stages, ...] = ()

    def carry_out(self) -> None:
        """Carry out the plan.

        Raises:
            Problems: as `execute`; or git is in the middle of something, or refuses.
        """
        if self.repository and self.stages:
            self.repository.refuse_unfinished()
        execute(self.plan)
        if self.repository:
            self.repository.set_stages(self.stages)

    def conflicts(self) -> list[Problem]:
        """What a person has to resolve after it."""
        return left_by(self.plan)


def update(root: Path) -> Update:
    """The update of a project to the templates of the running opgen.

    Raises:
        ConflictsLeft: conflicts of an earlier update are not resolved.
        Problems: something is wrong with PROJECT, or with what is in the way.
    """
    tree = Tree(root)
    known = Project.load(tree)
    if known is None:
        raise not_a_project(root)
    if left := list(leftovers(tree, known)):
        raise ConflictsLeft(left)
    project, desired = renewed(tree, known)
    repository = Repository.find(tree.root)
    same = replace(project, files=known.files) == known
    bases = Bases(templates_of(tree.root, known), known, repository, desired if same else None)
    merger = Merger(tree, known, bases, keeps_old=repository is None)
    others = desired.files.keys() | of_charts(known)
    gone = {path: File(b"") for path in known.files if path not in others}
    with closing(bases):
        obsolete = Desired(gone, bases.lines())
        plan = finished_plan(
            tree, project, desired, known, obsolete=obsolete, resolve=merger.resolve
        )
    return Update(plan, repository, tuple(merger.stages))


def left_by(plan: Plan) -> list[Problem]:
    """What a person has to resolve after a plan."""
    return [_conflict(action) for action in plan.clashing]


def leftovers(tree: Tree, project: Project) -> Iterator[Problem]:
    """The conflicts that earlier updates left and nobody has resolved yet.

    Raises:
        Problems: a file cannot be read.
    """
    for path in project.files:
        file = tree.read(path) if is_marked(path) else None
        if file and (count := count_conflicts(file.content)):
            yield Problem(
                f"{path} has {number(count)} of an update in it",
                location=Location(path, _line_of_first(file.content)),
                hint="decide, delete the markers, and git add the file",
            )
        if tree.read(path + NEW_SUFFIX):
            yield _beside(path)


def _line_of_first(content: bytes) -> int:
    lines = content.split(b"\n")
    return next(at for at, line in enumerate(lines, 1) if line.startswith(b"<<<<<<< "))


def _conflict(action: Action) -> Problem:
    if action.verb is Verb.SKIP:
        return _beside(action.path)
    new = action.new.content if action.new else b""
    return Problem(
        f"{action.path} has {number(action.clashes)} of your edits with opgen's",
        location=Location(action.path, _line_of_first(new)),
        hint="decide, delete the markers, and git add the file",
    )


def _beside(path: str) -> Problem:
    return Problem(
        f"{path} stayed as you edited it, and opgen's new version is {path}{NEW_SUFFIX}",
        location=Location(path),
        hint=f"take over what you want and delete {path}{NEW_SUFFIX}",
    )
