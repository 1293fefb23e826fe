"""Connections to one server, kept alive between requests.

A server may close a connection that nobody uses at the very moment we send a request on it. Such a
request is sent again, once, on a new connection, if nothing has come back and sending it twice does
no harm; else it fails, and who sent it decides.
"""

from __future__ import annotations

import asyncio
import base64
import ipaddress
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from opgen.runtime.http.connection import Answer, Broken, Connection

CONNECT_SECONDS = 10.0
IDLE_SECONDS = 90.0
"""Older idle connections are closed rather than used. Source: Go's http.Transport."""
HAPPY_EYEBALLS_SECONDS = 0.25
PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class Address:
    """Where a server or a proxy listens."""

    scheme: str
    host: str
    port: int
    user_info: str = ""

    @classmethod
    def of(cls, url: str) -> Address:
        """From a URL with the scheme http or https.

        Raises:
            ValueError: the URL is none of those; says what is wrong without repeating it.
        """
        parts = urlsplit(url)
        if parts.scheme not in PORTS:
            raise ValueError(f"the scheme must be http or https, not {parts.scheme!r}")
        if not parts.hostname:
            raise ValueError("the URL names no host")
        user_info = f"{unquote(parts.username or '')}:{unquote(parts.password or '')}"
        port = parts.port or PORTS[parts.scheme]
        return cls(parts.scheme, parts.hostname, port, user_info if parts.username else "")

    @property
    def host_header(self) -> str:
        """As the `Host` header has it, without the scheme's usual port."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == PORTS[self.scheme] else f"{host}:{self.port}"

    @property
    def authority(self) -> str:
        """Host and port, as CONNECT has them."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port}"


class Pool:
    """Connections to one server.

    Args:
        server: Where it listens.
        context: How to speak TLS; None for plain HTTP.
        server_name: The name to check its certificate against, if not its host.
        proxy: What leads there, if not the network itself.
    """

    def __init__(
        self,
        server: Address,
        *,
        context: ssl.SSLContext | None = None,
        server_name: str | None = None,
        proxy: Address | None = None,
    ) -> None:
        self.server = server
        self._context = context
        self._server_name = server_name or server.host
        self._proxy = proxy
        self._idle: list[Connection] = []
        self._connections: set[Connection] = set()
        """Every connection until it has ended."""
        self._sweeper: asyncio.TimerHandle | None = None
        self._retired = False

    @property
    def target_prefix(self) -> str:
        """What comes before the path: a proxy of plain HTTP wants the whole URL."""
        plain = self._proxy is not None and self._context is None
        return f"http://{self.server.host_header}" if plain else ""

    @property
    def proxy_headers(self) -> list[tuple[str, str]]:
        """The headers with which a proxy of plain HTTP knows us."""
        plain = self._proxy is not None and self._context is None
        return _proxy_authorization(self._proxy) if plain and self._proxy else []

    def __len__(self) -> int:
        """How many connections there are."""
        return len(self._connections)

    async def fetch(
        self,
        request: bytes,
        seconds: float,
        *,
        harmless: bool,
        fence: Callable[[], None] | None = None,
    ) -> Answer:
        """Send a request and wait for the whole answer.

        Args:
            request: Head and body.
            seconds: How long the answer may take.
            harmless: Whether the request may be sent twice.
            fence: Called right before anything is sent; keeps it back by raising.

        Raises:
            OSError: there is no connection, or it broke.
            TimeoutError: it took too long.
        """
        connection = self._take() or await self._connect()
        try:
            try:
                if fence is not None:
                    fence()
                answer = await connection.fetch(request, seconds)
            except Broken:
                used = connection.exchanges > 0 and not connection.heard
                if not (used and harmless):
                    raise
                connection = await self._connect()
                if fence is not None:
                    fence()
                answer = await connection.fetch(request, seconds)
        finally:
            self._give_back(connection)
        return answer

    @asynccontextmanager
    async def stream(
        self, request: bytes, seconds: float
    ) -> AsyncIterator[tuple[Answer, Connection]]:
        """Send a request and hand out the head of the answer and the connection with its body.

        Raises:
            OSError: there is no connection, or it broke.
            TimeoutError: it took too long.
        """
        connection = await self._connect()
        try:
            yield await connection.open(request, seconds), connection
        finally:
            connection.abort()

    def retire(self) -> None:
        """Keep nothing any more: what is idle is closed now, what is busy when it has answered."""
        self._retired = True
        if self._sweeper is not None:
            self._sweeper.cancel()
        while self._idle:
            self._idle.pop().abort()

    async def close(self) -> None:
        """Close all connections and wait until they are closed."""
        self.retire()
        for connection in list(self._connections):
            await connection.close()

    def _take(self) -> Connection | None:
        """The idle connection used last, as that is the least likely to be closed."""
        while self._idle:
            connection = self._idle.pop()
            if connection.usable:
                return connection
        return None

    def _give_back(self, connection: Connection) -> None:
        if not connection.usable or self._retired:
            connection.abort()
            return
        loop = asyncio.get_running_loop()
        connection.idle_since = loop.time()
        self._idle.append(connection)
        if self._sweeper is None:
            self._sweeper = loop.call_later(IDLE_SECONDS, self._sweep)

    def _sweep(self) -> None:
        loop = asyncio.get_running_loop()
        old = [c for c in self._idle if loop.time() - c.idle_since >= IDLE_SECONDS]
        self._idle = [c for c in self._idle if c not in old]
        for connection in old:
            connection.abort()
        self._sweeper = loop.call_later(IDLE_SECONDS, self._sweep) if self._idle else None

    async def _connect(self) -> Connection:
        try:
            async with asyncio.timeout(CONNECT_SECONDS):
                return await self._reach()
        except TimeoutError:
            raise TimeoutError(f"no connection within {CONNECT_SECONDS:.0f} seconds") from None

    async def _reach(self) -> Connection:
        if self._proxy is None:
            return await self._dial(self.server, self._context, self._server_name)
        context = _lenient_context() if self._proxy.scheme == "https" else None
        connection = await self._dial(self._proxy, context, self._proxy.host)
        if self._context is None:
            return connection
        try:
            await self._tunnel(connection, self._proxy, self._context)
        except BaseException:
            connection.abort()
            raise
        return connection

    async def _dial(
        self, address: Address, context: ssl.SSLContext | None, name: str
    ) -> Connection:
        _, connection = await asyncio.get_running_loop().create_connection(
            lambda: Connection(self._connections),
            address.host,
            address.port,
            ssl=context,
            server_hostname=name if context is not None else None,
            happy_eyeballs_delay=None if _is_ip(address.host) else HAPPY_EYEBALLS_SECONDS,
        )
        return connection

    async def _tunnel(
        self, connection: Connection, proxy: Address, context: ssl.SSLContext
    ) -> None:
        """Ask a proxy to lead through to the server, and speak TLS with that."""
        where = self.server.authority
        lines = [f"CONNECT {where} HTTP/1.1", f"Host: {where}"]
        lines += [f"{name}: {value}" for name, value in _proxy_authorization(proxy)]
        request = "\r\n".join([*lines, "", ""]).encode()
        answer = await connection.open(request, CONNECT_SECONDS)
        if answer.status != 200:
            raise Broken(f"the proxy {proxy.authority} answered {answer.status} to CONNECT")
        await connection.start_tls(context, self._server_name, CONNECT_SECONDS)


def _lenient_context() -> ssl.SSLContext:
    """Like Go, and unlike Python 3.13, content with authorities that lack some extensions."""
    context = ssl.create_default_context()
    context.verify_flags &= ~ssl.VERIFY_X509_STRICT
    return context


def _is_ip(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _proxy_authorization(proxy: Address) -> list[tuple[str, str]]:
    if not proxy.user_info:
        return []
    encoded = base64.b64encode(proxy.user_info.encode()).decode()
    return [("Proxy-Authorization", f"Basic {encoded}")]
