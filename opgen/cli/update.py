"""`opgen update`."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from opgen.cli import output
from opgen.cli.options import Diff, DryRun, Format, Output, Verbose

if TYPE_CHECKING:
    from opgen.scaffold.plan import Plan
    from opgen.scaffold.update import Update


def update(
    check: Annotated[
        bool,
        typer.Option(
            "--check", help="Write nothing; show the diff and exit with 3 if there is one."
        ),
    ] = False,
    dry_run: DryRun = False,
    diff: Diff = False,
    verbose: Verbose = False,
    output_format: Output = Format.TEXT,
) -> None:
    """Bring the project to the installed opgen's templates.

    Your edits are merged with them.

    Exits with 3 if a person has to resolve conflicts.
    """
    from opgen.cli.plans import Mode, carry_out, project_root, refuse_clashes
    from opgen.scaffold.update import update as make_update

    as_json = output_format is Format.JSON
    mode = Mode(
        dry_run=dry_run, diff=diff or (check and not as_json), verbose=verbose, json=as_json
    )
    if check:
        mode = Mode(dry_run=True, diff=mode.diff, verbose=verbose, json=as_json)
    made: list[Update] = []

    def make_plan() -> Plan:
        made.append(make_update(root))
        return made[0].plan

    root = project_root()
    plan = carry_out(make_plan, mode, execute=lambda: made[0].carry_out())
    if check:
        _refuse_stale(plan)
    refuse_clashes(plan)
    if mode.writes and plan.changes:
        output.show_next("git diff", "make test")


def _refuse_stale(plan: Plan) -> None:
    """Report what an update would change.

    Raises:
        StaleProblems: something.
    """
    from opgen.api.errors import Problem
    from opgen.cli.errors import StaleProblems

    sys.stdout.flush()
    if plan.changes:
        hint = "run: opgen update"
        raise StaleProblems(Problem(f"{one.path} is stale", hint=hint) for one in plan.changes)
