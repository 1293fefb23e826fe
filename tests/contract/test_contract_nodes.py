"""Contract: how nodes are shown in tables."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

TABLE = "application/json;as=Table;v=v1;g=meta.k8s.io"
INFO = ("machineID", "systemUUID", "bootID", "kernelVersion", "osImage", "containerRuntimeVersion")
UNKNOWN = "<unknown>"
NODES: dict[str, tuple[dict[str, Any], list[str]]] = {
    "unheard of": ({}, ["Unknown", "<none>", "", "<none>", "<none>", *[UNKNOWN] * 3]),
    "ready": (
        {
            "metadata": {
                "labels": {
                    "node-role.kubernetes.io/worker": "",
                    "node-role.kubernetes.io/a": "x",
                    "kubernetes.io/role": "b",
                }
            },
            "status": {
                "conditions": [
                    {"type": "DiskPressure", "status": "False"},
                    {"type": "Ready", "status": "True"},
                ],
                "addresses": [
                    {"type": "InternalIP", "address": "10.0.0.1"},
                    {"type": "ExternalIP", "address": "1.2.3.4"},
                    {"type": "InternalIP", "address": "10.0.0.2"},
                ],
                "nodeInfo": dict.fromkeys(INFO, "i")
                | {"kubeletVersion": "v1.2.3", "kubeProxyVersion": ""}
                | {"operatingSystem": "linux", "architecture": "arm64"},
            },
        },
        ["Ready", "a,b,worker", "v1.2.3", "10.0.0.1", "1.2.3.4", "i", "i (arm64)", "i"],
    ),
    "cordoned": (
        {
            "spec": {"unschedulable": True},
            "status": {"conditions": [{"type": "Ready", "status": "Unknown"}]},
        },
        ["NotReady,SchedulingDisabled", "<none>", "", "<none>", "<none>", *[UNKNOWN] * 3],
    ),
}


@pytest.fixture
def node(api: Any) -> Iterator[str]:
    """The path of a node of the test's own, which only its name knows of."""
    name = f"{api.namespace}-node"
    document = {"apiVersion": "v1", "kind": "Node", "metadata": {"name": name}}
    assert api.send("POST", "/api/v1/nodes", document).code == 201
    yield f"/api/v1/nodes/{name}"
    api.send("DELETE", f"/api/v1/nodes/{name}")


@pytest.mark.parametrize("about", NODES)
def test_the_cells_of_a_node(api: Any, node: str, about: str) -> None:
    fields, wanted = NODES[about]
    merge = "application/merge-patch+json"
    for path, names in ((node, ("metadata", "spec")), (f"{node}/status", ("status",))):
        patch = {name: fields[name] for name in names if name in fields}
        assert api.send("PATCH", path, patch, content_type=merge).code == 200
    [row] = api.send("GET", node, accept=TABLE).body["rows"]
    name, status, roles, _age, *rest = row["cells"]
    assert (name, [status, roles, *rest]) == (node.rpartition("/")[2], wanted)
