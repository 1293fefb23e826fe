"""The limit on requests: a burst at once, then a steady rate."""

from __future__ import annotations

from typing import Any

from opgen.runtime.client import Client
from opgen.runtime.metrics import Metrics
from opgen.runtime.rate_limit import RateLimit


def test_after_a_burst_requests_go_at_the_rate(run: Any, instant_clock: Any) -> None:
    async def scenario() -> None:
        limit = RateLimit(4, 3, clock=instant_clock)
        for _ in range(3):
            await limit.take()
        assert instant_clock.slept == []
        await limit.take()
        await limit.take()
        assert instant_clock.slept == [0.25, 0.25]
        instant_clock.advance(100)
        for _ in range(4):
            await limit.take()
        assert instant_clock.slept == [0.25, 0.25, 0.25]

    run(scenario())


def test_every_request_of_a_client_counts(run: Any, scripted: Any, instant_clock: Any) -> None:
    async def scenario() -> None:
        limit, metrics = RateLimit(2, 1, clock=instant_clock), Metrics()
        async with (
            scripted() as server,
            Client(server.config, rate_limit=limit, metrics=metrics) as client,
        ):
            for _ in range(3):
                await client.request("GET", "/version")
            assert len(server.requests) == 3
        assert instant_clock.slept == [0.5, 0.5]
        histograms = {name: histogram for (name, _), histogram in metrics.histograms.items()}
        waits = histograms["rest_client_rate_limiter_duration_seconds"]
        assert (sum(waits.counts), waits.total) == (3, 1.0)

    run(scenario())
