"""Contract: built-in kinds: Deployments, Secrets, Events, claims, and what is filled in."""

from __future__ import annotations

from typing import Any

import pytest

MERGE = "application/merge-patch+json"


def deployment(name: str = "d", **spec: Any) -> dict[str, Any]:
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": name},
        "spec": {
            "selector": {"matchLabels": {"a": "b"}},
            "template": {
                "metadata": {"labels": {"a": "b"}},
                "spec": {"containers": [{"name": "c", "image": "nginx:1.27"}]},
            },
            **spec,
        },
    }


def test_a_deployment_is_completed(api: Any) -> None:
    path = api.path("deployments", group="apps/v1")
    spec = api.send("POST", path, deployment(replicas=0)).body["spec"]
    template = spec.pop("template")["spec"]
    assert spec == {
        "replicas": 0,
        "selector": {"matchLabels": {"a": "b"}},
        "strategy": {
            "type": "RollingUpdate",
            "rollingUpdate": {"maxUnavailable": "25%", "maxSurge": "25%"},
        },
        "revisionHistoryLimit": 10,
        "progressDeadlineSeconds": 600,
    }
    (container,) = template.pop("containers")
    assert template == {
        "restartPolicy": "Always",
        "terminationGracePeriodSeconds": 30,
        "dnsPolicy": "ClusterFirst",
        "securityContext": {},
        "schedulerName": "default-scheduler",
    }
    assert container == {
        "name": "c",
        "image": "nginx:1.27",
        "resources": {},
        "terminationMessagePath": "/dev/termination-log",
        "terminationMessagePolicy": "File",
        "imagePullPolicy": "IfNotPresent",
    }


def ready(api: Any, replicas: int, generation: int = 1) -> bool:
    status = api.send("GET", api.path("deployments", "d", group="apps/v1")).body["status"]
    return (
        status.get("observedGeneration") == generation
        and status.get("readyReplicas") == status.get("updatedReplicas") == replicas
        and status.get("replicas") == replicas
    )


def test_a_deployment_becomes_ready(api: Any) -> None:
    path = api.path("deployments", group="apps/v1")
    api.send("POST", path, deployment(replicas=2))
    api.cluster.eventually(lambda: ready(api, 2), timeout=120)
    found = api.send("GET", f"{path}/d").body
    assert found["metadata"]["annotations"] == {"deployment.kubernetes.io/revision": "1"}
    conditions = {item["type"]: item for item in found["status"]["conditions"]}
    assert conditions["Available"]["status"] == "True"
    assert conditions["Available"]["reason"] == "MinimumReplicasAvailable"
    assert conditions["Progressing"]["status"] == "True"
    sets = api.send("GET", api.path("replicasets", group="apps/v1")).body["items"]
    assert [item["spec"]["replicas"] for item in sets] == [2]
    assert len(api.send("GET", api.path("pods")).body["items"]) == 2


def test_a_new_image_is_rolled_out(api: Any) -> None:
    path = api.path("deployments", group="apps/v1")
    api.send("POST", path, deployment(replicas=2))
    api.cluster.eventually(lambda: ready(api, 2), timeout=120)
    containers = [{"name": "c", "image": "nginx:1.28"}]
    patch = {"spec": {"template": {"spec": {"containers": containers}}}}
    api.send("PATCH", f"{path}/d", patch, content_type=MERGE)

    def rolled() -> bool:
        pods = api.send("GET", api.path("pods")).body["items"]
        images = [pod["spec"]["containers"][0]["image"] for pod in pods]
        return ready(api, 2, 2) and images == ["nginx:1.28"] * 2

    api.cluster.eventually(rolled, timeout=120)
    sets = api.send("GET", api.path("replicasets", group="apps/v1")).body["items"]
    assert sorted(item["spec"]["replicas"] for item in sets) == [0, 2]


def test_a_deployment_scales(api: Any) -> None:
    path = api.path("deployments", group="apps/v1")
    api.send("POST", path, deployment(replicas=1))
    api.cluster.eventually(lambda: ready(api, 1), timeout=120)
    patch = {"spec": {"replicas": 3}}
    api.send("PATCH", f"{path}/d/scale", patch, content_type=MERGE)
    api.cluster.eventually(lambda: ready(api, 3, 2), timeout=120)


def test_a_deleted_pod_comes_back(api: Any) -> None:
    path = api.path("deployments", group="apps/v1")
    api.send("POST", path, deployment(replicas=1))
    api.cluster.eventually(lambda: ready(api, 1), timeout=120)
    (pod,) = api.send("GET", api.path("pods")).body["items"]
    api.send("DELETE", api.path("pods", pod["metadata"]["name"]))

    def replaced() -> bool:
        pods = api.send("GET", api.path("pods")).body["items"]
        return ready(api, 1) and [
            item["metadata"]["uid"] != pod["metadata"]["uid"] for item in pods
        ] == [True]

    api.cluster.eventually(replaced, timeout=120)


def test_a_deployment_takes_its_pods_with_it(api: Any) -> None:
    path = api.path("deployments", group="apps/v1")
    api.send("POST", path, deployment(replicas=1))
    api.cluster.eventually(lambda: ready(api, 1), timeout=120)
    api.send("DELETE", f"{path}/d")
    api.cluster.eventually(lambda: not api.send("GET", api.path("pods")).body["items"], timeout=120)
    assert not api.send("GET", api.path("replicasets", group="apps/v1")).body["items"]


def test_a_selector_cannot_change(api: Any) -> None:
    path = api.path("deployments", group="apps/v1")
    made = api.send("POST", path, deployment(replicas=0)).body
    made["spec"]["selector"]["matchLabels"] = {"c": "d"}
    made["spec"]["template"]["metadata"]["labels"] = {"c": "d"}
    del made["metadata"]["resourceVersion"]
    answer = api.send("PUT", f"{path}/d", made)
    assert answer.message == (
        'Deployment.apps "d" is invalid: spec.selector: Invalid value: '
        '{"matchLabels":{"c":"d"}}: field is immutable'
    )


def test_a_container_needs_an_image(api: Any) -> None:
    document = deployment()
    del document["spec"]["template"]["spec"]["containers"][0]["image"]
    answer = api.send("POST", api.path("deployments", group="apps/v1"), document)
    assert answer.message == (
        'Deployment.apps "d" is invalid: spec.template.spec.containers[0].image: Required value'
    )


def test_a_secret_takes_plain_text(api: Any) -> None:
    secret = {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": "s"},
        "stringData": {"a": "hello"},
    }
    answer = api.send("POST", api.path("secrets"), secret)
    assert answer.body["data"] == {"a": "aGVsbG8="}
    assert answer.body["type"] == "Opaque"
    assert "stringData" not in answer.body


def test_events_of_both_groups_are_the_same(api: Any) -> None:
    event = {
        "apiVersion": "events.k8s.io/v1",
        "kind": "Event",
        "metadata": {"name": "e"},
        "eventTime": "2026-01-02T03:04:05.000000Z",
        "reportingController": "example.com/c",
        "reportingInstance": "i",
        "action": "Doing",
        "reason": "Done",
        "note": "it is done",
        "type": "Normal",
        "regarding": {"kind": "ConfigMap", "name": "a", "namespace": api.namespace},
    }
    path = api.path("events", group="events.k8s.io/v1")
    assert api.send("POST", path, event).code == 201
    found = api.send("GET", api.path("events", "e"))
    assert found.code == 200
    assert found.body["message"] == "it is done"
    assert found.body["involvedObject"]["name"] == "a"
    assert found.body["reportingComponent"] == "example.com/c"


def test_annotations_count_for_a_deployment(api: Any) -> None:
    path = api.path("deployments", "d", group="apps/v1")
    assert api.send("POST", api.path("deployments", group="apps/v1"), deployment()).code == 201
    found = api.send(
        "PATCH", path, {"metadata": {"annotations": {"a": "1"}}}, content_type=MERGE
    ).metadata
    assert found["generation"] == 2
    found = api.send(
        "PATCH", path, {"metadata": {"labels": {"a": "1"}}}, content_type=MERGE
    ).metadata
    assert found["generation"] == 2


NEWER = {
    "eventTime": "2024-01-01T00:00:00.000000Z",
    "reportingController": "example.com/one",
    "reportingInstance": "i",
    "action": "Act",
    "reason": "Why",
    "type": "Normal",
}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"eventTime": None}, "eventTime: Required value"),
        ({"type": "Odd"}, 'type: Invalid value: "": has invalid value: Odd'),
        ({"action": ""}, "action: Required value"),
        ({"reason": "x" * 129}, 'reason: Invalid value: "": can have at most 128 characters'),
        ({"note": "x" * 1025}, 'message: Invalid value: "": can have at most 1024 characters'),
        (
            {"series": {"count": 1, "lastObservedTime": "2024-01-01T00:00:00.000000Z"}},
            'series.count: Invalid value: "": should be at least 2',
        ),
    ],
)
def test_newer_events_that_are_refused(api: Any, change: dict[str, Any], message: str) -> None:
    about = {"kind": "Pod", "name": "p", "namespace": api.namespace}
    event = {"metadata": {"name": "e"}, **NEWER, "regarding": about, **change}
    answer = api.send("POST", api.path("events", group="events.k8s.io/v1"), event)
    assert answer.code == 422, answer.body
    assert answer.message == f'Event "e" is invalid: {message}'


def test_an_event_is_about_an_object_of_its_namespace(api: Any) -> None:
    about = {"kind": "Pod", "name": "p", "namespace": "default"}
    event = {"metadata": {"name": "E"}, "involvedObject": about}
    answer = api.send("POST", api.path("events"), event)
    assert answer.message == (
        'Event "E" is invalid: involvedObject.namespace: Invalid value: "default": does not match '
        "event.namespace"
    )
    about["namespace"] = api.namespace
    assert api.send("POST", api.path("events"), event).code == 201


def test_a_claim_and_its_protection(api: Any) -> None:
    spec = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}
    path = api.path("persistentvolumeclaims")
    made = api.send("POST", path, {"metadata": {"name": "c"}, "spec": spec})
    assert made.code == 201, made.body
    assert made.metadata["finalizers"] == ["kubernetes.io/pvc-protection"]
    assert api.send("DELETE", f"{path}/c").code == 200
    api.eventually(f"{path}/c", 404)
