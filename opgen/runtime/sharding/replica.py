"""One replica among several: it publishes its Lease, looks at the others, and says what is ours.

Each member writes one Lease and lists all of them every two seconds. A member that cannot do so for
ten seconds ends; the others take over its slots when its Lease has run out, five seconds later.
"""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Callable, Iterable
from typing import Any

from opgen.api.controllers import PolicyRule
from opgen.api.errors import Problems
from opgen.runtime.client import Client
from opgen.runtime.clock import SYSTEM_CLOCK, Clock
from opgen.runtime.codec import format_micro_time
from opgen.runtime.errors import ApiError, Unreachable
from opgen.runtime.leader import LEASE, ElectionTiming
from opgen.runtime.sharding.membership import Membership, Seen
from opgen.runtime.sharding.ring import SLOTS, slot_of
from opgen.runtime.store import Key

log = logging.getLogger("opgen.shards")

GROUP_LABEL = "opgen.dev/shards"
VIEW_ANNOTATION = "opgen.dev/members"
FORGOTTEN_AFTER = 10
"""Leases are deleted when they have not been renewed for this many times their duration."""

Gained = Callable[[frozenset[int]], None]


def rules(namespace: str) -> tuple[PolicyRule, ...]:
    """The rights that a member needs."""
    verbs = ("create", "delete", "list", "update")
    groups = (LEASE.group,)
    return (PolicyRule(groups=groups, resources=("leases",), verbs=verbs, namespace=namespace),)


class Replica:
    """One member.

    Args:
        client: For Leases alone, so that nothing else delays them.
        group: The name that all members share.
        identity: A name of its own.
        namespace: Where the Leases live.
        busy: Gives the keys that are being worked on.
        gained: Told of slots that may be worked on from now on.
        timing: How long a Lease lasts, when its holder gives up, how often it is renewed.
        clock: Time and chance.
    """

    def __init__(
        self,
        client: Client,
        group: str,
        identity: str,
        *,
        namespace: str,
        busy: Callable[[], Iterable[Key]],
        gained: Gained,
        timing: ElectionTiming | None = None,
        clock: Clock = SYSTEM_CLOCK,
    ) -> None:
        self.membership = Membership(identity)
        self._client = client
        self._group = group
        self._name = re.sub(r"[^a-z0-9-]+", "-", f"{group}-{identity}".lower()).strip("-")
        self._namespace = namespace
        self._busy = busy
        self._gained = gained
        self._timing = timing or ElectionTiming()
        self._clock = clock
        self._lease: dict[str, Any] = {}
        self._renewed = float("-inf")
        self._delayed_since = float("inf")
        """When work here began to keep others from their share, or when that was told last."""

    def owns(self, key: Key) -> bool:
        """Whether a key may be worked on now."""
        return self.holds() and slot_of(*key) in self.membership.owned

    def holds(self) -> bool:
        """Whether our own Lease is fresh enough for us to do anything."""
        return self._left() > 0

    async def join(self) -> None:
        """Become a member; wait for that as long as it takes."""
        while not await self._try(self._timing.renew):
            await self._pause()
        log.info("a member of %s/%s: %s", self._namespace, self._group, self._name)

    async def run(self) -> None:
        """Take part until that cannot go on.

        Raises:
            Problems: the Lease could not be renewed in time, or somebody deleted it.
        """
        while (left := self._left()) > 0:
            done = await self._try(left)
            if not done or self.membership.settled or self._waits_for_work():
                await self._pause()
        self.membership.owned = frozenset()
        raise Problems.of(
            f"the lease {self._namespace}/{self._name} is lost: other replicas take over",
            hint="this process ends so that no key has two owners; it may be restarted",
        )

    async def leave(self) -> None:
        """Delete the Lease, so that others need not wait for it to run out."""
        self.membership.owned = frozenset()
        uid = (self._lease.get("metadata") or {}).get("uid", "")
        if not uid or not self.holds():
            return
        try:
            async with asyncio.timeout(self._left()):
                await self._client.delete(LEASE, self._name, self._namespace, uid=uid)
        except (ApiError, Unreachable, TimeoutError) as error:
            log.warning("the lease was not given back: %s", error if str(error) else "no answer")

    def _left(self) -> float:
        """The seconds after which we may do nothing any more, unless the Lease is renewed."""
        return self._renewed + self._timing.renew - self._clock.now()

    async def _pause(self) -> None:
        await self._clock.sleep(self._timing.retry * (1 + 0.2 * self._clock.random()))

    def _waits_for_work(self) -> bool:
        """Whether a view cannot be published before something has been finished."""
        membership = self.membership
        return membership.next_view(self._busy_slots()) != membership.view

    def _busy_slots(self) -> set[int]:
        return {slot_of(*key) for key in self._busy()}

    def _tell_if_others_wait(self, view: frozenset[str]) -> None:
        now, given_away = self._clock.now(), self.membership.given_away
        delayed = view != self.membership.view
        self._delayed_since = min(self._delayed_since, now) if delayed else float("inf")
        if delayed and now - self._delayed_since > self._timing.lease:
            self._delayed_since = now
            keys = sorted("/".join(key) for key in self._busy() if slot_of(*key) in given_away)
            log.warning("other members wait for what is being worked on here: %s", ", ".join(keys))

    async def _try(self, seconds: float) -> bool:
        try:
            async with asyncio.timeout(seconds):
                await self._step()
        except (ApiError, Unreachable, TimeoutError) as error:
            log.warning("cannot get at the leases: %s", error if str(error) else "no answer")
            return False
        return True

    async def _step(self) -> None:
        """Publish, then look, in this order."""
        view = self.membership.next_view(self._busy_slots())
        self._tell_if_others_wait(view)
        await self._publish(view)
        selector = f"{GROUP_LABEL}={self._group}"
        leases = await self._client.list(LEASE, self._namespace, label_selector=selector)
        now, others = self._clock.now(), list[Seen]()
        for lease in leases:
            if lease["metadata"]["name"] == self._name:
                self._lease = lease
            else:
                others.append(_seen(lease, self._timing.lease))
        before = self.membership.view
        gained = self.membership.observe(others, now)
        if self.membership.view != before:
            log.info("members of %s: %s", self._group, ", ".join(sorted(self.membership.view)))
        if gained:
            log.info("of %d slots %d are ours", SLOTS, len(self.membership.owned))
            self._gained(gained)
        await self._clean(others, now)

    async def _publish(self, view: frozenset[str]) -> None:
        began = self._clock.now()
        self.membership.publishing(view)
        body = {**self._lease, "metadata": self._metadata(view), "spec": self._spec()}
        write = self._client.replace if self._lease else self._client.create
        try:
            self._lease = await write(LEASE, body, self._namespace)
        except ApiError as error:
            if error.code == 409:  # a request whose answer was lost has arrived after all
                self._lease = await self._client.get(LEASE, self._name, self._namespace)
            elif error.code == 404 and self._lease:
                self._renewed = float("-inf")  # deleted: others may believe that we are gone
            raise
        self.membership.published(view)
        if not self.holds():  # keys have been let go meanwhile: all that is ours is gained anew
            self.membership.owned = frozenset()
        self._renewed = began

    async def _clean(self, others: Iterable[Seen], now: float) -> None:
        """Delete the Leases of those that are long gone."""
        for seen in others:
            if self.membership.silence(seen.identity, now) < FORGOTTEN_AFTER * seen.lasts:
                continue
            try:
                await self._client.delete(LEASE, seen.name, self._namespace, uid=seen.uid)
            except ApiError as error:
                if error.code not in (404, 409):
                    raise

    def _metadata(self, view: frozenset[str]) -> dict[str, Any]:
        return {
            **(self._lease.get("metadata") or {"name": self._name, "namespace": self._namespace}),
            "labels": {GROUP_LABEL: self._group},
            "annotations": {VIEW_ANNOTATION: ",".join(sorted(view))},
        }

    def _spec(self) -> dict[str, Any]:
        moment = format_micro_time(self._clock.wall())
        spec = self._lease.get("spec") or {"acquireTime": moment, "leaseTransitions": 0}
        return {
            **spec,
            "holderIdentity": self.membership.identity,
            "leaseDurationSeconds": max(1, round(self._timing.lease)),
            "renewTime": moment,
        }


def _seen(lease: dict[str, Any], usual: float) -> Seen:
    metadata, spec = lease["metadata"], lease.get("spec") or {}
    view = (metadata.get("annotations") or {}).get(VIEW_ANNOTATION, "")
    return Seen(
        identity=spec.get("holderIdentity") or metadata["name"],
        view=frozenset(view.split(",")) - {""},
        stamp=metadata["resourceVersion"],
        lasts=float(spec.get("leaseDurationSeconds") or usual),
        name=metadata["name"],
        uid=metadata["uid"],
    )
