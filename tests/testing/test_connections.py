"""Many connections and requests that never end: the server goes on, and keeps nothing of them."""

from __future__ import annotations

import asyncio
from typing import Any
from urllib.parse import urlsplit

import pytest

from opgen.k8s import core_v1
from opgen.runtime.client import ApiError, Client
from opgen.runtime.transport import Transport
from opgen.testing import ApiServer

MAPS = "/api/v1/namespaces/default/configmaps"
MANY = 1000
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


def test_a_thousand_connections() -> None:
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
