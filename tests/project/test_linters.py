"""What other people's linters say of a generated project: nothing."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

BINARIES = Path(sys.executable).parent
TARGETS = {
    *("help", "manifests", "fmt", "lint", "typecheck", "test", "test-e2e", "run"),
    *("install", "uninstall", "deploy", "undeploy", "build-installer"),
    *("docker-build", "docker-push", "docker-buildx"),
}
PINNED = re.compile(r"uses: [\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$")


def lint(made, *command: str) -> None:
    program = shutil.which(command[0], path=str(BINARIES))
    assert program, f"{command[0]} belongs to the development tools"
    finished = subprocess.run(
        [program, *command[1:]], cwd=made.root, capture_output=True, text=True
    )
    assert finished.returncode == 0, finished.stdout + finished.stderr


@pytest.fixture(params=[False, True], ids=["plain", "everything"])
def project(made, request):
    on = request.param
    names = ("ha", "prometheus", "network_policy", "namespaced", "multigroup")
    made.init(owner="Jane Roe", **dict.fromkeys(names, on))
    made.create(group="web")
    made.make_manifests()
    return made


def test_yamllint(project) -> None:
    lint(project, "yamllint", "--strict", ".")


def test_hadolint(project) -> None:
    lint(project, "hadolint", "Dockerfile")


def test_zizmor(project) -> None:
    lint(project, "zizmor", "--offline", "--persona=pedantic", "--quiet", ".github")


def test_actions_are_pinned_by_sha_with_their_version(project) -> None:
    for path in (project.root / ".github/workflows").glob("*.yml"):
        for line in path.read_text().splitlines():
            assert "uses:" not in line or PINNED.search(line), f"{path.name}: {line}"


def test_json_files_are_json(project) -> None:
    for path in (".devcontainer/devcontainer.json", "config/prometheus/dashboard.json"):
        json.loads(project.read(path))


def test_make_help_lists_the_targets_that_people_know(project) -> None:
    make = subprocess.run(["make", "help"], cwd=project.root, capture_output=True, text=True)
    assert make.returncode == 0, make.stderr
    listed = re.findall(r"^  ([a-z0-9-]+) ", make.stdout, re.M)
    assert set(listed) >= TARGETS
    makefile = project.read("Makefile")
    for target in listed:
        assert f".PHONY: {target}\n" in makefile
