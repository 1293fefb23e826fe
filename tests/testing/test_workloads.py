"""The server's own controllers: rollouts that progress, end and fail."""

from __future__ import annotations

import urllib.request
from typing import Any

import pytest

from opgen.k8s import apps_v1, batch_v1, core_v1
from opgen.runtime.client import ApiError
from opgen.testing import Cluster
from opgen.testing.resources.images import CRASH


def workload(kind: str, image: str = "nginx", **spec: Any) -> dict[str, Any]:
    labels = {"app": "x"}
    pod = {"containers": [{"name": "main", "image": image}]}
    return {
        "apiVersion": "apps/v1",
        "kind": kind,
        "metadata": {"name": "x"},
        "spec": {
            "selector": {"matchLabels": labels},
            "template": {"metadata": {"labels": labels}, "spec": pod},
            **spec,
        },
    }


def job(image: str = "nginx", **spec: Any) -> dict[str, Any]:
    pod = {"containers": [{"name": "main", "image": image}], "restartPolicy": "Never"}
    return {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": {"name": "x"},
        "spec": {"template": {"spec": pod}, **spec},
    }


def names(kube: Cluster) -> list[str]:
    return sorted(pod["metadata"]["name"] for pod in kube.list(core_v1.Pod))


def images(kube: Cluster) -> set[str]:
    return {pod["spec"]["containers"][0]["image"] for pod in kube.list(core_v1.Pod)}


def status(kube: Cluster, kind: Any) -> dict[str, Any]:
    found: dict[str, Any] = kube.get(kind, "x").get("status") or {}
    return found


def conditions(kube: Cluster, kind: Any) -> dict[str, str]:
    found = status(kube, kind).get("conditions") or []
    return {item["type"]: item["reason"] for item in found if item["status"] == "True"}


def test_a_stateful_set_comes_up_in_order_with_claims(kube: Cluster) -> None:
    asked = {
        "accessModes": ["ReadWriteOnce"],
        "resources": {"requests": {"storage": "1Gi"}},
    }
    claim = {"metadata": {"name": "data"}, "spec": asked}
    kube.create(workload("StatefulSet", replicas=3, serviceName="x", volumeClaimTemplates=[claim]))
    kube.eventually(lambda: status(kube, apps_v1.StatefulSet).get("readyReplicas") == 3)
    assert names(kube) == ["x-0", "x-1", "x-2"]
    claims = kube.list(core_v1.PersistentVolumeClaim)
    assert [item["metadata"]["name"] for item in claims] == ["data-x-0", "data-x-1", "data-x-2"]
    volumes = kube.get(core_v1.Pod, "x-1")["spec"]["volumes"]
    assert volumes[0]["persistentVolumeClaim"] == {"claimName": "data-x-1"}


def test_a_claim_stays_as_long_as_a_pod_uses_it(kube: Cluster) -> None:
    claim = {
        "apiVersion": "v1",
        "kind": "PersistentVolumeClaim",
        "metadata": {"name": "c"},
        "spec": {
            "accessModes": ["ReadWriteOnce"],
            "resources": {"requests": {"storage": "1Gi"}},
        },
    }
    spec = {
        "containers": [{"name": "main", "image": "nginx"}],
        "volumes": [{"name": "v", "persistentVolumeClaim": {"claimName": "c"}}],
        "terminationGracePeriodSeconds": 0,
    }
    kube.create(claim)
    kube.create({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p"}, "spec": spec})
    kube.delete(core_v1.PersistentVolumeClaim, "c")
    found = kube.get(core_v1.PersistentVolumeClaim, "c")["metadata"]
    assert found["finalizers"] == ["kubernetes.io/pvc-protection"]
    assert found["deletionTimestamp"]
    kube.delete(core_v1.Pod, "p")
    kube.eventually(lambda: kube.find(core_v1.PersistentVolumeClaim, "c") is None)


def test_a_stateful_set_rolls_and_shrinks(kube: Cluster) -> None:
    kube.create(workload("StatefulSet", replicas=3))
    kube.eventually(lambda: status(kube, apps_v1.StatefulSet).get("readyReplicas") == 3)
    before = status(kube, apps_v1.StatefulSet)["currentRevision"]
    patch = [{"op": "replace", "path": "/spec/template/spec/containers/0/image", "value": "two"}]
    kube.patch(apps_v1.StatefulSet, "x", patch)

    def rolled() -> bool:
        found = status(kube, apps_v1.StatefulSet)
        return found["currentRevision"] == found["updateRevision"] != before

    kube.eventually(rolled)
    assert images(kube) == {"two"}
    kube.scale(apps_v1.StatefulSet, "x", 1)
    kube.eventually(lambda: names(kube) == ["x-0"])


def test_a_stateful_set_that_starts_all_at_once_rolls_one_by_one(kube: Cluster) -> None:
    spec: dict[str, Any] = {
        "podManagementPolicy": "Parallel",
        "ordinals": {"start": 5},
        "replicas": 3,
    }
    kube.create(workload("StatefulSet", **spec))
    kube.eventually(lambda: status(kube, apps_v1.StatefulSet).get("readyReplicas") == 3)
    assert names(kube) == ["x-5", "x-6", "x-7"]
    rolling = {"type": "RollingUpdate", "rollingUpdate": {"partition": 1}}
    patch: list[dict[str, Any]] = [
        {"op": "replace", "path": "/spec/template/spec/containers/0/image", "value": "two"},
        {"op": "replace", "path": "/spec/updateStrategy", "value": rolling},
    ]
    kube.patch(apps_v1.StatefulSet, "x", patch)

    def rolled() -> bool:
        found = status(kube, apps_v1.StatefulSet)
        return (found.get("updatedReplicas"), found.get("readyReplicas")) == (2, 3)

    kube.eventually(rolled)
    found = {pod["metadata"]["name"]: pod["spec"] for pod in kube.list(core_v1.Pod)}
    assert {name: spec["containers"][0]["image"] for name, spec in found.items()} == {
        "x-5": "nginx",
        "x-6": "two",
        "x-7": "two",
    }


def test_a_daemon_set_has_a_pod_on_each_node(kube: Cluster) -> None:
    kube.create({"apiVersion": "v1", "kind": "Node", "metadata": {"name": "another"}})
    kube.create(workload("DaemonSet"))
    kube.eventually(lambda: status(kube, apps_v1.DaemonSet).get("numberReady") == 2)
    nodes = sorted(pod["spec"]["nodeName"] for pod in kube.list(core_v1.Pod))
    assert nodes == ["another", "opgen-node"]
    patch = [{"op": "replace", "path": "/spec/template/spec/containers/0/image", "value": "two"}]
    kube.patch(apps_v1.DaemonSet, "x", patch)
    kube.eventually(lambda: images(kube) == {"two"} and len(names(kube)) == 2)


def test_a_job_completes(kube: Cluster) -> None:
    kube.create(job(completions=3, parallelism=2))
    kube.eventually(lambda: "Complete" in conditions(kube, batch_v1.Job))
    found = status(kube, batch_v1.Job)
    assert found["succeeded"] == 3
    assert "active" not in found
    assert found["completionTime"]
    assert len(names(kube)) == 3


def test_a_job_fails(kube: Cluster) -> None:
    kube.create(job("crashing", backoffLimit=1))
    kube.eventually(lambda: conditions(kube, batch_v1.Job).get("Failed") == "BackoffLimitExceeded")
    assert status(kube, batch_v1.Job)["failed"] == 2


def test_a_suspended_job_waits(kube: Cluster) -> None:
    kube.create(job(suspend=True))
    kube.eventually(lambda: status(kube, batch_v1.Job))
    assert names(kube) == []
    kube.patch(batch_v1.Job, "x", {"spec": {"suspend": False}})
    kube.eventually(lambda: "Complete" in conditions(kube, batch_v1.Job))


def text(kube: Cluster, path: str) -> str:
    with urllib.request.urlopen(kube.config.server + path) as answer:
        return str(answer.read().decode())


def waiting(kube: Cluster) -> set[str]:
    found = set()
    for pod in kube.list(core_v1.Pod):
        for item in (pod.get("status") or {}).get("containerStatuses") or ():
            found.add((item["state"].get("waiting") or {}).get("reason", ""))
    return found


def test_an_image_that_never_pulls(kube: Cluster) -> None:
    kube.server.images.fail("registry.example.com/app:2")
    kube.create(workload("Deployment", "registry.example.com/app:2"))
    kube.eventually(lambda: waiting(kube) == {"ImagePullBackOff"})
    kube.eventually(lambda: status(kube, apps_v1.Deployment).get("unavailableReplicas") == 1)


def test_a_crash_loop_and_its_end(kube: Cluster) -> None:
    kube.server.images.fail("app", CRASH)
    kube.create(workload("Deployment", "app:1"))
    kube.eventually(lambda: waiting(kube) == {"CrashLoopBackOff"})
    [name] = names(kube)
    path = f"/api/v1/namespaces/default/pods/{name}/log"
    assert "exit code 1" in text(kube, path)
    kube.server.images.mend("app")
    kube.delete(core_v1.Pod, name)
    kube.eventually(lambda: status(kube, apps_v1.Deployment).get("readyReplicas") == 1)


def test_an_unknown_failure_is_refused(kube: Cluster) -> None:
    with pytest.raises(ValueError, match="fails with ImagePullBackOff or CrashLoopBackOff, not X"):
        kube.server.images.fail("app", "X")


def test_logs(kube: Cluster) -> None:
    kube.create(workload("Deployment"))
    kube.eventually(lambda: status(kube, apps_v1.Deployment).get("readyReplicas") == 1)
    [name] = names(kube)
    path = f"/api/v1/namespaces/default/pods/{name}/log"
    assert text(kube, path) == f"main of {name} started with image nginx\n"
    with pytest.raises(ApiError, match=f"container other is not valid for pod {name}"):
        kube.request("GET", f"{path}?container=other")
