"""HTTP to one API server: TLS, credentials, errors, and nothing of Kubernetes' resources.

It sends a request and gives back what came, or opens a stream and hands out its chunks. The
connections are those of `opgen.runtime.http`.
"""

from __future__ import annotations

import logging
import ssl
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import quote, urlencode, urlsplit

from opgen.api.errors import Problems
from opgen.runtime.clock import SYSTEM_CLOCK, Clock
from opgen.runtime.config import ClusterConfig
from opgen.runtime.credentials import Credentials
from opgen.runtime.errors import ApiError, Silent, Unreachable
from opgen.runtime.http.connection import Connection
from opgen.runtime.http.pool import Address, Pool
from opgen.runtime.pem_files import load_certificate
from opgen.runtime.proxies import proxy_from_environment

log = logging.getLogger("opgen.transport")

JSON = "application/json"
REQUEST_SECONDS = 60.0
HARMLESS = frozenset({"application/apply-patch+yaml"})
"""Content types of changes that may be sent twice: applying again changes nothing."""

Lines = list[bytes]
_Headers = list[tuple[str, str]]


class _Request(NamedTuple):
    method: str
    path: str
    params: Mapping[str, str] | None
    body: bytes | None
    content_type: str
    accept: str


@dataclass(frozen=True, slots=True)
class Reply:
    """A complete answer; the names of its headers are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def error(self) -> ApiError:
        """The answer as an error."""
        return ApiError.from_reply(self.status, self.body, retry_after(self.headers))


def retry_after(headers: Mapping[str, str]) -> float | None:
    """The seconds of a Retry-After header; its date form is not used by Kubernetes."""
    value = headers.get("retry-after", "")
    return float(value) if value.isdecimal() else None


class Transport:
    """Connections to the API server of a configuration. Opened on first use."""

    def __init__(
        self, config: ClusterConfig, *, user_agent: str = "opgen", clock: Clock = SYSTEM_CLOCK
    ) -> None:
        self.config = config
        self._credentials = Credentials(config, clock)
        self._base_path = urlsplit(config.server).path.strip("/")
        self._common = [
            ("Accept-Encoding", "gzip"),
            ("User-Agent", user_agent),
        ]
        self._pool: Pool | None = None
        self._certificate: tuple[bytes, bytes] | None = None
        self._known_to_work = False
        """Whether the server has taken our credentials before."""
        self._known: dict[str, tuple[_Headers, bytes]] = {}
        """What was last sent with each `Accept`, as headers and as lines."""

    async def send(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, str] | None = None,
        body: bytes | None = None,
        content_type: str | None = None,
        accept: str = JSON,
        fence: Callable[[], None] | None = None,
    ) -> Reply:
        """Send a request and read the whole answer, whatever its status.

        `fence` is called right before anything is sent, and keeps it back by raising.

        Raises:
            Unreachable: no answer came, or the credentials, which once were good, cannot be had.
            Problems: the credentials cannot be had, or an address cannot be used.
        """
        request = _Request(method, path, params, body, content_type or JSON, accept)
        reply = await self._send(request, fence)
        if reply.status == 401 and self._credentials.refresh():
            reply = await self._send(request, fence)
        return reply

    async def _send(self, asked: _Request, fence: Callable[[], None] | None) -> Reply:
        pool, request = await self._prepared(asked)
        harmless = asked.method == "GET" or asked.content_type in HARMLESS
        try:
            answer = await pool.fetch(request, REQUEST_SECONDS, harmless=harmless, fence=fence)
        except OSError as error:
            raise Unreachable(self.config.server, error) from error
        self._known_to_work |= answer.status < 300
        return Reply(answer.status, answer.headers, answer.body)

    @asynccontextmanager
    async def stream(
        self,
        path: str,
        *,
        params: Mapping[str, str] | None = None,
        idle: float | None = None,
        accept: str = JSON,
    ) -> AsyncIterator[AsyncIterator[bytes]]:
        """Open a GET whose answer does not end, and hand out an iterator over its chunks.

        Args:
            path: The path below the server's address.
            params: The query.
            idle: Seconds of silence after which the stream counts as broken.
            accept: The form that is asked for.

        Raises:
            ApiError: the status was not 200.
            Silent: nothing came for `idle` seconds.
            Unreachable: no answer came, or the connection broke.
        """
        pool, request = await self._prepared(_Request("GET", path, params, None, JSON, accept))
        try:
            async with pool.stream(request, idle or REQUEST_SECONDS) as (head, connection):
                chunks = self._chunks(connection, idle)
                if head.status != 200:
                    if head.status == 401:
                        self._credentials.refresh()
                    body = b"".join([chunk async for chunk in chunks])
                    raise Reply(head.status, head.headers, body).error()
                self._known_to_work = True
                yield chunks
        except TimeoutError as error:
            raise Silent(self.config.server, error) from error
        except OSError as error:
            raise Unreachable(self.config.server, error) from error

    async def _chunks(self, connection: Connection, idle: float | None) -> AsyncIterator[bytes]:
        while data := await connection.chunk(idle):
            yield data

    async def close(self) -> None:
        """Close all connections. The transport opens anew if it is used again."""
        pool, self._pool = self._pool, None
        if pool is not None:
            await pool.close()

    async def _prepared(self, asked: _Request) -> tuple[Pool, bytes]:
        """Where to send a request, and its bytes.

        A plugin that fails or a file that is gone will come back if it was there before.
        """
        try:
            pool = await self._open()
            return pool, await self._written(pool, asked)
        except Problems as problems:
            if not self._known_to_work:
                raise
            told = "; ".join(problem.message for problem in problems.problems)
            raise Unreachable(self.config.server, ConnectionError(told)) from problems

    async def _written(self, pool: Pool, asked: _Request) -> bytes:
        query = f"?{_query(tuple(asked.params.items()))}" if asked.params else ""
        base = f"/{self._base_path}" if self._base_path else ""
        target = f"{pool.target_prefix}{base}{_printable(asked.path)}{query}"
        head = f"{asked.method} {target} HTTP/1.1\r\n".encode()
        headers = await self._credentials.headers() + pool.proxy_headers
        headers += [("Host", pool.server.host_header), ("Accept", asked.accept)]
        common, body = self._header_lines(headers, asked.accept), asked.body
        if body is None:
            return b"%b%b\r\n" % (head, common)
        kind = asked.content_type.encode()
        return b"%b%bContent-Type: %b\r\nContent-Length: %d\r\n\r\n%b" % (
            *(head, common, kind, len(body), body),
        )

    def _header_lines(self, headers: _Headers, accept: str) -> bytes:
        """The headers that are the same for every request while the credentials are."""
        known, lines = self._known.get(accept, (None, b""))
        if known != headers:
            text = "".join(f"{name}: {value}\r\n" for name, value in headers + self._common)
            if any("\r" in value or "\n" in value for _, value in headers):
                raise Problems.of("the credentials hold a line break", field=self.config.source)
            lines = text.encode()
            self._known[accept] = (headers, lines)
        return lines

    async def _open(self) -> Pool:
        certificate = await self._credentials.certificate()
        if self._pool is not None and certificate == self._certificate:
            return self._pool
        if self._pool is not None:
            self._pool.retire()
        config = self.config
        proxy = config.proxy_url or proxy_from_environment(config.server)
        self._pool = Pool(
            _address(config.server, config, "server"),
            context=ssl_context(config, certificate),
            server_name=config.tls_server_name,
            proxy=_address(proxy, config, "proxy") if proxy else None,
        )
        self._certificate = certificate
        return self._pool


def _address(url: str, config: ClusterConfig, field: str) -> Address:
    try:
        return Address.of(url)
    except ValueError as error:
        where = f"{config.source}: {field}" if config.source else field
        raise Problems.of(f"the address cannot be used: {error}", field=where) from None


@lru_cache(maxsize=128)
def _query(params: tuple[tuple[str, str], ...]) -> str:
    return urlencode(params)


def _printable(path: str) -> str:
    """A path that may stand in a request line; whoever made it has quoted what it means."""
    if path.isascii() and path.isprintable() and " " not in path:
        return path
    return quote(path, safe="/%:@!$&'()*+,;=~?")


def ssl_context(
    config: ClusterConfig, certificate: tuple[bytes, bytes] | None = None
) -> ssl.SSLContext | None:
    """How to talk TLS to the server; None for plain HTTP.

    Python 3.13 refuses certificate authorities without a key usage extension; many clusters have
    such ones and kubectl accepts them, so this does too.

    Raises:
        Problems: a certificate or key cannot be used.
    """
    if not config.server.startswith("https://"):
        return None
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


async def in_lines(chunks: AsyncIterator[bytes]) -> AsyncIterator[Lines]:
    """Chunks as batches of complete lines; what follows the last line break is left out."""
    rest = b""
    async for chunk in chunks:
        lines = (rest + chunk if rest else chunk).split(b"\n")
        rest = lines.pop()
        if lines:
            yield [line for line in lines if line]
