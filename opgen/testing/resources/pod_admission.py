"""What the server and its admission plugins make of a new Pod."""

from __future__ import annotations

from collections.abc import Iterator

from opgen.testing.errors import Document, forbidden

_FAILING = ("node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable")
_SECONDS = 300
_COUNTED = ("cpu", "memory")


def all_containers(spec: Document) -> Iterator[Document]:
    """The containers of a pod, those that initialize it included."""
    for name in ("initContainers", "containers"):
        yield from spec.get(name) or ()


def quality_of_service(spec: Document) -> str:
    """The class of a pod, by what its containers ask for of processor and memory."""
    asked = guaranteed = True
    for container in all_containers(spec):
        resources = container.get("resources") or {}
        limits, requests = resources.get("limits") or {}, resources.get("requests") or {}
        used = {name for name in _COUNTED if name in limits or name in requests}
        asked = asked and not used
        guaranteed = guaranteed and all(
            limits.get(name) and limits[name] == requests.get(name, limits[name])
            for name in _COUNTED
        )
    if asked:
        return "BestEffort"
    return "Guaranteed" if guaranteed else "Burstable"


def check_priority(pod: Document) -> None:
    """Set the priority of a pod, which follows from its class, in place.

    Raises:
        StatusError: 403, the pod says otherwise.
    """
    spec = pod["spec"]
    asked = spec.setdefault("priority", 0)
    if asked and not spec.get("priorityClassName"):
        text = (
            f"the integer value of priority ({asked}) must not be provided in pod spec; "
            "priority admission controller computed 0 from the given PriorityClass name"
        )
        raise forbidden("", "pods", pod["metadata"].get("name", ""), text)


def tolerate_failing_nodes(spec: Document) -> None:
    """Let a pod stay for a while on a node that fails, unless it says otherwise, in place."""
    found = spec.get("tolerations") or []
    for key in _FAILING:
        if not any(_tolerates(item, key) for item in found):
            added = {"key": key, "operator": "Exists", "effect": "NoExecute"}
            found = [*found, {**added, "tolerationSeconds": _SECONDS}]
    spec["tolerations"] = found


def _tolerates(toleration: Document, key: str) -> bool:
    return toleration.get("key", key) in (key, "") and toleration.get("effect", "NoExecute") in (
        "NoExecute",
        "",
    )
