"""Running the command as a person does."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

Run = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def opgen(tmp_path: Path) -> Run:
    """Run `opgen` in a folder, below `tmp_path` unless told otherwise."""

    def run(
        *arguments: str, cwd: Path = tmp_path, env: dict[str, str] | None = None
    ) -> subprocess.CompletedProcess[str]:
        environment = {**os.environ, "PYTHONWARNINGS": "error", **(env or {})}
        return subprocess.run(
            [sys.executable, "-m", "opgen", *arguments],
            cwd=cwd,
            env=environment,
            capture_output=True,
            text=True,
            stdin=subprocess.DEVNULL,
            check=False,
        )

    return run


@pytest.fixture
def project(opgen: Run, tmp_path: Path) -> Path:
    """A fresh project."""
    root = tmp_path / "webserver-operator"
    finished = opgen("init", str(root))
    assert finished.returncode == 0, finished.stderr
    return root
