"""`opgen make manifests`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from opgen.api.errors import Problem, Problems
from opgen.cli import output
from opgen.cli.options import (
    CONFLICTS,
    Diff,
    DryRun,
    Format,
    Mode,
    Output,
    Verbose,
    carry_out,
    project_root,
)

if TYPE_CHECKING:
    from opgen.scaffold.plan import Plan

app = typer.Typer(
    no_args_is_help=True, rich_markup_mode=None, help="Generate files from the project's code."
)


@app.callback()
def make() -> None:
    """Generate files from the project's code."""


@app.command("manifests")
def manifests(
    check: Annotated[
        bool, typer.Option("--check", help="Write nothing; exit with 3 if a file is stale.")
    ] = False,
    dry_run: DryRun = False,
    diff: Diff = False,
    verbose: Verbose = False,
    output_format: Output = Format.TEXT,
) -> None:
    """Generate the CRDs and the role from types and controllers."""
    mode = Mode(dry_run=dry_run or check, diff=diff, verbose=verbose, output=output_format)
    stale = make_manifests(project_root(), mode)
    if check and stale:
        output.show_problems(
            Problem(
                f"{path} is stale",
                hint="run: opgen make manifests",
            )
            for path in stale
        )
        raise typer.Exit(CONFLICTS)


def make_manifests(root: Path, mode: Mode) -> list[str]:
    """Generate a project's manifests; returns the paths that change.

    Raises:
        Problems: the project's code cannot be read, or declares something wrong.
    """
    from opgen.manifests.generate import generate
    from opgen.scaffold.generated import generated_plan
    from opgen.scaffold.project import Project

    project = Project.load(root)
    assert project is not None

    def make_plan() -> Plan:
        generated = generate(root, project.package)
        if any(problem.severity == "error" for problem in generated.problems):
            raise Problems(generated.problems)
        output.show_problems(generated.problems)
        return generated_plan(root, generated.files, generated.removed)

    return [action.path for action in carry_out(make_plan, mode).changes]
