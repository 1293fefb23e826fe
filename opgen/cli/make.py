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
    strict: Annotated[bool, typer.Option("--strict", help="Let warnings fail as well.")] = False,
    preflight: Annotated[
        bool,
        typer.Option("--preflight/--no-preflight", help="Check CRDs by the API server's rules."),
    ] = True,
    kube_version: Annotated[
        str | None,
        typer.Option(help="The oldest Kubernetes the CRDs are for, such as 1.30."),
    ] = None,
    max_desc_len: Annotated[
        int | None,
        typer.Option(min=0, help="The longest description in bytes; 0 leaves them out."),
    ] = None,
    dry_run: DryRun = False,
    diff: Diff = False,
    verbose: Verbose = False,
    output_format: Output = Format.TEXT,
) -> None:
    """Generate CRDs, roles and webhook configurations from types, controllers and webhooks."""
    from opgen.cli.manifests import check_manifests, make_manifests
    from opgen.cli.plans import Mode, project_root
    from opgen.manifests.generate import Options

    if kube_version is not None:
        _check_kube_version(kube_version)
    options = Options(
        preflight=preflight, kube_version=kube_version or "", max_description=max_desc_len
    )
    as_json = output_format is Format.JSON
    if check:
        mode = Mode(diff=not as_json, dry_run=as_json, verbose=verbose, json=as_json)
        check_manifests(project_root(), mode, options, strict=strict)
    else:
        mode = Mode(dry_run=dry_run, diff=diff, verbose=verbose, json=as_json)
        make_manifests(project_root(), mode, options, strict=strict)


def _check_kube_version(text: str) -> None:
    import re

    if not re.fullmatch(r"v?1\.\d+(\.\d+)?", text):
        from opgen.api.errors import Problem
        from opgen.cli.errors import UsageProblems

        message = f"--kube-version must be like 1.30, not {text!r}"
        raise UsageProblems([Problem(message)])
