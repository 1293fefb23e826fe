"""Whatever the server does, the desired state is reached, and nothing is left behind."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from opgen.k8s import core_v1
from opgen.runtime import Context, Watch, controller
from opgen.runtime.client import Client
from opgen.runtime.clock import SystemClock
from opgen.runtime.manager import Manager, Options
from opgen.runtime.predicates import labels_changed
from opgen.runtime.reflector import Timing
from opgen.testing.faults import Fault
from opgen.testing.server import ApiServer

COUNT = 20


@controller(core_v1.ServiceAccount, owns=(core_v1.ConfigMap,))
class Copies:
    """Every ServiceAccount gets a ConfigMap with its annotation."""

    async def reconcile(self, obj: Any, ctx: Context) -> None:
        value = (obj["metadata"].get("annotations") or {}).get("value", "")
        config_map = core_v1.ConfigMap(metadata={"name": ctx.name}, data={"value": value})
        await ctx.apply(config_map)


class HastyClock(SystemClock):
    """Waits, but never for long."""

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(min(seconds, 0.01))


@asynccontextmanager
async def working(server: ApiServer, *controllers: Any) -> AsyncIterator[Manager]:
    options = Options(namespace="default", watch=Timing(hasty=0.0))
    manager = Manager(server.config, controllers, options, clock=HastyClock())
    stop = asyncio.Event()
    task = asyncio.ensure_future(manager.run(stop))
    try:
        await manager.ready()
        yield manager
    finally:
        stop.set()
        await task


def account(name: str, value: str, **labels: str) -> dict[str, Any]:
    return {"metadata": {"name": name, "annotations": {"value": value}, "labels": labels}}


async def values(client: Client) -> dict[str, str]:
    config_maps = await client.list(core_v1.ConfigMap, "default")
    return {
        each["metadata"]["name"]: each["data"]["value"]
        for each in config_maps
        if each["metadata"]["name"].startswith("n")
    }


async def write(client: Client, value: str) -> dict[str, str]:
    """Give every account a value, and say which ConfigMaps that asks for."""
    for number in range(COUNT):
        await client.apply(core_v1.ServiceAccount, account(f"n{number}", value), "default")
    return {f"n{number}": value for number in range(COUNT)}


FAULTS = {
    "conflicts": Fault(verb="patch", resource="configmaps", code=409, times=15),
    "busy": Fault(verb="patch", resource="configmaps", code=429, times=5),
    "errors": Fault(verb="patch", resource="configmaps", code=500, times=15),
    "unavailable": Fault(verb="patch", resource="configmaps", code=503, times=15),
    "drops": Fault(verb="patch", resource="configmaps", drop=True, times=15),
    "delays": Fault(verb="patch", resource="configmaps", delay=0.01, times=None),
    "no watches": Fault(verb="watch", code=500, times=2),
    "expired": Fault(verb="watch", code=410, times=2),
    "dropped watches": Fault(verb="watch", drop=True, times=2),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_the_desired_state_is_reached_after(
    fault: str, run: Any, eventually: Any, caplog: pytest.LogCaptureFixture
) -> None:
    async def scenario() -> None:
        async with ApiServer() as server, Client(server.config) as admin:
            async with working(server, Copies):
                wanted = await write(admin, "one")

                async def reached() -> bool:
                    return await values(admin) == wanted

                await eventually(reached)
                server.front.faults.add(FAULTS[fault])
                server.front.close_watches()
                wanted = await write(admin, "two")
                await eventually(reached)
            assert leftovers() == []

    run(scenario())


def test_a_restarted_server_is_followed_on(
    run: Any, eventually: Any, caplog: pytest.LogCaptureFixture
) -> None:
    async def scenario() -> None:
        async with ApiServer() as server, Client(server.config) as admin:
            async with working(server, Copies) as manager:
                wanted = await write(admin, "before")

                async def reached() -> bool:
                    return await values(admin) == wanted

                await eventually(reached)
                await server.stop()

                async def noticed() -> bool:
                    return all(each.health.last_error for each in manager.reflectors)

                await eventually(noticed)
                await server.start()
                wanted = await write(admin, "after")
                await eventually(reached)
            assert leftovers() == []

    run(scenario())
    assert "cannot reach the API server" in caplog.text


def leftovers() -> list[str]:
    """Tasks of the runtime that still run."""
    tasks = asyncio.all_tasks() - {asyncio.current_task()}
    return [text for task in tasks if "opgen/runtime" in (text := repr(task))]


def test_watches_that_end_over_and_over_leave_no_task(run: Any, eventually: Any) -> None:
    async def scenario() -> None:
        async with ApiServer() as server, Client(server.config) as admin:
            async with working(server, Copies) as manager:
                counts = []
                for turn in range(5):
                    server.front.close_watches()
                    wanted = await write(admin, str(turn))

                    async def reached(wanted: dict[str, str] = wanted, turn: int = turn) -> bool:
                        watching = all(r.health.watches > turn for r in manager.reflectors)
                        return watching and await values(admin) == wanted

                    await eventually(reached)
                    counts.append(sum("opgen/runtime" in repr(t) for t in asyncio.all_tasks()))
                assert max(counts) == counts[0]
            assert leftovers() == []

    run(scenario())


def test_watches_map_and_predicates_choose(run: Any, eventually: Any) -> None:
    seen: list[str] = []

    @controller(
        core_v1.ServiceAccount,
        name="watching",
        predicates=(labels_changed,),
        watches=(
            Watch(
                core_v1.ConfigMap,
                lambda config_map: [("default", config_map["data"]["for"])],
                predicates=(lambda _, after: bool(after and "for" in after.get("data", {})),),
            ),
        ),
    )
    class Watching:
        async def reconcile(self, obj: Any, ctx: Context) -> None:
            seen.append(ctx.name)

    async def scenario() -> None:
        async with ApiServer() as server, Client(server.config) as admin:
            for name in ("a", "b"):
                await admin.create(core_v1.ServiceAccount, account(name, "1"), "default")
            async with working(server, Watching) as manager:
                (reconciler,) = manager.controllers

                async def until(expected: list[str]) -> None:
                    async def so() -> bool:
                        return sorted(n for n in seen if n != "default") == expected

                    await eventually(so)

                await until(["a", "b"])
                await admin.apply(core_v1.ServiceAccount, account("a", "2"), "default")
                other = {"metadata": {"name": "other"}, "data": {"x": "y"}}
                await admin.create(core_v1.ConfigMap, other, "default")
                mapped = {"metadata": {"name": "mapped"}, "data": {"for": "b"}}
                await admin.create(core_v1.ConfigMap, mapped, "default")
                await until(["a", "b", "b"])
                assert not reconciler.queue.processing
                labelled = account("a", "2", new="label")
                await admin.apply(core_v1.ServiceAccount, labelled, "default")
                await until(["a", "a", "b", "b"])

    run(scenario())
