"""`opgen create api` without --version: the one that is meant, or a refusal that names them."""

from __future__ import annotations

from pathlib import Path

import pytest

TYPES = "web_operator/api/{}/webserver_types.py"
WEB = ("create", "api", "--kind", "WebServer")


def versions(project: Path) -> list[str]:
    return sorted(path.parent.name for path in project.glob(TYPES.format("*")))


@pytest.fixture
def web(opgen, tmp_path: Path) -> Path:
    assert opgen("init", "web-operator").returncode == 0
    return tmp_path / "web-operator"


def test_a_new_kind_is_of_v1(opgen, web):
    finished = opgen(*WEB, cwd=web)
    assert finished.returncode == 0, finished.stderr
    assert versions(web) == ["v1"]


def test_of_another_group_a_kind_is_new(opgen, web):
    assert opgen(*WEB, "--group", "shop", "--version", "v2", cwd=web).returncode == 0
    finished = opgen("create", "api", "--kind", "Other", cwd=web)
    assert finished.returncode == 0, finished.stderr
    assert (web / "web_operator/api/v1/other_types.py").is_file()


def test_a_kind_that_is_there_is_meant_as_it_is(opgen, web):
    assert opgen(*WEB, "--version", "v1alpha1", cwd=web).returncode == 0
    finished = opgen(*WEB, "--dry-run", cwd=web)
    assert finished.returncode == 0, finished.stderr
    assert "create" not in finished.stdout
    assert versions(web) == ["v1alpha1"]


def test_of_several_versions_none_is_guessed(opgen, web):
    for version in ("v1alpha1", "v1"):
        assert opgen(*WEB, "--version", version, cwd=web).returncode == 0
    finished = opgen(*WEB, "--scope", "cluster", cwd=web)
    assert (finished.returncode, finished.stdout, finished.stderr) == (
        2,
        "",
        "error: --version is missing: WebServer has v1alpha1 and v1\n"
        "  hint: pass the one that is meant, or a new one\n"
        "error: --scope 'cluster' is unknown: it must be one of Namespaced, Cluster\n"
        "  hint: pass --scope Cluster\n",
    )


def test_an_empty_version_is_none(opgen, web):
    finished = opgen(*WEB, "--version", "", cwd=web)
    assert finished.returncode == 1
    assert finished.stderr.startswith("error: --version is empty")
    assert versions(web) == []
