"""Every option of the commands that change a project, with any values at all.

Whatever is passed, there is no traceback, nothing is written by halves, and a refused value is
named with its option, the rule and a way out.
"""

from __future__ import annotations

import contextlib
import io
import os
import shutil
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from typer.main import get_command

from opgen.cli import app

COMMANDS = (
    ("init",),
    ("create", "api"),
    ("create", "webhook"),
    ("destroy", "api"),
    ("destroy", "webhook"),
    ("edit",),
    ("update",),
    ("list",),
    ("status",),
    ("completion",),
    ("help",),
    ("make", "manifests"),
    ("import", "crd"),
    ("lint", "crd"),
    ("diff", "crd"),
    ("docs", "api"),
    ("doctor",),
    ("install",),
    ("uninstall",),
    ("deploy",),
    ("undeploy",),
    ("build-installer",),
    ("chart",),
    ("docker-build",),
    ("docker-push",),
    ("docker-buildx",),
)
HOSTILE = [
    "", " ", "-", "--", ".", "..", "../x", "/", "/etc/passwd", "~", "$(id)", "`id`", "a;b", "a\nb",
    "a\tb", "\x00", "\x1b[31m", "%s", "{{ x }}", "{% x %}", "true", "null", "0", "-1", "1e9", "é",
    "\u202e", "\U0001f600", "a" * 64, "a" * 300, "None", "class", "import", "PROJECT", "CON", "nul",
    "v1", "v01", "v1alpha0", "WebServer", "Webserver", "webservers", "my.domain", "my..domain",
    "apache2", "Namespaced", "workload", "v1,v2", ",", "\udcff",
]  # fmt: skip
VALUES = st.sampled_from(HOSTILE) | st.text(max_size=20) | st.from_regex(r"[A-Za-z0-9.-]{1,12}")


def options_of(path: tuple[str, ...]) -> list[Any]:
    """The options of a command, as the application has them."""
    command = get_command(app.application(path[:1]))
    for name in path:
        command = command.commands[name] if hasattr(command, "commands") else command
    return [one for one in command.params if one.param_type_name == "option"]


def switches(one: Any) -> list[str]:
    return [name for name in (*one.opts, *one.secondary_opts) if name not in ("--help", "-h")]


@st.composite
def command_lines(draw: st.DrawFn) -> list[str]:
    """A command with some of its options, each with some value."""
    path = draw(st.sampled_from(COMMANDS))
    words = list(path)
    options = options_of(path)
    several = (
        st.lists(st.sampled_from(options), max_size=5, unique_by=id) if options else st.just([])
    )
    for one in draw(several):
        names = switches(one)
        if not names:
            continue
        words.append(draw(st.sampled_from(names)))
        if not one.is_flag:
            words.append(draw(VALUES))
    if draw(st.integers(0, 9)) == 0:
        words.append(draw(VALUES))
    return [word for word in words if word != "--make"]


def tree(root: Path) -> dict[str, bytes | None]:
    return {
        os.fsdecode(path.relative_to(root)): path.read_bytes() if path.is_file() else None
        for path in sorted(root.rglob("*"))
    }


def run(words: list[str]) -> tuple[int, str, str]:
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = app.run(words)
    return code, out.getvalue(), err.getvalue()


@settings(
    max_examples=settings().max_examples,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(words=command_lines())
@example(words=["create", "api", "--version", "v1", "--kind", "\udcff"])
@example(words=["init", "\x00"])
@example(words=["init", "--template-overlay", "\x00"])
@example(words=["init", "--template-overlay", "/etc/passwd"])
@example(words=["init", "--owner", "a\nb"])
@example(words=["import", "crd", "-"])
@example(words=["destroy", "api", "--version", "", "--kind", ""])
def test_any_option_with_any_value(project, tmp_path, monkeypatch, words):
    monkeypatch.setenv("OPGEN_REQUIREMENT", "opgen")
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO()))
    for tool in ("KUBECONFIG", "KUBECTL", "CONTAINER_TOOL"):
        monkeypatch.setenv(tool, str(tmp_path / "none"))
    work = tmp_path / "work"
    shutil.rmtree(work, ignore_errors=True)
    shutil.copytree(project, work / project.name)
    monkeypatch.chdir(work / project.name)
    before = tree(work)
    code, out, err = run(add_no_make(words))
    assert code in (0, 1, 2, 3), (words, err)
    assert "Traceback" not in out + err
    assert "a mistake in opgen" not in err
    if code in (1, 2):
        assert tree(work) == before, words
        assert err.startswith(("error: ", "Finished")), err
        assert "hint: " in err, err
    assert not (work / project.name / ".opgen-transaction").exists()


def add_no_make(words: list[str]) -> list[str]:
    """The command without the generation of manifests, which takes long and has its own tests."""
    makes = any("--no-make" in one.secondary_opts for one in options_of(command_of(words)))
    return [*words[:2], "--no-make", *words[2:]] if makes and len(words) >= 2 else words


def command_of(words: list[str]) -> tuple[str, ...]:
    return next(path for path in COMMANDS if tuple(words[: len(path)]) == path)


HOSTILE_PROJECTS = (
    b"", b"\x00", b"\xff", b"a", b"- 1", b"version: 1\n", b"{", b"&a [*a]",
    b"!!python/object:os.x {}",
    b"version: '1'\nresources: {}\nfiles: []\n", b"? [a]\n: b\n", b"<<: *x\n",
    b"version: '1'\nfiles:\n  ../../x: " + b"0" * 64 + b"\n",
)  # fmt: skip


@settings(
    max_examples=settings().max_examples // 2,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(data=st.data(), command=st.sampled_from(COMMANDS[:9]))
def test_a_PROJECT_edited_into_nonsense(project, tmp_path, monkeypatch, data, command):
    text = (project / "PROJECT").read_bytes()
    lines = text.splitlines(keepends=True)
    at = data.draw(st.integers(0, len(lines) - 1))
    edits = st.sampled_from(
        [
            b"".join([*lines[:at], *lines[at + 1 :]]),
            b"".join([*lines[:at], lines[at], *lines[at:]]),
            b"".join([*lines[:at], lines[at].replace(b":", b" "), *lines[at + 1 :]]),
            b"".join([*lines[:at], lines[at].split(b":")[0] + b": [1, {}]\n", *lines[at + 1 :]]),
            b"".join([*lines[:at], b"  " + lines[at], *lines[at + 1 :]]),
            text[: len(text) * at // len(lines)],
            *HOSTILE_PROJECTS,
        ]
    )
    work = tmp_path / "work"
    shutil.rmtree(work, ignore_errors=True)
    shutil.copytree(project, work)
    (work / "PROJECT").write_bytes(data.draw(edits))
    monkeypatch.setenv("OPGEN_REQUIREMENT", "opgen")
    monkeypatch.chdir(work)
    before = tree(work)
    needed = ["--version", "v1", "--kind", "Web"] if command[0] in ("create", "destroy") else []
    extra = ["--ha"] if command == ("edit",) else []
    code, out, err = run(add_no_make([*command, *needed, *extra]))
    assert code in (0, 1, 3), err
    assert "Traceback" not in out + err
    if code == 1:
        assert tree(work) == before


@pytest.mark.parametrize("name", ["-rf", "Ünïcode", "a b", "class", "json", "x" * 64, "..", "con"])
def test_hostile_names_of_projects(opgen, tmp_path, name):
    done = opgen("init", "--project-name", name, "web")
    assert done.returncode in (1, 2)
    assert "--project-name" in done.stderr or "--package" in done.stderr
    assert "hint: " in done.stderr
    assert not (tmp_path / "web").exists()
