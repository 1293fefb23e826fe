"""`opgen edit`: another layout or other options for a project that has kinds already.

Files move with what a person made of them, and imports follow, in opgen's files and in all others
of the package and its tests.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

from opgen.api.errors import Location, Problem, Problems
from opgen.scaffold.bases import Bases
from opgen.scaffold.desired import Desired, everything, own_paths
from opgen.scaffold.merger import Merger
from opgen.scaffold.new_project import SWITCHES
from opgen.scaffold.paths import File, Tree
from opgen.scaffold.plan import Action, Plan, Verb, as_on_disk, unix
from opgen.scaffold.project import Project, not_a_project
from opgen.scaffold.record import finished_plan
from opgen.scaffold.relocation import modules, moves, reimport
from opgen.scaffold.repository import Repository
from opgen.scaffold.templates import templates_of
from opgen.scaffold.transition import difference

_NOT_LOOKED_INTO = frozenset({"__pycache__"})


def edit(root: Path, switches: dict[str, bool], *, force: bool = False) -> Plan:
    """The plan that switches options of a project on or off.

    Args:
        root: The project.
        switches: The options by the names of `opgen.scaffold.new_project.SWITCHES`.
        force: Whether edited files that are not needed any more are deleted; a copy is kept.

    Raises:
        Problems: an option does not go with the project's kinds, or something is in the way.
    """
    tree = Tree(root)
    before = Project.load(tree)
    if before is None:
        raise not_a_project(root)
    after = replace(before, **switches)  # type: ignore[arg-type]
    if problems := list(_wrong(before, after)):
        raise Problems(problems)
    old = everything(templates_of(tree.root, before), before)
    new = everything(templates_of(tree.root, after), after)
    moved = moves(before, after, old.files, new.files) | dict(_own_moves(tree, before, after))
    layout = _Layout(tree, before, old, new, moved)
    if problems := list(layout.strays()):
        raise Problems(problems)
    wanted, obsolete = difference(old, new)
    bases = Bases(templates_of(tree.root, before), before, Repository.find(tree.root))
    merger = Merger(tree, before, bases, keeps_old=True)
    with closing(bases):
        return finished_plan(
            tree,
            after,
            wanted,
            before,
            obsolete=obsolete,
            force=force,
            strict=True,
            resolve=None if force else merger.resolve,
            decided={action.path: action for action in layout.actions(wanted)},
        )


def _own_moves(tree: Tree, before: Project, after: Project) -> Iterator[tuple[str, str]]:
    """Where the files of imported kinds go, and where they are."""
    for one in before.resources:
        for old, new in zip(own_paths(before, one), own_paths(after, one), strict=True):
            if old != new and tree.read(old):
                yield old, new


def _wrong(before: Project, after: Project) -> Iterator[Problem]:
    if all(getattr(before, name) == getattr(after, name) for name in SWITCHES):
        return
    if after.namespaced and not before.namespaced:
        yield from _too_wide(after)
    if before.multigroup and not after.multigroup:
        yield from _too_narrow(after)


def _too_wide(project: Project) -> Iterator[Problem]:
    cluster_wide = [one.kind for one in project.resources if one.scope == "Cluster"]
    if cluster_wide:
        yield Problem(
            f"--namespaced: {', '.join(cluster_wide)} belong to no namespace, and an operator "
            "with rights in one namespace only cannot look at them",
            hint="leave --namespaced out",
        )


def _too_narrow(project: Project) -> Iterator[Problem]:
    seen: dict[str, str] = {}
    for one in project.resources:
        other = seen.setdefault(one.kind.lower(), one.group)
        if other != one.group:
            yield Problem(
                f"--no-multigroup: groups {other!r} and {one.group!r} both have the kind "
                f"{one.kind}, and their files would be the same",
                hint="leave --no-multigroup out",
            )


@dataclass(frozen=True, slots=True)
class _Layout:
    """A change of layout: which files there were, which there will be, and which of them move."""

    tree: Tree
    project: Project
    old: Desired
    new: Desired
    moved: dict[str, str]

    def strays(self) -> Iterator[Problem]:
        """Modules of a person in folders from which all of opgen's go."""
        for path in self._sources():
            folder = path.rpartition("/")[0]
            init = f"{folder}/__init__.py"
            leaves = init in self.old.files and init not in self.new.files
            if leaves and path not in self.old.files and init not in self.moved:
                yield Problem(
                    f"{path} lies in a folder that is split among groups",
                    location=Location(path),
                    hint="move it to another package first",
                )

    def actions(self, wanted: Desired) -> Iterator[Action]:
        """What happens to files that move, and to imports in those that stay."""
        targets = self.moved | dict(self._companions())
        renamed = modules(targets)
        for path, target in targets.items():
            yield from self._move(path, target, renamed)
        for path in self._sources():
            if path in targets or path in wanted.files:
                continue
            old = self.tree.read(path)
            new = old and self._reimported(path, old, renamed, moved=False)
            if old and new and new.content != old.content:
                yield Action(Verb.UPDATE, path, old, new, "imports follow")

    def _companions(self) -> Iterator[tuple[str, str]]:
        """Files of a person that go where their package goes."""
        for init, target in self.moved.items():
            if not init.endswith("/__init__.py"):
                continue
            folder, there = init.rpartition("/")[0], target.rpartition("/")[0]
            for path in self._sources():
                if path.rpartition("/")[0] == folder and path not in self.old.files:
                    yield path, f"{there}/{path.rpartition('/')[2]}"

    def _move(self, path: str, target: str, renamed: dict[str, str]) -> Iterator[Action]:
        old = self.tree.read(path)
        if old is None:
            yield Action(Verb.SKIP, target, None, None, "you deleted it")
            return
        if self.tree.read(target):
            reason = f"it exists, and {path} moves there"
            yield Action(Verb.CONFLICT, target, old, old, reason)
            return
        yield Action(Verb.CREATE, target, None, self._moved(path, target, old, renamed))
        yield Action(Verb.DELETE, path, old, None, f"it moves to {target}")

    def _moved(self, path: str, target: str, old: File, renamed: dict[str, str]) -> File:
        """The file with what a person made of it, at its new place."""
        before, after = self.old.files.get(path), self.new.files.get(target)
        if before and after and unix(old.content) == unix(before.content):
            return File(as_on_disk(after.content, old.content), old.executable)
        return self._reimported(path, old, renamed, moved=True)

    def _reimported(self, path: str, old: File, renamed: dict[str, str], *, moved: bool) -> File:
        try:
            source = unix(old.content).decode()
        except UnicodeDecodeError:
            return old
        if not path.endswith(".py"):
            return old
        text = reimport(source, path, renamed, moved=moved)
        return File(as_on_disk(text.encode(), old.content), old.executable)

    def _sources(self) -> Iterator[str]:
        """The Python files of the package and of the tests."""
        for folder in (self.project.package, "tests"):
            for path in sorted((self.tree.root / folder).rglob("*.py")):
                if not _NOT_LOOKED_INTO & set(path.parts) and path.is_file():
                    yield path.relative_to(self.tree.root).as_posix()
