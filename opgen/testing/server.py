"""The API server: machinery behind HTTP on a port of loopback.

```python
async with ApiServer() as server:
    async with Client(server.config) as client:
        ...
```
"""

from __future__ import annotations

import asyncio
from types import TracebackType
from typing import Any

from aiohttp import web

from opgen.runtime.config import ClusterConfig
from opgen.testing.clock import Clock
from opgen.testing.resources.machinery import Machinery
from opgen.testing.web.front import Front

REQUEST_LIMIT = 3 * 1024 * 1024


def _request(message: Any, payload: Any, protocol: Any, writer: Any, task: Any) -> web.BaseRequest:
    loop = asyncio.get_running_loop()
    return web.BaseRequest(
        message, payload, protocol, writer, task, loop, client_max_size=REQUEST_LIMIT
    )


class ApiServer:
    """A Kubernetes API server in this event loop.

    A request without credentials is the administrator's: the server listens on loopback, and
    kubectl sends no token over plain HTTP. A bearer token is that of its service account or user,
    and RBAC applies.

    Args:
        host: Where to listen.
        port: The port; 0 takes a free one.
        clock: Time, if a test wants to decide it.
        control_plane: Whether the controllers run that a cluster has beside its API server: without
            them, as with envtest, nothing makes Pods for a Deployment or collects garbage.
    """

    def __init__(
        self,
        host: str = "127.0.0.1",
        port: int = 0,
        clock: Clock | None = None,
        *,
        control_plane: bool = True,
    ) -> None:
        self.machinery = Machinery(clock, control_plane=control_plane)
        self.front = Front(self.machinery)
        self._host = host
        self._port = port
        self._runner: web.ServerRunner | None = None

    @property
    def webhook_services(self) -> dict[tuple[str, str], tuple[str, int]]:
        """Where the webhooks of Services are served: host and port by namespace and name.

        A webhook's certificate must be one for `<service>.<namespace>.svc`, as in a cluster.
        """
        return self.machinery.operations.webhooks.services

    @property
    def url(self) -> str:
        """The base URL, once started."""
        return f"http://{self._host}:{self._port}"

    @property
    def config(self) -> ClusterConfig:
        """How the administrator reaches the server."""
        return ClusterConfig(server=self.url, source="the in-process API server")

    def config_for(self, token: str, namespace: str = "default") -> ClusterConfig:
        """How the bearer of a token reaches the server."""
        return ClusterConfig(
            server=self.url,
            namespace=namespace,
            token=token,
            source="the in-process API server",
        )

    async def start(self) -> None:
        """Listen, and run the controllers."""
        server = web.Server(self.front.handle, request_factory=_request, access_log=None)
        runner = self._runner = web.ServerRunner(server, shutdown_timeout=1.0)
        await runner.setup()
        await web.TCPSite(runner, self._host, self._port).start()
        self._port = runner.addresses[0][1]
        self.machinery.start(asyncio.get_running_loop())

    async def stop(self) -> None:
        """End all watches and close all connections."""
        await self.machinery.stop()
        self.front.close_watches()
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    async def __aenter__(self) -> ApiServer:
        await self.start()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.stop()
