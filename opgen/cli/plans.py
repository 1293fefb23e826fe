"""What the commands that change a project have in common: find it, plan, show, carry out."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from opgen.cli import output

if TYPE_CHECKING:
    from opgen.api.errors import Problem
    from opgen.scaffold.paths import Tree
    from opgen.scaffold.plan import Plan
    from opgen.scaffold.project import Project


@dataclass(frozen=True, kw_only=True, slots=True)
class Mode:
    """What is done with a plan."""

    dry_run: bool = False
    diff: bool = False
    verbose: bool = False
    json: bool = False

    @property
    def writes(self) -> bool:
        """Whether the plan is carried out."""
        return not (self.dry_run or self.diff)


def carry_out(
    make: Callable[[], Plan],
    mode: Mode,
    execute: Callable[[], None] | None = None,
    problems: Sequence[Problem] | None = None,
) -> Plan:
    """Make a plan, show it, and carry it out if the mode says so.

    Args:
        make: Makes the plan.
        mode: What is done with it.
        execute: Carries it out, if more than its files are to be changed.
        problems: Warnings to tell along with the plan as JSON; `make` may add to them.

    Raises:
        Conflicts: the plan has conflicts.
        Problems: it cannot be made or carried out.
    """
    started = time.perf_counter()
    plan = make()
    if mode.writes and plan.changes and not plan.conflicts:
        if execute is None:
            from opgen.scaffold.execute import execute as execute_plan

            execute_plan(plan)
        else:
            execute()
    if mode.diff:
        sys.stdout.write(plan.diff())
    if mode.json:
        output.show_json(plan, problems)
    else:
        seconds = time.perf_counter() - started
        output.show_plan(plan, seconds, dry_run=not mode.writes, verbose=mode.verbose)
    if plan.conflicts:
        from opgen.scaffold.execute import Conflicts, conflict_problems

        raise Conflicts(conflict_problems(plan))
    return plan


def refuse_clashes(plan: Plan) -> None:
    """Report the conflicts that a plan left, or would leave.

    Raises:
        ConflictsLeft: a person has to resolve something.
    """
    if plan.clashing:
        from opgen.scaffold.update import ConflictsLeft, left_by

        raise ConflictsLeft(left_by(plan))


def project_root() -> Path:
    """The project that the working folder is in; an interrupted change of it is finished first.

    Raises:
        Problems: there is none.
    """
    from opgen.scaffold.layout import FILE
    from opgen.scaffold.project import find_root, not_a_project

    start = Path.cwd()
    root = find_root(start)
    if root is not None:
        finish_interrupted(root)
    if root is None or not (root / FILE).is_file():
        raise not_a_project(start)
    return root


def load_project(place: Path | Tree) -> Project:
    """What PROJECT says.

    Raises:
        Problems: there is none, or something in it is wrong.
    """
    from opgen.scaffold.project import Project, not_a_project

    project = Project.load(place)
    if project is None:
        raise not_a_project(place if isinstance(place, Path) else place.root)
    return project


def finish_interrupted(root: Path) -> None:
    """Bring an interrupted change to its end and say so.

    Raises:
        Problems: the system does not allow it, or another run is at work.
    """
    from opgen.scaffold.project import was_interrupted

    if not was_interrupted(root):
        return
    from opgen.scaffold.execute import mend

    if mend(root):
        output.say(f"Finished the change of {root} that was interrupted")
