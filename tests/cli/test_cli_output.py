"""What commands print, and that showing a plan writes nothing."""

from __future__ import annotations

import json
import re
import subprocess
import sys

import pytest

from opgen.cli.app import COMMANDS

CREATE = ("create", "api", "--version", "v1", "--kind", "WebServer", "--no-make")


@pytest.mark.parametrize("flag", ["--dry-run", "--diff"])
def test_showing_writes_nothing(opgen, tmp_path, flag):
    finished = opgen("init", "web", flag)
    assert finished.returncode == 0
    assert finished.stderr.endswith("Dry run: nothing was written\n")
    assert "Next:" not in finished.stderr
    assert ("+++ b/PROJECT" in finished.stdout) is (flag == "--diff")
    assert list(tmp_path.iterdir()) == []


def test_the_second_run_changes_nothing(opgen, project):
    assert opgen(*CREATE, cwd=project).returncode == 0
    before = {path: path.stat().st_mtime_ns for path in project.rglob("*")}
    for command in (("init",), CREATE):
        finished = opgen(*command, cwd=project / "config")
        if command == ("init",):
            finished = opgen(*command, cwd=project)
        assert finished.returncode == 0
        assert re.match(r"\d+ unchanged \(\d+\.\d\ds\)\n", finished.stderr)
    assert {path: path.stat().st_mtime_ns for path in project.rglob("*")} == before


def test_lines_and_next_step(opgen, project):
    finished = opgen(*CREATE, cwd=project)
    assert finished.stdout == ""
    lines = finished.stderr.splitlines()
    assert "    create  webserver_operator/api/v1/webserver_types.py" in lines
    assert "    insert  config/crd/kustomization.yaml" in lines
    assert lines[-5:] == [
        "",
        "Next:",
        "  edit webserver_operator/api/v1/webserver_types.py",
        "  make manifests",
        "  make test",
    ]


def test_json(opgen, tmp_path):
    finished = opgen("init", "web", "--dry-run", "--output", "json")
    plan = json.loads(finished.stdout)
    assert plan["root"] == str((tmp_path / "web").resolve())
    assert {"action": "create", "path": "PROJECT"} in plan["actions"]


def test_conflicts_end_with_3(opgen, tmp_path):
    (tmp_path / "Makefile").write_text("mine")
    finished = opgen("init", "--project-name", "web")
    assert finished.returncode == 3
    assert "  conflict  Makefile  (it exists and opgen did not write it)\n" in finished.stderr
    assert "\nNothing was written\nerror: Makefile is in the way" in finished.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["Makefile"]


def test_force_names_the_backup(opgen, tmp_path):
    (tmp_path / "Makefile").write_text("mine")
    finished = opgen("init", "--project-name", "web", "--force")
    assert finished.returncode == 0
    assert "    update  Makefile  (the old one is Makefile.opgen-old)\n" in finished.stderr
    assert (tmp_path / "Makefile.opgen-old").read_text() == "mine"


@pytest.mark.parametrize(
    ("env", "colored"),
    [({"FORCE_COLOR": "1"}, True), ({"FORCE_COLOR": "1", "NO_COLOR": "1"}, False), ({}, False)],
)
def test_colours(opgen, env, colored):
    finished = opgen("init", "web", "--dry-run", env={"NO_COLOR": "", "FORCE_COLOR": "", **env})
    assert ("\033[" in finished.stderr) is colored


def test_version(opgen):
    for arguments in (["--version"], ["version"]):
        finished = opgen(*arguments)
        assert (finished.returncode, finished.stdout) == (0, "opgen 0.1.0\n")


def loaded_by(cwd, *arguments):
    """The modules that a command imports, in order."""
    finished = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "opgen", *arguments],
        cwd=cwd,
        capture_output=True,
        text=True,
        check=True,
    )
    loaded = re.findall(r"^import time:.*\| +([A-Za-z_][\w.]*)$", finished.stderr, re.M)
    assert "opgen" in loaded
    return loaded


BEFORE_3_14 = " dataclasses" if sys.version_info < (3, 14) else ""
"""What traceback loads by itself from Python 3.14 on, for its colours."""


@pytest.mark.parametrize(
    ("arguments", "forbidden"),
    [
        (
            ["--version"],
            "typer click copier jinja2 ruamel aiohttp msgspec yaml rich prometheus_client",
        ),
        (["version"], "typer click typing re pathlib dataclasses"),
        (
            ["--help"],
            "copier jinja2 ruamel aiohttp msgspec yaml rich prometheus_client asyncio "
            "opgen.api opgen.scaffold opgen.runtime" + BEFORE_3_14,
        ),
        (["create", "api", "--help"], "copier jinja2 ruamel aiohttp msgspec yaml rich asyncio"),
    ],
    ids=lambda value: str(value)[:20],
)
def test_imports(tmp_path, arguments, forbidden):
    assert set(loaded_by(tmp_path, *arguments)) & set(forbidden.split()) == set()


@pytest.mark.parametrize("options", ["", "--no-preflight --dry-run", "-o json", "--check -o json"])
def test_imports_of_make_manifests(operator, options):
    loaded = loaded_by(operator, "make", "manifests", *options.split())
    forbidden = "typer copier jinja2 aiohttp msgspec rich prometheus_client asyncio subprocess"
    writing = "tempfile difflib hashlib opgen.scaffold.execute opgen.scaffold.journal"
    schemas = "opgen.schema opgen.runtime"
    assert set(loaded) & {*forbidden.split(), *writing.split(), *schemas.split()} == set()


def test_the_child_of_make_manifests_is_started_before_anything_is_imported(operator):
    loaded = loaded_by(operator, "make", "manifests")
    ahead = set(loaded[loaded.index("opgen.cli") : loaded.index("opgen.cli.manifests")])
    assert "opgen.manifests.process" in ahead
    assert ahead & {"typing", "re", "enum", "pathlib", "json", "dataclasses", "contextlib"} == set()


GROUPS = ["", *(name for name, (_, attribute) in COMMANDS.items() if attribute == "app")]


@pytest.mark.parametrize("group", GROUPS)
def test_no_help_is_cut_in_a_narrow_terminal(opgen, group):
    done = opgen(*group.split(), "--help", env={"COLUMNS": "80", "FORCE_COLOR": "1"})
    listed = done.stdout.partition("Commands:\n")[2].splitlines()
    assert listed, "it has commands"
    assert [line for line in listed if "..." in line or len(line) > 80 or "\033" in line] == []


def test_a_mistake_in_opgen_ends_with_70(monkeypatch, capsys):
    from opgen.cli import app, plans

    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("nobody thought of this")

    monkeypatch.setattr(plans, "carry_out", broken)
    assert app.run(["init", "somewhere"]) == 70
    told = capsys.readouterr().err
    assert told.startswith("error: a mistake in opgen: nobody thought of this\n")
    assert "Traceback" not in told


def test_an_interrupt_ends_with_130(monkeypatch, capsys):
    from opgen.cli import app, plans

    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(plans, "carry_out", interrupted)
    assert app.run(["init", "somewhere"]) == 130
    assert capsys.readouterr().err == "Interrupted\n"
