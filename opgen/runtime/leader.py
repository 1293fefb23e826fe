"""Leader election with a Lease: of several replicas one works, the others stand by.

The holder renews the Lease every two seconds; who cannot for ten stops working, five seconds before
others may take over. Times are measured with each process's own monotonic clock from the moment it
saw the Lease change, so clocks need not agree. Source: client-go's leader election.
"""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass
from typing import Any

from opgen.api.resources import ResourceKind
from opgen.runtime.client import Client
from opgen.runtime.clock import SYSTEM_CLOCK, Clock
from opgen.runtime.codec import format_micro_time
from opgen.runtime.errors import ApiError, Unreachable

log = logging.getLogger("opgen.leader")

LEASE = ResourceKind("coordination.k8s.io", "v1", "Lease", "leases")


@dataclass(frozen=True, kw_only=True, slots=True)
class ElectionTiming:
    """Seconds: how long a lease lasts, when its holder gives up, how often it is tried."""

    lease: float = 15.0
    renew: float = 10.0
    retry: float = 2.0


class LeaderElector:
    """One candidate."""

    def __init__(
        self,
        client: Client,
        name: str,
        identity: str,
        *,
        namespace: str,
        timing: ElectionTiming | None = None,
        clock: Clock = SYSTEM_CLOCK,
    ) -> None:
        self.is_leader = False
        self._client = client
        self._name = name
        self._namespace = namespace
        self._identity = identity
        self._timing = timing or ElectionTiming()
        self._clock = clock
        self._observed: dict[str, Any] = {}
        self._observed_at = 0.0
        self._renewed = float("-inf")

    async def acquire(self) -> None:
        """Wait until we are the leader."""
        log.info("waiting for the lease %s/%s", self._namespace, self._name)
        while not await self._try(self._timing.renew):
            await self._clock.sleep(self._timing.retry * (1 + 0.2 * self._clock.random()))
        self.is_leader = True
        log.info("this is the leader now: %s", self._identity)

    async def hold(self) -> None:
        """Renew until it cannot be renewed in time; then we are not the leader any more."""
        while (left := self._left()) > 0:
            await self._clock.sleep(min(self._timing.retry, left))
            # A server that does not answer must not keep us in the belief that we lead.
            await self._try(self._left())
        self.is_leader = False
        log.error("the lease %s/%s could not be renewed in time", self._namespace, self._name)

    def holds(self) -> bool:
        """Whether we are the leader now, with a Lease that was renewed lately enough."""
        return self.is_leader and self._left() > 0

    def _left(self) -> float:
        """The seconds after which we are not the leader any more, unless the Lease is renewed."""
        return self._renewed + self._timing.renew - self._clock.now()

    async def release(self) -> None:
        """Give the lease back, so that others need not wait for it to run out."""
        if not self.is_leader:
            return
        self.is_leader = False
        try:
            async with asyncio.timeout(max(0.0, self._left())):
                await self._give_back()
        except (ApiError, Unreachable, TimeoutError) as error:
            log.warning("the lease was not given back: %s", error if str(error) else "no answer")

    async def _give_back(self) -> None:
        # Read anew: a renewal that was cancelled may have arrived all the same.
        lease = await self._client.get(LEASE, self._name, self._namespace)
        if lease["spec"].get("holderIdentity") == self._identity:
            spec = {**lease["spec"], "holderIdentity": "", "leaseDurationSeconds": 1}
            await self._client.replace(LEASE, {**lease, "spec": spec}, self._namespace)

    async def _try(self, seconds: float) -> bool:
        try:
            async with asyncio.timeout(max(0.0, seconds)):
                return await self._try_once()
        except (ApiError, Unreachable, TimeoutError) as error:
            if not (isinstance(error, ApiError) and error.code == 409):
                log.warning("cannot get at the lease: %s", error if str(error) else "no answer")
            return False

    async def _try_once(self) -> bool:
        now = self._clock.now()
        try:
            lease = await self._client.get(LEASE, self._name, self._namespace)
        except ApiError as error:
            if error.code != 404:
                raise
            body = {
                "metadata": {"name": self._name, "namespace": self._namespace},
                "spec": self._spec({}),
            }
            self._took(await self._client.create(LEASE, body, self._namespace), now)
            return True
        spec = lease.get("spec") or {}
        if spec != self._observed.get("spec"):
            self._observe(lease, now)
        holder = spec.get("holderIdentity") or ""
        lasts = float(spec.get("leaseDurationSeconds") or self._timing.lease)
        if holder not in ("", self._identity) and self._observed_at + lasts > now:
            self._renewed = float("-inf")  # whoever gave it to others: it is not ours any more
            return False
        body = {**lease, "spec": self._spec(spec)}
        self._took(await self._client.replace(LEASE, body, self._namespace), now)
        return True

    def _took(self, lease: dict[str, Any], now: float) -> None:
        self._observe(lease, now)
        self._renewed = now

    def _observe(self, lease: dict[str, Any], now: float) -> None:
        self._observed, self._observed_at = lease, now

    def _spec(self, old: dict[str, Any]) -> dict[str, Any]:
        moment = format_micro_time(self._clock.wall())
        same = old.get("holderIdentity") == self._identity
        transitions = int(old.get("leaseTransitions") or 0)
        return {
            "holderIdentity": self._identity,
            "leaseDurationSeconds": round(self._timing.lease),
            "acquireTime": (old.get("acquireTime") if same else None) or moment,
            "renewTime": moment,
            "leaseTransitions": transitions if same or not old else transitions + 1,
        }
