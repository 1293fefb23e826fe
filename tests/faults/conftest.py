"""The two servers that faults are tried on: ours, and a real kube-apiserver."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any

import pytest

from opgen.api import ResourceKind
from opgen.runtime.client import Client
from opgen.runtime.config import ClusterConfig
from opgen.runtime.errors import ApiError
from opgen.testing.server import ApiServer

SECONDS = 60
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
