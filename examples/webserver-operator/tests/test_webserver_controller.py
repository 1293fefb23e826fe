# SPDX-License-Identifier: Apache-2.0
"""The WebServer operator on an in-process API server, with the generated rights only."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from opgen.k8s import apps_v1, core_v1
from opgen.testing import Cluster
from opgen.testing.manifests import read_documents

from webserver_operator.api.v1.webserver_types import WebServer

CONFIG = Path(__file__).parent.parent / "config"
SAMPLE = CONFIG / "samples/v1_webserver.yaml"


@pytest.fixture
def cluster(kube: Cluster) -> Iterator[Cluster]:
    kube.install(CONFIG / "crd/bases")
    with kube.operator("webserver_operator", role=CONFIG / "rbac/role.yaml"):
        yield kube


def create(cluster: Cluster, name: str = "sample", replicas: int = 2) -> None:
    [sample] = read_documents(SAMPLE)
    spec = sample["spec"] | {"replicas": replicas}
    cluster.create(sample | {"metadata": {"name": name, "namespace": "default"}, "spec": spec})
    cluster.eventually(lambda: available(cluster, name, replicas))


def available(cluster: Cluster, name: str, replicas: int) -> bool:
    status = cluster.get(WebServer, name).get("status", {})
    conditions = {c["type"]: c["status"] for c in status.get("conditions", [])}
    return status.get("readyReplicas") == replicas and conditions.get("Available") == "True"


def test_it_runs_pods_behind_a_service(cluster: Cluster) -> None:
    create(cluster)
    deployment = cluster.get(apps_v1.Deployment, "sample")
    containers = deployment["spec"]["template"]["spec"]["containers"]
    assert [container["image"] for container in containers] == ["nginx:1.27"]
    service = cluster.get(core_v1.Service, "sample-service")
    assert service["spec"]["type"] == "NodePort"
    assert service["spec"]["ports"][0]["nodePort"] >= 30000


def test_it_scales(cluster: Cluster) -> None:
    create(cluster, replicas=2)
    cluster.scale(WebServer, "sample", 3)
    cluster.eventually(lambda: available(cluster, "sample", 3))
    assert cluster.get(apps_v1.Deployment, "sample")["spec"]["replicas"] == 3


def test_a_deleted_service_comes_back(cluster: Cluster) -> None:
    create(cluster)
    uid = cluster.get(core_v1.Service, "sample-service")["metadata"]["uid"]
    cluster.delete(core_v1.Service, "sample-service")
    again = cluster.eventually(lambda: cluster.find(core_v1.Service, "sample-service"))
    assert again["metadata"]["uid"] != uid


def test_an_edited_service_is_repaired(cluster: Cluster) -> None:
    create(cluster)
    edit = [{"op": "replace", "path": "/spec/ports/0/port", "value": 8080}]
    cluster.patch(core_v1.Service, "sample-service", edit)
    cluster.eventually(
        lambda: cluster.get(core_v1.Service, "sample-service")["spec"]["ports"][0]["port"] == 80
    )


def test_two_of_them_do_not_mix(cluster: Cluster) -> None:
    create(cluster, "first", replicas=1)
    create(cluster, "second", replicas=2)
    selectors = [
        cluster.get(core_v1.Service, f"{name}-service")["spec"]["selector"]
        for name in ("first", "second")
    ]
    assert selectors[0] != selectors[1]


def test_what_it_made_goes_with_it(cluster: Cluster) -> None:
    create(cluster)
    cluster.delete(WebServer, "sample")
    cluster.eventually(
        lambda: (
            cluster.find(apps_v1.Deployment, "sample") is None
            and cluster.find(core_v1.Service, "sample-service") is None
        )
    )


def test_what_the_schema_forbids_is_refused(cluster: Cluster) -> None:
    with pytest.raises(Exception, match=r"spec\.replicas"):
        create(cluster, replicas=-1)
