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
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath

import opgen
from opgen.api.errors import Location, Problem
from opgen.scaffold.bases import Bases
from opgen.scaffold.desired import Desired
from opgen.scaffold.execute import Conflicts, execute
from opgen.scaffold.insertions import Insertion
from opgen.scaffold.merge import Labels, count_conflicts, merge
from opgen.scaffold.new_project import renewed
from opgen.scaffold.paths import File, Tree
from opgen.scaffold.plan import Action, Plan, Policy, Verb, as_on_disk, backup_path, compare, unix
from opgen.scaffold.project import Project, not_a_project
from opgen.scaffold.record import finished_plan
from opgen.scaffold.repository import Repository, Stages
from opgen.scaffold.templates import templates_of

NEW_SUFFIX = ".opgen-new"
MARKED = frozenset({".md", ".py", ".pyi", ".yaml", ".yml"})
"""The suffixes of files in which conflicts are marked."""


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
        return [_conflict(action) for action in self.plan.clashing]


def update(root: Path) -> Update:
    """The update of a project to the templates of the running opgen.

    Raises:
        ConflictsLeft: conflicts of an earlier update are not resolved.
        Problems: something is wrong with PROJECT, or with what is in the way.
    """
    tree = Tree(root)
    known = Project.load(tree.root)
    if known is None:
        raise not_a_project(root)
    if left := list(leftovers(tree, known)):
        raise ConflictsLeft(left)
    project, desired = renewed(tree, known)
    repository = Repository.find(tree.root)
    bases = Bases(templates_of(tree.root, known), known, repository)
    merger = _Merger(tree, known, bases, keeps_old=repository is None)
    gone = {path: File(b"") for path in known.files if path not in desired.files}
    obsolete = Desired(gone, bases.lines())
    plan = finished_plan(tree, project, desired, known, obsolete=obsolete, resolve=merger.resolve)
    return Update(plan, repository, tuple(merger.stages))


def leftovers(tree: Tree, project: Project) -> Iterator[Problem]:
    """The conflicts that earlier updates left and nobody has resolved yet.

    Raises:
        Problems: a file cannot be read.
    """
    for path in project.files:
        file = tree.read(path) if _is_marked(path) else None
        if file and (count := count_conflicts(file.content)):
            yield Problem(
                f"{path} has {_number(count)} of an update in it",
                location=Location(path, _line_of_first(file.content)),
                hint="decide, delete the markers, and git add the file",
            )
        if tree.read(path + NEW_SUFFIX):
            yield _beside(path)


@dataclass(slots=True)
class _Merger:
    """Resolves the conflicts of a plan by merging."""

    tree: Tree
    known: Project
    bases: Bases
    keeps_old: bool
    """Whether a file with markers is copied first, as no repository could bring it back."""
    stages: list[Stages] = field(default_factory=list)

    def resolve(self, action: Action, lines: tuple[Insertion, ...]) -> Iterator[Action]:
        """The actions in place of a conflict."""
        old, new = action.old, action.new
        assert old and new, "a conflict has two sides"
        recorded = self.known.files.get(action.path)
        base = self.bases.find(action.path, recorded, lines) if recorded else None
        if base is None:
            why = "it is not known what opgen wrote" if recorded else action.reason
            yield from self._beside(action, None, old, new, why)
            return
        ours, theirs = _alike(old.content), unix(new.content)
        merged = merge(base, ours, theirs, self._labels)
        executable = old.executable or new.executable
        if merged is None:
            yield from self._beside(action, base, old, new, "it is no text")
        elif merged.conflicts and not _is_marked(action.path):
            why = f"{_number(merged.conflicts)} with your edits"
            yield from self._beside(action, base, old, new, why)
        else:
            content = as_on_disk(merged.content, old.content)
            done = Action(Verb.MERGE, action.path, old, File(content, executable))
            yield self._marked(done, merged.conflicts, base, theirs) if merged.conflicts else done

    @property
    def _labels(self) -> Labels:
        before, now = self.known.opgen_version, opgen.__version__
        return Labels("yours", f"opgen {before}", f"opgen {now}")

    def _marked(self, action: Action, count: int, base: bytes, theirs: bytes) -> Action:
        assert action.old, "there is something to merge with"
        self._stage(action.path, base, action.old, theirs)
        backup = backup_path(self.tree, action.path, action.old) if self.keeps_old else ""
        reason = f"{_number(count)} with your edits, marked in the file"
        return replace(action, reason=reason, clashes=count, backup=backup)

    def _beside(
        self, action: Action, base: bytes | None, old: File, new: File, why: str
    ) -> Iterator[Action]:
        path = action.path + NEW_SUFFIX
        self._stage(action.path, base, old, new.content)
        yield Action(Verb.SKIP, action.path, old, None, f"{why}: see {path}", clashes=1)
        yield compare(self.tree, path, new, Policy(generated=True))

    def _stage(self, path: str, base: bytes | None, old: File, theirs: bytes) -> None:
        self.stages.append(Stages(path, base, old.content, theirs, old.executable))


def _alike(content: bytes) -> bytes:
    """A person's version with opgen's line endings, if all of it has the other ones."""
    return unix(content) if content.count(b"\n") == content.count(b"\r\n") else content


def _is_marked(path: str) -> bool:
    return PurePosixPath(path).suffix in MARKED


def _number(conflicts: int) -> str:
    return "a conflict" if conflicts == 1 else f"{conflicts} conflicts"


def _line_of_first(content: bytes) -> int:
    lines = content.split(b"\n")
    return next(at for at, line in enumerate(lines, 1) if line.startswith(b"<<<<<<< "))


def _conflict(action: Action) -> Problem:
    if action.verb is Verb.SKIP:
        return _beside(action.path)
    new = action.new.content if action.new else b""
    return Problem(
        f"{action.path} has {_number(action.clashes)} of your edits with opgen's",
        location=Location(action.path, _line_of_first(new)),
        hint="decide, delete the markers, and git add the file",
    )


def _beside(path: str) -> Problem:
    return Problem(
        f"{path} stayed as you edited it, and opgen's new version is {path}{NEW_SUFFIX}",
        location=Location(path),
        hint=f"take over what you want and delete {path}{NEW_SUFFIX}",
    )
