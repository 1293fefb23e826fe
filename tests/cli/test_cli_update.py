"""`opgen update` as people and CI jobs use it: what it prints, its exit codes, what it writes."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

SAMPLES = "config/samples/kustomization.yaml"
TEMPLATES = {"Makefile.jinja": "all: {}\n", f"{SAMPLES}.jinja": "resources: []\n# {}\n"}


def write(overlay: Path, word: str) -> None:
    """Templates of a team of its own, which differ in a word."""
    for name, text in TEMPLATES.items():
        path = overlay / "project/template" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text.format(word))


@pytest.fixture
def stale(opgen, tmp_path: Path) -> Path:
    """A project whose templates have changed since."""
    write(tmp_path / "overlay", "then")
    made = opgen("init", "web", "--template-overlay", "overlay")
    assert made.returncode == 0, made.stderr
    write(tmp_path / "overlay", "now")
    return tmp_path / "web"


def git(root: Path, *arguments: str) -> str:
    who = ("-c", "user.name=Somebody", "-c", "user.email=somebody@example.com")
    command = ["git", *who, *arguments]
    return subprocess.run(command, cwd=root, check=True, capture_output=True, text=True).stdout


def content(root: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in root.rglob("*") if path.is_file()}


def test_check_writes_nothing_and_tells_what_is_stale(opgen, stale):
    before = content(stale)
    checked = opgen("update", "--check", cwd=stale)
    assert checked.returncode == 3
    assert "-all: then\n+all: now\n" in checked.stdout
    assert "error: Makefile is stale\n  hint: run: opgen update\n" in checked.stderr
    as_json = opgen("update", "--check", "--output", "json", cwd=stale)
    assert as_json.returncode == 3
    assert {"action": "update", "path": "Makefile"} in json.loads(as_json.stdout)["actions"]
    assert content(stale) == before


def test_what_is_up_to_date_passes_the_check(opgen, stale):
    updated = opgen("update", cwd=stale)
    assert updated.returncode == 0
    assert "    update  Makefile\n" in updated.stderr
    assert (stale / "Makefile").read_text() == "all: now\n"
    checked = opgen("update", "--check", cwd=stale)
    assert (checked.returncode, checked.stdout) == (0, "")


def test_conflicts_end_with_3_until_they_are_resolved(opgen, stale):
    for arguments in (("init", "--quiet"), ("add", "--all"), ("commit", "--quiet", "-mfirst")):
        git(stale, *arguments)
    (stale / "Makefile").write_text("all: mine\n")
    (stale / SAMPLES).write_text("resources: []\n# mine\n")
    updated = opgen("update", cwd=stale)
    assert updated.returncode == 3
    assert git(stale, "diff", "--name-only", "--diff-filter=U").split() == ["Makefile", SAMPLES]
    assert "Makefile stayed as you edited it" in updated.stderr
    assert f"{SAMPLES} has a conflict of your edits with opgen's" in updated.stderr
    assert (stale / "Makefile").read_text() == "all: mine\n"
    assert (stale / "Makefile.opgen-new").read_text() == "all: now\n"
    for arguments in ((), ("--check",)):
        assert opgen("update", *arguments, cwd=stale).returncode == 3
    (stale / "Makefile.opgen-new").unlink()
    (stale / SAMPLES).write_text("resources: []\n# mine\n")
    git(stale, "add", "--all")
    for arguments in ((), ("--check",)):
        assert opgen("update", *arguments, cwd=stale).returncode == 0
