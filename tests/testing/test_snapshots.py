"""Snapshots, and the proof that nobody writes."""

from __future__ import annotations

from typing import Any

import pytest

from opgen.api import ResourceKind
from opgen.k8s import core_v1
from opgen.runtime.client import ApiError
from opgen.testing import Cluster

THING = ResourceKind("snapshot.example.com", "v1", "Thing", "things")
CRD: dict[str, Any] = {
    "apiVersion": "apiextensions.k8s.io/v1",
    "kind": "CustomResourceDefinition",
    "metadata": {"name": "things.snapshot.example.com"},
    "spec": {
        "group": THING.group,
        "scope": "Namespaced",
        "names": {"plural": "things", "kind": "Thing"},
        "versions": [
            {
                "name": "v1",
                "served": True,
                "storage": True,
                "schema": {"openAPIV3Schema": {"type": "object"}},
            }
        ],
    },
}


def config_map(name: str, **data: str) -> dict[str, Any]:
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}, "data": data}


def service(name: str, port: int) -> dict[str, Any]:
    spec = {"type": "NodePort", "ports": [{"port": 80, "nodePort": port}]}
    return {"apiVersion": "v1", "kind": "Service", "metadata": {"name": name}, "spec": spec}


def thing(name: str) -> dict[str, Any]:
    return {"apiVersion": THING.api_version, "kind": "Thing", "metadata": {"name": name}}


def test_restore_brings_back_what_was(kube: Cluster) -> None:
    kept = kube.create(config_map("kept", x="1"))
    lost = kube.create(config_map("lost"))
    snapshot = kube.snapshot()
    kube.patch(core_v1.ConfigMap, "kept", {"data": {"x": "2"}})
    kube.delete(core_v1.ConfigMap, "lost")
    kube.create(config_map("new"))
    kube.restore(snapshot)
    assert kube.get(core_v1.ConfigMap, "kept")["data"] == {"x": "1"}
    again = kube.get(core_v1.ConfigMap, "lost")["metadata"]
    assert again["uid"] == lost["metadata"]["uid"]
    assert int(again["resourceVersion"]) > int(kept["metadata"]["resourceVersion"])
    assert kube.find(core_v1.ConfigMap, "new") is None


def test_restore_brings_back_definitions_and_ports(kube: Cluster) -> None:
    kube.install(CRD)
    kube.create(thing("a"))
    kube.create(service("s", 30100))
    snapshot = kube.snapshot()
    kube.delete(
        ResourceKind("apiextensions.k8s.io", "v1", "CRD", "customresourcedefinitions", False),
        CRD["metadata"]["name"],
    )
    kube.delete(core_v1.Service, "s")
    kube.eventually(lambda: not served(kube))
    kube.restore(snapshot)
    assert kube.get(THING, "a")["kind"] == "Thing"
    with pytest.raises(ApiError, match="provided port is already allocated"):
        kube.create(service("other", 30100))


def served(kube: Cluster) -> bool:
    return any(group["name"] == THING.group for group in kube.request("GET", "/apis")["groups"])


def test_restore_removes_newer_definitions(kube: Cluster) -> None:
    empty = kube.snapshot()
    kube.install(CRD)
    kube.create(thing("a"))
    kube.create(service("s", 30100))
    kube.restore(empty)
    assert not served(kube)
    kube.create(service("other", 30100))


def test_no_writes(kube: Cluster) -> None:
    with kube.no_writes():
        kube.list(core_v1.ConfigMap)
    expected = pytest.raises(
        AssertionError, match=r"1 writes .*\n  POST /api/v1/.* by system:admin"
    )
    with expected, kube.no_writes():
        kube.create(config_map("a"))


def test_renewing_a_lease_is_no_write(kube: Cluster) -> None:
    with kube.no_writes():
        kube.create(
            {"apiVersion": "coordination.k8s.io/v1", "kind": "Lease", "metadata": {"name": "l"}}
        )
