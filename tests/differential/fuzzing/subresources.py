"""Random requests of subresources: status and scale."""

from __future__ import annotations

from random import Random

from fuzzing.content import Document, some


def _widget(random: Random) -> Document:
    found: Document = {}
    if random.random() < 0.7:
        found["phase"] = random.choice(("Ready", "Waiting"))
    if random.random() < 0.4:
        found["replicas"] = random.choice((0, 1))
    if random.random() < 0.4:
        found["conditions"] = _conditions(random)
    return found


def _conditions(random: Random) -> list[Document]:
    return [
        {"type": name, "status": random.choice(("True", "False"))}
        for name in some(random, ("Ready", "Synced"), 2)
    ]


def _deployment(random: Random) -> Document:
    found: Document = {}
    if random.random() < 0.5:
        found["replicas"] = random.choice((1, 3))
        found["updatedReplicas"] = random.choice((0, 1))
    if random.random() < 0.5:
        found["observedGeneration"] = random.choice((1, 2))
    if random.random() < 0.4:
        found["conditions"] = [
            item
            | {"reason": "R", "message": "m", "lastUpdateTime": None, "lastTransitionTime": None}
            for item in _conditions(random)
        ]
    return found


def _namespace(random: Random) -> Document:
    return {"phase": random.choice(("Active", "Terminating"))} if random.random() < 0.6 else {}


def _service(random: Random) -> Document:
    found: Document = {}
    if random.random() < 0.5:
        found["loadBalancer"] = {"ingress": [{"ip": random.choice(("1.2.3.4", "5.6.7.8"))}]}
    if random.random() < 0.3:
        found["conditions"] = [
            item | {"reason": "R", "message": "m", "lastTransitionTime": "2024-05-01T10:00:00Z"}
            for item in _conditions(random)
        ]
    return found


STATUSES = {
    "widgets": _widget,
    "deployments": _deployment,
    "namespaces": _namespace,
    "services": _service,
}
SCALED = ("widgets", "deployments")


def scale(random: Random) -> Document:
    """What a Scale is asked to become, without a name.

    Hardly ever what it is: who owns replicas that a Scale does not change is a riddle of Go's.
    """
    spec = {"replicas": random.choice((random.randint(10, 999), random.randint(10, 999), -1))}
    return {"apiVersion": "autoscaling/v1", "kind": "Scale", "spec": spec}
