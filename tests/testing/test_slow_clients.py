"""Clients that do not read, do not write on, or leave: the server waits for none of them."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import urlsplit

import pytest

from opgen.testing import ApiServer, Fault
from opgen.testing.web import http_connection, watching
from opgen.testing.web.http_connection import BACKLOG, HttpConnection
from opgen.testing.web.http_request import HttpRequest
from opgen.testing.web.http_response import HttpResponse

MAPS = "/api/v1/namespaces/default/configmaps"
Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]
OPEN: list[asyncio.StreamWriter] = []


def close() -> None:
    """End all connections, however much is still to be read or written."""
    for writer in OPEN:
        writer.transport.abort()
    OPEN.clear()


def get(path: str) -> bytes:
    return f"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n".encode()


def post(name: str, size: int = 0) -> bytes:
    body = json.dumps({"metadata": {"name": name}, "data": {"a": "x" * size}}).encode()
    head = f"POST {MAPS} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
    return head.encode() + b"Content-Length: %d\r\n\r\n" % len(body) + body


async def connect(server: ApiServer, buffer: int | None = None) -> Streams:
    url = urlsplit(server.url)
    sock = socket.socket()
    if buffer is not None:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer)
    sock.setblocking(False)
    await asyncio.get_running_loop().sock_connect(sock, (url.hostname, url.port))
    reader, writer = await asyncio.open_connection(sock=sock, limit=1024)
    OPEN.append(writer)
    return reader, writer


async def ask(streams: Streams, request: bytes) -> int:
    """Send a request and read its answer; its code."""
    reader, writer = streams
    writer.write(request)
    head = await reader.readuntil(b"\r\n\r\n")
    length = next(line for line in head.split(b"\r\n") if line.startswith(b"Content-Length"))
    await reader.readexactly(int(length.partition(b":")[2]))
    return int(head.split()[1])


async def until(condition: Callable[[], bool]) -> None:
    """Let the server work until it has seen something."""
    while not condition():
        await asyncio.sleep(0)


def run(scenario: Callable[[ApiServer], Awaitable[None]]) -> None:
    async def served() -> None:
        async with ApiServer() as server:
            await scenario(server)
            close()

    asyncio.run(served())


def test_a_watcher_that_leaves_is_forgotten_at_once() -> None:
    async def scenario(server: ApiServer) -> None:
        reader, writer = await connect(server)
        writer.write(get(f"{MAPS}?watch=true"))
        await reader.readuntil(b"\r\n\r\n")
        await until(lambda: len(server.front.watches) == 1)
        writer.close()
        await until(lambda: not server.front.watches)
        assert not server.machinery.store.collection(("", "configmaps")).listeners

    run(scenario)


def test_a_watcher_that_does_not_read_loses_its_watch(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watching, "MOST_WAITING", 50)

    async def scenario(server: ApiServer) -> None:
        slow, other = await connect(server, buffer=4096), await connect(server)
        slow[1].write(get(f"{MAPS}?watch=true"))
        await until(lambda: len(server.front.watches) == 1)
        listeners = server.machinery.store.collection(("", "configmaps")).listeners
        number = 0
        while listeners:
            assert await ask(other, post(f"a{number}", size=100_000)) == 201
            number += 1
        # What was there is still sent, in order, and then the stream ends as any other.
        received = b""
        while piece := await slow[0].read(1 << 20):
            received += piece
            if received.endswith(b"\r\n0\r\n\r\n"):
                break
        frames = [line for line in received.split(b"\n") if line.startswith(b'{"type":')]
        names = [json.loads(frame)["object"]["metadata"]["name"] for frame in frames]
        assert names[1:] == [f"a{index}" for index in range(len(names) - 1)]
        assert 50 <= len(names) - 1 <= number

    run(scenario)


def test_the_next_request_waits_until_an_answer_is_read() -> None:
    async def scenario(server: ApiServer) -> None:
        streams = await connect(server, buffer=4096)
        for index in range(20):
            assert await ask(streams, post(f"a{index}", size=500_000)) == 201
        before = server.front.answered
        streams[1].write(get(MAPS) * 3)
        other = await connect(server)
        while server.front.answered == before:
            await asyncio.sleep(0)
        for _ in range(20):
            assert await ask(other, get("/livez")) == 200
        assert server.front.answered - before == 21
        for _ in range(3):
            assert await ask(streams, b"") == 200

    run(scenario)


def test_a_stop_does_not_wait_for_who_does_not_read_or_write() -> None:
    async def scenario(server: ApiServer) -> None:
        reading = await connect(server, buffer=4096)
        for index in range(20):
            assert await ask(reading, post(f"a{index}", size=500_000)) == 201
        server.front.faults.add(Fault(resource="secrets", delay=10_000))
        before = server.front.answered
        reading[1].write(get(MAPS))
        watching_, waiting, writing, idle = [await connect(server) for _ in range(4)]
        watching_[1].write(get(f"{MAPS}?watch=true"))
        waiting[1].write(get("/api/v1/secrets"))
        writing[1].write(post("b")[:-1])
        assert await ask(idle, get("/livez")) == 200
        await until(lambda: server.front.answered == before + 3 and bool(server.front.watches))
        await server.stop()
        assert asyncio.all_tasks() == {asyncio.current_task()}

    run(scenario)


def test_a_stop_does_not_wait_for_a_handshake() -> None:
    async def scenario() -> None:
        async with ApiServer(tls=True) as server:
            _, writer = await connect(server)
            writer.write(b"\x16\x03\x01")
            await writer.drain()
        close()

    asyncio.run(scenario())


def test_a_write_is_carried_out_though_its_client_has_left() -> None:
    async def scenario(server: ApiServer) -> None:
        fault = Fault(resource="configmaps", verb="create", stall=True)
        server.front.faults.add(fault)
        _, writer = await connect(server)
        writer.write(post("a"))
        await until(lambda: server.front.faults.stalled == 1)
        writer.close()
        await writer.wait_closed()
        server.front.faults.remove(fault)
        store = server.machinery.store
        await until(lambda: store.get(("", "configmaps"), "default", "a") is not None)

    run(scenario)


def test_half_a_body_writes_nothing() -> None:
    async def scenario(server: ApiServer) -> None:
        before = server.front.answered
        _, writer = await connect(server)
        writer.write(post("a")[:-1])
        await writer.drain()
        writer.close()
        other = await connect(server)
        assert await ask(other, get(f"{MAPS}/a")) == 404
        assert server.front.answered == before + 1

    run(scenario)


def test_a_body_without_end_is_not_read_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http_connection, "LINGER_SECONDS", 0.05)

    async def scenario(server: ApiServer) -> None:
        reader, writer = await connect(server)
        writer.write(f"POST {MAPS} HTTP/1.1\r\nHost: x\r\n".encode())
        writer.write(b"Transfer-Encoding: chunked\r\n\r\n")
        first = asyncio.create_task(reader.readline())
        with pytest.raises(ConnectionError):
            while True:
                writer.write(b"10000\r\n" + b" " * 0x10000 + b"\r\n")
                await writer.drain()
        assert (await first).startswith(b"HTTP/1.1 413 ")

    run(scenario)


class Pipe(asyncio.Transport):
    """A transport that keeps what is written, and whether it is read from."""

    def __init__(self) -> None:
        super().__init__()
        self.written = b""
        self.reading = True

    def write(self, data: Any) -> None:
        self.written += data

    def is_closing(self) -> bool:
        return False

    def pause_reading(self) -> None:
        self.reading = False

    def resume_reading(self) -> None:
        self.reading = True


def test_requests_do_not_pile_up() -> None:
    """Who sends requests without end, and waits for no answer, is not read on."""

    async def scenario() -> None:
        asked = asyncio.Event()

        async def handle(request: HttpRequest) -> HttpResponse:
            await asked.wait()
            return HttpResponse(200, [], request.path.encode())

        connection, pipe = HttpConnection(handle, set()), Pipe()
        connection.connection_made(pipe)
        sent = 0
        while pipe.reading:
            connection.data_received(get(f"/{sent}"))
            await asyncio.sleep(0)
            sent += 1
        assert sent == BACKLOG + 2
        asked.set()
        await until(lambda: pipe.reading)
        bodies = [part.partition(b"HTTP")[0] for part in pipe.written.split(b"\r\n\r\n")[1:]]
        assert bodies == [f"/{number}".encode() for number in range(sent)]

    asyncio.run(scenario())
