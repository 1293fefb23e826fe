"""Every decision of the runtime has a test that fails when the decision is undone.

The table, undoings.toml, says how to undo each one, and which test notices. That the places and
the tests exist is checked always; the undoing itself, in a copy of the package, with `OPGEN_UNDO=1`
(`make soak`).
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tomllib
from dataclasses import dataclass
from pathlib import Path

import pytest

HERE = Path(__file__).parent
PACKAGE = HERE.parent.parent / "opgen"
SOAK = os.environ.get("OPGEN_UNDO", "") == "1"
FAILED = 1
"""Source: pytest's exit codes."""


@dataclass(frozen=True)
class Undoing:
    """A decision, and a change that undoes it."""

    decision: str
    file: str
    before: str
    after: str
    test: str

    @property
    def source(self) -> Path:
        return PACKAGE / "runtime" / self.file

    @property
    def test_file(self) -> Path:
        return HERE / self.test.partition("::")[0]


UNDOINGS = [
    Undoing(**row) for row in tomllib.loads((HERE / "undoings.toml").read_text())["undoing"]
]


@pytest.mark.parametrize("undoing", UNDOINGS, ids=lambda undoing: undoing.decision)
def test_the_table_is_true(undoing: Undoing) -> None:
    assert undoing.source.read_text().count(undoing.before) == 1
    name = undoing.test.partition("::")[2].partition("[")[0]
    assert re.search(rf"^def {name}\(", undoing.test_file.read_text(), re.MULTILINE)


@pytest.mark.skipif(not SOAK, reason="undoing decisions takes minutes: OPGEN_UNDO=1")
@pytest.mark.parametrize("undoing", UNDOINGS, ids=lambda undoing: undoing.decision)
def test_a_decision_that_is_undone_is_noticed(undoing: Undoing, tmp_path: Path) -> None:
    copied = shutil.copytree(PACKAGE, tmp_path / "opgen")
    target = copied / "runtime" / undoing.file
    target.write_text(target.read_text().replace(undoing.before, undoing.after))
    done = subprocess.run(
        [sys.executable, "-P", "-m", "pytest", "-q", "-x", str(HERE / undoing.test)],
        cwd=HERE.parent.parent,
        env=os.environ
        | {"PYTHONPATH": str(tmp_path), "OPGEN_UNDO": "0", "OPGEN_TEST_SECONDS": "20"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == FAILED, done.stdout[-2000:]
