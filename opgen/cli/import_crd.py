"""`opgen import crd`: its arguments."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from opgen.cli.options import Context, Diff, DryRun, Force, Format, Kubeconfig, Output, Verbose

if TYPE_CHECKING:
    from opgen.scaffold.crd_files import CrdFile

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="Read what exists as Python.")


@app.callback()
def import_() -> None:
    """Read what exists as Python."""


@app.command("crd")
def import_crd(
    sources: Annotated[
        list[str],
        typer.Argument(
            metavar="SOURCE...",
            help="Files, - for standard input, or names of CRDs in the cluster.",
            show_default=False,
        ),
    ],
    name: Annotated[
        list[str] | None,
        typer.Option(help="Only the CRD of this name or kind; may be given more than once."),
    ] = None,
    version: Annotated[str | None, typer.Option(help="Only this version; all if left out.")] = None,
    to: Annotated[
        str | None,
        typer.Option(
            metavar="FOLDER",
            help="Write modules into this folder, or to standard output (-), not into the project.",
        ),
    ] = None,
    kubeconfig: Kubeconfig = None,
    context: Context = None,
    dry_run: DryRun = False,
    diff: Diff = False,
    force: Force = False,
    verbose: Verbose = False,
    output_format: Output = Format.TEXT,
) -> None:
    """Write the dataclasses that make existing CRDs.

    Each version is a module of its own.
    """
    from opgen.cli.plans import Mode, carry_out, load_project, project_root
    from opgen.scaffold import imported

    root = project_root() if to is None else None
    crds = imported.chosen(_read(sources, kubeconfig, context), name or ())
    if to == "-":
        _print(crds, version)
        return
    mode = Mode(dry_run=dry_run, diff=diff, verbose=verbose, json=output_format is Format.JSON)
    if root is None:
        folder = Path(to or ".")
        carry_out(lambda: imported.folder_plan(folder, crds, version, force=force), mode)
        return
    project = load_project(root)
    carry_out(lambda: imported.project_plan(root, project, crds, version, force=force), mode)


def _print(crds: list[CrdFile], version: str | None) -> None:
    from opgen.api.errors import Problem
    from opgen.cli.errors import UsageProblems
    from opgen.scaffold import imported

    found = list(imported.modules(crds, version))
    if len(found) > 1:
        names = ", ".join(f"{crd.name} {name}" for crd, name, _ in found)
        raise UsageProblems(
            [
                Problem(
                    f"--to -: there are {len(found)} modules: {names}",
                    hint="choose one with --name and --version, or pass a folder",
                )
            ]
        )
    sys.stdout.write(found[0][2])


def _read(sources: list[str], kubeconfig: Path | None, context: str | None) -> list[CrdFile]:
    """The CRDs of all sources.

    Raises:
        Problems: what is wrong with any of them.
    """
    from opgen.api.errors import Problem, Problems
    from opgen.scaffold.crd_files import exists, load

    crds: list[CrdFile] = []
    problems: list[Problem] = []
    for source in sources:
        try:
            is_file = source == "-" or exists(source) or not _may_be_name(source)
            crds += load(source) if is_file else [_of_cluster(source, kubeconfig, context)]
        except Problems as error:
            problems += error.problems
    if problems:
        raise Problems(problems)
    return crds


def _may_be_name(source: str) -> bool:
    """Whether a word is the name of a CRD, such as things.example.com, and not that of a file."""
    import re

    is_name = re.fullmatch(r"[a-z0-9-]+(\.[a-z0-9-]+)+", source) is not None
    return is_name and not source.endswith((".yaml", ".yml", ".json"))


def _of_cluster(name: str, kubeconfig: Path | None, context: str | None) -> CrdFile:
    """A CRD of the cluster.

    Raises:
        Problems: there is none of this name, or no cluster.
    """
    import json

    from opgen.cli import cluster
    from opgen.scaffold.crd_files import crds_of

    document = cluster.read_crd(name, kubeconfig, context)
    (crd,) = crds_of(json.dumps(document).encode(), name)
    return crd
