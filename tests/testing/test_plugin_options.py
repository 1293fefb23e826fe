"""The options of the pytest plugin, in a pytest of their own."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from opgen.api.errors import Problems
from opgen.testing import Cluster
from opgen.testing.envtest import find_programs

TEST = """
from opgen.k8s import core_v1

def test_it(kube):
    made = kube.create({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a"}})
    print("namespace", made["metadata"]["namespace"], "at", kube.config.source)
    kube.eventually(lambda: kube.find(core_v1.ConfigMap, "a"))
"""


def run(folder: Path, *options: str, **environment: str) -> subprocess.CompletedProcess[str]:
    (folder / "test_it.py").write_text(TEST)
    command = [sys.executable, "-m", "pytest", "-q", "-s", "-p", "no:cacheprovider", *options]
    return subprocess.run(
        command,
        cwd=folder,
        env={"HOME": str(folder), "PATH": "/usr/bin:/bin", **environment},
        capture_output=True,
        text=True,
    )


def test_in_process_by_itself(tmp_path: Path) -> None:
    done = run(tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "namespace default at the in-process API server" in done.stdout


def test_a_context_must_be_named(kube: Cluster, tmp_path: Path) -> None:
    done = run(tmp_path, "--kube=kubeconfig", KUBECONFIG=str(kube.kubeconfig))
    assert done.returncode == 4
    assert "--kube=kubeconfig needs --context=NAME" in done.stderr
    assert not kube.writes


def test_a_context_without_its_kube(tmp_path: Path) -> None:
    done = run(tmp_path, "--context=opgen")
    assert done.returncode == 4
    assert "--context=opgen needs --kube=kubeconfig" in done.stderr


def test_a_context_that_does_not_exist(kube: Cluster, tmp_path: Path) -> None:
    options = ("--kube=kubeconfig", "--context=other")
    done = run(tmp_path, *options, KUBECONFIG=str(kube.kubeconfig))
    assert done.returncode == 1
    assert "other" in done.stdout
    assert not kube.writes


def test_a_named_context_and_a_namespace_of_its_own(kube: Cluster, tmp_path: Path) -> None:
    options = ("--kube=kubeconfig", "--context=opgen")
    done = run(tmp_path, *options, KUBECONFIG=str(kube.kubeconfig))
    assert done.returncode == 0, done.stdout + done.stderr
    assert "namespace test-" in done.stdout
    methods = [(item.method, item.resource) for item in kube.writes]
    assert methods == [("POST", "namespaces"), ("POST", "configmaps"), ("DELETE", "namespaces")]


@pytest.mark.controlplane
def test_a_real_server(control_plane_binaries: Path, tmp_path: Path) -> None:
    done = run(tmp_path, "--kube=envtest", KUBEBUILDER_ASSETS=str(control_plane_binaries))
    assert done.returncode == 0, done.stdout + done.stderr
    assert "namespace test-" in done.stdout
    assert f"at kube-apiserver of {control_plane_binaries}" in done.stdout


def test_programs_that_are_not_there(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("KUBEBUILDER_ASSETS", str(tmp_path))
    with pytest.raises(Problems, match="no folder with etcd and kube-apiserver"):
        find_programs()


def test_the_newest_of_setup_envtest(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("KUBEBUILDER_ASSETS", raising=False)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    monkeypatch.setattr(sys, "platform", "linux")
    for name in ("1.9.0-linux-amd64", "1.31.0-linux-amd64"):
        folder = tmp_path / "kubebuilder-envtest" / "k8s" / name
        folder.mkdir(parents=True)
        for program in ("etcd", "kube-apiserver"):
            (folder / program).touch()
    assert find_programs().name == "1.31.0-linux-amd64"
