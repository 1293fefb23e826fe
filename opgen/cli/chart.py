"""`opgen chart`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from opgen.cli.options import Diff, DryRun, Force, Format, Output, Verbose

if TYPE_CHECKING:
    from opgen.scaffold.plan import Plan

FOLDER = "dist/chart"


def chart(
    output_dir: Annotated[
        str, typer.Option(metavar="DIR", help="The chart's folder, below the project's.")
    ] = FOLDER,
    dry_run: DryRun = False,
    diff: Diff = False,
    force: Force = False,
    verbose: Verbose = False,
    output_format: Output = Format.TEXT,
) -> None:
    """Write a Helm chart of what config/default deploys.

    Edited files of it stay.
    """
    from pathlib import PurePath

    from opgen.chart.files import Facts, chart_files, collect
    from opgen.cli.plans import Mode, carry_out, load_project, project_root
    from opgen.scaffold.beside import editable_plan, left_beside
    from opgen.scaffold.execute import Conflicts
    from opgen.scaffold.paths import Tree

    tree = Tree(project_root())
    project = load_project(tree)
    folder = PurePath(output_dir).as_posix()
    facts = Facts(
        name=project.name,
        namespaced=project.namespaced,
        ha=project.ha,
        prometheus=project.prometheus,
        network_policy=project.network_policy,
    )

    def make_plan() -> Plan:
        files = chart_files(facts, collect(tree.root, project.name))
        return editable_plan(tree, project, folder, files, force=force)

    as_json = output_format is Format.JSON
    mode = Mode(dry_run=dry_run, diff=diff, verbose=verbose, json=as_json)
    if left := left_beside(carry_out(make_plan, mode)):
        raise Conflicts(left)
