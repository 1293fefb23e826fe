"""The real control plane that other tests run on does what they rely on."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from controlplane.plane import ControlPlane

pytestmark = pytest.mark.controlplane

DEPLOYMENTS = "/apis/apps/v1/namespaces/default/deployments"
SECONDS = 120


def eventually(probe: Callable[[], Any]) -> Any:
    """Ask until the answer is true, and return it."""
    deadline = time.monotonic() + SECONDS
    while not (answer := probe()):
        assert time.monotonic() < deadline, f"still {answer!r} after {SECONDS} s"
        time.sleep(0.05)
    return answer


def deployment(name: str, replicas: int) -> dict[str, Any]:
    labels = {"app": name}
    pod = {"containers": [{"name": "web", "image": "nginx:1.27"}]}
    return {
        "metadata": {"name": name},
        "spec": {
            "replicas": replicas,
            "selector": {"matchLabels": labels},
            "template": {"metadata": {"labels": labels}, "spec": pod},
        },
    }


def items(plane: ControlPlane, path: str, app: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = plane.request("GET", f"{path}?labelSelector=app%3D{app}")["items"]
    return found


def test_programs_report_the_version_of_go_mod(control_plane: ControlPlane) -> None:
    assert control_plane.request("GET", "/version")["gitVersion"] == "v1.36.3"
    printed = control_plane.kubectl("version")
    assert "Client Version: v1.36.3" in printed
    assert "Server Version: v1.36.3" in printed


def test_a_deployment_becomes_available_and_takes_its_pods_along(
    control_plane: ControlPlane,
) -> None:
    control_plane.request("POST", DEPLOYMENTS, deployment("web", 2))

    def ready() -> bool:
        status = control_plane.request("GET", f"{DEPLOYMENTS}/web")["status"]
        return status.get("readyReplicas") == 2 and status.get("availableReplicas") == 2

    eventually(ready)
    replica_sets = items(control_plane, "/apis/apps/v1/namespaces/default/replicasets", "web")
    assert [owner["kind"] for owner in replica_sets[0]["metadata"]["ownerReferences"]] == [
        "Deployment"
    ]
    control_plane.request("DELETE", f"{DEPLOYMENTS}/web")
    eventually(lambda: not items(control_plane, "/api/v1/namespaces/default/pods", "web"))


def test_a_token_has_only_the_rights_that_were_granted(control_plane: ControlPlane) -> None:
    from controlplane.api import ApiError

    control_plane.kubectl("create", "serviceaccount", "reader")
    token = control_plane.token("reader")
    with pytest.raises(ApiError) as denied:
        control_plane.request("GET", DEPLOYMENTS, token=token)
    assert denied.value.code == 403

    control_plane.kubectl("create", "role", "reader", "--verb=list", "--resource=deployments.apps")
    control_plane.kubectl(
        "create", "rolebinding", "reader", "--role=reader", "--serviceaccount=default:reader"
    )

    def allowed() -> bool:
        try:
            control_plane.request("GET", DEPLOYMENTS, token=token)
        except ApiError as error:
            assert error.code == 403
            return False
        return True

    eventually(allowed)
    with pytest.raises(ApiError) as denied:
        control_plane.request("POST", DEPLOYMENTS, deployment("other", 1), token=token)
    assert denied.value.code == 403


def test_a_service_account_has_a_kubeconfig_of_its_own(control_plane: ControlPlane) -> None:
    control_plane.kubectl("create", "serviceaccount", "nobody")
    kubeconfig = control_plane.kubeconfig_of("nobody")
    printed = control_plane.kubectl(f"--kubeconfig={kubeconfig}", "auth", "whoami")
    assert "system:serviceaccount:default:nobody" in printed
    with pytest.raises(subprocess.CalledProcessError) as refused:
        control_plane.kubectl(f"--kubeconfig={kubeconfig}", "get", "secrets")
    assert "cannot list resource" in refused.value.stderr


def test_opgen_reads_the_kubeconfig(control_plane: ControlPlane) -> None:
    assert control_plane.config.server == f"https://127.0.0.1:{control_plane.port}"


def test_a_start_that_fails_shows_the_log_and_leaves_nothing(tmp_path: Path) -> None:
    from controlplane.plane import ControlPlane, ControlPlaneError

    for name in ("etcd", "kube-apiserver", "kube-controller-manager", "kubectl"):
        program = tmp_path / name
        program.write_text(f"#!/bin/sh\necho {name} is broken\nexit 3\n")
        program.chmod(0o755)
    plane = ControlPlane(tmp_path)
    with pytest.raises(ControlPlaneError, match="etcd is broken"):
        plane.__enter__()
    assert plane.process_ids == {}
    assert not plane.folder.exists()


def test_helm_reports_the_version_of_its_go_mod(helm: Path) -> None:
    from controlplane.binaries import HELM

    printed = subprocess.run([helm, "version"], capture_output=True, text=True, check=True).stdout
    assert f'Version:"{HELM.version()}"' in printed
