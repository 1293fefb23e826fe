"""The demo happens, and says so when it does not."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from opgen.cli.demo import STEPS

IMPATIENT = """
import sys
from pathlib import Path
from opgen.cli import demo
from opgen.cli.demo_view import PlainView



def lose_patience(cluster):
    demo.STEP_SECONDS = 0.2


first = demo.STEPS[0]
never = demo.Step("kubectl wait for nothing", lose_patience, lambda a, b: False, "pigs fly")
demo.STEPS = (first, never)
sys.exit(demo.run(Path("demo"), PlainView()))
"""


def run(*arguments: str, folder: Path) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "NO_COLOR": "1", "PYTHONDONTWRITEBYTECODE": "1"}
    return subprocess.run(
        [sys.executable, *arguments], cwd=folder, env=environment, capture_output=True, text=True
    )


def test_every_step_of_the_demo_happens(tmp_path: Path) -> None:
    finished = run("-m", "opgen", "demo", "demo", folder=tmp_path)
    assert finished.returncode == 0, finished.stdout + finished.stderr
    lines = iter(finished.stdout.splitlines())
    for step in STEPS:
        assert f"$ {step.command}" in lines, step.command
        assert any(line.startswith(f"-> {step.outcome} (") for line in lines), step.outcome
    project = tmp_path / "demo" / "webserver-operator"
    assert f"The project is in {project.resolve()}" in finished.stdout
    assert (project / "PROJECT").exists()


def test_the_demo_can_be_repeated(tmp_path: Path) -> None:
    for _ in range(2):
        finished = run("-m", "opgen", "demo", "demo", folder=tmp_path)
        assert finished.returncode == 0, finished.stdout + finished.stderr


def test_a_step_that_does_not_happen_fails_the_demo(tmp_path: Path) -> None:
    finished = run("-c", IMPATIENT, folder=tmp_path)
    assert finished.returncode == 1
    assert finished.stdout.endswith("error: it did not happen that pigs fly\n")
