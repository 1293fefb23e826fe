"""The watch conformance cases: whatever the server does, the cache ends up like the server."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest

from opgen.api import ResourceKind
from opgen.runtime.client import Client
from opgen.runtime.reflector import INITIAL_EVENTS_END, Reflector, Timing
from opgen.runtime.store import Entry, Store


class Follower:
    """A running reflector whose changes can be awaited."""

    def __init__(self, server: Any, kind: ResourceKind, clock: Any, timing: Timing | None) -> None:
        self.store = Store(kind)
        self.changes: list[tuple[str, str]] = []
        self._news = asyncio.Event()
        self.store.subscribe(self._changed)
        self.client = Client(server.config, clock=clock)
        self.reflector = Reflector(
            self.client, self.store, clock=clock, timing=timing, on_change=self._news.set
        )

    def _changed(self, old: Entry | None, new: Entry | None, initial: bool) -> None:
        what = "added" if old is None else "deleted" if new is None else "changed"
        entry = new or old
        assert entry is not None
        self.changes.append((what, entry.key[1]))
        self._news.set()

    async def until(self, condition: Callable[[], bool]) -> None:
        while not condition():
            await self._news.wait()
            self._news.clear()

    async def sees(self, name: str) -> None:
        await self.until(lambda: self.store.get(("default", name)) is not None)


@pytest.fixture
def follow(config_map: ResourceKind, instant_clock: Any) -> Any:
    @asynccontextmanager
    async def following(server: Any, timing: Timing | None = None) -> Any:
        follower = Follower(server, config_map, instant_clock, timing)
        task = asyncio.ensure_future(follower.reflector.run())
        try:
            yield follower
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            await follower.client.close()

    return following


def test_a_watch_that_ends_is_resumed_at_the_bookmark(scripted: Any, follow: Any, run: Any) -> None:
    async def scenario() -> None:
        async with scripted() as server, follow(server) as follower:
            server.steps = [
                server.stream(server.bookmark(15), then="end"),
                server.stream(server.event("ADDED", "c", 20)),
            ]
            await follower.sees("c")
            assert [query["resourceVersion"] for query in server.watches()[1:]] == ["10", "15"]
            assert follower.reflector.health.lists == 2  # the refused watch-list, and the list

    run(scenario())


@pytest.mark.parametrize("form", ["event", "http"])
def test_after_410_the_vanished_are_told_as_deleted(
    form: str, scripted: Any, follow: Any, run: Any, answer_status: Any
) -> None:
    async def scenario() -> None:
        async with scripted() as server, follow(server) as follower:
            gone = {"type": "ERROR", "object": {"kind": "Status", "code": 410, "reason": "Expired"}}

            async def expired(request: Any) -> Any:
                server.objects, server.version = {"b": 2}, 30
                step = server.stream(gone, then="end") if form == "event" else answer_status(410)
                return await step(request)

            server.steps = [expired, server.stream(server.event("ADDED", "c", 40))]
            await follower.sees("c")
            assert follower.changes == [
                ("added", "a"),
                ("deleted", "a"),
                ("added", "b"),
                ("added", "c"),
            ]
            assert server.watches()[-1]["resourceVersion"] == "30"

    run(scenario())


def test_a_server_that_went_back_in_time_is_listed_anew(
    scripted: Any, follow: Any, run: Any, caplog: pytest.LogCaptureFixture
) -> None:
    """Numbers come again, so an object of the same version may be another one."""

    async def scenario() -> None:
        async with scripted() as server, follow(server) as follower:

            async def restored(request: Any) -> Any:
                step = server.stream(server.event("ADDED", "b", 20), then="reset")
                answer = await step(request)
                server.objects, server.version = {"a": 1, "c": 9}, 15
                return answer

            server.steps = [restored, server.stream(server.event("ADDED", "d", 16))]
            await follower.sees("d")
            assert sorted(follower.store.keys()) == [("default", name) for name in "acd"]
            assert follower.changes[2:4] == [("deleted", "a"), ("deleted", "b")]
            assert server.watches()[-1]["resourceVersion"] == "15"

    run(scenario())
    assert "the server has gone back in time" in caplog.text


@pytest.mark.parametrize("code", [400, 404, 500])
def test_refused_watches_are_tried_again_with_growing_delays(
    code: int, scripted: Any, follow: Any, run: Any, answer_status: Any, instant_clock: Any
) -> None:
    async def scenario() -> None:
        async with scripted() as server, follow(server) as follower:
            refused = [answer_status(code)] * 3
            server.steps = [*refused, server.stream(server.event("ADDED", "c", 20))]
            await follower.sees("c")

    run(scenario())
    assert instant_clock.slept == pytest.approx([1.2, 2.4, 4.8])


def test_retry_after_is_obeyed(
    scripted: Any, follow: Any, run: Any, answer_status: Any, instant_clock: Any
) -> None:
    async def scenario() -> None:
        async with scripted() as server, follow(server) as follower:
            busy = answer_status(429, {"Retry-After": "17"})
            server.steps = [busy, busy, busy, server.stream(server.event("ADDED", "c", 20))]
            await follower.sees("c")
            assert follower.reflector.health.lists == 2

    run(scenario())
    assert instant_clock.slept == [17, 17, 17]


def test_a_connection_reset_within_a_line_is_resumed(scripted: Any, follow: Any, run: Any) -> None:
    async def scenario() -> None:
        async with scripted() as server, follow(server) as follower:
            server.steps = [
                server.stream(server.event("ADDED", "b", 12), then="reset"),
                server.stream(server.event("ADDED", "c", 20)),
            ]
            await follower.sees("c")
            assert server.watches()[-1]["resourceVersion"] == "12"

    run(scenario())


def test_a_silent_stream_is_given_up(
    scripted: Any, follow: Any, run: Any, config_map: ResourceKind
) -> None:
    async def scenario() -> None:
        timing = Timing(stall=-2.45)  # and half of the five random seconds: 50 ms
        async with scripted() as server, follow(server, timing) as follower:
            # On a slow machine 50 ms can pass before the event has come.
            event = server.stream(server.event("ADDED", "c", 20))
            server.steps = [server.stream(), *[event] * 1000]
            await follower.sees("c")
            resumed = [q for q in server.watches() if "sendInitialEvents" not in q][1]
            assert resumed["resourceVersion"] == "10"

    run(scenario())


def test_an_empty_stream_is_no_hot_loop(
    scripted: Any, follow: Any, run: Any, instant_clock: Any
) -> None:
    async def scenario() -> None:
        async with scripted() as server, follow(server) as follower:
            empty = [server.stream(then="end")] * 3
            server.steps = [*empty, server.stream(server.event("ADDED", "c", 20))]
            await follower.sees("c")

    run(scenario())
    assert instant_clock.slept == pytest.approx([1.2, 2.4, 4.8])


def test_initial_events_come_first(scripted: Any, follow: Any, run: Any) -> None:
    async def scenario() -> None:
        async with scripted() as server:
            end = server.bookmark(15, **{INITIAL_EVENTS_END: "true"})
            initial = [server.event("ADDED", name, 1) for name in "ab"]
            server.watch_list = server.stream(*initial, end, server.event("DELETED", "a", 16))
            async with follow(server) as follower:
                await follower.until(lambda: ("deleted", "a") in follower.changes)
                assert follower.store.synced
                assert "resourceVersion" not in server.watches()[0]
            assert not [path for _, path, query in server.requests if "limit" in query]

    run(scenario())


def test_a_server_that_ignores_initial_events_is_listed(
    scripted: Any, follow: Any, run: Any
) -> None:
    async def scenario() -> None:
        async with scripted() as server:
            server.watch_list = server.stream(server.event("ADDED", "a", 1))
            async with follow(server, Timing(initial=0.05)) as follower:
                await follower.until(lambda: follower.store.synced)
                assert follower.store.version() == 10

    run(scenario())


def test_long_lists_are_read_page_by_page(scripted: Any, follow: Any, run: Any) -> None:
    async def scenario() -> None:
        async with scripted() as server:
            server.objects = {f"n{number}": number for number in range(25)}
            server.page_size = 10
            async with follow(server) as follower:
                await follower.until(lambda: follower.store.synced)
                assert len(follower.store) == 25
            pages = [query.get("continue") for _, _, query in server.requests if "limit" in query]
            assert pages == [None, "10", "20"]

    run(scenario())


def test_an_object_without_metadata_is_left_out(scripted: Any, follow: Any, run: Any) -> None:
    async def scenario() -> None:
        async with scripted() as server, follow(server) as follower:
            broken = {"type": "ADDED", "object": {"kind": "ConfigMap", "metadata": 5}}
            server.steps = [server.stream(broken, server.event("ADDED", "c", 20))]
            await follower.sees("c")
            assert follower.reflector.health.undecodable == 1
            assert len(follower.store) == 2

    run(scenario())


def test_the_length_of_a_watch_is_random_within_bounds(
    scripted: Any, follow: Any, run: Any
) -> None:
    async def scenario() -> None:
        async with scripted() as server, follow(server) as follower:
            server.steps = [server.stream(server.event("ADDED", "c", 20))]
            await follower.sees("c")
            assert server.watches()[-1]["timeoutSeconds"] == "450"
            assert server.watches()[-1]["allowWatchBookmarks"] == "true"

    run(scenario())
