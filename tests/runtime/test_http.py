"""The HTTP client on servers that answer byte by byte as told."""

from __future__ import annotations

import asyncio
import base64
import gzip
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest

from opgen.api import Problems
from opgen.runtime.config import ClusterConfig
from opgen.runtime.errors import ApiError, Silent, Unreachable
from opgen.runtime.http.connection import HIGH_WATER_BYTES
from opgen.runtime.http.pool import Address, Pool
from opgen.runtime.transport import Transport

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]


class Raw:
    """A server that answers each request with the next of its scripts."""

    def __init__(self) -> None:
        self.requests: list[bytes] = []
        self.connections = 0
        self.scripts: list[bytes | Callable[[asyncio.StreamWriter], Any]] = []
        self.url = ""

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                length = [line[16:] for line in head.split(b"\r\n") if b"Content-Length" in line]
                body = await reader.readexactly(int(length[0])) if length else b""
                self.requests.append(head + body)
                script = self.scripts.pop(0) if self.scripts else OK
                if callable(script):
                    await script(writer)
                    if writer.is_closing():
                        return
                else:
                    writer.write(script)
        except (asyncio.IncompleteReadError, ConnectionError):
            return
        finally:
            writer.close()


@pytest.fixture
def raw() -> Any:
    """`async with raw(*scripts) as (server, transport)`"""

    @asynccontextmanager
    async def serving(*scripts: Any, **options: Any) -> AsyncIterator[tuple[Raw, Transport]]:
        server = Raw()
        server.scripts.extend(scripts)
        listener = await asyncio.start_server(server.serve, "127.0.0.1", 0)
        server.url = f"http://127.0.0.1:{listener.sockets[0].getsockname()[1]}"
        transport = Transport(ClusterConfig(**{"server": server.url, **options}))
        async with listener:
            try:
                yield server, transport
            finally:
                await transport.close()

    return serving


async def close(writer: asyncio.StreamWriter) -> None:
    writer.close()


def writing(*parts: bytes, then_close: bool = False) -> Callable[[asyncio.StreamWriter], Any]:
    """Parts that arrive one by one."""

    async def write(writer: asyncio.StreamWriter) -> None:
        for part in parts:
            writer.write(part)
            await writer.drain()
            await asyncio.sleep(0.001)
        if then_close:
            writer.close()

    return write


CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
ZIPPED = gzip.compress(b"ok")


@pytest.mark.parametrize(
    "script",
    [
        OK,
        writing(*(OK[i : i + 1] for i in range(len(OK)))),
        CHUNKED + b"1\r\no\r\n1;x=y\r\nk\r\n0\r\nTrailer: t\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n%b"
        % (len(ZIPPED), ZIPPED),
        writing(b"HTTP/1.1 200 OK\r\n\r\no", b"k", then_close=True),
        b"HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n" + OK,
    ],
    ids=["length", "byte by byte", "chunked", "gzip", "until closed", "1xx first"],
)
def test_every_way_to_send_a_body_is_understood(raw: Any, run: Any, script: Any) -> None:
    async def scenario() -> None:
        async with raw(script) as (_, transport):
            reply = await transport.send("GET", "/")
            assert (reply.status, reply.body) == (200, b"ok")
            assert "link" not in reply.headers
            assert (await transport.send("GET", "/")).body == b"ok"

    run(scenario())


def test_connections_are_used_again_and_by_as_many_as_need_one(raw: Any, run: Any) -> None:
    async def scenario() -> None:
        async with raw() as (server, transport):
            for _ in range(5):
                await transport.send("GET", "/")
            assert server.connections == 1
            gate = asyncio.Event()

            async def held(writer: asyncio.StreamWriter) -> None:
                await gate.wait()
                writer.write(OK)

            server.scripts = [held, held, held]
            asking = [asyncio.ensure_future(transport.send("GET", "/")) for _ in range(3)]
            while len(server.requests) < 8:
                await asyncio.sleep(0)
            gate.set()
            await asyncio.gather(*asking)
            assert server.connections == 3

    run(scenario())


def test_a_connection_that_the_server_closes_after_its_answer_is_not_used_again(
    raw: Any, run: Any
) -> None:
    async def scenario() -> None:
        last = b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
        async with raw(last, OK) as (server, transport):
            assert (await transport.send("POST", "/", body=b"{}")).body == b""
            assert (await transport.send("POST", "/", body=b"{}")).body == b"ok"
            assert server.connections == 2

    run(scenario())


APPLY = "application/apply-patch+yaml"


@pytest.mark.parametrize(
    ("method", "content_type", "again"),
    [("GET", None, True), ("PATCH", APPLY, True), ("POST", "application/json", False)],
)
def test_only_what_does_no_harm_is_sent_again_when_a_used_connection_breaks(
    raw: Any, run: Any, method: str, content_type: str | None, again: bool
) -> None:
    async def scenario() -> None:
        async with raw(OK, close, OK) as (server, transport):
            await transport.send("GET", "/")
            body = b"{}" if content_type else None
            asked = transport.send(method, "/", body=body, content_type=content_type)
            if again:
                assert (await asked).body == b"ok"
            else:
                with pytest.raises(Unreachable, match="the connection was closed"):
                    await asked
            assert len(server.requests) == (3 if again else 2)

    run(scenario())


def test_a_new_connection_that_breaks_is_not_tried_again(raw: Any, run: Any) -> None:
    async def scenario() -> None:
        async with raw(close) as (server, transport):
            with pytest.raises(Unreachable, match="the connection was closed"):
                await transport.send("GET", "/")
            assert len(server.requests) == 1

    run(scenario())


@pytest.mark.parametrize(
    ("script", "message"),
    [
        (b"garbage\r\n\r\n", "the answer is not HTTP/1.1"),
        (OK[:-1], "the connection was closed"),
        (CHUNKED + b"5\r\nhel", "the connection was closed"),
        (CHUNKED + b"zz\r\n", "the answer is not HTTP/1.1"),
        (
            b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 2\r\n\r\nno",
            "the body is not gzip",
        ),
    ],
)
def test_a_broken_answer_is_an_error(raw: Any, run: Any, script: bytes, message: str) -> None:
    async def scenario() -> None:
        async with raw(writing(script, then_close=True)) as (_, transport):
            with pytest.raises(Unreachable, match=message):
                await transport.send("GET", "/")
            assert (await transport.send("GET", "/")).body == b"ok"

    run(scenario())


def test_what_nobody_asked_for_ends_the_connection(raw: Any, run: Any) -> None:
    async def scenario() -> None:
        timeout = b"HTTP/1.1 408 Request Timeout\r\n\r\n"
        async with raw(writing(OK, timeout)) as (server, _):
            pool = Pool(Address.of(server.url))
            request = b"GET / HTTP/1.1\r\nHost: h\r\n\r\n"
            assert (await pool.fetch(request, 5, harmless=True)).body == b"ok"
            assert len(pool) == 1
            while len(pool):
                await asyncio.sleep(0)
            assert (await pool.fetch(request, 5, harmless=False)).body == b"ok"
            await pool.close()

    run(scenario())


def test_a_request_that_takes_too_long_is_given_up(
    raw: Any, run: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("opgen.runtime.transport.REQUEST_SECONDS", 0.01)

    async def scenario() -> None:
        async with raw(writing(b"HTTP/1.1 200 OK\r\n")) as (_, transport):
            with pytest.raises(Unreachable, match="the server did not answer in time"):
                await transport.send("GET", "/")

    run(scenario())


def test_a_cancelled_request_leaves_no_answer_for_the_next(raw: Any, run: Any) -> None:
    async def scenario() -> None:
        late = asyncio.Event()

        async def wrong(writer: asyncio.StreamWriter) -> None:
            await late.wait()
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nwrong")

        async with raw(wrong) as (server, transport):
            asking = asyncio.ensure_future(transport.send("GET", "/"))
            while not server.requests:
                await asyncio.sleep(0)
            asking.cancel()
            await asyncio.gather(asking, return_exceptions=True)
            late.set()
            assert (await transport.send("GET", "/")).body == b"ok"

    run(scenario())


def test_a_stream_gives_what_comes_and_its_end(raw: Any, run: Any) -> None:
    async def scenario() -> None:
        parts = (CHUNKED, b"3\r\na\nb\r\n", b"1\r\n\n\r\n", b"0\r\n\r\n")
        async with raw(writing(*parts)) as (_, transport), transport.stream("/", idle=5) as chunks:
            assert b"".join([chunk async for chunk in chunks]) == b"a\nb\n"

    run(scenario())


def test_a_stream_that_is_cut_says_so_after_what_came(raw: Any, run: Any) -> None:
    async def scenario() -> None:
        came = []
        async with raw(writing(CHUNKED, b"2\r\na\n\r\n", then_close=True)) as (_, transport):
            with pytest.raises(Unreachable, match="the connection was closed"):
                async with transport.stream("/", idle=5) as chunks:
                    async for chunk in chunks:
                        came.append(chunk)
        assert came == [b"a\n"]

    run(scenario())


@pytest.mark.parametrize("parts", [(), (CHUNKED, b"2\r\na\n\r\n")], ids=["head", "body"])
def test_a_silent_stream_is_given_up(raw: Any, run: Any, parts: tuple[bytes, ...]) -> None:
    async def scenario() -> None:
        async with raw(writing(*parts)) as (_, transport):
            with pytest.raises(Silent):
                async with transport.stream("/", idle=0.05) as chunks:
                    async for _ in chunks:
                        pass

    run(scenario())


def test_a_stream_that_is_refused_is_the_servers_error(raw: Any, run: Any) -> None:
    async def scenario() -> None:
        gone = b"HTTP/1.1 410 Gone\r\nRetry-After: 7\r\nContent-Length: 4\r\n\r\ngone"
        async with raw(gone) as (_, transport):
            with pytest.raises(ApiError) as error:
                async with transport.stream("/"):
                    pass
            assert (error.value.code, error.value.retry_after) == (410, 7.0)

    run(scenario())


def test_a_slow_consumer_stops_the_server_and_not_our_memory(raw: Any, run: Any) -> None:
    async def scenario() -> None:
        megabyte = b"100000\r\n" + b"x" * 0x100000 + b"\r\n"
        sent = 0

        async def flood(writer: asyncio.StreamWriter) -> None:
            nonlocal sent
            writer.write(CHUNKED)
            for _ in range(40):
                writer.write(megabyte)
                await writer.drain()
                sent += 1
            writer.write(b"0\r\n\r\n")

        async with raw(flood) as (_, transport), transport.stream("/", idle=60) as chunks:
            largest = total = 0
            async for chunk in chunks:
                for _ in range(50):
                    await asyncio.sleep(0)
                largest, total = max(largest, len(chunk)), total + len(chunk)
            assert total == 40 * 0x100000
            assert largest < 2 * HIGH_WATER_BYTES

    run(scenario())


def test_a_tunnel_that_is_refused_is_told(raw: Any, run: Any) -> None:
    async def scenario() -> None:
        denied = b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n"
        async with raw(denied) as (server, _):
            proxy = server.url.replace("//", "//jane:s%40crat@")
            config = ClusterConfig(server="https://cluster.invalid", proxy_url=proxy)
            transport = Transport(config)
            with pytest.raises(Unreachable, match="answered 407 to CONNECT") as error:
                await transport.send("GET", "/")
            await transport.close()
            assert "crat" not in str(error.value)
        head = server.requests[0]
        assert head.startswith(b"CONNECT cluster.invalid:443 HTTP/1.1\r\n")
        pair = base64.b64encode(b"jane:s@crat")
        assert b"Proxy-Authorization: Basic " + pair in head

    run(scenario())


def test_line_breaks_in_credentials_never_become_headers(raw: Any, run: Any) -> None:
    async def scenario() -> None:
        async with raw(token="a\r\nX-Remote-User: admin") as (server, transport):
            with pytest.raises(Problems, match="the credentials hold a line break") as problems:
                await transport.send("GET", "/")
            assert "admin" not in str(problems.value)
            assert not server.requests

    run(scenario())


def test_paths_and_queries_are_quoted(raw: Any, run: Any) -> None:
    async def scenario() -> None:
        async with raw() as (server, transport):
            await transport.send("GET", "/a b\r\nX: y", params={"q": "a=b&c d"})
            assert server.requests[0].startswith(b"GET /a%20b%0D%0AX:%20y?q=a%3Db%26c+d HTTP/1.1")

    run(scenario())


def test_a_server_below_a_path_is_asked_below_it(raw: Any, run: Any) -> None:
    async def scenario() -> None:
        async with raw() as (server, _):
            transport = Transport(ClusterConfig(server=f"{server.url}/k8s/clusters/c-1"))
            await transport.send("GET", "/version")
            await transport.close()
            assert server.requests[0].startswith(b"GET /k8s/clusters/c-1/version HTTP/1.1\r\n")

    run(scenario())


@pytest.mark.parametrize(
    ("url", "host", "authority"),
    [
        ("https://h", "h", "h:443"),
        ("http://h:80", "h", "h:80"),
        ("https://[::1]:6443", "[::1]:6443", "[::1]:6443"),
    ],
)
def test_addresses(url: str, host: str, authority: str) -> None:
    assert (Address.of(url).host_header, Address.of(url).authority) == (host, authority)


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("ftp://user:secret@h", "the scheme must be http or https, not 'ftp'"),
        ("http://", "the URL names no host"),
        ("http://h:port", "Port could not be cast to integer value as 'port'"),
    ],
)
def test_addresses_that_cannot_be_used_are_refused(url: str, message: str, run: Any) -> None:
    config = ClusterConfig(server="https://h", proxy_url=url, source="context 'dev'")
    with pytest.raises(Problems) as problems:
        run(Transport(config).send("GET", "/"))
    lines = [f"error: the address cannot be used: {message}", "  --> context 'dev': proxy"]
    assert str(problems.value).splitlines() == lines
