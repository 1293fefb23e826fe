"""Probes with named checks, and the debug page."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from opgen.api import Problems
from opgen.k8s import core_v1
from opgen.runtime import (
    Context,
    controller,
)
from opgen.runtime.client import Client
from opgen.runtime.manager import Manager, Options
from opgen.testing.server import ApiServer

OURS = "metadata.name!=kube-root-ca.crt"
"""Every namespace has a ConfigMap of that name."""


def test_named_checks_and_the_debug_page(
    recording: Any, working: Any, make_config_map: Any, run: Any
) -> None:
    class Fails(recording):
        async def reconcile(self, obj: Any, ctx: Context) -> None:
            self.records.add(1)
            raise Problems.of("not today")

    async def scenario() -> None:
        import aiohttp

        async with ApiServer() as server, Client(server.config) as client:
            await make_config_map(client, "a")
            fails = controller(core_v1.ConfigMap, field_selector=OURS)(Fails)()
            options = Options(probe_address="127.0.0.1:0", debug_address="127.0.0.1:0")
            async with working(server, fails, options=options) as manager:
                await fails.records.until(2)
                probes, debug = manager.ports
                async with aiohttp.ClientSession() as session:
                    base = f"http://127.0.0.1:{probes}"
                    async with session.get(f"{base}/readyz?verbose") as answer:
                        assert await answer.text() == "[+]caches ok\nreadyz check passed\n"
                    async with session.get(f"{base}/healthz/ping") as answer:
                        assert (answer.status, await answer.text()) == (200, "ok")
                    async with session.get(f"{base}/readyz/other") as answer:
                        assert answer.status == 404
                    async with session.get(f"http://127.0.0.1:{debug}/debug") as answer:
                        page = await answer.json()
        (cache,) = page["caches"]
        assert (cache["kind"], cache["objects"], cache["synced"]) == ("ConfigMap", 1, True)
        told = page["controllers"]["configmap"]
        assert told["lastErrors"] == {"default/a": "error: not today"}
        assert told["retries"] >= 1

    run(scenario())


def test_an_operator_that_is_not_ready_says_which_check_fails(
    recording: Any, run: Any, scripted: Any
) -> None:
    async def scenario() -> None:
        import aiohttp

        async with scripted() as server:
            silent, stop = asyncio.Event(), asyncio.Event()

            async def hang(request: Any) -> Any:
                silent.set()
                await server.over.wait()

            server.routes[("GET", "/api/v1/configmaps")] = hang
            manager = Manager(
                server.config,
                [controller(core_v1.ConfigMap)(recording)],
                Options(probe_address="127.0.0.1:0"),
            )
            task = asyncio.ensure_future(manager.run(stop))
            await silent.wait()
            async with aiohttp.ClientSession() as session:
                url = f"http://127.0.0.1:{manager.ports[0]}/readyz"
                async with session.get(url) as answer:
                    assert answer.status == 500
                    assert await answer.text() == (
                        "[-]caches failed: caches are not filled: configmaps\nreadyz check failed\n"
                    )
            stop.set()
            await task

    run(scenario())


def test_the_debug_page_is_for_this_machine_alone(recording: Any, run: Any) -> None:
    async def scenario() -> None:
        async with ApiServer() as server:
            options = Options(debug_address=":6060")
            chosen = controller(core_v1.ConfigMap)(recording)
            await Manager(server.config, [chosen], options).run()

    with pytest.raises(Problems) as problems:
        run(scenario())
    assert str(problems.value).splitlines() == [
        "error: the debug page is for this machine alone, and :6060 is not",
        "  --> --debug-bind-address",
        "  hint: serve it at 127.0.0.1:6060 and use kubectl port-forward",
    ]
