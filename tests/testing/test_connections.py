"""Many connections and requests that never end: the server goes on, and keeps nothing of them."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import warnings
from typing import Any
from urllib.parse import urlsplit

import pytest

from opgen.k8s import core_v1
from opgen.runtime.client import ApiError, Client
from opgen.runtime.transport import Transport
from opgen.testing import ApiServer

MAPS = "/api/v1/namespaces/default/configmaps"
MANY = 2000
HALVES = [
    b"",
    b"GE",
    b"GET /api HTTP/1.1\r\nHost: x\r\nX-Half: ",
    b"POST /api/v1/namespaces/default/configmaps HTTP/1.1\r\nHost: x\r\n"
    b"Content-Type: application/json\r\nContent-Length: 100\r\n\r\n{",
]


async def connect(server: ApiServer) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    url = urlsplit(server.config.server)
    assert url.hostname is not None
    return await asyncio.open_connection(url.hostname, url.port)


async def answers(server: ApiServer) -> bool:
    transport = Transport(server.config)
    try:
        return (await transport.send("GET", MAPS)).status == 200
    finally:
        await transport.close()


@pytest.mark.parametrize("half", HALVES, ids=["nothing", "method", "header", "body"])
def test_many_half_requests(half: bytes) -> None:
    async def scenario() -> bool:
        async with ApiServer() as server:
            writers = []
            for _ in range(MANY // 4):
                _, writer = await connect(server)
                writer.write(half)
                writers.append(writer)
            answered = await answers(server)
        # The server stopped though nobody had ended a request.
        for writer in writers:
            writer.close()
        return answered

    assert asyncio.run(scenario())


def test_thousands_of_connections() -> None:
    async def scenario() -> list[bytes]:
        async with ApiServer() as server:
            streams = [await connect(server) for _ in range(MANY)]
            for _, writer in streams:
                writer.write(f"GET {MAPS} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
            lines = [await reader.readline() for reader, _ in streams]
            for _, writer in streams:
                writer.close()
            assert await answers(server)
            return lines

    assert set(asyncio.run(scenario())) == {b"HTTP/1.1 200 OK\r\n"}


HEAD = b"GET /version HTTP/1.1\r\nHost: x\r\n"
POST = b"POST /api/v1/namespaces/default/configmaps HTTP/1.1\r\nHost: x\r\n"
JSON = b"Content-Type: application/json\r\n"
REFUSED = {
    "many headers": HEAD + b"".join(b"X-%d: y\r\n" % number for number in range(5000)) + b"\r\n",
    "a long header": HEAD + b"X: " + b"y" * 2_000_000 + b"\r\n\r\n",
    "a long address": b"GET /" + b"a" * 500_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
    "a null byte in the address": b"GET /api\0 HTTP/1.1\r\nHost: x\r\n\r\n",
    "a null byte in a header": HEAD + b"X: a\0b\r\n\r\n",
    "a length below zero": POST + JSON + b"Content-Length: -5\r\n\r\n{}",
    "a length that is no number": POST + JSON + b"Content-Length: x\r\n\r\n{}",
    "two lengths": POST + JSON + b"Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}",
    "a huge length": POST + JSON + b"Content-Length: 99999999999999999999999\r\n\r\n{}",
    "a length and chunks": POST
    + JSON
    + b"Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
    "chunks that are none": POST + JSON + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n",
    "a chunk below zero": POST + JSON + b"Transfer-Encoding: chunked\r\n\r\n-1\r\n{}\r\n",
    "a huge chunk": POST + JSON + b"Transfer-Encoding: chunked\r\n\r\n" + b"F" * 20 + b"\r\n{}",
    "another encoding": POST + JSON + b"Transfer-Encoding: gzip\r\n\r\n{}",
    "no host": b"GET /version HTTP/1.1\r\n\r\n",
    "TLS": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\0" * 500,
    "noise": bytes(range(256)) * 8 + b"\r\n\r\n",
    "what is compressed and is not": POST
    + JSON
    + b"Content-Encoding: gzip\r\nContent-Length: 2\r\n\r\n{",
}


async def exchange(server: ApiServer, data: bytes) -> bytes:
    """What the server answers to bytes, after which nothing more comes."""
    reader, writer = await connect(server)
    try:
        writer.write(data)
        writer.write_eof()
        return await reader.read()
    except ConnectionError:
        return b""
    finally:
        writer.close()


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_no_http(name: str, caplog: pytest.LogCaptureFixture) -> None:
    """It is refused, and nobody's log has a traceback of it."""

    async def scenario() -> bytes:
        async with ApiServer() as server:
            answer = await exchange(server, REFUSED[name])
            assert await answers(server)
            return answer

    answer = asyncio.run(scenario())
    assert answer == b"" or answer.split()[1] in (b"400", b"431"), answer[:200]
    assert [record.message for record in caplog.records] == []


def test_requests_in_one_go() -> None:
    async def scenario() -> int:
        async with ApiServer() as server:
            reader, writer = await connect(server)
            writer.write((HEAD + b"\r\n") * 50)
            count = 0
            while count < 50:
                count += await reader.readline() == b"HTTP/1.1 200 OK\r\n"
            writer.close()
            return count

    assert asyncio.run(scenario()) == 50


@pytest.mark.parametrize(
    ("expected", "code"), [(b"100-continue", b"HTTP/1.1 100 Continue"), (b"more", b"HTTP/1.1 417 ")]
)
def test_a_client_that_asks_whether_to_send_its_body(expected: bytes, code: bytes) -> None:
    body = b'{"metadata":{"name":"a"}}'
    head = JSON + b"Expect: " + expected + b"\r\nContent-Length: %d\r\n\r\n" % len(body)

    async def scenario() -> tuple[bytes, bytes]:
        async with ApiServer() as server:
            reader, writer = await connect(server)
            writer.write(POST + head)
            first = await reader.readline()
            await reader.readline()
            writer.write(body)
            second = await reader.readline()
            writer.close()
            return first, second

    first, second = asyncio.run(scenario())
    assert first.startswith(code)
    assert second.startswith(b"HTTP/1.1 201 Created" if expected == b"100-continue" else b"")


def test_nothing_grows() -> None:
    """Neither objects nor connections are left of requests that are refused or given up."""

    async def scenario() -> tuple[int, int]:
        async with ApiServer() as server:
            for _ in range(3):
                for data in (*REFUSED.values(), *HALVES):
                    await exchange(server, data)
            gc.collect()
            before = len(gc.get_objects())
            for _ in range(10):
                for data in (*REFUSED.values(), *HALVES):
                    await exchange(server, data)
            gc.collect()
            return before, len(gc.get_objects())

    before, after = asyncio.run(scenario())
    # The log of requests remembers those that were read: a handful of objects for each.
    assert after - before < 2_000


def test_a_page_that_is_forgotten() -> None:
    async def scenario() -> tuple[Any, Any]:
        async with ApiServer() as server, Client(server.config) as client:
            for name in "abc":
                document = {"metadata": {"name": name}}
                await client.create(core_v1.ConfigMap, core_v1.ConfigMap(**document))
            query: dict[str, Any] = {"limit": "2"}
            first = await client.request("GET", MAPS, params=query)
            token = first["metadata"]["continue"]
            await client.delete(core_v1.ConfigMap, "a", "default")
            server.machinery.store.collection(("", "configmaps")).forget()
            with pytest.raises(ApiError) as raised:
                await client.request("GET", MAPS, params=query | {"continue": token})
            again = raised.value.body["metadata"]["continue"]
            return raised.value, await client.request(
                "GET", MAPS, params=query | {"continue": again}
            )

    error, rest = asyncio.run(scenario())
    assert (error.code, error.reason) == (410, "Expired")
    assert error.message.startswith("The provided continue parameter is too old")
    names = [item["metadata"]["name"] for item in rest["items"]]
    assert "c" in names and "a" not in names


def test_connections_that_come_while_the_server_stops() -> None:
    """asyncio would leave some of them open, and tell of it in whatever comes later."""

    async def knock(server: ApiServer) -> None:
        with contextlib.suppress(OSError):
            while True:
                _, writer = await connect(server)
                writer.transport.abort()
                await asyncio.sleep(0)

    async def scenario(turns: int) -> None:
        async with ApiServer() as server:
            knocking = [asyncio.ensure_future(knock(server)) for _ in range(3)]
            for _ in range(turns):
                await asyncio.sleep(0)
        await asyncio.gather(*knocking)

    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        for turns in range(30):
            asyncio.run(scenario(turns))
        gc.collect()
    assert [str(warning.message) for warning in caught] == []
