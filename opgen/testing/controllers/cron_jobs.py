"""CronJobs: a Job at each scheduled time, as far as the policy allows.

A time that was missed is made up for once, by the latest one. Source: the syncCronJob of
Kubernetes' cronjob controller.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from opgen.testing.clock import timestamp
from opgen.testing.controllers.jobs import JOBS
from opgen.testing.controllers.owners import WRITER, Owner, copied
from opgen.testing.errors import Document
from opgen.testing.objects.cron import Schedule
from opgen.testing.resources.deletion import DeleteOptions
from opgen.testing.resources.operations import Operations
from opgen.testing.storage import Key

CRON_JOBS = ("batch", "cronjobs")
Again = Callable[["CronJobController", Key, float], None]
"""Asks to be called for a key once more, at a moment in seconds."""
_SCHEDULED_AT = "batch.kubernetes.io/cronjob-scheduled-timestamp"


class CronJobController(Owner):
    """Makes Jobs when it is time."""

    owner, child = CRON_JOBS, JOBS

    def __init__(self, operations: Operations, again: Again) -> None:
        super().__init__(operations)
        self._again = again

    async def sync(self, owner: Document) -> None:
        """Forget old Jobs, start the one that is due, and come back for the next."""
        spec, metadata = owner["spec"], owner["metadata"]
        jobs = self.children(owner)
        await self._forget(spec, jobs)
        status = _status(owner.get("status") or {}, jobs)
        if not spec.get("suspend"):
            schedule = Schedule.parse(spec["schedule"], spec.get("timeZone") or "")
            now = self.operations.clock.now()
            since = status.get("lastScheduleTime") or metadata["creationTimestamp"]
            due = schedule.latest(_seconds(since), now)
            deadline = spec.get("startingDeadlineSeconds")
            if due is not None and (deadline is None or now <= due + deadline):
                status = await self._start(owner, jobs, due, status)
            following = schedule.following(now)
            if following is not None:
                key = (metadata["namespace"], metadata["name"])
                self._again(self, key, following)
        await self.set_status(owner, lambda _: status)

    async def _start(
        self, owner: Document, jobs: list[Document], due: float, status: Document
    ) -> Document:
        """Make the Job of a time; what the status then is."""
        running = [job for job in jobs if not _outcome(job)]
        policy = owner["spec"].get("concurrencyPolicy")
        if policy == "Forbid" and running:
            return status
        name = f"{owner['metadata']['name']}-{int(due) // 60}"
        if any(job["metadata"]["name"] == name for job in jobs):
            return status
        if policy == "Replace":
            for job in running:
                await self._delete(job)
            jobs = [job for job in jobs if job not in running]
        made = await self.operations.create(
            self.type(JOBS),
            owner["metadata"]["namespace"],
            self._job(owner, name, due),
            WRITER,
        )
        return _status(status, [*jobs, made]) | {"lastScheduleTime": timestamp(due)}

    def _job(self, owner: Document, name: str, due: float) -> Document:
        spec = owner["spec"]
        template = copied(spec["jobTemplate"])
        about = template.get("metadata") or {}
        zone = ZoneInfo(spec["timeZone"]) if spec.get("timeZone") else UTC
        stamp = datetime.fromtimestamp(due, zone).isoformat().replace("+00:00", "Z")
        return {
            "metadata": {
                "name": name,
                "labels": about.get("labels") or {},
                "annotations": (about.get("annotations") or {}) | {_SCHEDULED_AT: stamp},
                "ownerReferences": self.reference(owner),
            },
            "spec": template["spec"],
        }

    async def _forget(self, spec: Document, jobs: list[Document]) -> None:
        """Delete the oldest ended Jobs beyond the limits; taken from `jobs`, in place."""
        for outcome, limit in (
            ("Complete", spec.get("successfulJobsHistoryLimit")),
            ("Failed", spec.get("failedJobsHistoryLimit")),
        ):
            ended = sorted(
                (job for job in jobs if _outcome(job) == outcome),
                key=lambda job: (job["metadata"]["creationTimestamp"], job["metadata"]["name"]),
            )
            for job in ended[: len(ended) - limit] if limit is not None else ():
                await self._delete(job)
                jobs.remove(job)

    async def _delete(self, job: Document) -> None:
        metadata = job["metadata"]
        options = DeleteOptions(propagation="Background")
        await self.operations.delete(
            self.type(JOBS), metadata["namespace"], metadata["name"], options
        )


def _outcome(job: Document) -> str:
    """How a Job ended; nothing while it runs."""
    for condition in (job.get("status") or {}).get("conditions") or ():
        if condition["type"] in ("Complete", "Failed") and condition["status"] == "True":
            return str(condition["type"])
    return ""


def _status(old: Document, jobs: list[Document]) -> Document:
    """What the status says of the Jobs: which run, and when one last ended well."""
    done = [
        (job.get("status") or {}).get("completionTime") or ""
        for job in jobs
        if _outcome(job) == "Complete"
    ]
    status: Document = {
        "active": [
            {
                "kind": "Job",
                "namespace": job["metadata"]["namespace"],
                "name": job["metadata"]["name"],
                "uid": job["metadata"]["uid"],
                "apiVersion": "batch/v1",
                "resourceVersion": job["metadata"]["resourceVersion"],
            }
            for job in jobs
            if not _outcome(job)
        ],
        "lastScheduleTime": old.get("lastScheduleTime"),
        "lastSuccessfulTime": max([*done, old.get("lastSuccessfulTime") or ""]),
    }
    return {name: value for name, value in status.items() if value}


def _seconds(stamp: str) -> float:
    return datetime.fromisoformat(stamp.replace("Z", "+00:00")).timestamp()
