"""Leader election: one works, the others stand by, and nobody works without a lease."""

from __future__ import annotations

import itertools
from datetime import timedelta
from typing import Any

import pytest
from aiohttp import web

from opgen.runtime.client import Client
from opgen.runtime.leader import ElectionTiming, LeaderElector

LEASES = "/apis/coordination.k8s.io/v1/namespaces/ops/leases"


class Lease:
    """A server's one Lease, with optimistic concurrency."""

    def __init__(self, server: Any) -> None:
        self.server = server
        self.versions = itertools.count(1)
        self.document: dict[str, Any] | None = None
        self.broken = False
        server.routes[("POST", LEASES)] = self.create
        server.routes[("GET", f"{LEASES}/op")] = self.get
        server.routes[("PUT", f"{LEASES}/op")] = self.put

    @property
    def holder(self) -> str:
        assert self.document is not None
        return str(self.document["spec"]["holderIdentity"])

    async def get(self, request: web.Request) -> web.StreamResponse:
        code = 500 if self.broken else 404
        return web.json_response(self.document or {}, status=code if self.lacking() else 200)

    def lacking(self) -> bool:
        return self.broken or self.document is None

    async def create(self, request: web.Request) -> web.StreamResponse:
        return self.store(self.server.bodies[-1])

    async def put(self, request: web.Request) -> web.StreamResponse:
        body = self.server.bodies[-1]
        assert self.document is not None
        stale = body["metadata"]["resourceVersion"] != self.document["metadata"]["resourceVersion"]
        if stale or self.broken:
            return web.json_response({}, status=409)
        return self.store(body)

    def store(self, body: dict[str, Any]) -> web.StreamResponse:
        body["metadata"]["resourceVersion"] = str(next(self.versions))
        self.document = body
        return web.json_response(body)


def elector(server: Any, name: str, clock: Any) -> tuple[Client, LeaderElector]:
    client = Client(server.config, clock=clock)
    return client, LeaderElector(client, "op", name, namespace="ops", clock=clock)


def test_the_second_takes_over_when_the_first_gives_back(
    scripted: Any, run: Any, instant_clock: Any
) -> None:
    async def scenario() -> None:
        async with scripted() as server:
            lease = Lease(server)
            one_client, one = elector(server, "one", instant_clock)
            two_client, two = elector(server, "two", instant_clock)
            async with one_client, two_client:
                await one.acquire()
                assert (lease.holder, one.is_leader) == ("one", True)
                assert not await two._try(10)
                await one.release()
                before = instant_clock.now()
                await two.acquire()
                assert (lease.holder, one.is_leader, two.is_leader) == ("two", False, True)
                assert instant_clock.now() == before

    run(scenario())


def test_a_dead_leader_is_replaced_after_fifteen_seconds(
    scripted: Any, run: Any, instant_clock: Any
) -> None:
    async def scenario() -> None:
        async with scripted() as server:
            Lease(server)
            one_client, one = elector(server, "one", instant_clock)
            two_client, two = elector(server, "two", instant_clock)
            async with one_client, two_client:
                await one.acquire()
                assert not await two._try(10)
                instant_clock.advance(14)
                assert not await two._try(10)
                instant_clock.advance(1.1)
                assert await two._try(10)

    run(scenario())


def test_a_clock_that_is_set_gives_nobody_the_lease(
    scripted: Any, run: Any, instant_clock: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def scenario() -> None:
        async with scripted() as server:
            Lease(server)
            one_client, one = elector(server, "one", instant_clock)
            two_client, two = elector(server, "two", instant_clock)
            async with one_client, two_client:
                await one.acquire()
                assert not await two._try(10)
                wall = instant_clock.wall
                for hours in (1, -48, 48):
                    off = timedelta(hours=hours)
                    monkeypatch.setattr(instant_clock, "wall", lambda off=off: wall() + off)
                    instant_clock.advance(1)
                    assert not await two._try(10)
                    assert one.holds()

    run(scenario())


def test_who_cannot_renew_stops_before_others_may_start(
    scripted: Any, run: Any, instant_clock: Any, caplog: pytest.LogCaptureFixture
) -> None:
    async def scenario() -> None:
        async with scripted() as server:
            lease = Lease(server)
            client, one = elector(server, "one", instant_clock)
            async with client:
                await one.acquire()
                began = instant_clock.now()
                lease.broken = True
                await one.hold()
                assert not one.is_leader
                assert 10 <= instant_clock.now() - began < 15

    run(scenario())
    assert "could not be renewed in time" in caplog.text


def test_who_sees_that_another_has_the_lease_stops_at_once(
    scripted: Any, run: Any, instant_clock: Any
) -> None:
    """Somebody has deleted the Lease or edited it, and another one took it."""

    async def scenario() -> None:
        async with scripted() as server:
            lease = Lease(server)
            client, one = elector(server, "one", instant_clock)
            async with client:
                await one.acquire()
                began = instant_clock.now()
                assert lease.document is not None
                lease.document["spec"]["holderIdentity"] = "two"
                await one.hold()
                assert not one.holds()
                assert instant_clock.now() - began < 3
                await one.release()
                assert lease.holder == "two"

    run(scenario())


def test_a_renewal_whose_answer_was_lost_does_not_keep_the_lease(
    scripted: Any, run: Any, instant_clock: Any
) -> None:
    async def scenario() -> None:
        async with scripted() as server:
            lease = Lease(server)
            client, one = elector(server, "one", instant_clock)
            async with client:
                await one.acquire()
                assert lease.document is not None
                lease.document["metadata"]["resourceVersion"] = "later"
                await one.release()
                assert lease.holder == ""

    run(scenario())


def test_a_server_that_does_not_answer_ends_the_leadership_in_time(
    scripted: Any, run: Any, instant_clock: Any, caplog: pytest.LogCaptureFixture
) -> None:
    """The request hangs, as it does when packets are lost, and is given up in time."""

    async def scenario() -> None:
        async with scripted() as server, Client(server.config) as client:
            Lease(server)
            timing = ElectionTiming(lease=1.0, renew=0.2, retry=0.1)
            one = LeaderElector(
                client, "op", "one", namespace="ops", timing=timing, clock=instant_clock
            )
            await one.acquire()
            assert one.holds()
            began = instant_clock.now()
            server.routes[("GET", f"{LEASES}/op")] = server.stream()
            await one.hold()
            assert not one.holds()
            assert instant_clock.now() - began < timing.lease

    run(scenario())
    assert "cannot get at the lease: no answer" in caplog.text


def test_a_server_that_does_not_answer_keeps_no_candidate_waiting(
    scripted: Any, run: Any, instant_clock: Any, caplog: pytest.LogCaptureFixture
) -> None:
    """What was sent on a connection that is dead is given up, and tried again on another one."""

    async def scenario() -> None:
        async with scripted() as server, Client(server.config) as client:
            timing = ElectionTiming(lease=1.0, renew=0.2, retry=0.01)
            one = LeaderElector(
                client, "op", "one", namespace="ops", timing=timing, clock=instant_clock
            )
            lease, silent = Lease(server), server.stream()

            async def first_silent(request: web.Request) -> web.StreamResponse:
                server.routes[("GET", f"{LEASES}/op")] = lease.get
                return await silent(request)

            server.routes[("GET", f"{LEASES}/op")] = first_silent
            await one.acquire()
            assert one.is_leader

    run(scenario())
    assert "cannot get at the lease: no answer" in caplog.text


def test_a_lease_is_given_back_while_it_lasts_or_not_at_all(
    scripted: Any, run: Any, instant_clock: Any, caplog: pytest.LogCaptureFixture
) -> None:
    async def scenario() -> None:
        async with scripted() as server, Client(server.config) as client:
            Lease(server)
            timing = ElectionTiming(lease=1.0, renew=0.2, retry=0.01)
            one = LeaderElector(
                client, "op", "one", namespace="ops", timing=timing, clock=instant_clock
            )
            await one.acquire()
            server.routes[("GET", f"{LEASES}/op")] = server.stream()
            await one.release()

    run(scenario())
    assert "the lease was not given back: no answer" in caplog.text
