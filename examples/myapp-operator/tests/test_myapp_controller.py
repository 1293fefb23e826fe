# SPDX-License-Identifier: Apache-2.0
"""The MyApp operator on an in-process API server, with the generated rights only."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from opgen.k8s import apps_v1
from opgen.testing import Cluster

from myapp_operator.api.v1alpha1.myapp_types import MyApp

CONFIG = Path(__file__).parent.parent / "config"


@pytest.fixture
def cluster(kube: Cluster) -> Iterator[Cluster]:
    kube.install(CONFIG / "crd/bases")
    with kube.operator("myapp_operator", role=CONFIG / "rbac/role.yaml"):
        yield kube


def create(cluster: Cluster, replicas: int = 2) -> None:
    cluster.create(
        {
            "apiVersion": "apps.example.org/v1alpha1",
            "kind": "MyApp",
            "metadata": {"name": "sample", "namespace": "default"},
            "spec": {"image": "nginx:1.27", "replicas": replicas},
        }
    )
    cluster.eventually(lambda: ready(cluster, replicas))


def ready(cluster: Cluster, replicas: int) -> bool:
    status = cluster.get(MyApp, "sample").get("status", {})
    return bool(status.get("readyReplicas") == replicas)


def test_it_runs_pods(cluster: Cluster) -> None:
    create(cluster)
    deployment = cluster.get(apps_v1.Deployment, "sample")
    containers = deployment["spec"]["template"]["spec"]["containers"]
    assert [container["image"] for container in containers] == ["nginx:1.27"]


def test_it_scales(cluster: Cluster) -> None:
    create(cluster, replicas=2)
    cluster.scale(MyApp, "sample", 3)
    cluster.eventually(lambda: ready(cluster, 3))


def test_what_it_made_goes_with_it(cluster: Cluster) -> None:
    create(cluster)
    cluster.delete(MyApp, "sample")
    cluster.eventually(lambda: cluster.find(apps_v1.Deployment, "sample") is None)


def test_a_spec_without_image_is_refused(cluster: Cluster) -> None:
    with pytest.raises(Exception, match=r"spec\.image"):
        cluster.create(
            {
                "apiVersion": "apps.example.org/v1alpha1",
                "kind": "MyApp",
                "metadata": {"name": "sample", "namespace": "default"},
                "spec": {"replicas": 1},
            }
        )
