# SPDX-License-Identifier: Apache-2.0
"""The AppService operator on an in-process API server, with the generated rights only."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from opgen.k8s import apps_v1, core_v1
from opgen.testing import Cluster

from appservice_operator.api.v1.appservice_types import AppService

CONFIG = Path(__file__).parent.parent / "config"
SPEC: dict[str, Any] = {
    "size": 2,
    "image": "nginx:1.27",
    "resources": {"limits": {"cpu": "500m", "memory": "128Mi"}, "requests": {"cpu": "100m"}},
    "envs": [{"name": "GREETING", "value": "hello"}],
    "ports": [{"name": "http", "port": 80, "targetPort": 8080, "nodePort": 30002}],
}


@pytest.fixture
def cluster(kube: Cluster) -> Iterator[Cluster]:
    kube.install(CONFIG / "crd/bases")
    with kube.operator("appservice_operator", role=CONFIG / "rbac/role.yaml"):
        yield kube


def create(cluster: Cluster, **changes: Any) -> None:
    cluster.create(
        {
            "apiVersion": "app.example.com/v1",
            "kind": "AppService",
            "metadata": {"name": "sample", "namespace": "default"},
            "spec": {**SPEC, **changes},
        }
    )
    cluster.eventually(lambda: available(cluster))


def available(cluster: Cluster) -> bool:
    app = cluster.get(AppService, "sample")
    status = app.get("status", {})
    conditions = {c["type"]: c["status"] for c in status.get("conditions", [])}
    current = status.get("observedGeneration") == app["metadata"]["generation"]
    return current and conditions.get("Available") == "True"


def container(cluster: Cluster) -> dict[str, Any]:
    deployment = cluster.get(apps_v1.Deployment, "sample")
    first: dict[str, Any] = deployment["spec"]["template"]["spec"]["containers"][0]
    return first


def test_the_container_is_as_the_spec_says(cluster: Cluster) -> None:
    create(cluster)
    made = container(cluster)
    assert made["image"] == "nginx:1.27"
    assert made["env"] == [{"name": "GREETING", "value": "hello"}]
    assert made["resources"]["limits"] == {"cpu": "500m", "memory": "128Mi"}


def test_the_service_has_the_asked_node_port(cluster: Cluster) -> None:
    create(cluster)
    port = cluster.get(core_v1.Service, "sample-service")["spec"]["ports"][0]
    assert (port["port"], port["targetPort"], port["nodePort"]) == (80, 8080, 30002)


def test_the_status_carries_that_of_the_deployment(cluster: Cluster) -> None:
    create(cluster)
    status = cluster.get(AppService, "sample")["status"]
    assert status["deployment"]["availableReplicas"] == 2
    assert status["deployment"] == cluster.get(apps_v1.Deployment, "sample")["status"]


def test_a_changed_spec_reaches_the_pods(cluster: Cluster) -> None:
    create(cluster)
    envs = [{"name": "GREETING", "value": "good morning"}, {"name": "TARGET", "value": "world"}]
    cluster.patch(AppService, "sample", {"spec": {"image": "nginx:1.26", "size": 3, "envs": envs}})
    cluster.eventually(lambda: available(cluster))
    made = container(cluster)
    assert made["image"] == "nginx:1.26"
    assert made["env"] == envs
    assert cluster.get(AppService, "sample")["status"]["readyReplicas"] == 3


def test_without_ports_there_is_no_service(cluster: Cluster) -> None:
    create(cluster)
    cluster.patch(AppService, "sample", {"spec": {"ports": []}})
    cluster.eventually(lambda: cluster.find(core_v1.Service, "sample-service") is None)


def test_what_the_schema_forbids_is_refused(cluster: Cluster) -> None:
    with pytest.raises(Exception, match=r"spec\.resources\.limits\.cpu"):
        create(cluster, resources={"limits": {"cpu": "many"}})
