"""Running the command as a person does."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

Run = Callable[..., "subprocess.CompletedProcess[str]"]


def _run(
    *arguments: str, cwd: Path, env: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "opgen", *arguments],
        cwd=cwd,
        env={**os.environ, "PYTHONWARNINGS": "error", **(env or {})},
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        check=False,
    )


@pytest.fixture
def opgen(tmp_path: Path) -> Run:
    """Run `opgen` in a folder, below `tmp_path` unless told otherwise."""

    def run(
        *arguments: str, cwd: Path = tmp_path, env: dict[str, str] | None = None
    ) -> subprocess.CompletedProcess[str]:
        return _run(*arguments, cwd=cwd, env=env)

    return run


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a fresh project, and one with a kind; both are for copying only."""
    folder = tmp_path_factory.mktemp("made")
    kind = ("create", "api", "--version", "v1", "--kind", "WebServer")
    for arguments, root in (
        (("init", "project"), folder),
        (("init", "operator"), folder),
        (kind, folder / "operator"),
    ):
        name = ("--project-name", "webserver-operator") if arguments[0] == "init" else ()
        finished = _run(*arguments, *name, cwd=root)
        assert finished.returncode == 0, finished.stderr
    return folder


@pytest.fixture
def project(made: Path, tmp_path: Path) -> Path:
    """A fresh project."""
    return Path(shutil.copytree(made / "project", tmp_path / "webserver-operator"))


@pytest.fixture
def operator(made: Path, tmp_path: Path) -> Path:
    """A project with the kind WebServer and its manifests."""
    return Path(shutil.copytree(made / "operator", tmp_path / "webserver-operator"))
