"""HTTPS for webhooks, with a certificate that is mounted into the pod or made by the operator."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import msgspec
from aiohttp import web

from opgen.api.errors import Problems
from opgen.runtime.certificates import Certificate, ServingCertificate
from opgen.runtime.metrics import Metrics
from opgen.runtime.probes import parse_address
from opgen.runtime.webhooks.admission import Answer, is_unforeseen
from opgen.runtime.webhooks.routes import CONVERT, routes

log = logging.getLogger("opgen.webhooks")

CERTIFICATES = Path("/tmp/k8s-webhook-server/serving-certs")  # noqa: S108 - where manifests mount it
LARGEST_BODY = 16 * 1024 * 1024
ADDRESS_OPTION = "--webhook-bind-address"


class WebhookServer:
    """Serves webhooks until it is closed."""

    def __init__(
        self, routes: Mapping[str, Answer], certificate: Certificate, metrics: Metrics
    ) -> None:
        self.certificate = certificate
        self._metrics = metrics
        self._routes = routes
        self._runner: web.AppRunner | None = None

    @property
    def port(self) -> int:
        """The port served on; 0 if none."""
        addresses = self._runner.addresses if self._runner is not None else []
        return int(addresses[0][1]) if addresses else 0

    async def start(self, address: str) -> None:
        """Listen.

        Raises:
            Problems: the address cannot be had.
        """
        where = parse_address(address, ADDRESS_OPTION)
        if where is None:
            return
        application = web.Application(client_max_size=LARGEST_BODY)
        for path, answer in self._routes.items():
            application.router.add_post(path, _handler(path, answer, self._metrics))
        runner = self._runner = web.AppRunner(application, access_log=None, shutdown_timeout=1)
        await runner.setup()
        try:
            await web.TCPSite(runner, *where, ssl_context=self.certificate.context()).start()
        except OSError as error:
            raise Problems.of(
                f"cannot listen on {address}: {error.strerror or error}", field=ADDRESS_OPTION
            ) from None
        log.info("webhooks are served on %s: %s", address, ", ".join(self._routes))

    async def close(self) -> None:
        """Stop serving."""
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None


@asynccontextmanager
async def serve(
    declared: Iterable[Any],
    address: str,
    directory: str = "",
    *,
    certificate: Certificate | None = None,
    metrics: Metrics | None = None,
) -> AsyncIterator[WebhookServer]:
    """Serve webhooks meanwhile.

    Args:
        declared: What `routes` takes.
        address: Where to listen.
        directory: The folder of the certificate; the usual one if empty.
        certificate: A certificate that is not in a folder.
        metrics: Where to count.

    Raises:
        Problems: they do not fit together, or the certificate or address cannot be used.
    """
    metrics = metrics or Metrics()
    if certificate is None:
        folder = Path(directory) if directory else CERTIFICATES
        certificate = ServingCertificate(folder, "webhooks", metrics)
    server = WebhookServer(routes(declared), certificate, metrics)
    try:
        await server.start(address)
        yield server
    finally:
        await server.close()


def _handler(path: str, answer: Answer, metrics: Metrics) -> Any:
    metrics.expect_webhook(path)
    panics = f"controller_runtime_{'conversion_' if path == CONVERT else ''}webhook_panics"

    async def handle(request: web.Request) -> web.Response:
        with metrics.reviewing(path) as answered:
            response = await review(request)
            answered(response.status)
        return response

    async def review(request: web.Request) -> web.Response:
        try:
            document = msgspec.json.decode(await request.read())
            uid, _ = document["request"]["uid"], document["apiVersion"]
        except (msgspec.DecodeError, KeyError, TypeError):
            return web.Response(status=400, text="this is no review with a request")
        log.debug("review %s on %s", uid, request.path)
        answered = await answer(document)
        if is_unforeseen(answered):
            metrics.count(panics)
        return web.Response(body=msgspec.json.encode(answered), content_type="application/json")

    return handle
