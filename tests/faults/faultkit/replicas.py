"""Replicas that can be killed, and ways to the server that can be cut."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from faultkit.pace import pace
from opgen.runtime.config import ClusterConfig
from opgen.testing.kubeconfig import write_kubeconfig

PROGRAM = Path(__file__).parent.parent / "programs" / "jobs.py"
LAST_WORDS_SECONDS = 20.0


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


class Died(Exception):
    """A replica has ended that should be at work."""


@dataclass
class Replica:
    """A process that runs the operator of `programs/jobs.py`."""

    name: str
    process: asyncio.subprocess.Process
    log: Path
    doomed: bool = False
    """Whether the test has done something to it, or waits for its end."""

    def signal(self, number: int) -> None:
        if self.process.returncode is not None:
            raise Died(f"{self.name} has ended by itself with exit code {self.process.returncode}")
        self.doomed = True
        os.kill(self.process.pid, number)

    async def ended(self) -> int:
        """Its exit code."""
        self.doomed = True
        return await self.process.wait()

    async def watch(self) -> None:
        """Fail as soon as it ends, unless that is what the test wants."""
        code = await self.process.wait()
        if not self.doomed:
            raise Died(f"{self.name} has ended by itself with exit code {code}")

    async def last_words(self) -> str:
        """Its log; if it lives, with what it was doing at this moment, which is its end."""
        if self.process.returncode is None:
            for number in (signal.SIGCONT, signal.SIGUSR1):
                self.signal(number)
            with suppress(TimeoutError):
                await asyncio.wait_for(self.ended(), LAST_WORDS_SECONDS)
        code = self.process.returncode
        state = "does not answer" if code is None else f"exit code {code}"
        return f"--- {self.name}: {state}\n{self.log.read_text()}"


@pytest.fixture
def replicas(tmp_path: Path) -> Callable[..., Any]:
    """`async with replicas(config, mode) as start`, then `await start(name)`."""

    @asynccontextmanager
    async def started(config: ClusterConfig, mode: str) -> AsyncIterator[Any]:
        running: list[Replica] = []
        time = tmp_path / "time"

        def awaited() -> Iterator[int]:
            return (place for place, it in enumerate(running, 1) if not it.doomed)

        async def start(name: str, port: int = 0) -> Replica:
            own = config
            if port:
                own = replace(config, server=f"{config.server.rpartition(':')[0]}:{port}")
            kubeconfig = write_kubeconfig(tmp_path / f"{name}.kubeconfig", own)
            log = tmp_path / f"{name}.log"
            with log.open("wb") as file:
                place = str(len(running) + 1)
                process = await asyncio.create_subprocess_exec(
                    *(sys.executable, str(PROGRAM), str(kubeconfig), str(time), place, name, mode),
                    stdout=file,
                    stderr=file,
                )
            running.append(Replica(name, process, log))
            watches.create_task(running[-1].watch())
            return running[-1]

        async with pace(time, config, awaited), asyncio.TaskGroup() as watches:
            try:
                yield start
            except BaseException:
                for replica in running:
                    print(await replica.last_words())
                raise
            finally:
                for replica in running:
                    if replica.process.returncode is None:
                        replica.signal(signal.SIGKILL)
                        await replica.ended()

    return started
