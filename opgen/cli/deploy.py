"""`opgen deploy`, `opgen undeploy` and `opgen build-installer`."""

from __future__ import annotations

import sys
from pathlib import PurePath
from typing import Annotated

import typer

from opgen.cli import output
from opgen.cli.options import (
    Context,
    Diff,
    DryRun,
    Force,
    Format,
    Kubeconfig,
    Output,
    Verbose,
)

Image = Annotated[
    str | None, typer.Option(help="The operator's image; as in config/manager if left out.")
]
INSTALLER = "dist/install.yaml"


def deploy(
    image: Image = None,
    force_conflicts: Annotated[
        bool, typer.Option("--force-conflicts", help="Take over fields that others have set.")
    ] = False,
    kubeconfig: Kubeconfig = None,
    context: Context = None,
) -> None:
    """Deploy the operator with its CRDs and roles.

    No file is changed.
    """
    from opgen.chart import objects
    from opgen.cli.kubectl import pinned
    from opgen.cli.plans import project_root

    documents = objects.build(project_root())
    if image is not None:
        documents = objects.with_image(documents, image)
    kubectl = pinned(kubeconfig, context)
    sys.stderr.flush()
    kubectl.apply(objects.as_yaml(documents), force=force_conflicts)


def undeploy(
    crds: Annotated[
        bool, typer.Option("--crds", help="Delete the CRDs as well, and every object of theirs.")
    ] = False,
    kubeconfig: Kubeconfig = None,
    context: Context = None,
) -> None:
    """Delete the operator; CRDs and their objects stay."""
    from opgen.chart import objects
    from opgen.cli.kubectl import pinned
    from opgen.cli.plans import load_project, project_root

    root = project_root()
    namespaced = load_project(root).namespaced
    definitions, others = objects.split(objects.build(root))
    if namespaced and not crds:
        kept = [document for document in others if document["kind"] == "Namespace"]
        others = [document for document in others if document not in kept]
        for document in kept:
            name = document["metadata"]["name"]
            output.say(f"The namespace {name} stays, as objects of the operator's kinds are in it")
    kubectl = pinned(kubeconfig, context)
    sys.stderr.flush()
    if crds and definitions:
        # The operator is still there, so that it can clean up after objects with its finalizer.
        kubectl.delete(objects.as_yaml(definitions))
    kubectl.delete(objects.as_yaml(reversed(others)))


def build_installer(
    image: Image = None,
    to: Annotated[
        str, typer.Option(metavar="FILE", help="The file, below the project's folder.")
    ] = INSTALLER,
    dry_run: DryRun = False,
    diff: Diff = False,
    force: Force = False,
    verbose: Verbose = False,
    output_format: Output = Format.TEXT,
) -> None:
    """Write all that installs the operator into one file."""
    from opgen.chart import objects
    from opgen.cli.plans import Mode, carry_out, project_root
    from opgen.manifests.generate import HEADER
    from opgen.scaffold.generated import generated_plan

    root = project_root()
    documents = objects.build(root)
    if image is not None:
        documents = objects.with_image(documents, image)
    files = {PurePath(to).as_posix(): HEADER + objects.as_yaml(documents)}
    as_json = output_format is Format.JSON
    carry_out(
        lambda: generated_plan(root, files, header=HEADER, force=force),
        Mode(dry_run=dry_run, diff=diff, verbose=verbose, json=as_json),
    )
