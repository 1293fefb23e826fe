"""`opgen edit`."""

from __future__ import annotations

from opgen.cli import output
from opgen.cli.options import (
    CertManager,
    Diff,
    DryRun,
    Force,
    Format,
    HighlyAvailable,
    Make,
    Multigroup,
    Namespaced,
    NetworkPolicy,
    Output,
    Prometheus,
    Verbose,
)


def edit(
    multigroup: Multigroup = None,
    namespaced: Namespaced = None,
    ha: HighlyAvailable = None,
    prometheus: Prometheus = None,
    network_policy: NetworkPolicy = None,
    cert_manager: CertManager = None,
    make: Make = True,
    dry_run: DryRun = False,
    diff: Diff = False,
    force: Force = False,
    verbose: Verbose = False,
    output_format: Output = Format.TEXT,
) -> None:
    """Switch options of the project. Files move with your edits, and imports follow."""
    from opgen.api.errors import Problem
    from opgen.cli.errors import UsageProblems
    from opgen.cli.manifests import make_manifests
    from opgen.cli.plans import Mode, carry_out, project_root, refuse_clashes
    from opgen.scaffold.edit import edit as make_plan

    told = {
        "multigroup": multigroup,
        "namespaced": namespaced,
        "ha": ha,
        "prometheus": prometheus,
        "network_policy": network_policy,
        "cert_manager": cert_manager,
    }
    switches = {name: value for name, value in told.items() if value is not None}
    if not switches:
        hint = "pass an option, as in --multigroup; see: opgen edit --help"
        raise UsageProblems([Problem("there is nothing to edit", hint=hint)])
    root = project_root()
    as_json = output_format is Format.JSON
    mode = Mode(dry_run=dry_run, diff=diff, verbose=verbose, json=as_json)
    plan = carry_out(lambda: make_plan(root, switches, force=force), mode)
    refuse_clashes(plan)
    if make and mode.writes:
        make_manifests(root, Mode(verbose=verbose))
    if mode.writes and plan.changes:
        output.show_next("git diff", "make test")
