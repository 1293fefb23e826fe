"""`opgen run`."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
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
    python = project_python(root)
    output.say(f"Running {project.package} with {python}")
    command = [str(python), "-m", project.package, *context.args]
    os.chdir(root)
    if sys.platform == "win32":
        import subprocess

        raise typer.Exit(subprocess.run(command, check=False).returncode)
    os.execv(command[0], command)  # noqa: S606 - this process becomes the operator


def project_python(root: Path) -> Path:
    """The interpreter of the project: of its `.venv`, of the active environment, or this one."""
    return next((path for path in _candidates(root) if path.is_file()), Path(sys.executable))


def _candidates(root: Path) -> Iterator[Path]:
    yield root.joinpath(".venv", *BINARY)
    if active := os.environ.get("VIRTUAL_ENV"):
        yield Path(active, *BINARY)
