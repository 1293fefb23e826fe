"""Pods of nobody: they run, or run to their end, on a node that exists."""

from __future__ import annotations

from typing import Any

import pytest

from opgen.k8s import core_v1
from opgen.testing import Cluster
from opgen.testing.resources.images import CRASH


def make(kube: Cluster, policy: str, *images: str) -> None:
    containers = [{"name": f"c{at}", "image": image} for at, image in enumerate(images)]
    spec = {"restartPolicy": policy, "containers": containers}
    kube.create({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p"}, "spec": spec})


def status(kube: Cluster) -> dict[str, Any]:
    found: dict[str, Any] = kube.get(core_v1.Pod, "p")["status"]
    return found


def states(kube: Cluster) -> list[str]:
    """What became of the containers: the reason, or that they run."""
    found = (item["state"] for item in status(kube).get("containerStatuses") or ())
    return [
        f"{name} {about.get('reason', '')}".rstrip()
        for state in found
        for name, about in state.items()
    ]


@pytest.mark.parametrize(
    ("policy", "images", "phase", "wanted"),
    [
        ("Always", ["nginx"], "Running", ["running"]),
        ("Always", ["crashing"], "Running", ["waiting CrashLoopBackOff"]),
        ("Never", ["nginx", "web"], "Succeeded", ["terminated Completed"] * 2),
        ("Never", ["nginx", "crashing"], "Failed", ["terminated Completed", "terminated Error"]),
        ("Never", ["broken"], "Pending", ["waiting ImagePullBackOff"]),
        ("OnFailure", ["nginx"], "Succeeded", ["terminated Completed"]),
        (
            "OnFailure",
            ["nginx", "crashing"],
            "Running",
            ["terminated Completed", "waiting CrashLoopBackOff"],
        ),
    ],
)
def test_how_a_pod_ends(
    kube: Cluster, policy: str, images: list[str], phase: str, wanted: list[str]
) -> None:
    make(kube, policy, *images)
    kube.eventually(lambda: status(kube).get("containerStatuses"))
    assert (status(kube)["phase"], states(kube)) == (phase, wanted)


def test_a_failure_is_ordered_by_its_image(kube: Cluster) -> None:
    kube.server.images.fail("registry.example.com/check:2", CRASH)
    make(kube, "Never", "registry.example.com/check:2")
    kube.eventually(lambda: status(kube).get("phase") == "Failed")


def test_a_pod_that_ended_goes_at_once(kube: Cluster) -> None:
    make(kube, "Never", "nginx")
    kube.eventually(lambda: status(kube).get("phase") == "Succeeded")
    kube.delete(core_v1.Pod, "p")
    assert kube.find(core_v1.Pod, "p") is None


def test_pods_run_on_a_node_that_is_ready(kube: Cluster) -> None:
    make(kube, "Always", "nginx")
    kube.eventually(lambda: status(kube).get("phase") == "Running")
    [node] = kube.list(core_v1.Node)
    pod = kube.get(core_v1.Pod, "p")
    assert pod["spec"]["nodeName"] == node["metadata"]["name"] == "opgen-node"
    addresses = {item["type"]: item["address"] for item in node["status"]["addresses"]}
    assert addresses == {"InternalIP": pod["status"]["hostIP"], "Hostname": "opgen-node"}
    [ready] = node["status"]["conditions"]
    assert (ready["type"], ready["status"]) == ("Ready", "True")
    assert "taints" not in node["spec"]


def test_without_a_control_plane_there_is_no_node() -> None:
    with Cluster.start(control_plane=False) as cluster:
        assert cluster.list(core_v1.Node) == []
