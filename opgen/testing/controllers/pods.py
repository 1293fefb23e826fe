"""Pods: scheduled, started and ended, as a scheduler and a kubelet would do it."""

from __future__ import annotations

from collections.abc import Iterable

from opgen.testing.clock import timestamp
from opgen.testing.errors import Document
from opgen.testing.resources.bootstrap import NODE, NODE_ADDRESS
from opgen.testing.resources.deletion import DeleteOptions
from opgen.testing.resources.images import CRASH, PULL, Images
from opgen.testing.resources.operations import Operations
from opgen.testing.storage import Change, Key

PODS = ("", "pods")
SCHEDULER = "default-scheduler"
"""Pods that name another one wait for it to bind them."""


class PodController:
    """Brings Pods up and takes them down. Those that are not restarted end by themselves."""

    watched = (PODS,)

    def __init__(self, operations: Operations, images: Images) -> None:
        self._operations = operations
        self._images = images
        self._addresses = 0

    def keys(self, change: Change) -> Iterable[Key]:
        """Every Pod that changed."""
        if change.after is not None:
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
        if not spec.get("nodeName") and spec.get("schedulerName", SCHEDULER) != SCHEDULER:
            return pod
        spec.setdefault("nodeName", NODE)
        running = [item["image"] for item in status.get("containerStatuses") or ()]
        containers = spec.get("containers") or ()
        if running == [item.get("image", "") for item in containers]:
            return pod
        now = timestamp(self._operations.clock.now())
        statuses = [self._container(item, now, pod) for item in containers]
        phase = _phase(statuses)
        ready = phase == "Running" and all(item["ready"] for item in statuses)
        if not status.get("podIP"):
            self._addresses += 1
            status["podIP"] = f"10.244.{self._addresses // 250}.{self._addresses % 250 + 2}"
            status["podIPs"] = [{"ip": status["podIP"]}]
        status.update(
            phase=phase,
            hostIP=NODE_ADDRESS,
            startTime=status.get("startTime", now),
            conditions=[_condition(name, phase, now, ready=ready) for name in _CONDITIONS],
            containerStatuses=statuses,
        )
        return pod

    def _container(self, container: Document, now: str, pod: Document) -> Document:
        image = container.get("image", "")
        failure = self._images.failure(image)
        status: Document = {
            "name": container.get("name", ""),
            "image": image,
            "imageID": "",
            "restartCount": 0,
        }
        if failure == PULL:
            waiting = {"reason": PULL, "message": f'Back-off pulling image "{image}"'}
            return status | {"ready": False, "started": False, "state": {"waiting": waiting}}
        ended = {
            "exitCode": 1 if failure else 0,
            "reason": "Error" if failure else "Completed",
            "startedAt": now,
            "finishedAt": now,
        }
        if _stays_ended(pod, failure):
            state = {"terminated": ended}
            return status | {"ready": False, "started": False, "state": state}
        if failure == CRASH:
            text = f"back-off 10s restarting failed container={status['name']}"
            waiting = {"reason": CRASH, "message": text}
            again = {"restartCount": 1, "lastState": {"terminated": ended}}
            return (
                status | again | {"ready": False, "started": False, "state": {"waiting": waiting}}
            )
        state = {"running": {"startedAt": now}}
        return status | {"ready": True, "started": True, "state": state}


def _stays_ended(pod: Document, failure: str) -> bool:
    """Whether a container that ended is not started again.

    What fails in a Job is not, whatever its pods say: the Job makes new ones, and counts.
    """
    policy = pod["spec"].get("restartPolicy", "Always")
    return policy == "Never" or (policy == "OnFailure" and (not failure or _is_of_a_job(pod)))


def _is_of_a_job(pod: Document) -> bool:
    owners = pod["metadata"].get("ownerReferences") or ()
    return any(owner["kind"] == "Job" and owner.get("controller") for owner in owners)


def _phase(statuses: list[Document]) -> str:
    states = [item["state"] for item in statuses]
    if any((state.get("waiting") or {}).get("reason") == PULL for state in states):
        return "Pending"
    if not all("terminated" in state for state in states):
        return "Running"
    failed = any(state["terminated"]["exitCode"] for state in states)
    return "Failed" if failed else "Succeeded"


_CONDITIONS = ("PodScheduled", "Initialized", "ContainersReady", "Ready")


def _condition(name: str, phase: str, now: str, *, ready: bool) -> Document:
    holds = ready or name in ("PodScheduled", "Initialized")
    condition: Document = {
        "type": name,
        "status": "True" if holds else "False",
        "lastProbeTime": None,
        "lastTransitionTime": now,
    }
    if not holds:
        condition["reason"] = (
            "PodCompleted" if phase in ("Succeeded", "Failed") else "ContainersNotReady"
        )
    return condition
