"""Every bad input gets its message, its exit code, and nothing written."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest

from opgen.cli import app
from opgen.scaffold.disk import Disk

BAD_INIT = [
    (
        ["--domain", "http://X.com/"],
        "error: --domain 'http://X.com/' is no valid domain: it must be a DNS domain: labels of "
        "lower-case letters, digits and dashes, at most 63 characters each, joined by dots, 253 "
        "characters in all\n  hint: pass --domain x.com\n",
    ),
    (
        ["--domain", "k8s.io"],
        "error: --domain 'k8s.io' cannot be used: groups of k8s.io are reserved for Kubernetes, "
        "and the API server refuses them without an approval\n"
        "  hint: pass --domain a domain of your own\n",
    ),
    (
        ["--package", "json"],
        "error: --package 'json' cannot be used: it is a module of Python's standard library\n"
        "  hint: pass --package json_operator\n",
    ),
    (
        ["--package", "class"],
        "error: --package 'class' cannot be used: it is a keyword of Python\n"
        "  hint: pass --package class_operator\n",
    ),
    (
        ["--license", "gpl"],
        "error: --license 'gpl' is unknown: it must be one of apache2, mit, none\n"
        "  hint: pass --license apache2 or mit or none\n",
    ),
    (
        ["--project-name", "Web_Server", "--owner", "a\nb"],
        "error: --project-name 'Web_Server' is no valid project name: it must be a DNS label: "
        "lower-case letters, digits and dashes, beginning with a letter, ending with a letter or "
        "digit\n  hint: pass --project-name web-server\n"
        "error: --package 'Web_Server' is no valid package name: it must be a Python module name: "
        "lower-case letters, digits and underscores, beginning with a letter\n"
        "  hint: pass --package web_server\n"
        "error: --owner 'a\\nb' is no valid owner: it must be one line without control characters\n"
        "  hint: pass --owner a plain name\n",
    ),
]


@pytest.mark.parametrize(("flags", "message"), BAD_INIT, ids=lambda value: str(value)[:40])
def test_init(opgen, tmp_path, flags, message):
    finished = opgen("init", "new", *flags)
    if "--owner" in flags:
        first, *_, last = message.split("error: ")
        assert first == ""
        assert finished.stderr.startswith(message.split("error: --package")[0])
        assert finished.stderr.endswith(f"error: {last}")
    else:
        assert finished.stderr == message
    assert (finished.returncode, finished.stdout) == (1, "")
    assert list(tmp_path.iterdir()) == []


BAD_API = [
    (
        ["--version", "1", "--kind", "web-server", "--scope", "cluster", "--pattern", "x"],
        1,
        "error: --version '1' is no valid version: it must be v and a number, with alpha or beta "
        "and a number after it if need be, as in v1, v1beta1 or v2alpha3\n"
        "  hint: pass --version v1\n"
        "error: --kind 'web-server' is no valid kind: it must begin with a capital letter and "
        "hold only letters and digits, 63 at most\n  hint: pass --kind WebServer\n"
        "error: --scope 'cluster' is unknown: it must be one of Namespaced, Cluster\n"
        "  hint: pass --scope Cluster\n"
        "error: --pattern 'x' is unknown: it must be one of workload, blank\n"
        "  hint: pass --pattern workload or blank\n",
    ),
    (
        ["--group", "apps.my.domain"],
        2,
        "error: --kind is missing\n  hint: pass it, as in --kind WebServer\n"
        "error: --group 'apps.my.domain' ends with the domain 'my.domain', which opgen adds "
        "itself\n  hint: pass --group apps\n",
    ),
    (
        ["--version", "v1", "--kind", "Exception"],
        1,
        "error: --kind 'Exception' cannot be used: it is a builtin of Python\n"
        "  hint: pass --kind MyException\n",
    ),
    (
        ["--version", "v1", "--kind", "Web", "--plural", "Webs"],
        1,
        "error: --plural 'Webs' is no valid plural: it must be a DNS label of at most 63 "
        "characters: lower-case letters, digits and dashes, beginning with a letter, ending with "
        "a letter or digit\n  hint: pass --plural webs\n",
    ),
    (
        ["--no-resource", "--no-controller", "--version", "v1", "--kind", "Web"],
        1,
        "error: --no-resource and --no-controller leave nothing to create\n"
        "  hint: leave one of them out\n",
    ),
]


@pytest.mark.parametrize(("flags", "code", "message"), BAD_API, ids=lambda value: str(value)[:40])
def test_create_api(opgen, project, flags, code, message):
    before = sorted(project.rglob("*"))
    finished = opgen("create", "api", *flags, cwd=project)
    assert (finished.returncode, finished.stdout, finished.stderr) == (code, "", message)
    assert sorted(project.rglob("*")) == before


@pytest.mark.parametrize(
    "command",
    [
        ["create", "api", "--version", "v1", "--kind", "A"],
        ["make", "manifests"],
        ["run"],
        ["install"],
        ["uninstall"],
    ],
    ids=" ".join,
)
def test_not_a_project(opgen, tmp_path, command):
    finished = opgen(*command)
    assert finished.returncode == 1
    assert finished.stderr == (
        f"error: {tmp_path} is no opgen project, and neither is a folder above it: there is no "
        "PROJECT\n  hint: change to the project's folder, or make one with: "
        "opgen init --domain my.domain\n"
    )


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["creat"], "error: No such command 'creat'. Did you mean 'create', 'chart'?\n"),
        (["init", "--domian", "x"], "error: No such option: --domian"),
        (["apiserver", "--port", "x"], "error: Invalid value for '--port'"),
    ],
)
def test_wrong_usage(opgen, arguments, message):
    finished = opgen(*arguments)
    assert finished.returncode == 2
    assert finished.stderr.startswith(message)
    assert "--help" in finished.stderr


def test_unreachable_cluster(opgen, project, tmp_path):
    bases = project / "config/crd/bases"
    bases.mkdir(parents=True, exist_ok=True)
    (bases / "crd.yaml").write_text("kind: CustomResourceDefinition\nmetadata: {name: a.b.c}\n")
    config = tmp_path / "kubeconfig"
    config.write_text(
        "apiVersion: v1\nkind: Config\ncurrent-context: c\n"
        "clusters: [{name: c, cluster: {server: 'http://127.0.0.1:1'}}]\n"
        "users: [{name: c, user: {}}]\n"
        "contexts: [{name: c, context: {cluster: c, user: c}}]\n"
    )
    finished = opgen("install", "--kubeconfig", str(config), cwd=project)
    assert finished.returncode == 1
    assert "Cluster: http://127.0.0.1:1" in finished.stderr
    assert "error: cannot reach the API server at http://127.0.0.1:1" in finished.stderr
    assert "hint: start the cluster, or pass another --context or --kubeconfig" in finished.stderr


def test_no_crds(opgen, project):
    finished = opgen("install", cwd=project)
    assert finished.returncode == 1
    assert finished.stderr.endswith("  hint: run: opgen make manifests\n")


@pytest.mark.parametrize("folder", ["file", "file/below", "file/far/below"])
def test_a_file_where_the_project_should_go(opgen, tmp_path, folder):
    (tmp_path / "file").write_text("mine")
    finished = opgen("init", folder, "--project-name", "web")
    assert (finished.returncode, finished.stdout) == (1, "")
    assert finished.stderr == (
        f"error: {tmp_path / 'file'} is no folder, and the project must go there\n"
        "  hint: pass another folder, or move it away\n"
    )
    assert (tmp_path / "file").read_text() == "mine"


WRITING = {
    "init": ["init", "."],
    "create api": ["create", "api", "--version", "v1", "--kind", "Other"],
    "make manifests": ["make", "manifests"],
}
REFUSALS = [
    (errno.EACCES, "Permission denied", "check the permissions of the folder"),
    (errno.EROFS, "Read-only file system", "use a folder on a disk that can be written"),
    (errno.ENOSPC, "No space left on device", "make room on the disk"),
]


def content(folder):
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize("refusal", REFUSALS, ids=lambda refusal: refusal[1])
@pytest.mark.parametrize("operation", ["make_folder", "write"])
@pytest.mark.parametrize("command", WRITING)
def test_a_folder_that_cannot_be_written(
    operator, monkeypatch, capsys, command, operation, refusal
):
    number, reason, hint = refusal
    (operator / "Makefile").write_text(f"{(operator / 'Makefile').read_text()}\n")
    (operator / "Dockerfile").unlink()
    (operator / "config/rbac/role.yaml").unlink()
    before = content(operator)

    def refuse(_: object, path: Path, *rest: object) -> None:
        raise OSError(number, reason, str(path))

    monkeypatch.setattr(Disk, operation, refuse)
    monkeypatch.chdir(operator)
    more = ["--force"] if command == "init" else []
    assert app.run([*WRITING[command], *more]) == 1
    told = capsys.readouterr()
    assert told.out == ""
    place = ".opgen-transaction" + ("" if operation == "make_folder" else "/0.new")
    assert told.err == (f"error: {operator / place} cannot be written: {reason}\n  hint: {hint}\n")
    assert content(operator) == before
    assert not (operator / ".opgen-transaction").exists()


@pytest.mark.skipif(os.geteuid() == 0, reason="the superuser may write everywhere")
def test_a_folder_of_somebody_else(opgen, tmp_path):
    (tmp_path / "theirs").mkdir(mode=0o500)
    finished = opgen("init", "theirs/web")
    assert finished.returncode == 1
    assert finished.stderr == (
        f"error: {tmp_path / 'theirs/web'} cannot be written: Permission denied\n"
        "  hint: check the permissions of the folder\n"
    )


IN_THE_WAY = {
    "create api": ("webserver_operator/api/v1/other_types.py", WRITING["create api"]),
    "make manifests": ("config/rbac/role.yaml", WRITING["make manifests"]),
    "init": ("Makefile", WRITING["init"]),
}


@pytest.mark.parametrize("command", IN_THE_WAY)
def test_a_folder_where_a_file_should_go(opgen, operator, command):
    path, arguments = IN_THE_WAY[command]
    (operator / path).unlink(missing_ok=True)
    (operator / path).mkdir()
    before = content(operator)
    finished = opgen(*arguments, cwd=operator)
    assert (finished.returncode, finished.stdout) == (1, "")
    assert finished.stderr == (
        f"error: {path} is a folder, and a file must go there\n"
        f"  --> {path}\n  hint: move {path} away\n"
    )
    assert content(operator) == before


def test_a_file_in_the_way_of_a_kind(opgen, operator):
    path = "webserver_operator/api/v1/other_types.py"
    (operator / path).write_text("mine")
    before = content(operator)
    finished = opgen(*WRITING["create api"], cwd=operator)
    assert (finished.returncode, finished.stdout) == (3, "")
    assert finished.stderr.endswith(
        f"error: {path} is in the way: it exists and opgen did not write it\n  --> {path}\n"
        "  hint: look at the change with --diff; move the file away, or pass --force to replace "
        "it (the old one is kept beside it)\n"
    )
    assert content(operator) == before


@pytest.mark.parametrize("command", [["make", "manifests"], ["make", "manifests", "--check"]])
def test_a_syntax_error_in_the_types(opgen, operator, command):
    types = operator / "webserver_operator/api/v1/webserver_types.py"
    line = types.read_text().count("\n") + 1
    types.write_text(f"{types.read_text()}x = (\n")
    (operator / "config/rbac/role.yaml").unlink()
    before = content(operator)
    finished = opgen(*command, cwd=operator)
    assert (finished.returncode, finished.stdout) == (1, "")
    assert finished.stderr == (
        "error: syntax error: '(' was never closed\n"
        f"  --> webserver_operator/api/v1/webserver_types.py:{line}\n"
    )
    assert content(operator) == before


def test_a_mistake_in_project(opgen, operator):
    path = operator / "PROJECT"
    path.write_text(path.read_text().replace("domain: ", "domian: "))
    for command in (WRITING["create api"], WRITING["make manifests"], ["run"], ["init"]):
        finished = opgen(*command, cwd=operator)
        assert finished.returncode == 1
        assert finished.stderr.startswith(
            "error: unknown key 'domian'\n  --> PROJECT:5 domian\n  hint: did you mean domain?\n"
        )


def test_without_the_tools_packages(tmp_path):
    script = (
        "import importlib.util, runpy, sys\n"
        "find = importlib.util.find_spec\n"
        "importlib.util.find_spec = lambda name: None if name == 'typer' else find(name)\n"
        "sys.argv = ['opgen', 'init']\n"
        "runpy.run_module('opgen', run_name='__main__')"
    )
    finished = subprocess.run(
        [sys.executable, "-c", script], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert finished.returncode == 1
    assert finished.stderr == (
        "error: the opgen command needs packages that a running operator does without\n"
        "  hint: pip install 'opgen[cli]'\n"
    )


def test_a_port_that_is_taken(opgen):
    import socket

    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        finished = opgen("apiserver", "--port", str(port))
    assert finished.returncode == 1
    assert finished.stderr.startswith(f"error: --port {port} cannot be used: ")
    assert finished.stderr.endswith("  hint: pass another --port, or leave it out\n")


@pytest.mark.parametrize(
    "text", ["apiVersion: v1\nkind: Config\n", '{"clusters": [{"name": "x"}]}']
)
def test_an_api_server_leaves_a_kubeconfig_of_others_alone(opgen, tmp_path, text):
    path = tmp_path / "kubeconfig"
    path.write_text(text)
    finished = opgen("apiserver", "--kubeconfig", str(path))
    assert finished.returncode == 1
    assert finished.stderr == (
        f"error: --kubeconfig {str(path)!r} is there already, and not from here\n"
        "  hint: pass another --kubeconfig\n"
    )
    assert path.read_text() == text


def test_an_api_server_for_others_needs_tls(opgen):
    finished = opgen("apiserver", "--bind-address", "0.0.0.0")
    assert finished.returncode == 1
    assert finished.stderr == (
        "error: --bind-address 0.0.0.0 lets others in, and without TLS everybody is an "
        "administrator\n  hint: add --tls\n"
    )
