"""Start hooks, periodic functions, and reconciles that never wait."""

from __future__ import annotations

import asyncio
from itertools import pairwise
from typing import Any

import pytest

from opgen.api import Problems
from opgen.k8s import core_v1
from opgen.runtime import (
    Context,
    OperatorContext,
    ResourceKind,
    controller,
    on_start,
    periodic,
)
from opgen.runtime.client import Client
from opgen.runtime.config import ClusterConfig
from opgen.runtime.manager import Manager, Options
from opgen.testing.server import ApiServer

OURS = "metadata.name!=kube-root-ca.crt"
"""Every namespace has a ConfigMap of that name."""
NOWHERE = ClusterConfig(server="http://127.0.0.1:1")
CONFIG_MAP = ResourceKind("", "v1", "ConfigMap", "configmaps")


def test_start_hooks_come_before_the_first_reconcile_and_periodic_functions_again_and_again(
    recording: Any,
    working: Any,
    make_config_map: Any,
    run: Any,
) -> None:
    records = recording().records

    @on_start
    async def first(ctx: OperatorContext) -> None:
        await ctx.client.create(CONFIG_MAP, {"metadata": {"name": "made"}})
        assert await ctx.get(CONFIG_MAP, "a", "default") is not None
        records.add("start")

    @periodic(every=0.001)
    def again(ctx: Any) -> None:
        records.add(len(ctx.list(core_v1.ConfigMap)))
        if len(records.seen) == 3:
            raise RuntimeError("once")

    @controller(core_v1.ConfigMap)
    class Late(recording):
        async def reconcile(self, obj: Any, ctx: Context) -> None:
            assert records.seen[0] == "start"

    async def scenario() -> None:
        async with ApiServer() as server, Client(server.config) as client:
            await make_config_map(client, "a")
            async with working(server, Late, runnables=[first, again]) as manager:
                while len(records.seen) < 6:
                    records.more.clear()
                    await records.more.wait()
                count = manager.metrics.value
                again_name = again.__qualname__
                runs = "opgen_runnable_runs"
                assert count(runs, runnable=again_name, result="error") == 1
                assert count(runs, runnable=again_name, result="success") >= 3
        assert records.seen[0] == "start"

    run(scenario())


def test_a_start_hook_that_fails_keeps_the_operator_from_starting(run: Any) -> None:
    @on_start
    async def fails(ctx: OperatorContext) -> None:
        raise RuntimeError("no licence")

    async def scenario() -> None:
        async with ApiServer() as server:
            await Manager(server.config, [], runnables=[fails]).run()

    with pytest.raises(Problems) as problems:
        run(scenario())
    first, where = str(problems.value).splitlines()
    assert first.endswith("fails failed: no licence")
    assert f"{__file__}:" in where


def test_a_standby_runs_only_what_runs_everywhere(recording: Any, working: Any, run: Any) -> None:
    records = recording().records

    @periodic(every=3600)
    async def alone(ctx: OperatorContext) -> None:
        records.add("alone")

    @on_start(everywhere=True)
    async def everywhere(ctx: OperatorContext) -> None:
        records.add("everywhere")

    async def scenario() -> None:
        options = Options(leader_election="lock")
        async with ApiServer() as server:
            functions = [alone, everywhere]
            async with working(server, options=options, runnables=functions):
                await records.until(2)
                stop = asyncio.Event()
                standby = Manager(server.config, [], options, runnables=functions)
                task = asyncio.ensure_future(standby.run(stop))
                assert await records.until(3) == ["alone", "everywhere", "everywhere"]
                stop.set()
                await task
        assert records.seen.count("alone") == 1

    run(scenario())


def test_reconciles_that_never_wait_let_everything_else_go_on(
    recording: Any, working: Any, make_config_map: Any, run: Any
) -> None:
    @controller(core_v1.ConfigMap, concurrency=2)
    class Idle(recording):
        pass

    async def scenario() -> None:
        async with ApiServer() as server, Client(server.config) as client:
            for number in range(20):
                await make_config_map(client, f"a-{number}")
            idle = Idle()
            turns: list[int] = []

            async def others() -> None:
                while len(idle.records.seen) < 20:
                    turns.append(len(idle.records.seen))
                    await asyncio.sleep(0)

            counting = asyncio.ensure_future(others())
            async with working(server, idle):
                await counting
            assert max(b - a for a, b in pairwise(turns)) <= 4

    run(scenario())
