"""The HTTP endpoints of an operator: /healthz and /readyz for the kubelet, /metrics for Prometheus.

An address is `:8081`, `127.0.0.1:8081` or `[::1]:8081`; `0` means that nothing is served.
"""

from __future__ import annotations

import json
import ssl
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from aiohttp import web

from opgen.api.errors import Problems
from opgen.runtime.guard import Guard
from opgen.runtime.metrics import Metrics

JSON = "application/json"
Check = Callable[[], str]
"""Says what is wrong; nothing if all is well."""
_Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def parse_address(address: str, option: str) -> tuple[str | None, int] | None:
    """Host (None: all) and port; None for `0`.

    Raises:
        Problems: it is no address.
    """
    if address in ("0", ""):
        return None
    host, colon, port = address.rpartition(":")
    if not colon or not port.isdecimal() or int(port) > 65535:
        hint = "give a host and a port such as 127.0.0.1:8081, :8081 for all hosts, or 0 for none"
        raise Problems.of(f"{address!r} is no address", field=option, hint=hint)
    return (host.strip("[]") or None, int(port))


class Servers:
    """HTTP servers that run beside the controllers."""

    def __init__(self) -> None:
        self._runners: list[web.AppRunner] = []

    async def serve_probes(
        self, address: str, healthy: Mapping[str, Check], ready: Mapping[str, Check]
    ) -> None:
        """Serve /healthz and /readyz, and each check by its name below them."""
        handlers: dict[str, _Handler] = {}
        for path, checks in (("/healthz", healthy), ("/readyz", ready)):
            handlers[path] = _checks_handler(path[1:], checks)
            for name, check in checks.items():
                handlers[f"{path}/{name}"] = _checks_handler(name, {name: check})
        await self._serve(address, "--health-probe-bind-address", handlers)

    async def serve_debug(self, address: str, report: Callable[[], dict[str, Any]]) -> None:
        """Serve the debug page."""

        async def handle(request: web.Request) -> web.Response:
            return web.Response(text=json.dumps(report(), indent=2) + "\n", content_type=JSON)

        await self._serve(address, "--debug-bind-address", {"/debug": handle})

    async def serve_metrics(
        self,
        address: str,
        metrics: Metrics,
        *,
        guard: Guard | None = None,
        context: ssl.SSLContext | None = None,
    ) -> None:
        """Serve /metrics: to everybody, or over TLS to those whom a guard lets through."""

        async def handle(request: web.Request) -> web.Response:
            if guard is not None:
                await guard.check(request)
            body, content_type = metrics.render()
            return web.Response(body=body, headers={"Content-Type": content_type})

        await self._serve(address, "--metrics-bind-address", {"/metrics": handle}, context)

    async def close(self) -> None:
        """Stop serving."""
        while self._runners:
            await self._runners.pop().cleanup()

    @property
    def ports(self) -> list[int]:
        """The ports served on."""
        return [address[1] for runner in self._runners for address in runner.addresses]

    async def _serve(
        self,
        address: str,
        option: str,
        handlers: Mapping[str, _Handler],
        context: ssl.SSLContext | None = None,
    ) -> None:
        where = parse_address(address, option)
        if where is None:
            return
        application = web.Application()
        for path, handler in handlers.items():
            application.router.add_get(path, handler)
        runner = web.AppRunner(application, access_log=None, shutdown_timeout=1)
        await runner.setup()
        self._runners.append(runner)
        try:
            await web.TCPSite(runner, *where, ssl_context=context).start()
        except OSError as error:
            hint = f"choose another one with {option}, or 0 for none"
            raise Problems.of(
                f"cannot listen on {address}: {error.strerror or error}", field=option, hint=hint
            ) from None


def _checks_handler(name: str, checks: Mapping[str, Check]) -> _Handler:
    """Says ok, or which checks fail; all of them if asked with `?verbose`, as kube-apiserver."""

    async def handle(request: web.Request) -> web.Response:
        told = {check: run() for check, run in checks.items()}
        failed = any(told.values())
        if not failed and "verbose" not in request.query:
            return web.Response(text="ok")
        lines = [
            f"[-]{check} failed: {wrong}" if wrong else f"[+]{check} ok"
            for check, wrong in told.items()
        ]
        lines.append(f"{name} check {'failed' if failed else 'passed'}")
        return web.Response(text="\n".join(lines) + "\n", status=500 if failed else 200)

    return handle
