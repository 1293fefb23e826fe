"""Jobs: pods until enough of them have succeeded, or too many have failed."""

from __future__ import annotations

from opgen.testing.clock import timestamp
from opgen.testing.controllers.owners import PODS, Owner, is_ready, without_zero
from opgen.testing.errors import Document
from opgen.testing.resources.deletion import DeleteOptions

JOBS = ("batch", "jobs")


class JobController(Owner):
    """Runs Jobs to their end."""

    owner, child = JOBS, PODS

    async def sync(self, owner: Document) -> None:
        """Start the pods that are wanted now, and tell how far it is."""
        if _ended(owner):
            return
        spec, pods = owner["spec"], self.children(owner)
        phases = [(pod.get("status") or {}).get("phase") for pod in pods]
        active = [pod for pod, phase in zip(pods, phases, strict=True) if phase in _ALIVE]
        succeeded, failed = phases.count("Succeeded"), phases.count("Failed")
        completions = spec.get("completions") or spec.get("parallelism", 1)
        outcome = ""
        if succeeded >= completions:
            outcome = "Complete"
        elif failed > spec.get("backoffLimit", 6):
            outcome = "Failed"
        wanted = min(spec.get("parallelism", 1), completions - succeeded)
        if outcome or spec.get("suspend"):
            wanted = 0
        for _ in range(wanted - len(active)):
            await self.create_pod(owner, generateName=f"{owner['metadata']['name']}-")
        for pod in active[wanted:]:
            name, namespace = pod["metadata"]["name"], owner["metadata"]["namespace"]
            await self.operations.delete(self.type(PODS), namespace, name, DeleteOptions())
        await self._tell(owner, outcome)

    async def _tell(self, owner: Document, outcome: str) -> None:
        now = timestamp(self.operations.clock.now())
        pods = self.children(owner)
        phases = [(pod.get("status") or {}).get("phase") for pod in pods]

        def status(old: Document) -> Document:
            counts: Document = {
                "conditions": old.get("conditions") or _conditions(owner, outcome, now),
                "startTime": old.get("startTime") or ("" if owner["spec"].get("suspend") else now),
                "completionTime": now if outcome == "Complete" else "",
                "active": sum(phase in _ALIVE for phase in phases),
                "succeeded": phases.count("Succeeded"),
                "failed": phases.count("Failed"),
                "terminating": 0,
                "uncountedTerminatedPods": {},
                "ready": sum(map(is_ready, pods)),
            }
            return without_zero(counts, "terminating", "uncountedTerminatedPods", "ready")

        await self.set_status(owner, status)


_ALIVE = (None, "Pending", "Running")


def _ended(job: Document) -> bool:
    conditions = (job.get("status") or {}).get("conditions") or ()
    return any(
        item["type"] in ("Complete", "Failed") and item["status"] == "True" for item in conditions
    )


def _conditions(job: Document, outcome: str, now: str) -> list[Document]:
    told = {
        "Complete": (
            ("SuccessCriteriaMet", "Complete"),
            "CompletionsReached",
            "Reached expected number of succeeded pods",
        ),
        "Failed": (
            ("FailureTarget", "Failed"),
            "BackoffLimitExceeded",
            "Job has reached the specified backoff limit",
        ),
    }.get(outcome)
    if told is None:
        return []
    kinds, reason, message = told
    return [
        {
            "type": kind,
            "status": "True",
            "lastProbeTime": now,
            "lastTransitionTime": now,
            "reason": reason,
            "message": message,
        }
        for kind in kinds
    ]
