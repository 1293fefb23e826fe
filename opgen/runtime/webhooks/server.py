"""HTTPS for webhooks, with the certificate that is mounted into the pod.

A renewed certificate is used for the next connection: the files are looked at with every handshake.
"""

from __future__ import annotations

import logging
import ssl
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import msgspec
from aiohttp import web

from opgen.api.errors import Problems
from opgen.runtime.probes import parse_address
from opgen.runtime.webhooks.admission import Answer
from opgen.runtime.webhooks.routes import routes

log = logging.getLogger("opgen.webhooks")

CERTIFICATES = Path("/tmp/k8s-webhook-server/serving-certs")  # noqa: S108 - where manifests mount it
LARGEST_BODY = 16 * 1024 * 1024
ADDRESS_OPTION = "--webhook-bind-address"


class ServingCertificate:
    """`tls.crt` and `tls.key` of a directory, as they are now."""

    def __init__(self, directory: Path) -> None:
        self._files = (directory / "tls.crt", directory / "tls.key")
        self._loaded: tuple[float, ...] = ()
        self._current = self._load()

    def context(self) -> ssl.SSLContext:
        """What a server listens with; it hands every connection to the newest certificate."""
        context = self._load()
        context.sni_callback = self._chosen
        return context

    def problem(self) -> str:
        """What is wrong with the files now; nothing if all is well."""
        missing = [str(file) for file in self._files if not file.exists()]
        return f"no serving certificate: {', '.join(missing)}" if missing else ""

    def _chosen(self, connection: Any, name: str | None, context: ssl.SSLContext) -> None:
        try:
            if self._stamps() != self._loaded:
                self._current = self._load()
                log.info("the serving certificate was renewed")
        except Problems as problems:
            # Files are replaced one after the other: the next handshake will find both.
            log.warning("the old serving certificate is kept: %s", problems)
        connection.context = self._current

    def _stamps(self) -> tuple[float, ...]:
        try:
            return tuple(file.stat().st_mtime_ns for file in self._files)
        except OSError as error:
            raise self._unusable(error.strerror or "not there") from None

    def _load(self) -> ssl.SSLContext:
        stamps = self._stamps()
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        try:
            context.load_cert_chain(*self._files)
        except (OSError, ssl.SSLError) as error:
            raise self._unusable(error.strerror or str(error)) from None
        self._loaded = stamps
        return context

    def _unusable(self, why: str) -> Problems:
        return Problems.of(
            f"the serving certificate of the webhooks cannot be used: {why}",
            field=str(self._files[0]),
            hint="mount a Secret with tls.crt and tls.key there, or name another folder with "
            "--webhook-cert-dir",
        )


class WebhookServer:
    """Serves webhooks until it is closed."""

    def __init__(self, routes: Mapping[str, Answer], certificate: ServingCertificate) -> None:
        self.certificate = certificate
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
            application.router.add_post(path, _handler(answer))
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
    declared: Iterable[Any], address: str, directory: str = ""
) -> AsyncIterator[WebhookServer]:
    """Serve webhooks meanwhile.

    Args:
        declared: What `routes` takes.
        address: Where to listen.
        directory: The folder of the certificate; the usual one if empty.

    Raises:
        Problems: they do not fit together, or the certificate or address cannot be used.
    """
    certificate = ServingCertificate(Path(directory) if directory else CERTIFICATES)
    server = WebhookServer(routes(declared), certificate)
    try:
        await server.start(address)
        yield server
    finally:
        await server.close()


def _handler(answer: Answer) -> Any:
    async def handle(request: web.Request) -> web.Response:
        try:
            review = msgspec.json.decode(await request.read())
            uid = review["request"]["uid"]
        except (msgspec.DecodeError, KeyError, TypeError):
            return web.Response(status=400, text="this is no review with a request")
        log.debug("review %s on %s", uid, request.path)
        return web.Response(
            body=msgspec.json.encode(await answer(review)), content_type="application/json"
        )

    return handle
