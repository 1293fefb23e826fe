"""Operators in this process, and what they have to do."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import pytest

from faultkit.asked import applied
from faultkit.servers import Target
from opgen.k8s import core_v1
from opgen.runtime import Context, controller
from opgen.runtime.clock import Clock, SystemClock
from opgen.runtime.config import ClusterConfig
from opgen.runtime.errors import ApiError, Unreachable
from opgen.runtime.manager import Manager, Options
from opgen.runtime.reflector import Timing


@controller(core_v1.ServiceAccount, owns=(core_v1.ConfigMap,), concurrency=16)
class Copies:
    """Every ServiceAccount of ours gets a ConfigMap with its annotation."""

    async def reconcile(self, obj: Any, ctx: Context) -> None:
        value = (obj["metadata"].get("annotations") or {}).get("value")
        if value is not None:
            config_map = core_v1.ConfigMap(metadata={"name": ctx.name}, data={"value": value})
            await ctx.apply(config_map)


class HastyClock(SystemClock):
    """Waits, but never for long."""

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(min(seconds, 0.05))


@dataclass
class Accounts:
    """ServiceAccounts, and what has become of them."""

    target: Target
    count: int

    @property
    def names(self) -> list[str]:
        return [f"n{number}" for number in range(self.count)]

    async def give(self, value: str) -> None:
        """Give every account a value, whatever the server does meanwhile."""
        gate = asyncio.Semaphore(8)

        async def one(name: str) -> None:
            body = {"metadata": {"name": name, "annotations": {"value": value}}}
            async with gate:
                while True:
                    try:
                        await self.target.client.apply(
                            core_v1.ServiceAccount, body, self.target.namespace
                        )
                    except (ApiError, Unreachable):
                        await asyncio.sleep(0.02)
                    else:
                        return

        await asyncio.gather(*map(one, self.names))

    async def copies(self) -> dict[str, Any]:
        """The ConfigMaps by name, once the server gives them."""
        while True:
            try:
                found = await self.target.client.list(core_v1.ConfigMap, self.target.namespace)
            except (ApiError, Unreachable):
                await asyncio.sleep(0.02)
            else:
                mine = set(self.names)
                return {n: each for each in found if (n := each["metadata"]["name"]) in mine}

    async def all_have(self, value: str) -> None:
        """Wait until every account has its copy."""
        wanted = dict.fromkeys(self.names, value)
        while {n: each["data"]["value"] for n, each in (await self.copies()).items()} != wanted:
            await asyncio.sleep(0.05)

    async def versions(self) -> dict[str, str]:
        """The resourceVersions of all copies."""
        return {n: e["metadata"]["resourceVersion"] for n, e in (await self.copies()).items()}


@pytest.fixture
def accounts() -> Callable[[Target, int], Accounts]:
    """`accounts(target, count)`."""
    return Accounts


@pytest.fixture
def working() -> Callable[..., Any]:
    """`async with working(config, *controllers) as manager`; without any, `Copies`."""

    @asynccontextmanager
    async def running(
        config: ClusterConfig,
        *controllers: Any,
        clock: Clock | None = None,
        alone: bool = True,
        webhooks: Iterable[Any] = (),
        **options: Any,
    ) -> AsyncIterator[Manager]:
        everything = {"watch": Timing(hasty=0.0), "namespace": config.namespace, **options}
        manager = Manager(
            config,
            controllers or [Copies],
            Options(**everything),
            webhooks=webhooks,
            clock=clock or HastyClock(),
        )
        stop = asyncio.Event()
        task = asyncio.ensure_future(manager.run(stop))
        try:
            await manager.ready()
            yield manager
        finally:
            stop.set()
            await task
            left = asyncio.all_tasks() - {asyncio.current_task()} if alone else ()
            assert not [text for each in left if "opgen/runtime" in (text := repr(each))]

    return running


async def quiet(manager: Manager) -> None:
    """Wait until an operator has nothing to do."""
    queues = [each.queue for each in manager.controllers]
    while any(len(queue) or queue.processing or queue.delayed for queue in queues):
        await asyncio.sleep(0.02)


@pytest.fixture
def writes_nothing(working: Any) -> Callable[..., Awaitable[None]]:
    """Starts an operator on what is there already, and sees that it leaves everything alone."""

    async def check(accounts: Accounts, *controllers: Any) -> None:
        target, before = accounts.target, await accounts.versions()
        written = await applied(target)
        answered = target.server.front.answered if target.server is not None else 0
        async with working(target.config, *controllers) as manager:
            await quiet(manager)
        assert await accounts.versions() == before
        assert await applied(target) == written
        if target.server is not None:
            fresh = target.server.front.answered - answered
            requests = list(target.server.front.requests)[-fresh:]
            assert not [each for each in requests if each.is_write]

    return check
