"""`opgen init`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from opgen.cli import output
from opgen.cli.options import (
    CertManager,
    Diff,
    DryRun,
    Force,
    Format,
    HighlyAvailable,
    Multigroup,
    Namespaced,
    NetworkPolicy,
    Output,
    Prometheus,
    Verbose,
)


def init(
    folder: Annotated[Path, typer.Argument(metavar="[DIR]", help="The project's folder.")] = Path(),
    domain: Annotated[
        str | None, typer.Option(help="The domain of the API groups; my.domain if left out.")
    ] = None,
    project_name: Annotated[
        str | None, typer.Option(help="The project's name; that of the folder if left out.")
    ] = None,
    package: Annotated[
        str | None, typer.Option(help="The Python package; from the project's name if left out.")
    ] = None,
    owner: Annotated[str | None, typer.Option(help="Who holds the copyright.")] = None,
    license: Annotated[
        str | None, typer.Option(help="apache2, mit or none; apache2 if left out.")
    ] = None,
    template_overlay: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Templates of your own over opgen's; kept in PROJECT."),
    ] = None,
    multigroup: Multigroup = None,
    namespaced: Namespaced = None,
    ha: HighlyAvailable = None,
    prometheus: Prometheus = None,
    network_policy: NetworkPolicy = None,
    cert_manager: CertManager = None,
    dry_run: DryRun = False,
    diff: Diff = False,
    force: Force = False,
    verbose: Verbose = False,
    output_format: Output = Format.TEXT,
) -> None:
    """Make a project.

    In a project, restore what is damaged and write what a newer opgen has to add.
    """
    from opgen.cli.plans import Mode, carry_out, finish_interrupted
    from opgen.scaffold.new_project import InitOptions
    from opgen.scaffold.new_project import init as make_plan

    options = InitOptions(
        domain=domain,
        project_name=project_name,
        package=package,
        owner=owner,
        license=license,
        template_overlay=template_overlay,
        multigroup=multigroup,
        namespaced=namespaced,
        ha=ha,
        prometheus=prometheus,
        network_policy=network_policy,
        cert_manager=cert_manager,
    )
    as_json = output_format is Format.JSON
    mode = Mode(dry_run=dry_run, diff=diff, verbose=verbose, json=as_json)
    if mode.writes:
        finish_interrupted(folder)
    carry_out(lambda: make_plan(folder, options, force=force), mode)
    if mode.writes:
        enter = [] if folder.resolve() == Path.cwd().resolve() else [f"cd {folder}"]
        output.show_next(*enter, "opgen create api --kind WebServer")
