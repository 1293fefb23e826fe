"""`opgen make manifests`: its arguments."""

from __future__ import annotations

from functools import partial
from typing import Annotated

import typer

from opgen.cli.kube_version import check_kube_version
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
    """Generate CRDs, roles and webhook configurations from types, controllers and webhooks."""
    from opgen.cli.manifests import check_manifests, make_manifests
    from opgen.cli.plans import Mode, project_root
    from opgen.manifests.generate import Options

    if kube_version is not None:
        check_kube_version(kube_version)
    options = Options(
        preflight=preflight, kube_version=kube_version or "", max_description=max_desc_len
    )
    as_json = output_format is Format.JSON
    if against is not None:
        from opgen.cli.against import make_against

        _refuse_both(check)
        root, mode = project_root(), Mode(dry_run=dry_run, diff=diff, verbose=verbose)
        make = partial(make_manifests, root, mode, options, strict=strict)
        return make_against(root, against, make, as_json=as_json)
    if check:
        mode = Mode(diff=not as_json, dry_run=as_json, verbose=verbose, json=as_json)
        check_manifests(project_root(), mode, options, strict=strict)
    else:
        mode = Mode(dry_run=dry_run, diff=diff, verbose=verbose, json=as_json)
        make_manifests(project_root(), mode, options, strict=strict)
    return 0


def _refuse_both(check: bool) -> None:
    """Complain about two options that ask for different outcomes.

    Raises:
        UsageProblems: both were given.
    """
    from opgen.api.errors import Problem
    from opgen.cli.errors import UsageProblems

    if check:
        message = "--check and --against do not go together"
        raise UsageProblems([Problem(message, hint="run one after the other")])
