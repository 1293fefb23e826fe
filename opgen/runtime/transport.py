"""HTTP to one API server: TLS, connections, credentials, and nothing of Kubernetes' resources.

This is the only module that knows the HTTP library. It sends a request and gives back what came,
or opens a stream and hands out its chunks.
"""

from __future__ import annotations

import asyncio
import logging
import ssl
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import aiohttp

from opgen.api.errors import Problems
from opgen.runtime.clock import SYSTEM_CLOCK, Clock
from opgen.runtime.config import ClusterConfig
from opgen.runtime.credentials import Credentials
from opgen.runtime.errors import ApiError, Silent, Unreachable
from opgen.runtime.pem_files import load_certificate
from opgen.runtime.proxies import proxy_from_environment

log = logging.getLogger("opgen.transport")

CONNECT_SECONDS = 10.0
REQUEST_SECONDS = 60.0
READ_BUFFER_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class Reply:
    """A complete answer."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def error(self) -> ApiError:
        """The answer as an error."""
        return ApiError.from_reply(self.status, self.body, retry_after(self.headers))


def retry_after(headers: Mapping[str, str]) -> float | None:
    """The seconds of a Retry-After header; its date form is not used by Kubernetes."""
    value = headers.get("Retry-After", "")
    return float(value) if value.isdecimal() else None


class Transport:
    """Connections to the API server of a configuration. Opened on first use."""

    def __init__(
        self, config: ClusterConfig, *, user_agent: str = "opgen", clock: Clock = SYSTEM_CLOCK
    ) -> None:
        self.config = config
        self._user_agent = user_agent
        self._credentials = Credentials(config, clock)
        self._proxy = config.proxy_url or proxy_from_environment(config.server)
        self._session: aiohttp.ClientSession | None = None
        self._certificate: tuple[bytes, bytes] | None = None
        self._opening = asyncio.Lock()

    async def send(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, str] | None = None,
        body: bytes | None = None,
        content_type: str | None = None,
    ) -> Reply:
        """Send a request and read the whole answer, whatever its status.

        Raises:
            Unreachable: no answer came.
            Problems: the credentials cannot be had.
        """
        reply = await self._send(method, path, params, body, content_type)
        if reply.status == 401 and self._credentials.refresh():
            reply = await self._send(method, path, params, body, content_type)
        return reply

    async def _send(
        self,
        method: str,
        path: str,
        params: Mapping[str, str] | None,
        body: bytes | None,
        content_type: str | None,
    ) -> Reply:
        headers = await self._headers(content_type)
        session = await self._open()
        try:
            async with session.request(
                method,
                self._url(path),
                params=params,
                data=body,
                headers=headers,
                **self._options(),
            ) as response:
                return Reply(response.status, response.headers, await response.read())
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise Unreachable(self.config.server, error) from error

    @asynccontextmanager
    async def stream(
        self, path: str, *, params: Mapping[str, str] | None = None, idle: float | None = None
    ) -> AsyncIterator[AsyncIterator[bytes]]:
        """Open a GET whose answer does not end, and hand out an iterator over its chunks.

        Args:
            path: The path below the server's address.
            params: The query.
            idle: Seconds of silence after which the stream counts as broken.

        Raises:
            ApiError: the status was not 200.
            Silent: nothing came for `idle` seconds.
            Unreachable: no answer came, or the connection broke.
        """
        headers = await self._headers(None)
        session = await self._open()
        timeout = aiohttp.ClientTimeout(total=None, connect=CONNECT_SECONDS, sock_read=idle)
        try:
            async with session.get(
                self._url(path), params=params, headers=headers, timeout=timeout, **self._options()
            ) as response:
                if response.status != 200:
                    if response.status == 401:
                        self._credentials.refresh()
                    body = await response.read()
                    raise Reply(response.status, response.headers, body).error()
                try:
                    yield response.content.iter_any()
                finally:
                    response.close()
        except aiohttp.SocketTimeoutError as error:
            raise Silent(self.config.server, error) from error
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise Unreachable(self.config.server, error) from error

    async def close(self) -> None:
        """Close all connections. The transport opens anew if it is used again."""
        session, self._session = self._session, None
        if session is not None:
            await session.close()

    def _url(self, path: str) -> str:
        return self.config.server + path

    def _options(self) -> dict[str, Any]:
        options: dict[str, Any] = {}
        if self.config.tls_server_name:
            options["server_hostname"] = self.config.tls_server_name
        if self._proxy:
            options["proxy"] = self._proxy
        return options

    async def _headers(self, content_type: str | None) -> list[tuple[str, str]]:
        headers = await self._credentials.headers()
        headers.append(("Accept", "application/json"))
        headers.append(("User-Agent", self._user_agent))
        if content_type is not None:
            headers.append(("Content-Type", content_type))
        return headers

    async def _open(self) -> aiohttp.ClientSession:
        certificate = await self._credentials.certificate()
        if self._session is not None and certificate == self._certificate:
            return self._session
        async with self._opening:
            if self._session is not None and certificate == self._certificate:
                return self._session
            await self.close()
            context = ssl_context(self.config, certificate)
            self._certificate = certificate
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(ssl=context, limit=0),
                timeout=aiohttp.ClientTimeout(total=REQUEST_SECONDS, connect=CONNECT_SECONDS),
                auto_decompress=True,
                read_bufsize=READ_BUFFER_BYTES,
            )
            return self._session


def ssl_context(
    config: ClusterConfig, certificate: tuple[bytes, bytes] | None = None
) -> ssl.SSLContext | bool:
    """How to talk TLS to the server; True for plain HTTP, where it does not matter.

    Python 3.13 refuses certificate authorities without a key usage extension; many clusters have
    such ones and kubectl accepts them, so this does too.

    Raises:
        Problems: a certificate or key cannot be used.
    """
    if not config.server.startswith("https://"):
        return True
    try:
        authorities = config.ca.decode() if config.ca is not None else None
        context = ssl.create_default_context(cadata=authorities)
        context.verify_flags &= ~getattr(ssl, "VERIFY_X509_STRICT", 0)
        if config.insecure:
            log.warning("TLS verification is off: anyone can pose as %s", config.server)
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
        if certificate is not None:
            load_certificate(context, *certificate)
    except (ssl.SSLError, ValueError) as error:
        detail = getattr(error, "reason", None) or "not PEM"
        raise Problems.of(
            f"a certificate or key cannot be used ({detail})", field=config.source
        ) from None
    return context
