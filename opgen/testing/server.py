"""The API server: machinery behind HTTP on a port of loopback.

```python
async with ApiServer() as server:
    async with Client(server.config) as client:
        ...
```
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from types import TracebackType

from opgen.runtime.config import ClusterConfig
from opgen.testing.certificates import Authority
from opgen.testing.clock import Clock
from opgen.testing.errors import Document
from opgen.testing.resources.images import Images
from opgen.testing.resources.machinery import Machinery
from opgen.testing.resources.rbac import ADMINISTRATORS, AUTHENTICATED, User
from opgen.testing.web.front import Front
from opgen.testing.web.listening import HttpServer


class ApiServer:
    """A Kubernetes API server in this event loop.

    Over plain HTTP a request without credentials is the administrator's: the server listens on
    loopback, and kubectl sends no token over plain HTTP. Over TLS it is nobody's; a certificate of
    the server's authority says who its bearer is. A bearer token is that of its service account or
    user. RBAC applies to all but administrators.

    Args:
        host: Where to listen.
        port: The port; 0 takes a free one.
        clock: Time, if a test wants to decide it.
        control_plane: Whether the controllers run that a cluster has beside its API server: without
            them, as with envtest, nothing makes Pods for a Deployment or collects garbage.
        tls: Whether to speak HTTPS, with certificates made for the purpose.

    Raises:
        Problems: TLS is asked for, and the package that makes certificates is not installed.
    """

    def __init__(
        self,
        host: str = "127.0.0.1",
        port: int = 0,
        clock: Clock | None = None,
        *,
        control_plane: bool = True,
        tls: bool = False,
    ) -> None:
        self.machinery = Machinery(clock, control_plane=control_plane)
        self.front = Front(self.machinery)
        self.front.secure = tls
        self.authority = Authority() if tls else None
        self._host = host
        self._port = port
        self._listening = HttpServer(self.front.handle)

    @property
    def webhook_services(self) -> dict[tuple[str, str], tuple[str, int]]:
        """Where the webhooks of Services are served: host and port by namespace and name.

        A webhook's certificate must be one for `<service>.<namespace>.svc`, as in a cluster.
        """
        return self.machinery.operations.webhooks.services

    @property
    def images(self) -> Images:
        """Which container images fail, and how."""
        return self.machinery.images

    @property
    def url(self) -> str:
        """The base URL, once started."""
        scheme = "http" if self.authority is None else "https"
        host = f"[{self._host}]" if ":" in self._host else self._host
        return f"{scheme}://{host}:{self._port}"

    @property
    def config(self) -> ClusterConfig:
        """How the administrator reaches the server."""
        if self.authority is not None:
            return self.config_of("admin", (ADMINISTRATORS,))
        return self._config()

    def config_for(self, token: str, namespace: str = "default") -> ClusterConfig:
        """How the bearer of a token reaches the server."""
        return replace(self._config(), namespace=namespace, token=token)

    def config_of(self, user: str, groups: Sequence[str] = ()) -> ClusterConfig:
        """How a user in groups reaches the server: with a certificate, or else with a token."""
        if self.authority is None:
            members = (*groups, AUTHENTICATED)
            return self.config_for(self.machinery.authenticator.issue(User(user, members)))
        pair = self.authority.client(user, groups)
        return replace(self._config(), client_certificate=pair.certificate, client_key=pair.key)

    def _config(self) -> ClusterConfig:
        authority = None if self.authority is None else self.authority.certificate
        return ClusterConfig(server=self.url, ca=authority, source="the in-process API server")

    @property
    def audit(self) -> list[Document]:
        """An audit.k8s.io/v1 Event, of level Metadata, for each request that was answered."""
        return [request.audit_event() for request in self.front.requests]

    async def start(self) -> None:
        """Listen, and run the controllers."""
        context = None if self.authority is None else self.authority.context(self._host)
        self._port = await self._listening.start(self._host, self._port, context)
        self.machinery.start(asyncio.get_running_loop())

    async def stop(self) -> None:
        """End all watches and close all connections."""
        await self.machinery.stop()
        self.front.close_watches()
        self.front.faults.clear()
        await self._listening.stop()

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
