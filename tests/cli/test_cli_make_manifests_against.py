"""`opgen make manifests --against REV`."""

from __future__ import annotations

import json
import subprocess

CRD = "config/crd/bases/my.domain_webservers.yaml"


def commit(project):
    for arguments in (
        ("init", "-q"),
        ("add", "."),
        ("-c", "user.name=a", "-c", "user.email=a@b", "commit", "-qm", "first"),
    ):
        subprocess.run(["git", *arguments], cwd=project, check=True)


def test_breaking_and_compatible_changes(opgen, operator):
    commit(operator)
    same = opgen("make", "manifests", "--against", "HEAD", cwd=operator)
    assert (same.returncode, same.stdout) == (0, "")
    assert same.stderr.endswith("0 breaking, 0 compatible changes\n")
    types = operator / "webserver_operator/api/v1/webserver_types.py"
    types.write_text(types.read_text().replace("Ge(0)", "Ge(1)").replace("MinLen(1)", "MinLen(0)"))
    changed = opgen("make", "manifests", "--against", "HEAD", cwd=operator)
    assert changed.returncode == 3
    lines = [line.split(maxsplit=4) for line in changed.stdout.splitlines()[1:]]
    assert [(line[0], line[3], line[4]) for line in lines] == [
        ("compatible", ".spec.image", "minLength was 1 and is 0"),
        ("breaking", ".spec.replicas", "minimum was 0 and is 1"),
    ]
    assert "minimum: 1" in (operator / CRD).read_text()
    again = opgen("make", "manifests", "--against", "HEAD", "-o", "json", cwd=operator)
    assert [change["severity"] for change in json.loads(again.stdout)] == [
        "compatible", "breaking",
    ]  # fmt: skip


def test_a_new_kind_breaks_nobody(opgen, project):
    commit(project)
    create = ("create", "api", "--version", "v1", "--kind", "WebServer", "--no-make")
    assert opgen(*create, cwd=project).returncode == 0
    finished = opgen("make", "manifests", "--against", "HEAD", cwd=project)
    assert finished.returncode == 0, finished.stderr
    assert finished.stdout.endswith("webservers.my.domain   -       the CRD is new\n")


def test_no_such_revision(opgen, operator):
    commit(operator)
    (operator / CRD).write_text("stale\n")
    finished = opgen("make", "manifests", "--against", "v9", cwd=operator)
    assert (finished.returncode, finished.stderr) == (
        1,
        "error: v9 cannot be read: there is no such revision\n  hint: pass a revision of the "
        "project's repository, such as main or HEAD~1\n",
    )
    assert (operator / CRD).read_text() == "stale\n"


def test_no_repository(opgen, operator):
    finished = opgen("make", "manifests", "--against", "HEAD", cwd=operator)
    assert finished.returncode == 1
    assert finished.stderr.startswith("error: HEAD cannot be read: ")


def test_check_is_another_question(opgen, operator):
    finished = opgen("make", "manifests", "--against", "HEAD", "--check", cwd=operator)
    assert (finished.returncode, finished.stderr) == (
        2,
        "error: --check and --against do not go together\n  hint: run one after the other\n",
    )
