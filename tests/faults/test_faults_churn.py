"""Objects come and go for long: neither memory nor tasks nor sockets grow.

OPGEN_CHURN=10000x180 lets ten thousand objects come and go for three minutes and prints figures.
"""

from __future__ import annotations

import asyncio
import gc
import os
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from faultkit.operators import Copies

from opgen.k8s import core_v1
from opgen.runtime.client import Client
from opgen.runtime.config import ClusterConfig

OBJECTS, CHURN_SECONDS = map(int, os.environ.get("OPGEN_CHURN", "40x0").split("x"))
ROUNDS = 6
AT_ONCE = 8
PROGRAM = Path(__file__).parent / "programs" / "server.py"


@asynccontextmanager
async def server_elsewhere() -> AsyncIterator[ClusterConfig]:
    """A server in another process, so that what is measured here is the operator."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        str(PROGRAM),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    assert process.stdin is not None
    try:
        yield ClusterConfig(server=(await process.stdout.readline()).decode().strip())
    finally:
        process.stdin.close()
        await process.wait()


def sockets() -> int:
    """How many sockets this process has open."""
    found = 0
    for entry in Path("/proc/self/fd").iterdir():
        try:
            found += str(entry.readlink()).startswith("socket:")
        except FileNotFoundError:
            continue  # the one with which the folder is read
    return found


def resident() -> float:
    """The memory of this process in MB."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


async def each(work: Any, names: list[str]) -> None:
    """Do something for all names, a few at once."""
    gate = asyncio.Semaphore(AT_ONCE)

    async def gated(name: str) -> None:
        async with gate:
            await work(name)

    await asyncio.gather(*map(gated, names))


async def come_and_go(client: Client, round_: int) -> None:
    """All objects come, change and go, and so do their copies."""
    names = [f"n{round_ % 2}-{number}" for number in range(OBJECTS)]

    async def put(name: str, value: str) -> None:
        body = {"metadata": {"name": name, "annotations": {"value": value}}}
        await client.apply(core_v1.ServiceAccount, body, "default")

    async def take(name: str) -> None:
        await client.delete(core_v1.ServiceAccount, name, "default")

    async def until(wanted: dict[str, str]) -> None:
        while True:
            found = await client.list(core_v1.ConfigMap, "default")
            if {
                name: one["data"]["value"]
                for one in found
                if (name := one["metadata"]["name"]).startswith("n")
            } == wanted:
                return
            await asyncio.sleep(0.05)

    for value in ("one", "two"):
        await each(lambda name, value=value: put(name, value), names)
        await until(dict.fromkeys(names, value))
    await each(take, names)
    await until({})


def test_nothing_grows_while_objects_come_and_go(run_long: Any, working: Any) -> None:
    figures: list[tuple[int, int, int, int, float]] = []

    async def measure(round_: int) -> None:
        await asyncio.sleep(0.2)  # connections that were closed are let go by the loop
        gc.collect()
        tasks = len(asyncio.all_tasks())
        figures.append((round_, len(gc.get_objects()), tasks, sockets(), resident()))

    async def scenario() -> None:
        end = time.monotonic() + CHURN_SECONDS
        async with (
            server_elsewhere() as config,
            Client(config) as client,
            working(config) as manager,
        ):
            round_ = 0
            while round_ < ROUNDS or time.monotonic() < end:
                await come_and_go(client, round_)
                await measure(round_)
                round_ += 1
            (reconciler,) = manager.controllers
            assert not reconciler.queue._failures
            assert not reconciler._services.children._settled
            assert all(len(each.store) < 10 for each in manager.reflectors)

    run_long(scenario())
    for figure in figures:
        print("round {}: {} objects, {} tasks, {} sockets, {:.1f} MB".format(*figure))
    early, last = figures[1], figures[-1]
    assert last[1] - early[1] < 2000, "Python objects"
    assert last[2] <= early[2], "tasks"
    at_once = AT_ONCE + Copies.__opgen_controller__.concurrency
    assert last[3] <= early[3] + at_once, "sockets: as many as requests at once"
    assert last[4] < max(figure[4] for figure in figures[:3]) * 1.15, "memory"
