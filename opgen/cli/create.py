"""`opgen create api` and `opgen create webhook`."""

from __future__ import annotations

from typing import Annotated

import typer

from opgen.cli import output
from opgen.cli.options import Diff, DryRun, Force, Format, Group, Kind, Make, Output, Verbose

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="Add something to the project.")


@app.callback()
def create() -> None:
    """Add something to the project."""


@app.command("api")
def create_api(
    version: Annotated[
        str | None,
        typer.Option(help="The version, such as v1alpha1; of a new kind v1 if left out."),
    ] = None,
    kind: Annotated[
        str | None, typer.Option(help="The kind, such as WebServer.", show_default=False)
    ] = None,
    group: Annotated[
        str | None, typer.Option(help="What the API group has before the project's domain.")
    ] = None,
    plural: Annotated[
        str | None, typer.Option(help="The resource's name in URLs, if it is irregular.")
    ] = None,
    scope: Annotated[
        str | None, typer.Option(help="Namespaced or Cluster; Namespaced if left out.")
    ] = None,
    resource: Annotated[
        bool | None, typer.Option("--resource/--no-resource", help="Write the types or not.")
    ] = None,
    controller: Annotated[
        bool | None,
        typer.Option("--controller/--no-controller", help="Write a controller or not."),
    ] = None,
    pattern: Annotated[
        str | None,
        typer.Option(help="workload: a working Deployment and Service; blank: an empty start."),
    ] = None,
    from_crd: Annotated[
        str | None,
        typer.Option(
            metavar="FILE",
            help="Take the kind from a CRD; - is standard input.",
            show_default=False,
        ),
    ] = None,
    make: Make = True,
    dry_run: DryRun = False,
    diff: Diff = False,
    force: Force = False,
    verbose: Verbose = False,
    output_format: Output = Format.TEXT,
) -> None:
    """Add a kind: types, controller, sample, roles and tests."""
    from opgen.cli.manifests import make_manifests
    from opgen.cli.plans import Mode, carry_out, project_root
    from opgen.cli.questions import asked, completed, is_answered
    from opgen.scaffold.new_api import ApiOptions
    from opgen.scaffold.new_api import create_api as make_plan

    root = project_root()
    mode = Mode(dry_run=dry_run, diff=diff, verbose=verbose, json=output_format is Format.JSON)
    if from_crd is not None:
        from opgen.cli.create_from_crd import FromCrd

        given = {"group": group, "plural": plural, "scope": scope, "pattern": pattern}
        wanted = FromCrd(from_crd, kind, version, controller, given | {"resource": resource})
        wanted.create(root, mode, make=make, force=force)
        return
    options = ApiOptions(
        version=version or "",
        kind=kind or "",
        group=group,
        plural=plural,
        scope=scope,
        resource=resource,
        controller=controller,
        pattern=pattern,
    )
    options = completed(root, options, version, kind)
    if is_answered():
        options = asked(root, options)
    plan = carry_out(lambda: make_plan(root, options, force=force), mode)
    if not mode.writes:
        return
    if make:
        make_manifests(root, Mode(verbose=verbose))
    edited = [action.path for action in plan.actions if action.path.endswith("_types.py")]
    output.show_next(*(f"edit {path}" for path in edited), "make manifests", "make test")


@app.command("webhook")
def create_webhook(
    version: Annotated[
        str, typer.Option(help="The version; for conversion, the hub.", show_default=False)
    ],
    kind: Kind,
    group: Group = "",
    defaulting: Annotated[
        bool, typer.Option("--defaulting", help="Fill in what users leave out.")
    ] = False,
    validation: Annotated[
        bool,
        typer.Option(
            "--validation",
            "--programmatic-validation",
            help="Refuse what the schema alone cannot.",
        ),
    ] = False,
    conversion: Annotated[
        bool, typer.Option("--conversion", help="Convert between the versions of the kind.")
    ] = False,
    spoke: Annotated[
        str, typer.Option(help="The other versions, joined by commas; all if left out.")
    ] = "",
    make: Make = True,
    dry_run: DryRun = False,
    diff: Diff = False,
    force: Force = False,
    verbose: Verbose = False,
    output_format: Output = Format.TEXT,
) -> None:
    """Add webhooks to a kind. Code that you wrote stays; it gets what it lacks."""
    from opgen.cli.manifests import make_manifests
    from opgen.cli.plans import Mode, carry_out, project_root, refuse_clashes
    from opgen.scaffold.new_webhook import WebhookOptions
    from opgen.scaffold.new_webhook import create_webhook as make_plan

    root = project_root()
    options = WebhookOptions(
        version=version,
        kind=kind,
        group=group,
        defaulting=defaulting,
        validation=validation,
        conversion=conversion,
        spokes=tuple(filter(None, (one.strip() for one in spoke.split(",")))),
    )
    as_json = output_format is Format.JSON
    mode = Mode(dry_run=dry_run, diff=diff, verbose=verbose, json=as_json)
    plan = carry_out(lambda: make_plan(root, options, force=force), mode)
    refuse_clashes(plan)
    if not mode.writes:
        return
    if make:
        make_manifests(root, Mode(verbose=verbose))
    edited = [
        one.path
        for one in plan.actions
        if one.path.endswith(("_webhook.py", "_conversion.py")) and "/webhooks/" in one.path
    ]
    output.show_next(*(f"edit {path}" for path in edited), "make test")
