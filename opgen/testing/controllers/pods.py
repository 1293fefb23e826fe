"""Pods: scheduled, started and ended, as a scheduler and a kubelet would do it."""

from __future__ import annotations

from collections.abc import Iterable

from opgen.testing.clock import timestamp
from opgen.testing.errors import Document
from opgen.testing.resources.deletion import DeleteOptions
from opgen.testing.resources.operations import Operations
from opgen.testing.storage import Change, Key

PODS = ("", "pods")
NODE = "opgen-node"
BROKEN_IMAGES = ("broken", "does-not-exist", "invalid")
"""Repositories whose images can never be pulled."""


class PodController:
    """Brings Pods up and takes them down."""

    def __init__(self, operations: Operations) -> None:
        self._operations = operations
        self._addresses = 0

    def keys(self, change: Change) -> Iterable[Key]:
        """Every Pod that changed."""
        if change.resource == PODS and change.after is not None:
            yield change.last.key

    async def reconcile(self, key: Key) -> None:
        """Start it, or end it."""
        revision = self._operations.store.get(PODS, *key)
        if revision is None:
            return
        resource_type = self._operations.registry.of_resource(PODS)
        assert resource_type is not None
        pod = revision.document()
        if "deletionTimestamp" in pod["metadata"]:
            if pod["metadata"].get("deletionGracePeriodSeconds"):
                await self._operations.delete(resource_type, *key, DeleteOptions(grace_period=0))
            return
        await self._operations.system_patch(resource_type, *key, self._run)

    def _run(self, pod: Document) -> Document:
        spec, status = pod["spec"], pod.setdefault("status", {})
        spec.setdefault("nodeName", NODE)
        running = [item["image"] for item in status.get("containerStatuses") or ()]
        if running == [item.get("image", "") for item in spec.get("containers") or ()]:
            return pod
        now = timestamp(self._operations.clock.now())
        statuses = [_container_status(item, now) for item in spec.get("containers") or ()]
        ready = all(item["ready"] for item in statuses)
        if not status.get("podIP"):
            self._addresses += 1
            status["podIP"] = f"10.244.{self._addresses // 250}.{self._addresses % 250 + 2}"
            status["podIPs"] = [{"ip": status["podIP"]}]
        status.update(
            phase="Running" if ready else "Pending",
            hostIP="192.168.0.2",
            startTime=status.get("startTime", now),
            conditions=[_condition(name, ready, now) for name in _CONDITIONS],
            containerStatuses=statuses,
        )
        return pod


_CONDITIONS = ("PodScheduled", "Initialized", "ContainersReady", "Ready")


def _condition(name: str, ready: bool, now: str) -> Document:
    holds = ready or name in ("PodScheduled", "Initialized")
    condition: Document = {
        "type": name,
        "status": "True" if holds else "False",
        "lastProbeTime": None,
        "lastTransitionTime": now,
    }
    if not holds:
        condition["reason"] = "ContainersNotReady"
    return condition


def _container_status(container: Document, now: str) -> Document:
    image = container.get("image", "")
    status: Document = {
        "name": container.get("name", ""),
        "image": image,
        "imageID": "",
        "restartCount": 0,
    }
    if image.rpartition("/")[2].partition(":")[0] in BROKEN_IMAGES:
        message = f'Back-off pulling image "{image}"'
        waiting = {"reason": "ImagePullBackOff", "message": message}
        return status | {"ready": False, "started": False, "state": {"waiting": waiting}}
    running = {"running": {"startedAt": now}}
    return status | {"ready": True, "started": True, "state": running}
