"""kubectl validates Lists with OpenAPI v2, which it asks for as protobuf; old and new ones do."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from opgen.k8s import apps_v1, core_v1
from opgen.testing import Cluster

MINUTE = 60
Run = Callable[..., "subprocess.CompletedProcess[str]"]
LIST = """
apiVersion: v1
kind: List
items:
- apiVersion: v1
  kind: ConfigMap
  metadata: {name: a}
  data: {key: value}
- apiVersion: apps/v1
  kind: Deployment
  metadata: {name: b}
  spec:
    selector: {matchLabels: {app: b}}
    template:
      metadata: {labels: {app: b}}
      spec: {containers: [{name: c, image: i}]}
"""


@pytest.fixture
def cluster() -> Iterator[Cluster]:
    with Cluster.start() as cluster:
        yield cluster


@pytest.fixture(params=["on-path", pytest.param("newest", marks=pytest.mark.controlplane)])
def kubectl(request: pytest.FixtureRequest, cluster: Cluster, tmp_path: Path) -> Run:
    if request.param == "newest":
        programs: Path = request.getfixturevalue("control_plane_binaries")
        program: str | None = str(programs / "kubectl")
    else:
        program = shutil.which("kubectl")
    if program is None:
        pytest.skip("kubectl is not installed")

    def run(*arguments: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [program, "--kubeconfig", str(cluster.kubeconfig), *arguments],
            input=stdin,
            capture_output=True,
            text=True,
            env={"HOME": str(tmp_path)},
            timeout=3 * MINUTE,
            cwd=tmp_path,
        )

    return run


def test_a_list_is_validated_and_applied(kubectl: Run, cluster: Cluster) -> None:
    done = kubectl("apply", "--validate=strict", "-f", "-", stdin=LIST)
    assert done.returncode == 0, done.stderr
    assert cluster.find(core_v1.ConfigMap, "a")
    assert cluster.find(apps_v1.Deployment, "b")


def test_a_wrong_field_in_a_list(kubectl: Run, cluster: Cluster) -> None:
    text = LIST.replace("image: i", "picture: i")
    done = kubectl("create", "--validate=strict", "-f", "-", stdin=text)
    assert done.returncode == 1
    assert 'unknown field "picture"' in done.stderr or 'unknown field "spec.' in done.stderr
    assert cluster.find(apps_v1.Deployment, "b") is None


@pytest.mark.parametrize("output", ["plaintext", "plaintext-openapiv2"])
def test_explain_by_either_version(kubectl: Run, output: str) -> None:
    done = kubectl("explain", "deployment.spec.strategy", f"--output={output}")
    assert done.returncode == 0, done.stderr
    assert "rollingUpdate" in done.stdout
