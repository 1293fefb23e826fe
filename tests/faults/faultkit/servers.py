"""Servers that faults are tried on, ours and a real kube-apiserver, and how those are broken."""

from __future__ import annotations

import asyncio
import shutil
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from opgen.api import ResourceKind
from opgen.runtime.client import Client
from opgen.runtime.config import ClusterConfig
from opgen.testing.envtest import Envtest, _etcd_flags
from opgen.testing.server import ApiServer

NAMESPACE = ResourceKind("", "v1", "Namespace", "namespaces", namespaced=False)


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


@pytest.fixture
def breakable_real(own_server: OwnServer) -> Callable[[], Any]:
    """`async with breakable_real() as it`: the server of `own_server`."""

    @asynccontextmanager
    async def made() -> AsyncIterator[Breakable]:
        async with _in_namespace(own_server.config, None) as target:
            kill = partial(asyncio.to_thread, own_server.kill_server)
            yield Breakable(target, kill, partial(asyncio.to_thread, own_server.start_server))

    return made
