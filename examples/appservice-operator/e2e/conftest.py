# SPDX-License-Identifier: Apache-2.0
"""A kind cluster of one's own, with the operator's image in it.

kubectl is only ever told the kubeconfig of that cluster, so nothing can happen to another one. Set
E2E_KUBECONFIG to use a cluster that is there, which then has to be able to pull IMG.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
CLUSTER = "appservice-operator-e2e"
IMAGE = os.environ.get("IMG", "appservice-operator:e2e")
KIND = os.environ.get("KIND", "kind")


@dataclass(frozen=True)
class Cluster:
    """A cluster, and the commands that act on it and on no other."""

    kubeconfig: Path

    def kubectl(self, *arguments: str) -> str:
        """Run kubectl; it must succeed."""
        return run("kubectl", f"--kubeconfig={self.kubeconfig}", *arguments)

    def opgen(self, *arguments: str) -> str:
        """Run an opgen command; it must succeed."""
        return run("opgen", *arguments, f"--kubeconfig={self.kubeconfig}")


def run(*command: str) -> str:
    """What a command prints, run in the project; it must succeed."""
    finished = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    output = finished.stdout + finished.stderr
    assert finished.returncode == 0, f"{' '.join(command)}\n{output}"
    return finished.stdout


@pytest.fixture(scope="session")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """The cluster in which the operator runs."""
    if given := os.environ.get("E2E_KUBECONFIG"):
        yield from deployed(Cluster(Path(given)))
        return
    kubeconfig = tmp_path_factory.mktemp("kind") / "kubeconfig"
    run("opgen", "docker-build", "--image", IMAGE)
    kind = ("--name", CLUSTER)
    try:
        run(KIND, "create", "cluster", *kind, "--kubeconfig", str(kubeconfig), "--wait", "3m")
        run(KIND, "load", "docker-image", IMAGE, *kind)
        yield from deployed(Cluster(kubeconfig))
    finally:
        run(KIND, "delete", "cluster", *kind, "--kubeconfig", str(kubeconfig))


def deployed(cluster: Cluster) -> Iterator[Cluster]:
    """Deploy the operator, and take it away at the end."""
    cluster.opgen("deploy", "--image", IMAGE)
    try:
        yield cluster
    finally:
        cluster.opgen("undeploy", "--crds")
