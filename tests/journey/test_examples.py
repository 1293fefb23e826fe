"""The committed examples are what opgen's commands and the recorded edits make, and they work."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
HEAVY = ("aiohttp", "msgspec", "typer", "jinja2", "copier", "ruamel", "yaml", "prometheus_client")
EXAMPLES = sorted(path.name for path in (ROOT / "examples").glob("*-operator"))


def run(*command: str, folder: Path) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1", "NO_COLOR": "1"}
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)


def check(*arguments: str, folder: Path) -> None:
    finished = run(sys.executable, "-m", *arguments, folder=folder)
    assert finished.returncode == 0, finished.stdout + finished.stderr


@pytest.fixture(params=EXAMPLES)
def example(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A copy of an example, so that nothing is left in the committed one."""
    ignored = shutil.ignore_patterns(".venv", "build", "__pycache__", ".*_cache")
    return shutil.copytree(
        ROOT / "examples" / request.param, tmp_path / request.param, ignore=ignored
    )


def test_the_examples_are_there() -> None:
    assert EXAMPLES == ["appservice-operator", "myapp-operator", "webserver-operator"]


def test_the_examples_are_what_the_commands_make() -> None:
    finished = run(sys.executable, str(ROOT / "tools" / "make_examples.py"), folder=ROOT)
    assert finished.returncode == 0, finished.stdout + finished.stderr


def test_its_own_tests_pass(example: Path) -> None:
    check("pytest", folder=example)


def test_its_manifests_are_fresh(example: Path) -> None:
    check("opgen", "make", "manifests", "--check", folder=example)


def test_its_code_is_clean(example: Path) -> None:
    check("ruff", "check", ".", folder=example)
    check("ruff", "format", "--check", ".", folder=example)


def test_its_types_are_right(example: Path) -> None:
    check("mypy", folder=example)
    check("pyright", "--pythonpath", sys.executable, folder=example)


def test_its_declarations_load_nothing_heavy(example: Path) -> None:
    package = example.name.replace("-", "_")
    code = (
        f"import sys; from opgen.api.discovery import discover; discover({package!r}); "
        f"print([name for name in {HEAVY} if name in sys.modules])"
    )
    finished = run(sys.executable, "-c", code, folder=example)
    assert finished.stdout == "[]\n", finished.stdout + finished.stderr
