"""What `eventually` tells of a wait in vain: what was read, and how it changed."""

from __future__ import annotations

import time

import pytest

from opgen.k8s import apps_v1, core_v1
from opgen.testing import Cluster, builders
from opgen.testing.changed_fields import describe_change
from opgen.testing.readings import Readings


def test_a_failure_shows_the_history_of_what_was_read(kube: Cluster) -> None:
    def until(replicas: int) -> None:
        while kube.get(apps_v1.Deployment, "web")["status"].get("readyReplicas") != replicas:
            time.sleep(0.001)

    def check() -> bool:
        until(2)
        kube.scale(apps_v1.Deployment, "web", 3)
        until(3)
        kube.find(core_v1.ConfigMap, "nobody")
        raise AssertionError("not yet")

    kube.create(builders.deployment("web", image="app:1", replicas=2))
    with pytest.raises(AssertionError) as raised:
        kube.eventually(check, timeout=0)
    text = str(raised.value)
    assert text.startswith("it did not happen within 0 s; the check failed: not yet")
    read, _, rest = text.partition("what the check read, state by state:\n")[2].partition(
        "the last changes in the store:\n"
    )
    assert "  Deployment default/web\n" in read
    assert "spec.replicas: 2 -> 3" in read
    assert "status.readyReplicas: 2 -> 3" in read
    assert '"readyReplicas": 3' in read.partition("now: ")[2]
    assert "  ConfigMap default/nobody\n         it does not exist" in read
    assert "MODIFIED deployments default/web: spec.replicas: 2 -> 3" in rest


def test_an_object_that_goes(kube: Cluster) -> None:
    kube.create({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a"}})

    def check() -> bool:
        kube.list(core_v1.ConfigMap, "default")
        kube.delete(core_v1.ConfigMap, "a")
        return bool(kube.find(core_v1.ConfigMap, "a"))

    with pytest.raises(AssertionError, match=r"ConfigMap default/a\n.* there it is\n.*it is gone"):
        kube.eventually(check, timeout=0)


def test_it_is_told_of_a_remote_cluster_as_well(kube: Cluster) -> None:
    kube.create({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a"}})
    with Cluster(kube.config) as remote:

        def check() -> bool:
            remote.patch(core_v1.ConfigMap, "a", {"data": {"x": "1"}})
            return remote.get(core_v1.ConfigMap, "a") is None

        with pytest.raises(AssertionError, match=r'now: \{.*"data": \{"x": "1"\}'):
            remote.eventually(check, timeout=0)


def test_what_changed() -> None:
    before = {
        "metadata": {"resourceVersion": "1", "managedFields": [{"manager": "one"}]},
        "spec": {"a": 1, "b": "x" * 100},
        "status": {
            "conditions": [
                {"type": "Ready", "status": "False", "reason": "No", "message": "m"},
                {"type": "Old", "status": "True"},
            ]
        },
    }
    after = {
        "metadata": {
            "resourceVersion": "2",
            "managedFields": [{"manager": "one"}, {"manager": "two"}],
        },
        "spec": {"b": "y", "c": [1, 2]},
        "status": {
            "conditions": [
                {"type": "Ready", "status": "True", "reason": "Yes", "message": "n"},
            ]
        },
    }
    assert describe_change(before, after) == (
        f'spec.a removed, spec.b: "{"x" * 56}... -> "y", spec.c: [1, 2], '
        'status.conditions[Ready].status: "False" -> "True", '
        'status.conditions[Ready].reason: "No" -> "Yes", status.conditions[Old] removed (by two)'
    )


def test_only_the_last_objects_and_states_are_kept() -> None:
    readings = Readings()
    for number in range(30):
        metadata = {"resourceVersion": str(number)}
        readings.add("ConfigMap a", {"metadata": metadata, "data": {"x": str(number)}})
        readings.add(f"ConfigMap b{number}", None)
    lines = readings.describe().splitlines()
    assert sum(line.startswith("  ConfigMap") for line in lines) == 10
    assert lines[0] == "  ConfigMap b21"
