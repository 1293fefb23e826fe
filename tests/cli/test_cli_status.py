"""`opgen list`, `status`, `doctor`, `completion` and `help`: tables, JSON, and every fix."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from opgen.cli.app import COMMANDS
from opgen.cli.completion import Shell
from opgen.cli.topics import TOPICS
from opgen.scaffold import doctor
from opgen.scaffold.doctor import FAILING, OK, WARNING


def test_the_kinds_are_listed(opgen, operator):
    done = opgen("list", cwd=operator)
    assert done.returncode == 0
    assert done.stdout == (
        "GROUP       VERSION   KIND        SCOPE        TYPES   CONTROLLER   WEBHOOKS\n"
        "my.domain   v1        WebServer   Namespaced   yes     yes\n"
    )
    assert json.loads(opgen("list", "-o", "json", cwd=operator).stdout) == [
        {
            "group": "my.domain",
            "version": "v1",
            "kind": "WebServer",
            "plural": "webservers",
            "scope": "Namespaced",
            "types": True,
            "controller": True,
            "webhooks": [],
            "spokes": [],
        }
    ]


def test_no_kinds_are_an_empty_table_and_a_next_step(opgen, project):
    done = opgen("list", cwd=project)
    assert (done.returncode, done.stdout) == (0, "")
    assert "opgen create api" in done.stderr
    assert opgen("list", "--output", "json", cwd=project).stdout == "[]\n"


def test_the_states_of_files(opgen, operator):
    (operator / "Makefile").write_text("mine\n")
    (operator / "Dockerfile").unlink()
    (operator / "pyproject.toml.opgen-new").write_text("theirs\n")
    manager = operator / "config/manager/manager.yaml"
    manager.write_text("<<<<<<< yours\na\n=======\nb\n>>>>>>> opgen\n")
    done = opgen("status", cwd=operator)
    assert done.returncode == 0
    assert done.stdout == (
        "STATE      FILE                          NOTE\n"
        "missing    Dockerfile                    opgen init --force brings it back\n"
        "edited     Makefile\n"
        "conflict   config/manager/manager.yaml   resolve the conflicts marked in it\n"
        "conflict   pyproject.toml                "
        "take over pyproject.toml.opgen-new and delete it\n"
    )
    seen = json.loads(opgen("status", "-o", "json", cwd=operator).stdout)
    assert seen["counts"]["conflict"] == 2
    assert {"path": "Makefile", "state": "edited", "note": ""} in seen["files"]


def test_inserted_lines_are_no_edits(opgen, operator):
    assert opgen("status", cwd=operator).stdout == ""


def test_a_healthy_project(opgen, operator):
    done = opgen("doctor", cwd=operator)
    assert done.returncode == 0, done.stdout
    assert done.stdout.startswith("CHECK")
    rows = json.loads(opgen("doctor", "-o", "json", cwd=operator).stdout)
    assert {row["result"] for row in rows} <= {OK, WARNING}
    assert [row["check"] for row in rows if row["result"] == OK and row["check"] == "manifests"]


def broken_project(root):
    (root / "PROJECT").write_text((root / "PROJECT").read_text().replace("domain:", "dommain:"))


def stale_manifests(root):
    (root / "config/rbac/role.yaml").write_text("stale\n")


def broken_types(root):
    next(root.glob("*/api/v1/*_types.py")).write_text("import nothing_like_this\n")


def conflict(root):
    (root / "Makefile.opgen-new").write_text("theirs\n")


def interrupted(root):
    (root / ".opgen-transaction").mkdir()


@pytest.mark.parametrize(
    ("harm", "check", "fix"),
    [
        (broken_project, "PROJECT", "did you mean domain?"),
        (stale_manifests, "manifests", "opgen make manifests"),
        (broken_types, "manifests", "nothing_like_this"),
        (conflict, "files", "take over Makefile.opgen-new and delete it"),
        (interrupted, "last change", "opgen make manifests"),
    ],
)
def test_every_failing_row_has_its_fix(opgen, operator, harm, check, fix):
    harm(operator)
    done = opgen("doctor", "-o", "json", cwd=operator)
    assert done.returncode == 1
    failing = [row for row in json.loads(done.stdout) if row["result"] == FAILING]
    assert check in {row["check"] for row in failing}
    assert any(fix in row["fix"] + row["detail"] for row in failing)
    assert all(row["fix"] for row in failing)
    assert f"error: {check}: " in done.stderr


def test_a_folder_without_a_project(opgen, tmp_path):
    rows = json.loads(opgen("doctor", "-o", "json", cwd=tmp_path).stdout)
    assert rows[-1] == {
        "check": "project",
        "result": WARNING,
        "detail": "this folder is in no project",
        "fix": "opgen init",
    }


def test_missing_programs_are_warnings_with_a_fix(monkeypatch, tmp_path):
    monkeypatch.setattr(doctor.shutil, "which", lambda _: None)
    tools = [one for one in doctor.examine(None) if one.result == WARNING and one.fix]
    assert len(tools) == len(doctor.TOOLS) + 1


@pytest.mark.parametrize("shell", [shell.value for shell in Shell])
def test_completion_scripts(opgen, shell):
    done = opgen("completion", shell)
    assert done.returncode == 0
    assert "_OPGEN_COMPLETE" in done.stdout


def test_completion_completes_commands(opgen, tmp_path):
    environment = {"_OPGEN_COMPLETE": "complete_bash", "COMP_WORDS": "opgen des", "COMP_CWORD": "1"}
    assert opgen(env=environment).stdout.split() == ["destroy"]


def test_an_unknown_shell(opgen):
    done = opgen("completion", "tcsh")
    assert done.returncode == 2
    assert "'tcsh' is not one of 'bash', 'zsh', 'fish'" in done.stderr


@pytest.mark.parametrize("topic", TOPICS)
def test_topics(opgen, topic):
    done = opgen("help", topic)
    assert (done.returncode, done.stdout) == (0, TOPICS[topic])


def test_help_on_a_command_is_its_help(opgen):
    assert opgen("help", "init").stdout == opgen("init", "--help").stdout


@pytest.mark.parametrize(
    ("arguments", "hint"),
    [
        (("help", "exit-code"), "did you mean exit-codes?"),
        (("help", "zzz"), "the topics are exit-codes, environment"),
        (("updat",), "Did you mean 'update'?"),
        (("destroy", "apis"), "Did you mean 'api'?"),
        (("create", "webhok"), "Did you mean 'webhook'?"),
        (("create", "webhook", "--defaultin"), "--defaulting"),
        (("status", "--verbos"), "--verbose"),
    ],
)
def test_did_you_mean(opgen, arguments, hint):
    done = opgen(*arguments)
    assert done.returncode == 2
    assert hint in done.stderr
    assert done.stdout == ""


def test_every_command_has_a_help_page(opgen):
    for name in COMMANDS:
        done = opgen(name, "--help")
        assert done.returncode == 0, name
        assert "Usage: opgen" in done.stdout or name == "run"


def test_the_documentation_is_that_of_the_commands():
    tool = Path(__file__).parents[2] / "tools/make_cli_docs.py"
    done = subprocess.run([sys.executable, str(tool), "--check"], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
