"""What people of kubebuilder stumble over, and how opgen does without: one test each."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

API = ("create", "api", "--version", "v1", "--kind", "WebServer")
OFFLINE = """\
import sys

def refuse(event, arguments):
    if event in ("socket.connect", "socket.getaddrinfo", "socket.gethostbyname"):
        raise OSError(f"no network: {event} {arguments}")

sys.addaudithook(refuse)
"""
INTERRUPTED = """\
import os, signal, sys
from opgen.__main__ import main

def interrupt(event, arguments):
    if event == "os.mkdir" and str(arguments[0]).endswith(os.environ["INTERRUPT_AT"]):
        os.kill(os.getpid(), signal.SIGINT)

sys.addaudithook(interrupt)
sys.exit(main())
"""


def tree(root: Path) -> dict[str, bytes]:
    """The files of a project by path, without caches."""
    return {
        path.relative_to(root).as_posix(): path.read_bytes()
        for path in sorted(root.rglob("*"))
        if path.is_file() and "__pycache__" not in path.parts
    }


def interrupted(*arguments: str, cwd: Path, at: str) -> subprocess.CompletedProcess[str]:
    """Run a command that is interrupted when it makes a folder."""
    return subprocess.run(
        [sys.executable, "-c", INTERRUPTED, *arguments],
        cwd=cwd,
        env={**os.environ, "INTERRUPT_AT": at},
        capture_output=True,
        text=True,
        check=False,
    )


# 1. Ctrl-C in init leaves files and no PROJECT; the rerun refuses.


@pytest.mark.parametrize("at", [".opgen-transaction", "config", "config/rbac", "tests"])
def test_an_interrupted_init_leaves_nothing_and_can_be_repeated(opgen, tmp_path, at):
    root = tmp_path / "web-operator"
    root.mkdir()
    done = interrupted("init", cwd=root, at=at)
    if done.returncode == 130:
        assert tree(root) == {}
        assert done.stderr.endswith("Interrupted\n")
    assert opgen("init", cwd=root).returncode == 0
    assert (root / "PROJECT").is_file()


@pytest.mark.parametrize("at", [".opgen-transaction", "v1"])
def test_an_interrupted_create_leaves_the_project_and_can_be_repeated(opgen, project, at):
    before = tree(project)
    done = interrupted(*API, "--no-make", cwd=project, at=at)
    assert done.returncode == 130
    assert tree(project) == before
    assert opgen(*API, cwd=project).returncode == 0


# 2. Failures leave files behind.


@pytest.mark.parametrize(
    ("flag", "value"),
    [
        ("--kind", "Web-Server"),
        ("--kind", "None"),
        ("--version", "v1.0"),
        ("--version", "1"),
        # 4. Versions vv, latest, v1gamma1 pass.
        ("--version", "vv"),
        ("--version", "latest"),
        ("--version", "v1gamma1"),
    ],
)
def test_a_refused_value_leaves_nothing_behind(opgen, project, flag, value):
    before = tree(project)
    arguments = [value if API[at - 1] == flag else word for at, word in enumerate(API)]
    done = opgen(*arguments, cwd=project)
    assert done.returncode == 1
    assert f"{flag} '{value}'" in done.stderr
    assert "hint: " in done.stderr
    assert tree(project) == before
    assert opgen(*API, cwd=project).returncode == 0
    samples = (project / "config/samples/kustomization.yaml").read_text()
    assert [line for line in samples.splitlines() if line.startswith("- ")] == [
        "- v1_webserver.yaml"
    ]


def test_no_other_program_is_needed(opgen, tmp_path):
    environment = {"PATH": ""}
    assert opgen("init", "web", env=environment).returncode == 0
    assert opgen(*API, cwd=tmp_path / "web", env=environment).returncode == 0
    assert opgen("update", cwd=tmp_path / "web", env=environment).returncode == 0


def test_a_broken_module_is_told_and_nothing_is_lost(opgen, operator):
    types = next(operator.glob("*/api/v1/webserver_types.py"))
    types.write_text("class :\n")
    before = tree(operator)
    done = opgen("make", "manifests", cwd=operator)
    assert done.returncode == 1
    assert "webserver_types.py:1" in done.stderr
    assert tree(operator) == before


# 3. init accepts any domain.


@pytest.mark.parametrize("domain", ["bad domain", "http://x", "", "d" * 260, "Upper.case"])
def test_a_wrong_domain_is_refused_before_anything_is_written(opgen, tmp_path, domain):
    done = opgen("init", "web", "--domain", domain)
    assert done.returncode == 1
    assert "error: --domain" in done.stderr
    assert not (tmp_path / "web").exists()


# 4. A second version of a kind fails.


def test_a_second_version_of_a_kind(opgen, operator):
    done = opgen("create", "api", "--version", "v2", "--kind", "WebServer", cwd=operator)
    assert done.returncode == 0, done.stderr
    crd = (operator / "config/crd/bases/my.domain_webservers.yaml").read_text()
    assert re.findall(r"^    storage: (\w+)$", crd, re.MULTILINE) == ["true", "false"]


# 5. Without its markers, a file is left alone and "success" is told; unknown keys are ignored.


def test_a_missing_marker_is_an_error(opgen, project):
    shared = project / "config/crd/kustomization.yaml"
    shared.write_text(shared.read_text().replace("# +opgen:scaffold:crd\n", ""))
    before = tree(project)
    done = opgen(*API, cwd=project)
    assert done.returncode == 1
    assert "config/crd/kustomization.yaml has no line '# +opgen:scaffold:crd'" in done.stderr
    assert "add the line # +opgen:scaffold:crd" in done.stderr
    assert tree(project) == before


def test_controllers_are_found_and_registered_nowhere(opgen, operator):
    controller = next(operator.glob("*/controllers/webserver_controller.py"))
    controller.rename(controller.with_name("another_name.py"))
    assert opgen("make", "manifests", cwd=operator).returncode == 0
    assert "webservers" in (operator / "config/rbac/role.yaml").read_text()


def test_an_unknown_key_in_PROJECT_is_an_error(opgen, project):
    file = project / "PROJECT"
    file.write_text(file.read_text() + "multigrup: true\n")
    done = opgen(*API, cwd=project)
    assert done.returncode == 1
    assert "unknown key 'multigrup'" in done.stderr
    assert "did you mean multigroup?" in done.stderr


def test_line_endings_stay(opgen, project):
    for path in ("PROJECT", "config/crd/kustomization.yaml"):
        file = project / path
        file.write_bytes(file.read_bytes().replace(b"\n", b"\r\n"))
    assert opgen(*API, cwd=project).returncode == 0
    for path in ("PROJECT", "config/crd/kustomization.yaml"):
        content = (project / path).read_bytes()
        assert content.count(b"\n") == content.count(b"\r\n")


# 6. A repeat is an error, and --force wipes edited types.


def test_the_same_again_changes_nothing(opgen, operator):
    before = tree(operator)
    for arguments in (("init",), API):
        done = opgen(*arguments, cwd=operator)
        assert done.returncode == 0, done.stderr
    assert tree(operator) == before


def test_force_keeps_what_it_replaces(opgen, operator):
    types = next(operator.glob("*/api/v1/webserver_types.py"))
    types.write_text(types.read_text() + "# mine\n")
    mine = types.read_text()
    assert opgen(*API, cwd=operator).returncode == 0
    assert types.read_text() == mine
    done = opgen(*API, "--pattern", "blank", "--no-make", cwd=operator)
    assert done.returncode == 3
    assert types.read_text() == mine
    done = opgen(*API, "--pattern", "blank", "--no-make", "--force", cwd=operator)
    assert done.returncode == 0
    backup = types.with_name(f"{types.name}.opgen-old")
    assert backup.read_text() == mine
    assert f"(the old one is {backup.relative_to(operator)})" in done.stderr


# 7. Errors twice, on stdout, coloured, with 47 lines of usage, exit code 1; questions to nobody;
#    not usable from a folder below.


def test_an_error_is_told_once_and_short(opgen, project):
    done = opgen("create", "api", "--version", "v1.0", "--kind", "WebServer", cwd=project)
    assert done.stdout == ""
    assert done.stderr.count("v1.0") == 1
    assert len(done.stderr.splitlines()) <= 3
    assert "\033" not in done.stderr
    assert (
        "\033"
        in opgen("create", cwd=project, env={"FORCE_COLOR": "1"}).stderr
        + opgen("create", "apy", cwd=project, env={"FORCE_COLOR": "1"}).stderr
    )
    both = {"FORCE_COLOR": "1", "NO_COLOR": "1"}
    assert "\033" not in opgen("create", "apy", cwd=project, env=both).stderr


@pytest.mark.parametrize(
    ("arguments", "code"),
    [(("create", "api"), 2), (("nonsense",), 2), ((*API, "--group", "-"), 1), (API, 0)],
)
def test_exit_codes_differ(opgen, project, arguments, code):
    assert opgen(*arguments, cwd=project).returncode == code


def test_nobody_is_asked_without_a_terminal(opgen, project):
    done = opgen(*API, cwd=project)
    assert done.returncode == 0
    assert "[y/n]" not in done.stdout + done.stderr


def test_it_works_from_a_folder_below(opgen, project):
    assert opgen(*API, cwd=project / "config").returncode == 0
    assert (project / "config/samples/v1_webserver.yaml").exists()


# 8. Offline with an empty cache it fails and leaves 40 files.


def test_nothing_needs_a_network(opgen, tmp_path):
    (tmp_path / "site").mkdir()
    (tmp_path / "site/sitecustomize.py").write_text(OFFLINE)
    environment = {"PYTHONPATH": str(tmp_path / "site"), "HOME": str(tmp_path / "home")}
    assert opgen("init", "web", env=environment).returncode == 0
    root = tmp_path / "web"
    for arguments in (API, ("update",), ("status",), ("doctor",), ("make", "manifests", "--check")):
        done = opgen(*arguments, cwd=root, env=environment)
        assert done.returncode == 0, done.stderr
        assert "no network" not in done.stderr


# 9. make deletes a binary that is handed to it, and stamps the year.


def test_the_Makefile_deletes_no_program_and_asks_no_clock(project):
    makefile = (project / "Makefile").read_text()
    assert "date" not in re.findall(r"\$\(shell ([^)]*)\)", makefile)
    assert not re.search(r"\brm\b", makefile)


# 10. The scaffolded test breaks as soon as a required field is added.


@pytest.mark.parametrize("pattern", ["workload", "blank"])
def test_a_required_field_breaks_no_scaffolded_test(opgen, project, pattern):
    assert opgen(*API, "--pattern", pattern, "--no-make", cwd=project).returncode == 0
    types = next(project.glob("*/api/v1/webserver_types.py"))
    docstring = '"""WebServerSpec defines the desired state of WebServer."""\n'
    field = '\n    owner: str\n    """Who is called at night."""\n'
    assert docstring in types.read_text()
    types.write_text(types.read_text().replace(docstring, docstring + field))
    sample = project / "config/samples/v1_webserver.yaml"
    text = sample.read_text().replace("spec: {}", "spec:")
    sample.write_text(text.replace("spec:\n", "spec:\n  owner: jane\n"))
    assert opgen("make", "manifests", cwd=project).returncode == 0
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"],
        cwd=project,
        env={**os.environ, "PYTHONPATH": str(project)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
