"""The servers that faults are tried on, ours and a real kube-apiserver, and what breaks them."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import sys
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from opgen.api import ResourceKind
from opgen.k8s import core_v1
from opgen.runtime import Context, controller
from opgen.runtime.client import Client
from opgen.runtime.clock import Clock, SystemClock
from opgen.runtime.config import ClusterConfig
from opgen.runtime.errors import ApiError, Unreachable
from opgen.runtime.manager import Manager, Options
from opgen.runtime.reflector import Timing
from opgen.testing.envtest import Envtest, _etcd_flags
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
def run_long() -> Callable[[Awaitable[Any]], Any]:
    """Runs a coroutine for as long as it takes."""
    return lambda work: asyncio.run(_awaited(work))


async def _awaited(work: Awaitable[Any]) -> Any:
    return await work


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
        version = ""
        while True:
            try:
                if not version:
                    version = await self._list(client, kind, namespace)
                async for event in client.watch(kind, namespace, resource_version=version):
                    version = event["object"]["metadata"].get("resourceVersion", "")
                    if event["type"] == "ERROR":
                        break
                    self._note(event["type"], event["object"])
            except (ApiError, Unreachable):
                await asyncio.sleep(0.05)

    async def _list(self, client: Client, kind: Any, namespace: str) -> str:
        known = {each["metadata"]["resourceVersion"] for _, each in self.events}
        page = await client.request("GET", client.path(kind, "", namespace))
        for each in page["items"]:
            if each["metadata"]["resourceVersion"] not in known:
                self._note("LISTED", each)
        return str(page["metadata"]["resourceVersion"])

    def _note(self, kind: str, document: dict[str, Any]) -> None:
        self.events.append((kind, document))
        self._grown.set()

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

    def values(self, name: str) -> list[str]:
        """The values that a copy has had."""
        mine = [each for _, each in self.events if each["metadata"]["name"] == name]
        return [each["data"]["value"] for each in mine]

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


# A control plane that can be broken


class OwnServer(Envtest):
    """etcd and kube-apiserver that a test may kill, and put back to an earlier state."""

    def kill_server(self) -> None:
        """End kube-apiserver as a crash would."""
        server = self._running.pop()
        server.kill()
        server.wait()

    def start_server(self) -> None:
        """Start it again, on the same port."""
        server = self._launch("kube-apiserver", self._server_flags())
        assert self._await("kube-apiserver", server, self._is_ready), "the port was taken"

    def back_up(self, name: str) -> None:
        """Copy the data; both programs are restarted."""
        self._without_programs(lambda data: shutil.copytree(data, self._folder / name))

    def roll_back(self, name: str) -> None:
        """Put the data back to what they were."""

        def replaced(data: Path) -> None:
            shutil.rmtree(data)
            shutil.copytree(self._folder / name, data)

        self._without_programs(replaced)

    def _without_programs(self, work: Callable[[Path], object]) -> None:
        self.kill_server()
        etcd = self._running.pop()
        etcd.terminate()
        etcd.wait()
        work(self._folder / "etcd")
        socket = self._folder / "client:0"
        socket.unlink(missing_ok=True)
        etcd = self._launch("etcd", _etcd_flags())
        self._await("etcd", etcd, socket.exists)
        self.start_server()


@pytest.fixture(scope="session")
def own_server(control_plane_binaries: Path) -> Iterator[OwnServer]:
    """A control plane for tests that break it."""
    with OwnServer(control_plane_binaries) as server:
        yield server


@dataclass(frozen=True)
class Breakable:
    """A server that can be killed."""

    target: Target
    kill: Callable[[], Awaitable[None]]
    start: Callable[[], Awaitable[None]]


@pytest.fixture(params=["in-process", pytest.param("real", marks=pytest.mark.controlplane)])
def breakable(request: pytest.FixtureRequest) -> Callable[[], Any]:
    """`async with breakable() as it`: a server with `kill` and `start`."""
    own = request.getfixturevalue("own_server") if request.param == "real" else None

    @asynccontextmanager
    async def made() -> AsyncIterator[Breakable]:
        if own is not None:
            async with _in_namespace(own.config, None) as target:
                kill = partial(asyncio.to_thread, own.kill_server)
                yield Breakable(target, kill, partial(asyncio.to_thread, own.start_server))
            return
        async with _in_process() as target:
            assert target.server is not None
            yield Breakable(target, target.server.stop, target.server.start)

    return made


# An operator in this process


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
        before = await accounts.versions()
        server = accounts.target.server
        answered = server.front.answered if server is not None else 0
        async with working(accounts.target.config, *controllers) as manager:
            await quiet(manager)
        assert await accounts.versions() == before
        if server is not None:
            fresh = server.front.answered - answered
            assert not [each for each in list(server.front.requests)[-fresh:] if each.is_write]

    return check


@pytest.fixture
def breakable_real(own_server: OwnServer) -> Callable[[], Any]:
    """`async with breakable_real() as it`: the server of `own_server`."""

    @asynccontextmanager
    async def made() -> AsyncIterator[Breakable]:
        async with _in_namespace(own_server.config, None) as target:
            kill = partial(asyncio.to_thread, own_server.kill_server)
            yield Breakable(target, kill, partial(asyncio.to_thread, own_server.start_server))

    return made
