"""`opgen destroy api` and `opgen destroy webhook`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from opgen.cli.options import (
    Diff,
    DryRun,
    Force,
    Format,
    Group,
    Kind,
    Make,
    Output,
    Verbose,
    Version,
)

if TYPE_CHECKING:
    from opgen.scaffold.plan import Plan

app = typer.Typer(
    no_args_is_help=True, rich_markup_mode=None, help="Take back what opgen create made."
)


@app.callback()
def destroy() -> None:
    """Take back what opgen create made."""


@app.command("api")
def destroy_api(
    version: Version,
    kind: Kind,
    group: Group = "",
    make: Make = True,
    dry_run: DryRun = False,
    diff: Diff = False,
    force: Force = False,
    verbose: Verbose = False,
    output_format: Output = Format.TEXT,
) -> None:
    """Take a kind out of the project.

    Files that you edited are not deleted without --force.
    """
    from opgen.cli.manifests import make_manifests
    from opgen.cli.plans import Mode, carry_out, project_root
    from opgen.scaffold import removal

    root = project_root()
    as_json = output_format is Format.JSON
    mode = Mode(dry_run=dry_run, diff=diff, verbose=verbose, json=as_json)
    carry_out(lambda: removal.destroy_api(root, (group, version, kind), force=force), mode)
    if make and mode.writes:
        make_manifests(root, Mode(verbose=verbose))


@app.command("webhook")
def destroy_webhook(
    version: Version,
    kind: Kind,
    group: Group = "",
    defaulting: Annotated[bool, typer.Option("--defaulting", help="Only this.")] = False,
    validation: Annotated[bool, typer.Option("--validation", help="Only this.")] = False,
    conversion: Annotated[bool, typer.Option("--conversion", help="Only this.")] = False,
    make: Make = True,
    dry_run: DryRun = False,
    diff: Diff = False,
    force: Force = False,
    verbose: Verbose = False,
    output_format: Output = Format.TEXT,
) -> None:
    """Take webhooks of a kind out of the project: all, or those named.

    Files that you edited are not deleted without --force.
    """
    from opgen.cli.manifests import make_manifests
    from opgen.cli.plans import Mode, carry_out, project_root
    from opgen.scaffold import removal

    root = project_root()
    as_json = output_format is Format.JSON
    mode = Mode(dry_run=dry_run, diff=diff, verbose=verbose, json=as_json)
    admission = {"defaulting": defaulting, "validation": validation}

    def make_plan() -> Plan:
        return removal.destroy_webhook(
            root,
            (group, version, kind),
            admission=frozenset(name for name, named in admission.items() if named),
            conversion=conversion,
            force=force,
        )

    carry_out(make_plan, mode)
    if make and mode.writes:
        make_manifests(root, Mode(verbose=verbose))
