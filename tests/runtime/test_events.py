"""Events: repeated ones are counted, talkers are held back, and nobody waits for them."""

from __future__ import annotations

import asyncio
import re
from typing import Any

import pytest
from aiohttp import web

from opgen.runtime.client import Client
from opgen.runtime.codec import format_micro_time
from opgen.runtime.events import (
    BURST,
    DRAIN_SECONDS,
    HOLD_SECONDS,
    PATIENCE_SECONDS,
    SERIES_SECONDS,
    EventRecorder,
)
from opgen.runtime.metrics import Metrics

EVENTS = "/apis/events.k8s.io/v1/namespaces/default/events"
WEB = {"apiVersion": "v1", "kind": "X", "name": "web", "namespace": "default", "uid": "u"}


@pytest.fixture
def recording(scripted: Any, run: Any, instant_clock: Any) -> Any:
    """Runs a scenario with a recorder, and gives the requests that were sent."""

    def scenario(body: Any) -> list[tuple[str, str]]:
        async def whole() -> list[tuple[str, str]]:
            async with scripted() as server, Client(server.config, clock=instant_clock) as client:

                async def echo(request: web.Request) -> web.StreamResponse:
                    return web.json_response(server.bodies[-1])

                server.routes[("POST", EVENTS)] = echo
                metrics = Metrics()
                recorder = EventRecorder(client, instance="i", metrics=metrics, clock=instant_clock)
                await body(server, recorder, metrics, echo)
                return [(method, path) for method, path, _ in server.requests]

        result: list[tuple[str, str]] = run(whole())
        return result

    return scenario


def test_an_event_told_again_raises_the_count(recording: Any, instant_clock: Any) -> None:
    async def body(server: Any, recorder: EventRecorder, _: Metrics, echo: Any) -> None:
        recorder.tell(WEB, "Ready", "all is well", controller="c")
        await recorder.drain()
        name = server.bodies[-1]["metadata"]["name"]
        server.routes[("PATCH", f"{EVENTS}/{name}")] = echo
        recorder.tell(WEB, "Ready", "all is well", controller="c")
        await recorder.drain()
        assert server.bodies[-1]["series"]["count"] == 2
        instant_clock.advance(SERIES_SECONDS + 1)
        recorder.tell(WEB, "Ready", "all is well", controller="c")
        await recorder.drain()

    assert [method for method, _ in recording(body)] == ["POST", "PATCH", "POST"]


def test_an_object_that_talks_too_much_is_held_back(recording: Any, instant_clock: Any) -> None:
    async def body(server: Any, recorder: EventRecorder, metrics: Metrics, echo: Any) -> None:
        for number in range(BURST + 5):
            recorder.tell(WEB, "Busy", f"number {number}", controller="c")
        await recorder.drain()
        assert metrics.value("opgen_events_dropped") == 5
        recorder.tell({**WEB, "uid": "other"}, "Busy", "another object", controller="c")
        await recorder.drain()
        instant_clock.advance(301)
        recorder.tell(WEB, "Busy", "one more after five minutes", controller="c")
        await recorder.drain()

    assert len(recording(body)) == BURST + 2


@pytest.mark.parametrize(
    ("subject", "start"),
    [
        ("web", "web."),
        ("a" * 253, "a" * 236 + "."),
        ("a" * 235 + "." + "b" * 17, "a" * 235 + "."),
        ("a" * 234 + "-" * 18 + "b", "a" * 234 + "."),
        ("system:node", ""),
        ("Täst", ""),
    ],
)
def test_the_name_of_an_event_is_one_that_it_may_have(
    recording: Any, subject: str, start: str
) -> None:
    async def body(server: Any, recorder: EventRecorder, _: Metrics, echo: Any) -> None:
        recorder.tell({**WEB, "name": subject}, "Told", "it", controller="c")
        await recorder.drain()
        name = server.bodies[-1]["metadata"]["name"]
        assert re.fullmatch(re.escape(start) + "[0-9a-f]{16}", name)
        assert len(name) <= 253
        assert server.bodies[-1]["regarding"]["name"] == subject

    recording(body)


def test_long_notes_are_cut_as_the_api_server_demands(recording: Any) -> None:
    async def body(server: Any, recorder: EventRecorder, _: Metrics, echo: Any) -> None:
        for letter in ("x", "é", "日"):
            recorder.tell(WEB, "Long", letter * 5000, controller="c")
            await recorder.drain()
            note = server.bodies[-1]["note"]
            assert 1020 < len(note.encode()) <= 1024
            assert set(note) == {letter, "…"}

    recording(body)


def test_writes_of_reconciles_go_first_for_a_while(
    scripted: Any, run: Any, instant_clock: Any
) -> None:
    async def whole() -> None:
        async with scripted() as server, Client(server.config, clock=instant_clock) as client:
            sent, busy = asyncio.Event(), True

            async def answer(request: web.Request) -> web.StreamResponse:
                sent.set()
                return web.json_response(server.bodies[-1])

            server.routes[("POST", EVENTS)] = answer
            recorder = EventRecorder(
                client,
                instance="i",
                metrics=Metrics(),
                clock=instant_clock,
                busy=lambda: busy,
            )
            told = format_micro_time(instant_clock.wall())
            recorder.tell(WEB, "Ready", "all is well", controller="c")
            sending = asyncio.ensure_future(recorder.run())
            await sent.wait()
            held = sum(instant_clock.slept)
            assert PATIENCE_SECONDS <= held + 1e-6 <= PATIENCE_SECONDS + 2 * HOLD_SECONDS
            assert server.bodies[-1]["eventTime"] == told
            instant_clock.slept.clear()
            sent.clear()
            busy = False
            recorder.tell(WEB, "Ready", "nobody waits any more", controller="c")
            await sent.wait()
            assert not instant_clock.slept
            sending.cancel()

    run(whole())


def test_events_hold_up_the_end_for_a_few_seconds_only(recording: Any, instant_clock: Any) -> None:
    async def body(server: Any, recorder: EventRecorder, metrics: Metrics, echo: Any) -> None:
        async def slow(request: web.Request) -> web.StreamResponse:
            instant_clock.advance(DRAIN_SECONDS / 2)
            return await echo(request)  # type: ignore[no-any-return]

        server.routes[("POST", EVENTS)] = slow
        for number in range(5):
            recorder.tell(WEB, "Ready", f"number {number}", controller="c")
        await recorder.drain()
        assert metrics.value("opgen_events_dropped") == 3

    assert len(recording(body)) == 2
