"""How a project stands to what opgen wrote: the state of every file, and the kinds it has."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from opgen.api.errors import Problems
from opgen.scaffold.beside import of_charts
from opgen.scaffold.desired import lines
from opgen.scaffold.insertions import Insertion, take_out
from opgen.scaffold.merge import has_markers
from opgen.scaffold.merger import NEW_SUFFIX, is_marked
from opgen.scaffold.paths import Tree
from opgen.scaffold.plan import digest
from opgen.scaffold.project import Project, not_a_project
from opgen.scaffold.templates import templates_of


class State(StrEnum):
    """What became of a file that opgen wrote."""

    PRISTINE = "pristine"
    EDITED = "edited"
    MISSING = "missing"
    CONFLICT = "conflict"
    UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True)
class FileState:
    """A file that opgen wrote, and what became of it."""

    path: str
    state: State
    note: str = ""


@dataclass(frozen=True, slots=True)
class Status:
    """A project and the states of its files, by path."""

    project: Project
    files: tuple[FileState, ...]

    def counts(self) -> dict[str, int]:
        """How many files are in each state."""
        states = [file.state for file in self.files]
        return {state.value: states.count(state) for state in State if state in states}


def status(root: Path) -> Status:
    """The state of a project's files.

    Raises:
        Problems: there is no project, or PROJECT is wrong.
    """
    tree = Tree(root)
    project = Project.load(tree)
    if project is None:
        raise not_a_project(root)
    inserted = lines(templates_of(tree.root, project), project)
    charts = of_charts(project)
    files = [
        _state(
            tree,
            path,
            recorded,
            [line for line in inserted if line.path == path],
            "chart" if path in charts else "init",
        )
        for path, recorded in sorted(project.files.items())
    ]
    return Status(project, tuple(files))


def kinds(project: Project) -> list[dict[str, Any]]:
    """The kinds of a project, as PROJECT has them."""
    return [
        {
            "group": project.group_of(one),
            "version": one.version,
            "kind": one.kind,
            "plural": one.plural,
            "scope": one.scope,
            "types": one.api,
            "controller": one.controller,
            "webhooks": [*one.webhooks, *(["conversion"] if one.spokes else [])],
            "spokes": list(one.spokes),
        }
        for one in project.resources
    ]


def _state(
    tree: Tree, path: str, recorded: str, inserted: list[Insertion], command: str
) -> FileState:
    """The state of a file, which a command wrote."""
    try:
        file = tree.read(path)
        if tree.read(path + NEW_SUFFIX):
            return FileState(path, State.CONFLICT, f"take over {path}{NEW_SUFFIX} and delete it")
    except Problems as error:
        return FileState(path, State.UNREADABLE, error.problems[0].message)
    if file is None:
        return FileState(path, State.MISSING, f"opgen {command} --force brings it back")
    if is_marked(path) and has_markers(file.content):
        return FileState(path, State.CONFLICT, "resolve the conflicts marked in it")
    if recorded == digest(take_out(file.content, inserted)):
        return FileState(path, State.PRISTINE)
    return FileState(path, State.EDITED)
