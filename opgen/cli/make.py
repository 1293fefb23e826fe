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
        typer.Option("--check", help="Write nothing; show the diff and exit with 3 if stale."),
    ] = False,
    strict: Annotated[bool, typer.Option("--strict", help="Let warnings fail as well.")] = False,
    preflight: Annotated[
        bool,
        typer.Option("--preflight/--no-preflight", help="Check CRDs by the API server's rules."),
    ] = True,
    kube_version: Annotated[
        str | None,
        typer.Option(help="The oldest Kubernetes the CRDs are for, such as 1.30; any if left out."),
    ] = None,
    max_desc_len: Annotated[
        int | None,
        typer.Option(min=0, help="The longest description in bytes; 0 leaves them out."),
    ] = None,
    against: Annotated[
        str | None,
        typer.Option(
            metavar="REV",
            help="Show how CRDs differ from git's; exit with 3 if it breaks somebody.",
        ),
    ] = None,
    dry_run: DryRun = False,
    diff: Diff = False,
    verbose: Verbose = False,
    output_format: Output = Format.TEXT,
) -> int:
    """Generate CRDs, roles and webhook configurations.

    They follow from the types, controllers and webhooks in the project.
    """
    from opgen.cli.manifests import main

    return main(
        check=check,
        strict=strict,
        preflight=preflight,
        kube_version=kube_version,
        max_desc_len=max_desc_len,
        against=against,
        dry_run=dry_run,
        diff=diff,
        verbose=verbose,
        output=output_format.value,
    )
