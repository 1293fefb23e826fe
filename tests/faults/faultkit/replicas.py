"""Replicas that can be killed, and ways to the server that can be cut."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from opgen.runtime.config import ClusterConfig
from opgen.testing.kubeconfig import write_kubeconfig

PROGRAM = Path(__file__).parent.parent / "programs" / "jobs.py"


@dataclass
class Link:
    """A way to the server that can be cut: nothing arrives any more, and nobody is told."""

    port: int = 0
    whole: asyncio.Event = field(default_factory=asyncio.Event)

    def cut(self) -> None:
        self.whole.clear()


@pytest.fixture
def link() -> Callable[[str], Any]:
    """`async with link(url) as way`: a proxy on loopback."""

    @asynccontextmanager
    async def linked(url: str) -> AsyncIterator[Link]:
        port = int(url.rpartition(":")[2])
        way = Link()
        way.whole.set()
        tasks: set[asyncio.Task[Any]] = set()

        async def pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            try:
                while data := await reader.read(65536):
                    await way.whole.wait()
                    writer.write(data)
                    await writer.drain()
            except ConnectionError:
                return
            finally:
                writer.close()

        async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            there, back = await asyncio.open_connection("127.0.0.1", port)
            for work in (pump(reader, back), pump(there, writer)):
                tasks.add(asyncio.ensure_future(work))

        server = await asyncio.start_server(accept, "127.0.0.1", 0)
        way.port = server.sockets[0].getsockname()[1]
        try:
            yield way
        finally:
            server.close()
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    return linked


@dataclass
class Replica:
    """A process that runs the operator of `programs/jobs.py`."""

    name: str
    process: asyncio.subprocess.Process
    log: Path

    def signal(self, number: int) -> None:
        os.kill(self.process.pid, number)

    async def ended(self) -> int:
        """Its exit code."""
        return await self.process.wait()


def _patience() -> float:
    """By how much longer Leases last where many share the machine.

    A server that gets a tenth of a processor does not answer in time, and then every replica
    rightly gives up; that is no fault that these tests are about.
    """
    waiting = os.getloadavg()[0] / (os.cpu_count() or 1)
    return min(4.0, max(1.0, waiting / 2))


@pytest.fixture
def replicas(tmp_path: Path) -> Callable[..., Any]:
    """`async with replicas(config, mode) as start`, then `await start(name)`."""

    @asynccontextmanager
    async def started(config: ClusterConfig, mode: str) -> AsyncIterator[Any]:
        running: list[Replica] = []
        patience = str(_patience())

        async def start(name: str, port: int = 0) -> Replica:
            own = config
            if port:
                own = replace(config, server=f"{config.server.rpartition(':')[0]}:{port}")
            kubeconfig = write_kubeconfig(tmp_path / f"{name}.kubeconfig", own)
            log = tmp_path / f"{name}.log"
            with log.open("wb") as file:
                process = await asyncio.create_subprocess_exec(
                    *(sys.executable, str(PROGRAM), str(kubeconfig), name, mode, patience),
                    stdout=file,
                    stderr=file,
                )
            running.append(Replica(name, process, log))
            return running[-1]

        try:
            yield start
        except BaseException:
            for replica in running:
                code = replica.process.returncode
                state = "running" if code is None else f"exit code {code}"
                print(f"--- {replica.name}: {state}\n{replica.log.read_text()}")
            raise
        finally:
            for replica in running:
                if replica.process.returncode is None:
                    replica.signal(signal.SIGKILL)
                    await replica.ended()

    return started
