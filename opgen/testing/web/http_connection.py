"""A client's connection: its requests are answered one after the other, in their order."""

from __future__ import annotations

import asyncio
import logging
import socket
from collections.abc import Awaitable, Callable
from contextlib import aclosing, suppress
from typing import Any

from opgen.testing.web.http_reader import RequestReader
from opgen.testing.web.http_request import ClientLeft, HttpRequest
from opgen.testing.web.http_response import HttpResponse, HttpStream, encode_head

Handle = Callable[[HttpRequest], Awaitable[HttpResponse | HttpStream | None]]
"""Answers a request; with None, the connection ends without an answer."""

BACKLOG = 8
"""With so many requests waiting for their turn, no more are read."""
LINGER_SECONDS = 5.0
"""How long a client may go on to send what nobody wants, so that it gets to read the answer."""
_TEXT = ("Content-Type", "text/plain; charset=utf-8")

log = logging.getLogger("opgen.testing.http")


class HttpConnection(asyncio.Protocol):
    """A connection. While there are requests, a task answers them.

    A client that leaves does not stop what it asked for: a write is carried out to its end.

    Args:
        handle: Answers the requests.
        register: Holds the connection until it has ended, and so has what was done for it.
    """

    def __init__(self, handle: Handle, register: set[HttpConnection]) -> None:
        self._handle = handle
        self._register = register
        self._loop = asyncio.get_running_loop()
        self._transport: Any = None
        self._reader = RequestReader()
        self._task: asyncio.Task[None] | None = None
        self._keep = True
        """Whether there is to be another answer."""
        self._held = False
        """Whether nothing is read for the moment."""
        self._stream: HttpStream | None = None
        self._full: asyncio.Future[None] | None = None
        """Done when the client has read enough of what was written; None if it has."""
        self._linger: asyncio.TimerHandle | None = None
        self.lost = False
        self.ended = self._loop.create_future()

    # What the server calls

    def finish(self) -> None:
        """End it after the answer that is under way, if any."""
        self._keep = False
        if self._task is None:
            self._transport.close()

    def abort(self) -> None:
        """End it at once."""
        self._transport.abort()
        if self._task is not None:
            self._task.cancel()

    # What asyncio calls

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The connection stands."""
        self._transport = transport
        self._register.add(self)
        sock = transport.get_extra_info("socket")
        if sock is not None:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)

    def data_received(self, data: bytes) -> None:
        """Something came."""
        reader = self._reader
        reader.feed(data)
        if self._task is None and self._keep:
            if reader.requests:
                self._task = self._loop.create_task(self._serve())
            elif reader.refused is not None:
                self._refuse()
        if len(reader.requests) > BACKLOG:
            self._held = True
            self._transport.pause_reading()

    def pause_writing(self) -> None:
        """The client does not read what was written."""
        self._full = self._loop.create_future()

    def resume_writing(self) -> None:
        """It has read."""
        if self._full is not None and not self._full.done():
            self._full.set_result(None)
        self._full = None

    def connection_lost(self, exc: Exception | None) -> None:
        """The connection has ended."""
        self.lost = True
        self._keep = False
        self._reader.cut_off(ClientLeft())
        if self._linger is not None:
            self._linger.cancel()
        if self._stream is not None:
            self._stream.close()
        self.resume_writing()
        self._check_end()

    # Inside

    async def _serve(self) -> None:
        """Answer the requests that are there."""
        requests = self._reader.requests
        complete = True
        try:
            while requests and self._keep:
                request = requests.popleft()
                await self._answer(request)
                await self._drain()
                if not request.complete:
                    complete = await self._pass_over(request)
                self._read_on()
        except Exception:
            log.exception("the server is at fault in the middle of an answer")
            self._keep = False
            self._transport.abort()
        finally:
            self._task = None
            self._check_end()
        if self._reader.refused is not None and self._keep:
            self._refuse()
        elif not self._keep:
            self._hang_up(gently=not complete)

    async def _answer(self, request: HttpRequest) -> None:
        request.transport = self._transport
        try:
            response = await self._handle(request)
        except Exception:
            log.exception("%s %s: the server is at fault", request.method, request.path)
            self._keep = False
            response = HttpResponse(500, [_TEXT], b"500 Internal Server Error\n")
        if response is None:
            self._keep = False
            self._transport.abort()
            return
        self._keep = self._keep and request.keep_alive and not request.unwanted
        if isinstance(response, HttpStream):
            await self._send(request, response)
        elif not self._transport.is_closing():
            self._transport.write(response.encode(request, keep=self._keep))

    async def _send(self, request: HttpRequest, stream: HttpStream) -> None:
        """Send a stream, as fast as the client reads it. HTTP/1.0 knows no chunks."""
        chunked = request.version != "1.0"
        self._keep = self._keep and chunked
        headers = [*stream.headers]
        if chunked:
            headers.append(("Transfer-Encoding", "chunked"))
        self._stream = stream
        try:
            self._write(encode_head(200, headers, request.version, keep=self._keep))
            if request.method == "HEAD":
                return
            async with aclosing(stream.pieces) as pieces:
                async for piece in pieces:
                    self._write(b"%x\r\n%b\r\n" % (len(piece), piece) if chunked else piece)
                    await self._drain()
            if chunked:
                self._write(b"0\r\n\r\n")
        except ClientLeft:
            self._keep = False
        finally:
            self._stream = None
            stream.close()

    def _write(self, data: bytes) -> None:
        if self._transport.is_closing():
            raise ClientLeft
        self._transport.write(data)

    async def _drain(self) -> None:
        """Wait until the client has read enough of what was written."""
        while self._full is not None:
            await self._full

    async def _pass_over(self, request: HttpRequest) -> bool:
        """Read a body that nobody wants, if another request may follow; whether that was all."""
        if self._keep:
            with suppress(TimeoutError):  # then it is not complete
                async with asyncio.timeout(LINGER_SECONDS):
                    await request.pass_over()
            self._keep = self._keep and request.complete
        return request.complete

    def _read_on(self) -> None:
        if self._held and not self._reader.requests and not self._transport.is_closing():
            self._held = False
            self._transport.resume_reading()

    def _refuse(self) -> None:
        refused = self._reader.refused
        assert refused is not None
        self._keep = False
        body = f"{refused.code} {refused}\n".encode()
        headers = [_TEXT, ("Content-Length", str(len(body)))]
        if not self._transport.is_closing():
            self._transport.write(encode_head(refused.code, headers, "1.1", keep=False) + body)
        self._hang_up(gently=True)

    def _hang_up(self, *, gently: bool) -> None:
        """End the connection, gently if the client is still sending.

        To close a socket with something unread in it resets the connection, and the client may
        lose the answer. So it is told that there is no more, and may end the connection itself.
        """
        self._reader.ended = True
        if gently and self._transport.can_write_eof() and not self._transport.is_closing():
            self._transport.write_eof()
            self._linger = self._loop.call_later(LINGER_SECONDS, self._transport.abort)
        else:
            self._transport.close()

    def _check_end(self) -> None:
        if self.lost and self._task is None:
            self._register.discard(self)
            if not self.ended.done():
                self.ended.set_result(None)
