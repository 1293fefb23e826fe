"""Options that several commands share, and what they have in common."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from opgen.api.errors import Problem, Problems
from opgen.cli import output

if TYPE_CHECKING:
    from opgen.scaffold.plan import Plan

CONFLICTS = 3
"""The exit code for conflicts and for stale files."""


class Format(StrEnum):
    """How a plan is shown."""

    TEXT = "text"
    JSON = "json"


DryRun = Annotated[bool, typer.Option("--dry-run", help="Show what would happen, write nothing.")]
Diff = Annotated[bool, typer.Option("--diff", help="Show the changes as a diff, write nothing.")]
Force = Annotated[
    bool, typer.Option("--force", help="Replace edited files; the old ones are kept beside them.")
]
Verbose = Annotated[bool, typer.Option("--verbose", "-v", help="Show unchanged files as well.")]
Output = Annotated[Format, typer.Option("--output", "-o", help="How the plan is shown.")]
Kubeconfig = Annotated[
    Path | None, typer.Option("--kubeconfig", help="The kubeconfig file; else as for kubectl.")
]
Context = Annotated[str | None, typer.Option("--context", help="The context of the kubeconfig.")]


class UsageProblems(Problems):
    """The command line itself is wrong: exit code 2."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Mode:
    """What is done with a plan."""

    dry_run: bool = False
    diff: bool = False
    verbose: bool = False
    output: Format = Format.TEXT

    @property
    def writes(self) -> bool:
        """Whether the plan is carried out."""
        return not (self.dry_run or self.diff)


def carry_out(make: Callable[[], Plan], mode: Mode) -> Plan:
    """Make a plan, show it, and carry it out if the mode says so.

    Raises:
        Conflicts: the plan has conflicts.
        Problems: it cannot be made or carried out.
    """
    from opgen.scaffold.execute import Conflicts, conflict_problems, execute

    started = time.perf_counter()
    plan = make()
    if mode.writes and not plan.conflicts:
        execute(plan)
    if mode.diff:
        sys.stdout.write(plan.diff())
    if mode.output is Format.JSON:
        output.show_json(plan)
    else:
        seconds = time.perf_counter() - started
        output.show_plan(plan, seconds, dry_run=not mode.writes, verbose=mode.verbose)
    if plan.conflicts:
        raise Conflicts(conflict_problems(plan))
    return plan


def project_root() -> Path:
    """The project that the working folder is in; an interrupted change of it is finished first.

    Raises:
        Problems: there is none.
    """
    from opgen.scaffold.execute import mend
    from opgen.scaffold.new_api import not_a_project
    from opgen.scaffold.project import FILE, find_root

    start = Path.cwd()
    root = find_root(start)
    if root is not None:
        finish_interrupted(root, mend)
    if root is None or not (root / FILE).is_file():
        raise not_a_project(start)
    return root


def finish_interrupted(root: Path, mend: Callable[[Path], bool]) -> None:
    """Bring an interrupted change to its end and say so."""
    if mend(root):
        output.say(f"Finished the change of {root} that was interrupted")


def asks() -> bool:
    """Whether there is a person to ask."""
    return sys.stdin.isatty() and sys.stdout.isatty() and not os.environ.get("CI")


def missing(flag: str, example: str) -> Problem:
    """The problem that a flag was not given."""
    return Problem(f"{flag} is missing", hint=f"pass it, as in {flag} {example}")
