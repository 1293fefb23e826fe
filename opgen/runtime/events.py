"""Kubernetes Events about what controllers do.

Events are told in passing: they are sent in the background, and dropped and counted rather than
ever holding up a reconcile. The same event told again within six minutes raises the count of its
series instead of making a new one, and a token bucket per object holds back controllers that talk
too much.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
from dataclasses import dataclass, field
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
BACKLOG = 1000
REMEMBERED = 4096
NOTE_LENGTH = 1024
"""Source: validation of events.k8s.io/v1."""


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
    """Sends events. `run` does the sending until it is cancelled."""

    def __init__(
        self, client: Client, *, instance: str, metrics: Metrics, clock: Clock = SYSTEM_CLOCK
    ) -> None:
        self._client = client
        self._instance = instance
        self._metrics = metrics
        self._clock = clock
        self._backlog: asyncio.Queue[_Told] = asyncio.Queue(BACKLOG)
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
        if not self._take(regarding.get("uid", "")) or self._backlog.full():
            self._metrics.count("opgen_events_dropped")
            return
        note = note if len(note) <= NOTE_LENGTH else note[: NOTE_LENGTH - 1] + "…"
        self._backlog.put_nowait(_Told(regarding, type, reason, note, action, controller))

    async def run(self) -> None:
        """Send what is queued, for ever."""
        while True:
            await self._send_or_drop(await self._backlog.get())

    async def drain(self) -> None:
        """Send what is queued, and return."""
        while not self._backlog.empty():
            await self._send_or_drop(self._backlog.get_nowait())

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
                    "lastObservedTime": format_micro_time(self._clock.wall()),
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
        name = f"{told.regarding.get('name', 'event')[:230]}.{secrets.token_hex(8)}"
        while len(self._series) >= REMEMBERED:
            del self._series[next(iter(self._series))]
        self._series[told.key] = _Series(name, namespace, now)
        body = {
            "metadata": {"name": name, "namespace": namespace},
            "eventTime": format_micro_time(self._clock.wall()),
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
