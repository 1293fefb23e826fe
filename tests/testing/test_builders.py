"""Objects for tests, and requests that hang."""

from __future__ import annotations

import threading

from opgen.k8s import apps_v1, core_v1
from opgen.testing import Cluster, Fault
from opgen.testing.builders import build, deployment, owner_reference, pod


def test_an_object_of_a_kind() -> None:
    assert build(core_v1.ConfigMap, "a", labels={"x": "y"}, data={"k": "v"}) == {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": "a", "labels": {"x": "y"}},
        "data": {"k": "v"},
    }


def test_a_deployment_rolls_out(kube: Cluster) -> None:
    kube.create(deployment("web", "app:1", replicas=2))
    kube.eventually(
        lambda: kube.get(apps_v1.Deployment, "web")["status"].get("availableReplicas") == 2
    )


def test_what_is_owned_goes_with_its_owner(kube: Cluster) -> None:
    owner = kube.create(build(core_v1.ConfigMap, "owner"))
    kube.create(build(core_v1.Secret, "owned", owner=owner, annotations={"a": "b"}))
    found = kube.get(core_v1.Secret, "owned")["metadata"]
    assert found["ownerReferences"] == [owner_reference(owner)]
    kube.delete(core_v1.ConfigMap, "owner")
    kube.eventually(lambda: kube.find(core_v1.Secret, "owned") is None)


def test_a_pod_becomes_ready(kube: Cluster) -> None:
    kube.create(pod("one", labels={"a": "b"}))
    kube.eventually(lambda: kube.get(core_v1.Pod, "one")["status"]["phase"] == "Running")


def test_a_stalled_request_waits_for_the_fault_to_go(kube: Cluster) -> None:
    kube.create(build(core_v1.ConfigMap, "a"))
    stall = Fault(verb="get", resource="configmaps", stall=True)
    kube.faults.add(stall)
    answered = threading.Event()

    def ask() -> None:
        with Cluster(kube.config) as other:
            other.get(core_v1.ConfigMap, "a")
        answered.set()

    asking = threading.Thread(target=ask)
    asking.start()
    while not kube.faults.stalled:
        kube.create(build(core_v1.ConfigMap, "") | {"metadata": {"generateName": "b-"}})
    assert not answered.is_set()
    kube.faults.remove(stall)
    assert answered.wait(20)
    asking.join()


def test_clearing_lets_all_go(kube: Cluster) -> None:
    kube.faults.add(Fault(verb="list", resource="pods", times=None, stall=True))

    def ask() -> None:
        with Cluster(kube.config) as other:
            other.list(core_v1.Pod)

    asking = [threading.Thread(target=ask) for _ in range(2)]
    for thread in asking:
        thread.start()
    while kube.faults.stalled < 2:
        kube.list(core_v1.ConfigMap)
    kube.faults.clear()
    for thread in asking:
        thread.join(20)
        assert not thread.is_alive()
