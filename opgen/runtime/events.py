"""Kubernetes Events about what controllers do.

Events are told in passing: they are sent in the background, one after the other, and dropped and
counted rather than ever holding up a reconcile. While objects wait to be reconciled, their writes
go first, for a few seconds at most; an Event carries the time at which it was told. The same event
told again within six minutes raises the count of its series instead of making a new one, and a
token bucket per object holds back controllers that talk too much.
"""

from __future__ import annotations

import asyncio
import logging
import re
import secrets
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from opgen.api.resources import ResourceKind
from opgen.runtime.client import Client
from opgen.runtime.clock import SYSTEM_CLOCK, Clock
from opgen.runtime.codec import format_micro_time
from opgen.runtime.errors import ApiError, Unreachable
from opgen.runtime.metrics import Metrics

log = logging.getLogger("opgen.events")

EVENT = ResourceKind("events.k8s.io", "v1", "Event", "events")
SERIES_SECONDS = 360.0
BURST = 25
REFILL_SECONDS = 300.0
"""One more event per object in this time. Source: client-go's event spam filter."""
BACKLOG = 10_000
PATIENCE_SECONDS = 5.0
"""An event is held back no longer than this while there is work to do."""
HOLD_SECONDS = 0.05
DRAIN_SECONDS = 5.0
"""How long the end of an operator may be held up by events."""
REMEMBERED = 4096
NOTE_LENGTH = 1024
"""In bytes. Source: validation of events.k8s.io/v1."""
RANDOM_BYTES = 8
_SUBDOMAIN = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*")


@dataclass(slots=True)
class _Bucket:
    tokens: float
    at: float


@dataclass(slots=True)
class _Series:
    name: str
    namespace: str
    last: float
    count: int = 1


@dataclass(frozen=True, slots=True)
class _Told:
    at: float
    time: datetime
    regarding: dict[str, Any] = field(hash=False)
    type: str
    reason: str
    note: str
    action: str
    controller: str

    @property
    def key(self) -> tuple[str, ...]:
        subject = self.regarding
        return (
            subject.get("uid", ""),
            subject.get("name", ""),
            *(self.type, self.reason, self.note, self.action, self.controller),
        )


class EventRecorder:
    """Sends events. `run` does the sending until it is cancelled.

    Args:
        client: What sends them.
        instance: Who tells them.
        metrics: Where the dropped ones are counted.
        clock: The time.
        busy: Says whether objects wait to be reconciled.
    """

    def __init__(
        self,
        client: Client,
        *,
        instance: str,
        metrics: Metrics,
        clock: Clock = SYSTEM_CLOCK,
        busy: Callable[[], bool] = lambda: False,
    ) -> None:
        self._client = client
        self._instance = instance
        self._metrics = metrics
        self._clock = clock
        self._busy = busy
        self._backlog: deque[_Told] = deque()
        self._arrived = asyncio.Event()
        self._buckets: dict[str, _Bucket] = {}
        self._series: dict[tuple[str, ...], _Series] = {}

    def tell(
        self,
        regarding: dict[str, Any],
        reason: str,
        note: str,
        *,
        type: str = "Normal",
        action: str = "Reconcile",
        controller: str,
    ) -> None:
        """Queue an event about an object, given as an ObjectReference."""
        if not self._take(regarding.get("uid", "")) or len(self._backlog) >= BACKLOG:
            self._metrics.count("opgen_events_dropped")
            return
        note = shortened(note)
        at, time = self._clock.now(), self._clock.wall()
        self._backlog.append(_Told(at, time, regarding, type, reason, note, action, controller))
        self._arrived.set()

    async def run(self) -> None:
        """Send what is queued, for ever."""
        while True:
            await self._arrived.wait()
            while self._backlog:
                if self._busy() and self._clock.now() - self._backlog[0].at < PATIENCE_SECONDS:
                    await self._clock.sleep(HOLD_SECONDS)
                else:
                    await self._send_or_drop(self._backlog.popleft())
            self._arrived.clear()

    async def drain(self) -> None:
        """Send what is queued, as far as that can be done soon, and return."""
        end = self._clock.now() + DRAIN_SECONDS
        while self._backlog and self._clock.now() < end:
            await self._send_or_drop(self._backlog.popleft())
        if self._backlog:
            self._metrics.count("opgen_events_dropped", len(self._backlog))
            log.warning("%d events were not sent before the end", len(self._backlog))
            self._backlog.clear()

    async def _send_or_drop(self, told: _Told) -> None:
        try:
            await self._send(told)
        except (ApiError, Unreachable) as error:
            self._metrics.count("opgen_events_dropped")
            log.warning("an event was not sent: %s", error)

    async def _send(self, told: _Told) -> None:
        now = self._clock.now()
        series = self._series.get(told.key)
        if series is not None and now - series.last < SERIES_SECONDS:
            series.count += 1
            series.last = now
            body = {
                "series": {
                    "count": series.count,
                    "lastObservedTime": format_micro_time(told.time),
                }
            }
            try:
                await self._client.patch(EVENT, series.name, body, series.namespace)
                return
            except ApiError as error:
                if error.code != 404:
                    raise
        await self._create(told, now)

    async def _create(self, told: _Told, now: float) -> None:
        namespace = told.regarding.get("namespace") or "default"
        name = _name(told.regarding.get("name", ""))
        while len(self._series) >= REMEMBERED:
            del self._series[next(iter(self._series))]
        self._series[told.key] = _Series(name, namespace, now)
        body = {
            "metadata": {"name": name, "namespace": namespace},
            "eventTime": format_micro_time(told.time),
            "reportingController": told.controller,
            "reportingInstance": self._instance[:128],
            "action": told.action,
            "reason": told.reason,
            "regarding": told.regarding,
            "note": told.note,
            "type": told.type,
        }
        await self._client.create(EVENT, body, namespace)

    def _take(self, uid: str) -> bool:
        now = self._clock.now()
        bucket = self._buckets.get(uid)
        if bucket is None:
            if len(self._buckets) >= REMEMBERED:
                self._buckets.pop(next(iter(self._buckets)))
            bucket = self._buckets[uid] = _Bucket(BURST, now)
        bucket.tokens = min(BURST, bucket.tokens + (now - bucket.at) / REFILL_SECONDS)
        bucket.at = now
        if bucket.tokens < 1:
            return False
        bucket.tokens -= 1
        return True


def shortened(note: str) -> str:
    """A note as long as an Event may have it, which is counted in bytes."""
    if len(note.encode()) <= NOTE_LENGTH:
        return note
    return note.encode()[: NOTE_LENGTH - len("…".encode())].decode(errors="ignore") + "…"


def _name(subject: str) -> str:
    """A name for an Event about an object; some kinds have names that no Event may have."""
    start = subject[: 253 - 1 - 2 * RANDOM_BYTES].rstrip("-.")
    random = secrets.token_hex(RANDOM_BYTES)
    return f"{start}.{random}" if _SUBDOMAIN.fullmatch(start) else random
