"""One connection to a server, with one exchange at a time on it.

An exchange either waits for the whole answer (`fetch`) or for its head and then takes the body
chunk by chunk as it comes (`open`, `chunk`). Who does not take chunks fast enough makes us stop
reading, so that a slow consumer never fills our memory.
"""

from __future__ import annotations

import asyncio
import socket
import zlib
from dataclasses import dataclass
from typing import Any

from httptools import HttpParserError, HttpParserUpgrade, HttpResponseParser

HIGH_WATER_BYTES = 1 << 20
"""More than this is not read ahead of the one who takes the chunks."""


class Broken(ConnectionError):
    """The connection ended, or what came was no HTTP, before the answer was complete."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server answered.

    Attributes:
        status: The status code.
        headers: By name in lower case; the last of several of one name.
        body: The whole body, decompressed; empty for a stream.
    """

    status: int
    headers: dict[str, str]
    body: bytes


class Connection(asyncio.Protocol):
    """A connection. Its callbacks are those of asyncio and of httptools.

    Args:
        register: Holds the connection from when it stands until it has ended.
    """

    def __init__(self, register: set[Connection]) -> None:
        self.exchanges = 0
        """How many answers have been read from it to their end."""
        self.heard = False
        """Whether any byte of the current answer has come."""
        self.idle_since = 0.0
        self._register = register
        self._loop = asyncio.get_running_loop()
        self._transport: Any = None
        self._parser = HttpResponseParser(self)
        self._waiter: asyncio.Future[None] | None = None
        self._deadline: float | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._error: Exception | None = None
        self._headers: dict[str, str] = {}
        self._body: list[bytes] = []
        self._buffered = 0
        self._status = 0
        self._streaming = self._complete = self._paused = self._keep = False
        self._inflate: Any = None
        self._lost = asyncio.Event()

    # What its user calls

    @property
    def usable(self) -> bool:
        """Whether another request may be sent on it."""
        return self._keep and self._error is None and not self._transport.is_closing()

    async def fetch(self, request: bytes, seconds: float) -> Answer:
        """Send a request and wait for the whole answer.

        Raises:
            Broken: the connection ended before.
            TimeoutError: the answer took longer than `seconds`.
        """
        await self._exchange(request, seconds, streaming=False)
        body = b"".join(self._body)
        self._body = []
        if self._inflate is not None:
            body = self._decompress(body) + self._inflate.flush()
        return Answer(self._status, self._headers, body)

    async def open(self, request: bytes, seconds: float) -> Answer:
        """Send a request and wait for the head of the answer; `chunk` gives its body.

        Raises:
            Broken: the connection ended before.
            TimeoutError: the head took longer than `seconds`.
        """
        await self._exchange(request, seconds, streaming=True)
        return Answer(self._status, self._headers, b"")

    async def chunk(self, idle: float | None = None) -> bytes:
        """The next part of a streamed body, as much as there is; nothing at its end.

        Raises:
            Broken: the connection ended before the body did.
            TimeoutError: nothing came for `idle` seconds.
        """
        while not self._body:
            if self._complete:
                return b""
            if self._error is not None:
                raise self._error
            await self._wait(idle)
        data = self._body[0] if len(self._body) == 1 else b"".join(self._body)
        self._body.clear()
        self._buffered = 0
        if self._paused:
            self._paused = False
            self._transport.resume_reading()
        return data if self._inflate is None else self._decompress(data)

    async def close(self) -> None:
        """End it at once and wait until it has ended."""
        self.abort()
        await self._lost.wait()

    def abort(self) -> None:
        """End it at once."""
        self._keep = False
        self._transport.abort()

    async def start_tls(self, context: Any, name: str, seconds: float) -> None:
        """Speak TLS from now on, through the tunnel that a proxy has opened."""
        transport = await self._loop.start_tls(
            self._transport, self, context, server_hostname=name, ssl_handshake_timeout=seconds
        )
        if transport is None:
            raise Broken("the connection was closed during the TLS handshake")
        self._transport = transport
        self._keep = True
        self._parser = HttpResponseParser(self)

    # What asyncio calls

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The connection stands."""
        self._transport = transport
        self._register.add(self)
        self._keep = True
        sock = transport.get_extra_info("socket")
        if sock is not None:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)

    def data_received(self, data: bytes) -> None:
        """Something came."""
        self.heard = True
        if self._complete:
            self._fail(Broken("the server sent something unasked"))
            return
        try:
            self._parser.feed_data(data)
        except (HttpParserError, HttpParserUpgrade) as error:
            self._fail(Broken(f"the answer is not HTTP/1.1: {error}"))

    def connection_lost(self, exc: Exception | None) -> None:
        """The connection has ended; that is also the end of a body of unknown length."""
        self._keep = False
        self._lost.set()
        if self._timer is not None:
            self._timer.cancel()
        self._register.discard(self)
        if self._status and not self._complete and exc is None and self._until_closed():
            self.on_message_complete()
        elif not self._complete or exc is not None:
            self._error = self._error or Broken(str(exc or "the connection was closed"))
            self._wake()

    # What httptools calls

    def on_header(self, name: bytes, value: bytes) -> None:
        """A header of the answer."""
        self._headers[name.decode("latin-1").lower()] = value.decode("latin-1")

    def on_headers_complete(self) -> None:
        """The head is complete; one of 1xx only announces the real one."""
        status = self._parser.get_status_code()
        if 100 <= status < 200:
            self._headers = {}
            return
        self._status = status
        if self._headers.get("content-encoding") == "gzip":
            self._inflate = zlib.decompressobj(wbits=31)
        if self._streaming:
            self._wake()

    def on_body(self, body: bytes) -> None:
        """A part of the body."""
        self._body.append(body)
        if self._streaming:
            self._buffered += len(body)
            if self._buffered > HIGH_WATER_BYTES and not self._paused:
                self._paused = True
                self._transport.pause_reading()
            self._wake()

    def on_message_complete(self) -> None:
        """The answer is complete."""
        if not self._status:
            return
        self._complete = True
        self._keep = self._keep and self._parser.should_keep_alive()
        self.exchanges += 1
        self._wake()

    # Inside

    async def _exchange(self, request: bytes, seconds: float, *, streaming: bool) -> None:
        self._streaming = streaming
        self._complete = self.heard = False
        self._status = 0
        self._headers = {}
        self._inflate = None
        self._transport.write(request)
        while not (self._status if streaming else self._complete):
            if self._error is not None:
                raise self._error
            await self._wait(seconds)

    async def _wait(self, seconds: float | None) -> None:
        """Until something happens. Who stops waiting ends the connection: it is out of step."""
        self._waiter = self._loop.create_future()
        self._set_deadline(self._loop.time() + seconds if seconds else None)
        try:
            await self._waiter
        except BaseException:
            self.abort()
            raise
        finally:
            self._waiter = None

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    def _set_deadline(self, deadline: float | None) -> None:
        """Let the waiting end at a time. One timer serves many waits, as most end long before."""
        self._deadline = deadline
        if deadline is None:
            return
        if self._timer is not None and self._timer.when() > deadline:
            self._timer.cancel()
            self._timer = None
        if self._timer is None:
            self._timer = self._loop.call_at(deadline, self._timed)

    def _timed(self) -> None:
        self._timer = None
        if self._waiter is None or self._waiter.done() or self._deadline is None:
            return
        if self._loop.time() < self._deadline:
            self._timer = self._loop.call_at(self._deadline, self._timed)
        else:
            self._waiter.set_exception(TimeoutError("the server did not answer in time"))

    def _fail(self, error: Exception) -> None:
        self._error = self._error or error
        self._transport.abort()
        self._wake()

    def _until_closed(self) -> bool:
        headers = self._headers
        return "content-length" not in headers and "transfer-encoding" not in headers

    def _decompress(self, data: bytes) -> bytes:
        try:
            inflated: bytes = self._inflate.decompress(data)
        except zlib.error as error:
            self._fail(Broken(f"the body is not gzip: {error}"))
            raise Broken(f"the body is not gzip: {error}") from error
        return inflated
