"""CronJobs make Jobs when the test's clock says so."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from opgen.k8s import batch_v1
from opgen.testing import Cluster, ManualClock
from opgen.testing.objects.cron import Schedule

NOON = datetime(2024, 5, 1, 12, 0, 30, tzinfo=UTC).timestamp()


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(NOON)


@pytest.fixture
def kube(clock: ManualClock) -> Iterator[Cluster]:
    with Cluster.start(clock=clock) as cluster:
        yield cluster


def cron_job(schedule: str = "*/5 * * * *", image: str = "app", **spec: Any) -> dict[str, Any]:
    pod = {"containers": [{"name": "c", "image": image}], "restartPolicy": "Never"}
    template = {
        "metadata": {"labels": {"of": "cron"}},
        "spec": {"backoffLimit": 0, "template": {"spec": pod}},
    }
    return {
        "apiVersion": "batch/v1",
        "kind": "CronJob",
        "metadata": {"name": "tidy"},
        "spec": {"schedule": schedule, "jobTemplate": template, **spec},
    }


def names(kube: Cluster) -> list[str]:
    return sorted(job["metadata"]["name"] for job in kube.list(batch_v1.Job))


def status(kube: Cluster) -> dict[str, Any]:
    found: dict[str, Any] = kube.get(batch_v1.CronJob, "tidy").get("status") or {}
    return found


def job_at(minute: int, hour: int = 12) -> str:
    return f"tidy-{int(datetime(2024, 5, 1, hour, minute, tzinfo=UTC).timestamp()) // 60}"


def settled(kube: Cluster, jobs: list[str]) -> Callable[[], bool]:
    return lambda: names(kube) == jobs and not status(kube).get("active")


def test_a_job_is_made_when_it_is_time(kube: Cluster, clock: ManualClock) -> None:
    kube.create(cron_job())
    clock.advance(4 * 60)
    assert names(kube) == []
    clock.advance(60)
    kube.eventually(settled(kube, [job_at(5)]))
    job = kube.get(batch_v1.Job, job_at(5))
    assert job["metadata"]["labels"]["of"] == "cron"
    annotations = job["metadata"]["annotations"]
    assert annotations["batch.kubernetes.io/cronjob-scheduled-timestamp"] == "2024-05-01T12:05:00Z"
    assert job["metadata"]["ownerReferences"][0]["name"] == "tidy"
    assert status(kube)["lastScheduleTime"] == "2024-05-01T12:05:00Z"
    assert status(kube)["lastSuccessfulTime"] == "2024-05-01T12:05:30Z"


def test_of_missed_times_the_latest_counts(kube: Cluster, clock: ManualClock) -> None:
    kube.create(cron_job())
    clock.advance(3600)
    kube.eventually(settled(kube, [job_at(0, 13)]))


def test_a_missed_deadline_is_missed(kube: Cluster, clock: ManualClock) -> None:
    kube.create(cron_job(startingDeadlineSeconds=10))
    clock.advance(5 * 60)
    clock.advance(4 * 60 + 35)
    kube.eventually(settled(kube, [job_at(10)]))


def test_suspended_ones_wait(kube: Cluster, clock: ManualClock) -> None:
    kube.create(cron_job(suspend=True))
    clock.advance(600)
    kube.patch(batch_v1.CronJob, "tidy", {"spec": {"suspend": False}})
    kube.eventually(settled(kube, [job_at(10)]))


@pytest.mark.parametrize(
    ("policy", "left"),
    [("Allow", [5, 10]), ("Forbid", [5]), ("Replace", [10])],
)
def test_concurrency(kube: Cluster, clock: ManualClock, policy: str, left: list[int]) -> None:
    kube.server.images.fail("slow", "ImagePullBackOff")
    kube.create(cron_job(image="slow", concurrencyPolicy=policy))
    clock.advance(5 * 60)
    kube.eventually(lambda: len(status(kube).get("active", ())) == 1)
    clock.advance(5 * 60)
    wanted = sorted(map(job_at, left))

    def active() -> list[str]:
        return sorted(item["name"] for item in status(kube).get("active", ()))

    kube.eventually(lambda: names(kube) == wanted and active() == wanted)


def test_history_is_limited(kube: Cluster, clock: ManualClock) -> None:
    kube.create(cron_job(successfulJobsHistoryLimit=2))
    for minute in (5, 10, 15, 20):
        clock.advance(5 * 60)
        at = f"2024-05-01T12:{minute:02}:30Z"
        kube.eventually(lambda at=at: status(kube).get("lastSuccessfulTime") == at)
    kube.eventually(settled(kube, [job_at(15), job_at(20)]))


@pytest.mark.parametrize(
    ("schedule", "message"),
    [
        ("* * *", "expected exactly 5 fields, found 3: [* * *]"),
        ("61 * * * *", "end of range (61) above maximum (59): 61"),
        ("5-1 * * * *", "beginning of range (5) beyond end of range (1): 5-1"),
        ("*/0 * * * *", "step of range should be a positive number: */0"),
        ("x * * * *", 'failed to parse int from x: strconv.Atoi: parsing "x": invalid syntax'),
        ("@never", "unrecognized descriptor: @never"),
    ],
)
def test_schedules_that_are_none(schedule: str, message: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        Schedule.parse(schedule)


@pytest.mark.parametrize(
    ("schedule", "zone", "after", "expected"),
    [
        ("30 4 1 * *", "", "2024-05-01T12:00:00+00:00", "2024-06-01T04:30:00+00:00"),
        ("0 0 13 * fri", "", "2024-05-01T12:00:00+00:00", "2024-05-03T00:00:00+00:00"),
        ("0 0 29 2 *", "", "2024-05-01T12:00:00+00:00", "2028-02-29T00:00:00+00:00"),
        ("0 9 * * mon-fri", "America/New_York", "2024-05-04T00:00:00+00:00", "2024-05-06T13:00"),
        ("@hourly", "", "2024-05-01T12:00:00+00:00", "2024-05-01T13:00:00+00:00"),
        ("10-20/5,40 * * * *", "", "2024-05-01T12:20:00+00:00", "2024-05-01T12:40:00+00:00"),
    ],
)
def test_when_it_is_next(schedule: str, zone: str, after: str, expected: str) -> None:
    moment = Schedule.parse(schedule, zone).following(datetime.fromisoformat(after).timestamp())
    assert moment is not None
    assert datetime.fromtimestamp(moment, UTC).isoformat().startswith(expected)
