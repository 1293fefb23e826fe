"""`opgen make manifests`: its arguments."""

from __future__ import annotations

from typing import Annotated

import typer

from opgen.cli.options import Diff, DryRun, Format, Output, Verbose

app = typer.Typer(
    no_args_is_help=True, rich_markup_mode=None, help="Generate files from the project's code."
)


@app.callback()
def make() -> None:
    """Generate files from the project's code."""


@app.command("manifests")
def manifests(
    check: Annotated[
        bool,
        typer.Option("--check", help="Write nothing; show the diff and exit with 3 if it is not."),
    ] = False,
    dry_run: DryRun = False,
    diff: Diff = False,
    verbose: Verbose = False,
    output_format: Output = Format.TEXT,
) -> None:
    """Generate the CRDs and the role from types and controllers."""
    from opgen.cli.manifests import check_manifests, make_manifests
    from opgen.cli.plans import Mode, project_root

    as_json = output_format is Format.JSON
    if check:
        check_manifests(project_root(), Mode(diff=not as_json, verbose=verbose, json=as_json))
    else:
        mode = Mode(dry_run=dry_run, diff=diff, verbose=verbose, json=as_json)
        make_manifests(project_root(), mode)
