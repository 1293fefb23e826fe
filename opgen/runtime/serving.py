"""What an operator serves beside its webhooks: probes, metrics and, if asked for, a debug page.

The servers themselves are imported when there is an address to serve at, as they are heavy.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from opgen.api.errors import Problems
from opgen.runtime.client import Client
from opgen.runtime.clock import Clock
from opgen.runtime.metrics import Metrics
from opgen.runtime.options import Options

if TYPE_CHECKING:
    from opgen.runtime.probes import Servers

Check = Callable[[], str]
"""Says what is wrong; nothing if all is well."""


class Endpoints:
    """Where things are served."""

    def __init__(self) -> None:
        self.servers: Servers | None = None

    @property
    def ports(self) -> list[int]:
        """The ports served on: probes, metrics, debug page."""
        return self.servers.ports if self.servers is not None else []


@asynccontextmanager
async def serving(
    endpoints: Endpoints,
    options: Options,
    client: Client,
    metrics: Metrics,
    checks: Mapping[str, Check],
    debug: Callable[[], dict[str, Any]],
    clock: Clock,
) -> AsyncIterator[None]:
    """Serve meanwhile what has an address.

    Raises:
        Problems: an address cannot be used.
    """
    addresses = (options.probe_address, options.metrics_address, options.debug_address)
    if all(address in ("0", "") for address in addresses):
        yield
        return
    from opgen.runtime.metrics_certificate import is_private
    from opgen.runtime.probes import Servers

    if options.debug_address not in ("0", "") and not is_private(options.debug_address):
        raise Problems.of(
            f"the debug page is for this machine alone, and {options.debug_address} is not",
            field="--debug-bind-address",
            hint="serve it at 127.0.0.1:6060 and use kubectl port-forward",
        )
    endpoints.servers = servers = Servers()
    try:
        await servers.serve_probes(options.probe_address, {"ping": lambda: ""}, checks)
        await _serve_metrics(servers, options, client, metrics, clock)
        await servers.serve_debug(options.debug_address, debug)
        yield
    finally:
        await servers.close()


async def _serve_metrics(
    servers: Servers, options: Options, client: Client, metrics: Metrics, clock: Clock
) -> None:
    from opgen.runtime.metrics_certificate import is_private, own_context

    address, directory = options.metrics_address, options.metrics_certificates
    if directory:
        from opgen.runtime.certificates import ServingCertificate

        context = ServingCertificate(Path(directory), "/metrics", metrics).context()
    elif options.metrics_secure and not is_private(address):
        context = own_context()
    else:
        await servers.serve_metrics(address, metrics)
        return
    from opgen.runtime.guard import Guard

    guard = Guard(client, clock)
    await servers.serve_metrics(address, metrics, guard=guard, context=context)
