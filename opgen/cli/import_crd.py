"""`opgen import crd`: its arguments."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from opgen.cli.options import Context, Diff, DryRun, Force, Format, Kubeconfig, Output, Verbose

if TYPE_CHECKING:
    from opgen.scaffold.crd_files import CrdFile

_NAME = r"[a-z0-9-]+(\.[a-z0-9-]+)+"
_WORD = r"\w[\w.-]{0,252}"
_FILES = (".yaml", ".yml", ".json")
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
    from opgen.scaffold.crd_files import exists

    crds: list[CrdFile] = []
    problems: list[Problem] = []
    names = [source for source in sources if not exists(source) and _may_be_name(source)]
    try:
        crds += _of_cluster(names, kubeconfig, context) if names else []
    except Problems as error:
        problems += error.problems
    for source in sources:
        try:
            crds += [] if source in names else _of_file(source)
        except Problems as error:
            problems += error.problems
    if problems:
        raise Problems(problems)
    return crds


def _of_file(source: str) -> list[CrdFile]:
    """The CRDs of a file.

    Raises:
        Problems: it cannot be read, or holds none.
    """
    from opgen.api.errors import Problems
    from opgen.scaffold.crd_files import exists, load

    is_word = re.fullmatch(_WORD, source) is not None and not source.endswith(_FILES)
    if is_word and not exists(source):
        raise Problems.of(
            f"{source} does not exist",
            hint="pass the path of a file, - for standard input, or the name of a CRD in the "
            "cluster, as kubectl get crd tells it",
        )
    return load(source)


def _may_be_name(source: str) -> bool:
    """Whether a word is the name of a CRD, such as things.example.com, and not that of a file."""
    return re.fullmatch(_NAME, source) is not None and not source.endswith(_FILES)


def _of_cluster(names: list[str], kubeconfig: Path | None, context: str | None) -> list[CrdFile]:
    """CRDs of the cluster.

    Raises:
        Problems: there is none of a name, or no cluster.
    """
    import json

    from opgen.cli import cluster
    from opgen.scaffold.crd_files import crds_of

    documents = cluster.read_crds(names, kubeconfig, context)
    return [
        crd
        for name, document in zip(names, documents, strict=True)
        for crd in crds_of(json.dumps(document).encode(), name)
    ]
