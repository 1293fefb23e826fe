"""The servers that faults are tried on, ours and a real kube-apiserver, and what breaks them."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from opgen.api import ResourceKind
from opgen.runtime.client import Client
from opgen.runtime.config import ClusterConfig
from opgen.runtime.errors import ApiError, Unreachable
from opgen.testing.kubeconfig import write_kubeconfig
from opgen.testing.server import ApiServer

SECONDS = 90
NAMESPACE = ResourceKind("", "v1", "Namespace", "namespaces", namespaced=False)
PROGRAM = Path(__file__).parent / "programs" / "jobs.py"


@dataclass(frozen=True)
class Target:
    """A server to try faults on, and a namespace of the test's own."""

    config: ClusterConfig
    client: Client
    namespace: str
    server: ApiServer | None
    """The in-process server; None for a real one."""


Targets = Callable[[], Any]


@pytest.fixture(params=["in-process", pytest.param("real", marks=pytest.mark.controlplane)])
def target(request: pytest.FixtureRequest) -> Targets:
    """`async with target() as it`: a server."""
    if request.param == "in-process":
        return _in_process
    config = request.getfixturevalue("control_plane").config
    return lambda: _in_namespace(config, None)


@pytest.fixture
def real_target(control_plane: Any) -> Targets:
    """`async with real_target() as it`: the real server."""
    return lambda: _in_namespace(control_plane.config, None)


@pytest.fixture
def in_process() -> Targets:
    """`async with in_process() as it`: our server."""
    return _in_process


@asynccontextmanager
async def _in_process() -> AsyncIterator[Target]:
    async with ApiServer() as server, _in_namespace(server.config, server) as target:
        yield target


@asynccontextmanager
async def _in_namespace(config: ClusterConfig, server: ApiServer | None) -> AsyncIterator[Target]:
    name = f"faults-{uuid.uuid4().hex[:8]}"
    config = replace(config, namespace=name)
    async with Client(config) as client:
        await client.create(NAMESPACE, {"metadata": {"name": name}})
        try:
            yield Target(config, client, name, server)
        finally:
            await client.delete(NAMESPACE, name)


@pytest.fixture
def run() -> Callable[[Awaitable[Any]], Any]:
    """Runs a coroutine, and fails when it takes too long."""

    def within(work: Awaitable[Any]) -> Any:
        async def limited() -> Any:
            async with asyncio.timeout(SECONDS):
                return await work

        return asyncio.run(limited())

    return within


@pytest.fixture
def eventually() -> Callable[[Callable[[], Awaitable[Any]]], Awaitable[Any]]:
    """Asks until the answer is true; the test as a whole has a time limit."""

    async def asked(probe: Callable[[], Awaitable[Any]]) -> Any:
        while True:
            try:
                if answer := await probe():
                    return answer
            except ApiError as error:
                if error.code != 404:
                    raise
            await asyncio.sleep(0.01)

    return asked


# What happened, in the words of the server


class Journal:
    """All changes of a kind in a namespace, in the server's order."""

    def __init__(self) -> None:
        self.events: list[tuple[str, dict[str, Any]]] = []
        self._grown = asyncio.Event()

    async def follow(self, client: Client, kind: Any, namespace: str) -> None:
        """Watch until cancelled, also when the server goes away and comes back."""
        version = "0"
        while True:
            try:
                async for event in client.watch(kind, namespace, resource_version=version):
                    version = event["object"]["metadata"]["resourceVersion"]
                    self.events.append((event["type"], event["object"]))
                    self._grown.set()
            except (ApiError, Unreachable):
                await asyncio.sleep(0.05)

    async def until(self, reached: Callable[[Journal], bool]) -> None:
        """Wait until something is to be seen in the journal."""
        while not reached(self):
            self._grown.clear()
            await self._grown.wait()

    def trace(self, name: str) -> list[tuple[str, str]]:
        """Who said what in a ConfigMap of jobs: writer and state."""
        return [
            (document["data"]["writer"], document["data"]["state"])
            for kind, document in self.events
            if document["metadata"]["name"] == name and kind != "DELETED"
        ]

    def writers(self, since: int = 0) -> set[str]:
        """Who has said anything about jobs, from an event on."""
        documents = [document for _, document in self.events[since:]]
        return {d["data"]["writer"] for d in documents if d["metadata"]["name"].startswith("job-")}

    def done_by(self, since: int) -> dict[str, str]:
        """Who has done each job last, from an event on."""
        documents = [document for _, document in self.events[since:]]
        return {
            each["metadata"]["name"]: each["data"]["writer"]
            for each in documents
            if each.get("data", {}).get("state") == "idle"
        }


@pytest.fixture
def journal() -> Callable[..., Any]:
    """`async with journal(client, kind, namespace) as events`."""

    @asynccontextmanager
    async def followed(client: Client, kind: Any, namespace: str) -> AsyncIterator[Journal]:
        events = Journal()
        task = asyncio.ensure_future(events.follow(client, kind, namespace))
        try:
            yield events
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    return followed


# What lies between an operator and its server


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


# Replicas that can be killed


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


@pytest.fixture
def replicas(tmp_path: Path) -> Callable[..., Any]:
    """`async with replicas(config, mode) as start`, then `await start(name)`."""

    @asynccontextmanager
    async def started(config: ClusterConfig, mode: str) -> AsyncIterator[Any]:
        running: list[Replica] = []

        async def start(name: str, port: int = 0) -> Replica:
            own = config
            if port:
                own = replace(config, server=f"{config.server.rpartition(':')[0]}:{port}")
            kubeconfig = write_kubeconfig(tmp_path / f"{name}.kubeconfig", own)
            log = tmp_path / f"{name}.log"
            with log.open("wb") as file:
                process = await asyncio.create_subprocess_exec(
                    *(sys.executable, str(PROGRAM), str(kubeconfig), name, mode),
                    stdout=file,
                    stderr=file,
                )
            running.append(Replica(name, process, log))
            return running[-1]

        try:
            yield start
        except BaseException:
            for replica in running:
                print(f"--- {replica.name}\n{replica.log.read_text()}")
            raise
        finally:
            for replica in running:
                if replica.process.returncode is None:
                    replica.signal(signal.SIGKILL)
                    await replica.ended()

    return started


def _violations(trace: list[tuple[str, str]], victims: set[str]) -> Iterator[str]:
    replaced: set[str] = set()
    last, busy = "", False
    for position, (writer, state) in enumerate(trace):
        if writer in replaced:
            yield f"{position}: {writer} wrote after it had been replaced"
        if last and writer != last:
            if last in victims:
                replaced.add(last)
            elif busy:
                yield f"{position}: {writer} began while {last} was busy"
        last, busy = writer, state == "busy"


@pytest.fixture
def violations() -> Callable[[list[tuple[str, str]], set[str]], list[str]]:
    """Where two worked on one job at once.

    A victim, one that was killed, paused or cut off, may have been busy when another took over, but
    must never write again.
    """
    return lambda trace, victims: list(_violations(trace, victims))
