"""`opgen destroy api` and `opgen destroy webhook`."""

from __future__ import annotations

from typing import Annotated

import typer

from opgen.cli.options import Diff, DryRun, Force, Format, Output, Verbose

app = typer.Typer(
    no_args_is_help=True, rich_markup_mode=None, help="Take back what opgen create made."
)

Version = Annotated[str, typer.Option(help="The version, such as v1.", show_default=False)]
Kind = Annotated[str, typer.Option(help="The kind, such as WebServer.", show_default=False)]
Group = Annotated[str, typer.Option(help="What the API group has before the project's domain.")]
Make = Annotated[
    bool, typer.Option("--make/--no-make", help="Run opgen make manifests at the end.")
]


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
    """Take a kind out of the project. Files that you edited are not deleted without --force."""
    from opgen.cli.manifests import make_manifests
    from opgen.cli.plans import Mode, carry_out, project_root
    from opgen.scaffold import removal

    root = project_root()
    as_json = output_format is Format.JSON
    mode = Mode(dry_run=dry_run, diff=diff, verbose=verbose, json=as_json)
    carry_out(lambda: removal.destroy_api(root, (group, version, kind), force=force), mode)
    if make and mode.writes:
        make_manifests(root, Mode(verbose=verbose))
