"""The two stages of the journey: the in-process API server, and a real control plane."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from opgen.runtime.config import load_config
from opgen.testing import Cluster

NAMESPACE = "webserver-operator-system"
ACCOUNT = "webserver-operator-controller-manager"
RUN = (
    sys.executable, "-m", "opgen", "run", "--health-probe-bind-address=0", "--log-format=json"
)  # fmt: skip


@dataclass
class Stage:
    """A cluster with kubectl, and a project folder in which opgen's commands run."""

    cluster: Cluster
    kubeconfig: Path
    kubectl_path: str
    project: Path

    @property
    def environment(self) -> dict[str, str]:
        return {
            **os.environ,
            "HOME": str(self.project.parent),
            "KUBECONFIG": str(self.kubeconfig),
            "KUBECTL": self.kubectl_path,
            "NO_COLOR": "1",
            "PYTHONDONTWRITEBYTECODE": "1",
        }

    def opgen(self, *arguments: str) -> str:
        """Run an opgen command in the project; it must succeed."""
        return self._run([sys.executable, "-m", "opgen", *arguments])

    def kubectl(self, *arguments: str) -> str:
        """Run kubectl as the administrator; it must succeed."""
        return self._run([self.kubectl_path, *arguments])

    def _run(self, command: list[str]) -> str:
        finished = subprocess.run(
            command, cwd=self.project, env=self.environment, capture_output=True, text=True
        )
        output = finished.stdout + finished.stderr
        assert finished.returncode == 0, f"{' '.join(command)}: {finished.returncode}\n{output}"
        return output

    def eventually(self, check: Callable[[], Any]) -> Any:
        """Wait for something to become true."""
        return self.cluster.eventually(check, timeout=120)

    def kubeconfig_of_operator(self) -> Path:
        """A kubeconfig with nothing but the rights of the operator's ServiceAccount."""
        document = yaml.safe_load(self.kubeconfig.read_text())
        token = self.kubectl("create", "token", ACCOUNT, "--namespace", NAMESPACE).strip()
        for user in document["users"]:
            user["user"] = {"token": token}
        if not document["users"]:
            document["users"] = [{"name": "operator", "user": {"token": token}}]
            document["contexts"][0]["context"]["user"] = "operator"
        path = self.project.parent / "operator.kubeconfig"
        path.write_text(yaml.safe_dump(document))
        return path

    @contextmanager
    def running(self, kubeconfig: Path) -> Iterator[Path]:
        """`opgen run` with the rights of a kubeconfig; gives the file of its log."""
        log = self.project.parent / "operator.log"
        with log.open("w") as file:
            process = subprocess.Popen(
                RUN,
                cwd=self.project,
                env={**self.environment, "KUBECONFIG": str(kubeconfig)},
                stdout=file,
                stderr=file,
            )
            try:
                yield log
                assert process.poll() is None, f"the operator ended:\n{log.read_text()}"
            finally:
                process.terminate()
                code = process.wait(timeout=120)
        assert code == 0, f"the operator ended with {code}:\n{log.read_text()}"

    def run_refused(self, kubeconfig: Path) -> str:
        """`opgen run` that must end with an error by itself; gives what it says."""
        environment = {**self.environment, "KUBECONFIG": str(kubeconfig)}
        finished = subprocess.run(
            RUN, cwd=self.project, env=environment, capture_output=True, text=True, timeout=120
        )
        assert finished.returncode == 1, finished.stdout + finished.stderr
        return finished.stderr


@pytest.fixture(params=["in-process", "control-plane"])
def stage(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Stage]:
    project = tmp_path / "webserver-operator"
    project.mkdir()
    if request.param == "in-process":
        kubectl = shutil.which("kubectl")
        if kubectl is None:
            binaries = request.getfixturevalue("control_plane_binaries")
            kubectl = str(binaries / "kubectl")
        with Cluster.start() as cluster:
            yield Stage(cluster, cluster.kubeconfig, kubectl, project)
    else:
        plane = request.getfixturevalue("control_plane")
        with Cluster(load_config(kubeconfig=plane.kubeconfig)) as cluster:
            yield Stage(cluster, plane.kubeconfig, str(plane.binaries / "kubectl"), project)
