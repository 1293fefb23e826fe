"""What an operator with many objects costs: start, memory, bursts of changes, repair, quiet.

One process is measured with 10,000 objects on the fake server, by itself: these figures are held
against fixed aims and not against another operator.
"""

from __future__ import annotations

import asyncio
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchmarks.convergence import HERE, await_line, module_environment
from benchmarks.process import KIB_PER_MAXRSS, Child, repeat
from benchmarks.table import Row

OBJECTS = 10_000
SIZES = (1_000, OBJECTS, 20_000)
"""Numbers of objects between which memory must grow evenly."""
EVENTS = 40_000
REPAIRS = 100
IDLE_SECONDS = 10.0
IMPORTS = """
from opgen.runtime.main import load
load("webserver_operator")
import opgen.runtime.config, opgen.runtime.manager
"""
"""What `python -m` imports until it asks for the cluster."""


def measure(times: int, folder: Path) -> Iterator[Row]:
    """Yield all figures."""
    entry = [sys.executable, "-m", "webserver_operator", "--help"]
    usage = repeat(times, lambda: Child(entry, folder, module_environment()).wait())
    yield Row(name="python -m operator --help", unit="ms", opgen=usage.wall * 1000, aim="≤ 250")
    start = [sys.executable, "-c", IMPORTS]
    usage = repeat(times, lambda: Child(start, folder, module_environment()).wait())
    name = "  imports before it connects"
    yield Row(name=name, unit="ms", opgen=usage.wall * 1000, aim="≤ 250")
    figures = _figures(OBJECTS, "everything")
    for name, unit, aim in (
        (f"{OBJECTS} objects: caches filled", "s", "≤ 0.5"),
        ("  memory then", "MB", "≤ 70"),
        ("  watch burst, events per second", "", "≥ 40000"),
        ("  its processor time, per event", "µs", "≤ 25"),
        ("  with 20000 children: reconciled", "s", ""),
        (f"  {EVENTS} changed children: reconciled", "s", ""),
        (f"  {REPAIRS} deleted Services back, 99 %", "ms", "≤ 100"),
        ("  processor when idle", "%", "≤ 0.5"),
    ):
        yield Row(name=name, unit=unit, opgen=figures.pop(0), aim=aim)
    (memory,) = _figures(OBJECTS, "children")
    yield Row(name=f"  memory with {2 * OBJECTS} children", unit="MB", opgen=memory)
    yield from _growth()


def _growth() -> Iterator[Row]:
    """Memory per further object, with few and with many."""
    small, usual, large = (_figures(size, "cache")[1] for size in SIZES)
    first = (usual - small) / (SIZES[1] - SIZES[0]) * 1024
    second = (large - usual) / (SIZES[2] - SIZES[1]) * 1024
    yield Row(name=f"memory per object, {SIZES[0]} to {SIZES[1]}", unit="kB", opgen=first)
    name, aim = f"  {SIZES[1]} to {SIZES[2]}", f"≤ {1.1 * first:.2f}"
    yield Row(name=name, unit="kB", opgen=second, aim=aim)


def _figures(objects: int, what: str) -> list[float]:
    """What `_run` measures, in a process of its own with a server of its own."""
    whole = [] if what == "cache" else ["whole"]
    with tempfile.TemporaryDirectory(prefix="opgen-bench-") as name:
        kubeconfig = Path(name) / "kubeconfig"
        program = [sys.executable, "-m", "benchmarks.fake_server"]
        server = subprocess.Popen(
            [*program, str(objects), str(kubeconfig), *whole],
            stdout=subprocess.PIPE,
            cwd=HERE.parent,
            env=os.environ | module_environment(),
            text=True,
        )
        try:
            await_line(server, "ready")
            done = subprocess.run(
                [sys.executable, "-m", "benchmarks.scale", str(kubeconfig), what],
                cwd=HERE.parent,
                env=os.environ | module_environment(),
                stdout=subprocess.PIPE,
                check=True,
            )
        finally:
            server.terminate()
            server.communicate()
    figures: list[float] = json.loads(done.stdout)
    return figures


async def _run(kubeconfig: str, what: str) -> list[float]:
    """Measure `cache`, an operator that does nothing; `children`, the memory of one that has made
    all of them; or `everything`, the first and then the work of the second.
    """
    from webserver_operator.controllers.webserver_controller import WebServerController

    from opgen.k8s import core_v1
    from opgen.runtime.client import Client
    from opgen.runtime.config import load_config
    from opgen.runtime.manager import Manager

    config = load_config(kubeconfig)
    idle_operator = [*await _without_work(config)] if what != "children" else []
    if what == "cache":
        return idle_operator
    manager, stop = Manager(config, [WebServerController]), asyncio.Event()
    began = time.perf_counter()
    task = asyncio.ensure_future(manager.run(stop))
    await manager.ready()
    await _quiet(manager)
    reconciled = time.perf_counter() - began
    if what == "children":
        stop.set()
        await task
        return [_memory()]
    async with Client(config) as client:
        began = time.perf_counter()
        await _burst(manager, client, "Deployment")
        await _quiet(manager)
        changed = time.perf_counter() - began
        repairs = [await _repair(manager, client, core_v1.Service, n) for n in range(REPAIRS)]
        await asyncio.sleep(1)
        before = time.process_time()
        await asyncio.sleep(IDLE_SECONDS)
        idle = (time.process_time() - before) / IDLE_SECONDS * 100
    stop.set()
    await task
    slowest = statistics.quantiles(repairs, n=100)[98] * 1000
    return [*idle_operator, reconciled, changed, slowest, idle]


async def _without_work(config: Any) -> tuple[float, float, float, float]:
    """Of an operator that only looks at WebServers: seconds and memory until all are cached, and
    how many events of a burst it takes in per second, and in how much processor time each (µs).
    """
    from webserver_operator.api.v1.webserver_types import WebServer

    from opgen.runtime import Context, controller
    from opgen.runtime.client import Client
    from opgen.runtime.manager import Manager

    @controller(WebServer)
    class Nothing:
        async def reconcile(self, obj: WebServer, ctx: Context) -> None:
            """Nothing to do."""

    manager, stop = Manager(config, [Nothing]), asyncio.Event()
    began = time.perf_counter()
    task = asyncio.ensure_future(manager.run(stop))
    await manager.ready()
    filled, memory = time.perf_counter() - began, _memory()
    await _quiet(manager)
    async with Client(config) as client:
        burst, each = await _burst(manager, client, "WebServer")
    stop.set()
    await task
    return filled, memory, burst, each * 1e6


async def _quiet(manager: Any) -> None:
    """Until nothing waits for a reconcile."""
    queue = manager.controllers[0].queue
    while len(queue) or queue.processing:
        await asyncio.sleep(0.01)


async def _burst(manager: Any, client: Any, kind: str) -> tuple[float, float]:
    """A burst of changes: events per second from the first to the last that the cache takes in,
    and processor time per event in seconds.
    """
    (reflector,) = (r for r in manager.reflectors if r.store.kind.kind == kind)
    resource, before = reflector.store.kind, reflector.health.events
    path = f"/burst/{resource.api_version}/{resource.plural}/{EVENTS}"
    asked = asyncio.ensure_future(client.request("POST", path))
    while reflector.health.events == before:
        await asyncio.sleep(0.001)
    began, used = time.perf_counter(), time.process_time()
    first = reflector.health.events
    while reflector.health.events < before + EVENTS:
        await asyncio.sleep(0.001)
    count = before + EVENTS - first
    figures = (
        count / (time.perf_counter() - began),
        (time.process_time() - used) / count,
    )
    await asked
    return figures


async def _repair(manager: Any, client: Any, service: Any, number: int) -> float:
    """Seconds from the deletion of a Service until it is there again."""
    name = f"web-{number}-service"
    (store,) = (r.store for r in manager.reflectors if r.store.kind.kind == "Service")
    uid = store.get(("default", name)).metadata.uid
    began = time.perf_counter()
    await client.delete(service, name, "default")
    while True:
        entry = store.get(("default", name))
        if entry is not None and entry.metadata.uid != uid:
            return time.perf_counter() - began
        await asyncio.sleep(0.0005)


def _memory() -> float:
    """The most memory that was resident so far, in MB (2**20 bytes).

    On Linux that of this very program; `getrusage` would tell of whoever started it, if that was
    larger. Source: proc(5).
    """
    status = Path("/proc/self/status")
    if status.is_file():
        (peak,) = (line for line in status.read_text().splitlines() if line.startswith("VmHWM:"))
        return int(peak.split()[1]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * KIB_PER_MAXRSS / 1024


if __name__ == "__main__":
    print(json.dumps(asyncio.run(_run(sys.argv[1], sys.argv[2]))))
