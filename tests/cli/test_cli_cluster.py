"""`opgen install`, `uninstall`, `run` and `apiserver` with a real API server in this process."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

import pytest

from opgen.k8s import apiextensions_v1, apps_v1
from opgen.testing import Cluster
from opgen.testing.faults import Fault

CRD = "webservers.my.domain"
WEB = {
    "apiVersion": "my.domain/v1",
    "kind": "WebServer",
    "metadata": {"name": "web"},
    "spec": {},
}
Definition = apiextensions_v1.CustomResourceDefinition
NAMED = f"customresourcedefinition.apiextensions.k8s.io/{CRD}"


@pytest.fixture
def cluster():
    with Cluster.start() as cluster:
        yield cluster


@pytest.fixture
def with_cluster(opgen, operator, cluster):
    """Run `opgen` in the operator's folder against the cluster."""
    return lambda *arguments: opgen(
        *arguments, cwd=operator, env={"KUBECONFIG": str(cluster.kubeconfig)}
    )


def test_install_and_uninstall(with_cluster, cluster):
    for _ in range(2):
        finished = with_cluster("install")
        assert (finished.returncode, finished.stdout) == (0, f"{NAMED} installed\n")
        assert finished.stderr.startswith(f"Cluster: {cluster.config.server} (")
    assert cluster.create(WEB)["spec"]["replicas"] == 1
    finished = with_cluster("uninstall")
    assert (finished.returncode, finished.stdout) == (0, f"{NAMED} deleted\n")
    cluster.eventually(lambda: cluster.find(Definition, CRD) is None or None)
    finished = with_cluster("uninstall")
    assert (finished.returncode, finished.stdout) == (0, f"{NAMED} is not there\n")


@pytest.mark.parametrize(
    ("code", "told"),
    [
        (
            401,
            "does not know who you are: injected fault: 401 Unauthorized\n"
            "  hint: log in to the cluster again, or pass another --context\n",
        ),
        (
            403,
            "does not allow you to do that: injected fault: 403 Forbidden\n"
            "  hint: ask for the right to get, patch and delete customresourcedefinitions\n",
        ),
        (422, "refuses: injected fault: 422 "),
    ],
)
@pytest.mark.parametrize("command", ["install", "uninstall"])
def test_a_refusal_is_told(with_cluster, cluster, command, code, told):
    cluster.faults.add(Fault(resource="customresourcedefinitions", code=code))
    finished = with_cluster(command)
    assert (finished.returncode, finished.stdout) == (1, "")
    _, message = finished.stderr.split("error: ")
    assert message.startswith(f"the API server at {cluster.config.server} {told}".rstrip("\n"))
    assert cluster.find(Definition, CRD) is None


def test_run_asks_for_the_crds(with_cluster, cluster):
    finished = with_cluster("run")
    assert finished.returncode == 1
    assert finished.stderr.endswith(
        "error: the cluster has no webservers of my.domain/v1\n  hint: run: opgen install\n"
    )


@pytest.mark.parametrize("command", ["install", "uninstall", "run"])
def test_a_cluster_that_is_not_there(opgen, operator, cluster, command):
    kubeconfig = cluster.kubeconfig.read_text()
    server = cluster.config.server
    cluster.close()
    path = operator / "kubeconfig"
    path.write_text(kubeconfig)
    finished = opgen(command, "--kubeconfig", str(path), cwd=operator)
    assert (finished.returncode, finished.stdout) == (1, "")
    assert f"error: cannot reach the API server at {server}: " in finished.stderr
    assert finished.stderr.endswith(
        "  hint: start the cluster, or pass another --context or --kubeconfig\n"
    )


@pytest.mark.parametrize("command", ["install", "uninstall", "run"])
def test_no_kubeconfig(opgen, operator, command):
    missing = operator / "missing"
    finished = opgen(command, "--kubeconfig", str(missing), cwd=operator)
    assert finished.returncode == 1
    assert finished.stderr == (
        "error: cannot read the kubeconfig: No such file or directory\n"
        f"  --> {missing}\n  hint: name another one with --kubeconfig or KUBECONFIG\n"
    )


def test_the_operators_own_help_needs_no_cluster(opgen, operator):
    finished = opgen("run", "--", "--help", cwd=operator, env={"KUBECONFIG": "/nowhere"})
    assert finished.returncode == 0, finished.stderr
    assert finished.stdout.startswith("usage: python -m webserver_operator ")


def _start(operator, *arguments, **environment):
    return subprocess.Popen(
        [sys.executable, "-m", "opgen", *arguments],
        cwd=operator,
        env={**os.environ, **environment},
        stderr=subprocess.PIPE,
        text=True,
    )


def _wait_for(process, text):
    for line in process.stderr:
        if text in line:
            return
    pytest.fail(f"it ended without saying {text!r}")


def _end(process, number=signal.SIGINT):
    process.send_signal(number)
    rest = process.stderr.read()
    process.stderr.close()
    return process.wait(120), rest


def test_run_reconciles(with_cluster, operator, cluster):
    assert with_cluster("install").returncode == 0
    arguments = ("run", "--health-probe-bind-address", "0", "--log-format", "json")
    process = _start(operator, *arguments, KUBECONFIG=str(cluster.kubeconfig))
    try:
        _wait_for(process, "Running webserver_operator with ")
        cluster.create(WEB)
        cluster.eventually(lambda: cluster.find(apps_v1.Deployment, "web"), timeout=120)
    finally:
        code, _ = _end(process, signal.SIGTERM)
    assert code == 0


def test_an_api_server_with_crds(operator):
    kubeconfig = operator / "kubeconfig"
    process = _start(operator, "apiserver", "--crds", "config/crd/bases")
    try:
        _wait_for(process, "kubectl api-resources")
        found = subprocess.run(
            [sys.executable, "-m", "opgen", "uninstall", "--kubeconfig", str(kubeconfig)],
            cwd=operator,
            capture_output=True,
            text=True,
            check=True,
        )
        assert found.stdout == f"{NAMED} deleted\n"
    finally:
        code, rest = _end(process)
    assert (code, rest) == (130, "Interrupted\n")


def test_crds_that_are_not_there_keep_the_api_server_from_starting(opgen, operator):
    finished = opgen("apiserver", "--crds", "config/none", cwd=operator)
    assert finished.returncode == 1
    assert finished.stderr == (
        "error: there are no CRDs in config/none\n  hint: run: opgen make manifests\n"
    )
    assert not (operator / "kubeconfig").exists()
