"""HTTP for the fake server, as cheap as it can be, so that it is never what is measured."""

from __future__ import annotations

import asyncio
from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol
from urllib.parse import parse_qsl, unquote, urlsplit

import httptools
import msgspec

PHRASES = {200: b"OK", 201: b"Created", 404: b"Not Found"}


@dataclass(slots=True)
class Request:
    """One request; `peer` streams the answer of a watch."""

    method: str
    path: str
    query: Mapping[str, str]
    body: Any
    peer: Peer


class Handler(Protocol):
    """Answers requests: status and JSON, or None when it streams through the peer."""

    @abstractmethod
    def handle(self, request: Request) -> tuple[int, bytes] | None:
        """Answer one request."""


class Peer(asyncio.Protocol):
    """One connection of a client."""

    def __init__(self, handler: Handler) -> None:
        self.closed = False
        self._handler = handler
        self._parser = httptools.HttpRequestParser(self)
        self._url = b""
        self._body: list[bytes] = []
        self._transport: Any = None
        self._drained = asyncio.Event()
        self._drained.set()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport

    def connection_lost(self, exc: Exception | None) -> None:
        self.closed = True
        self._drained.set()

    def data_received(self, data: bytes) -> None:
        self._parser.feed_data(data)

    def pause_writing(self) -> None:
        self._drained.clear()

    def resume_writing(self) -> None:
        self._drained.set()

    def on_message_begin(self) -> None:
        self._url = b""
        self._body.clear()

    def on_url(self, url: bytes) -> None:
        self._url += url

    def on_body(self, body: bytes) -> None:
        self._body.append(body)

    def on_message_complete(self) -> None:
        parts = urlsplit(self._url.decode())
        body = b"".join(self._body)
        answer = self._handler.handle(
            Request(
                self._parser.get_method().decode(),
                unquote(parts.path),
                dict(parse_qsl(parts.query)) if parts.query else {},
                msgspec.json.decode(body) if body else {},
                self,
            )
        )
        if answer is not None:
            self._answer(*answer)

    def _answer(self, status: int, body: bytes) -> None:
        self._transport.write(
            b"HTTP/1.1 %d %b\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%b"
            % (status, PHRASES[status], len(body), body)
        )

    def begin_stream(self) -> None:
        """Answer with a body that comes in chunks."""
        self._transport.write(
            b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
            b"Transfer-Encoding: chunked\r\n\r\n"
        )

    async def write(self, lines: list[bytes]) -> None:
        """Send lines, each a chunk of its own as kube-apiserver does, and wait until they fit."""
        self._transport.write(b"".join(b"%x\r\n%b\r\n" % (len(line), line) for line in lines))
        await self._drained.wait()


async def listen(handler: Handler) -> int:
    """Serve on loopback; returns the port."""
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Peer(handler), "127.0.0.1", 0)
    port: int = server.sockets[0].getsockname()[1]
    return port
