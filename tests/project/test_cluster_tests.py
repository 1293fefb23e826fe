"""The generated tests for a cluster, with stand-ins for kind and docker."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from opgen.k8s import core_v1
from opgen.testing import Cluster

pytestmark = pytest.mark.skipif(shutil.which("kubectl") is None, reason="kubectl is not on PATH")

KIND = """#!/bin/sh
echo kind "$@" >> "$LOG"
if [ "$1 $2" = "create cluster" ]; then
    while [ "$1" != --kubeconfig ]; do shift; done
    cp "$SERVER" "$2"
fi
"""
DOCKER = """#!/bin/sh
echo docker "$@" >> "$LOG"
"""


@pytest.mark.parametrize("namespaced", [False, True])
def test_they_make_deploy_and_delete_a_cluster_of_their_own(
    made, tmp_path: Path, kube: Cluster, namespaced: bool
) -> None:
    made.init(namespaced=namespaced)
    made.create()
    made.make_manifests()
    binaries = tmp_path / "bin"
    binaries.mkdir()
    for name, text in (("kind", KIND), ("docker", DOCKER)):
        (binaries / name).write_text(text)
        (binaries / name).chmod(0o755)
    elsewhere = tmp_path / "nowhere"
    elsewhere.write_text("this kubeconfig is not to be read")
    environment = {
        **os.environ,
        "PATH": f"{binaries}:{Path(sys.executable).parent}:{os.environ['PATH']}",
        "LOG": str(tmp_path / "log"),
        "SERVER": str(kube.kubeconfig),
        "KUBECONFIG": str(elsewhere),
        "CONTAINER_TOOL": "docker",
    }
    command = [sys.executable, "-m", "pytest", "-q", "e2e", "-k", "available"]
    finished = subprocess.run(
        command, cwd=made.root, env=environment, capture_output=True, text=True
    )
    assert finished.returncode == 0, finished.stdout + finished.stderr
    assert kube.find(core_v1.Namespace, "web-operator-system") is None, "it cleans up"
    calls = [" ".join(line.split()[:4]) for line in (tmp_path / "log").read_text().splitlines()]
    assert calls == [
        "docker build --build-arg=VERSION=e2e --tag",
        "kind create cluster --name",
        "kind load docker-image web-operator:e2e",
        "kind delete cluster --name",
    ]
