"""Several managers on one server: one works, the others stand by with filled caches."""

from __future__ import annotations

import asyncio
import itertools
from typing import Any

import pytest

from opgen.api import Problems
from opgen.k8s import coordination_v1, core_v1
from opgen.runtime import Context, controller
from opgen.runtime.client import Client
from opgen.runtime.clock import SYSTEM_CLOCK, Clock, SystemClock
from opgen.runtime.debug import report
from opgen.runtime.leader import ElectionTiming
from opgen.runtime.manager import Manager, Options
from opgen.runtime.sharding.replica import GROUP_LABEL, VIEW_ANNOTATION
from opgen.runtime.sharding.replica import Replica as Member
from opgen.runtime.sharding.ring import claims, slot_of
from opgen.testing.faults import Fault
from opgen.testing.server import ApiServer

TIMING = ElectionTiming(lease=120.0, renew=100.0, retry=0.01)


@controller(core_v1.ConfigMap, name="labels")
class Counts:
    """Remembers what it was called for."""

    def __init__(self) -> None:
        self.seen: asyncio.Queue[str] = asyncio.Queue()

    async def reconcile(self, obj: Any, ctx: Context) -> None:
        self.seen.put_nowait(ctx.name)


class Replica:
    """A manager that runs in the background."""

    def __init__(self, server: ApiServer, clock: Clock = SYSTEM_CLOCK) -> None:
        self.controller = Counts()
        options = Options(leader_election="op", namespace="default", election=TIMING)
        self.manager = Manager(server.config, [self.controller], options, clock=clock)
        self.stop = asyncio.Event()
        self.task = asyncio.ensure_future(self.manager.run(self.stop))

    async def end(self) -> None:
        self.stop.set()
        await self.task


async def holder(client: Client) -> str:
    lease = await client.get(coordination_v1.Lease, "op", "default")
    return str(lease["spec"]["holderIdentity"])


def test_the_standby_takes_over_when_the_leader_stops(run: Any, eventually: Any) -> None:
    async def scenario() -> None:
        async with ApiServer() as server, Client(server.config) as client:
            await client.create(core_v1.ConfigMap, {"metadata": {"name": "a"}}, "default")
            first = Replica(server)
            await first.manager.ready()
            first_holder = await holder(client)
            second = Replica(server)

            async def warm() -> bool:
                return second.manager.synced

            await eventually(warm)
            assert await first.controller.seen.get() == "a"
            assert second.controller.seen.empty(), "a standby does not reconcile"
            await first.end()
            await second.manager.ready()
            assert await second.controller.seen.get() == "a"
            assert await holder(client) not in ("", first_holder)
            await second.end()
            assert await holder(client) == "", "the lease is given back"

    run(scenario())


class Skipping(SystemClock):
    """Real time, of which a test may skip some."""

    skipped = 0.0

    def now(self) -> float:
        return super().now() + self.skipped


def test_a_leader_that_loses_its_lease_ends(run: Any, caplog: pytest.LogCaptureFixture) -> None:
    async def scenario() -> None:
        clock, refuses = Skipping(), Fault(resource="leases", code=500, times=None)
        async with ApiServer() as server:
            leader = Replica(server, clock)
            await leader.manager.ready()
            server.front.faults.add(refuses)
            while "cannot get at the lease" not in caplog.text:
                await asyncio.sleep(0.002)
            clock.skipped = TIMING.renew
            with pytest.raises(Problems, match="the lease was lost"):
                await leader.task

    run(scenario())
    assert "could not be renewed in time" in caplog.text


def test_what_a_member_let_go_while_its_lease_had_lapsed_is_taken_up_again(
    run: Any, working: Any, eventually: Any, instant_clock: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The answer to a renewal comes so late that nothing was ours for a moment, and yet counts."""
    timing = ElectionTiming(lease=150.0, renew=100.0, retry=10.0)
    options = Options(shards="op", namespace="default", election=timing)
    unanswered = Fault(verb="update", resource="leases", times=None, stall=True)

    async def scenario() -> None:
        monkeypatch.setattr(instant_clock, "random", lambda: 1.0)
        counts = Counts()
        async with (
            ApiServer() as server,
            Client(server.config) as client,
            working(server, counts, options=options, clock=instant_clock) as manager,
        ):

            async def a_renewal_waits() -> bool:
                return server.front.faults.stalled == 1

            async def was_let_go() -> bool:
                state, (queue,) = report(manager), report(manager)["controllers"].values()
                known = state["caches"][0]["objects"] == 2
                return bool(known and not queue["waiting"]["count"] and not queue["running"])

            assert await counts.seen.get() == "kube-root-ca.crt"
            server.front.faults.add(unanswered)
            await eventually(a_renewal_waits)
            instant_clock.advance(89.0)
            await client.create(core_v1.ConfigMap, {"metadata": {"name": "a"}}, "default")
            await eventually(was_let_go)
            assert counts.seen.empty()
            monkeypatch.setattr(instant_clock, "random", lambda: 0.0)
            server.front.faults.remove(unanswered)
            assert {await counts.seen.get(), await counts.seen.get()} == {"a", "kube-root-ca.crt"}

    run(scenario())


def test_work_that_keeps_others_from_their_share_is_told(
    run: Any, eventually: Any, instant_clock: Any, caplog: pytest.LogCaptureFixture
) -> None:
    async def scenario() -> None:
        async with ApiServer() as server, Client(server.config) as client:
            others = claims(frozenset({"one", "other"}), "other")
            keys = (("default", f"n{number}") for number in itertools.count())
            busy = {next(key for key in keys if slot_of(*key) in others)}
            one = Member(
                client,
                "op",
                "one",
                namespace="default",
                busy=lambda: busy,
                gained=lambda slots: None,
                clock=instant_clock,
            )
            await one.join()
            taking_part = asyncio.ensure_future(one.run())
            metadata = {
                "name": "op-other",
                "labels": {GROUP_LABEL: "op"},
                "annotations": {VIEW_ANNOTATION: "one,other"},
            }
            spec = {"holderIdentity": "other", "leaseDurationSeconds": 999}
            body = {"metadata": metadata, "spec": spec}
            await client.create(coordination_v1.Lease, body, "default")

            async def told() -> bool:
                return "other members wait for what is being worked on here" in caplog.text

            async def given_way() -> bool:
                return one.membership.settled

            await eventually(told)
            assert caplog.messages[-1].endswith("/".join(*busy))
            assert not one.membership.settled
            busy.clear()
            await eventually(given_way)
            taking_part.cancel()

    run(scenario())


def test_a_member_that_leaves_waits_no_longer_than_its_lease_lasts(
    run: Any, instant_clock: Any, caplog: pytest.LogCaptureFixture
) -> None:
    async def scenario() -> None:
        async with ApiServer() as server, Client(server.config) as client:
            one = Member(
                client,
                "op",
                "one",
                namespace="default",
                busy=tuple,
                gained=lambda slots: None,
                timing=ElectionTiming(lease=1.0, renew=0.3, retry=0.01),
                clock=instant_clock,
            )
            await one.join()
            server.front.faults.add(Fault(verb="delete", resource="leases", stall=True))
            await one.leave()
            server.front.faults.clear()

    run(scenario())
    assert "the lease was not given back: no answer" in caplog.text
