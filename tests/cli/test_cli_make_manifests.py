"""`opgen make manifests`, alone and at the end of `create api`."""

from __future__ import annotations

import pytest

CRD = "config/crd/bases/my.domain_webservers.yaml"
CREATE = ("create", "api", "--version", "v1", "--kind", "WebServer")


@pytest.fixture
def operator(opgen, project):
    finished = opgen(*CREATE, cwd=project)
    assert finished.returncode == 0, finished.stderr
    return project


def test_create_api_makes_manifests(opgen, operator):
    assert (operator / CRD).is_file()
    finished = opgen("make", "manifests", "--check", cwd=operator / "config")
    assert (finished.returncode, finished.stdout) == (0, "")
    assert "2 unchanged" in finished.stderr


def test_stale_files_end_with_3_and_stay(opgen, operator):
    (operator / CRD).write_text("stale\n")
    finished = opgen("make", "manifests", "--check", cwd=operator)
    assert finished.returncode == 3
    assert finished.stderr.endswith(f"error: {CRD} is stale\n  hint: run: opgen make manifests\n")
    assert (operator / CRD).read_text() == "stale\n"
    assert opgen("make", "manifests", cwd=operator).returncode == 0
    assert opgen("make", "manifests", "--check", cwd=operator).returncode == 0


def test_a_mistake_in_the_types_is_told_with_its_place(opgen, operator):
    types = operator / "webserver_operator/api/v1/webserver_types.py"
    types.write_text(types.read_text() + "\nthis is no Python\n")
    before = (operator / CRD).read_text()
    finished = opgen("make", "manifests", cwd=operator)
    assert finished.returncode == 1
    assert "webserver_operator/api/v1/webserver_types.py:" in finished.stderr
    assert "Traceback" not in finished.stderr
    assert (operator / CRD).read_text() == before


def test_a_changed_plural_moves_the_crd(opgen, operator):
    finished = opgen(*CREATE, "--plural", "webs", cwd=operator)
    assert finished.returncode == 0, finished.stderr
    assert not (operator / CRD).exists()
    assert (operator / "config/crd/bases/my.domain_webs.yaml").is_file()
