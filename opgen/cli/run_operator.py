"""`opgen run`."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import typer

from opgen.cli import output

BINARY = ("Scripts", "python.exe") if sys.platform == "win32" else ("bin", "python")


def run(context: typer.Context) -> None:
    """Run the operator here, against the current kube context.

    Arguments are passed on; `opgen run --help` shows this, `opgen run -- --help` the operator's.
    """
    from opgen.cli.plans import load_project, project_root

    root = project_root()
    project = load_project(root)
    require_crds(root, context.args)
    python = project_python(root)
    output.say(f"Running {project.package} with {python}")
    command = [str(python), "-m", project.package, *context.args]
    os.chdir(root)
    if sys.platform == "win32":
        import subprocess

        raise typer.Exit(subprocess.run(command, check=False).returncode)
    os.execv(command[0], command)  # noqa: S606 - this process becomes the operator


def require_crds(root: Path, arguments: Sequence[str]) -> None:
    """Make sure that the cluster the operator is to run against has the project's CRDs.

    The operator itself waits for both to appear, which is right in a cluster, but a person at a
    terminal has forgotten something.

    Raises:
        Problems: the cluster cannot be reached, refuses, or lacks a CRD.
    """
    from argparse import ArgumentParser

    from opgen.cli import cluster
    from opgen.cli.install import CRDS

    parser = ArgumentParser(add_help=False, allow_abbrev=False)
    parser.add_argument("-h", "--help", action="store_true")
    for name in ("kubeconfig", "context"):
        default = os.environ.get(f"OPGEN_{name.upper()}", "")
        parser.add_argument(f"--{name}", nargs="?", default=default)
    told, _ = parser.parse_known_args(arguments)
    documents = cluster.find_crds(root / CRDS)
    if documents and not told.help:
        kubeconfig = Path(told.kubeconfig) if told.kubeconfig else None
        cluster.for_each(documents, cluster.require_crd, kubeconfig, told.context or None)


def project_python(root: Path) -> Path:
    """The interpreter of the project: of its `.venv`, of the active environment, or this one."""
    return next((path for path in _candidates(root) if path.is_file()), Path(sys.executable))


def _candidates(root: Path) -> Iterator[Path]:
    yield root.joinpath(".venv", *BINARY)
    if active := os.environ.get("VIRTUAL_ENV"):
        yield Path(active, *BINARY)
