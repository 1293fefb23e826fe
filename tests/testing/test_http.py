"""HTTP/1.1 as the server speaks it: framing, answers in order, and when a connection ends."""

from __future__ import annotations

import asyncio
import json
import re
import socket
from collections.abc import AsyncGenerator, Awaitable, Callable
from typing import NamedTuple
from urllib.parse import urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from opgen.testing import ApiServer
from opgen.testing.web.http_request import HttpRequest
from opgen.testing.web.http_response import HttpResponse, HttpStream
from opgen.testing.web.listening import HttpServer

MAPS = b"/api/v1/namespaces/default/configmaps"
HOST = b"Host: x\r\n"
GET = b"GET /version HTTP/1.1\r\n" + HOST + b"\r\n"
LAST = b"GET /livez HTTP/1.1\r\n" + HOST + b"Connection: close\r\n\r\n"
UPGRADE = b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMA\r\n"


class Answered(NamedTuple):
    code: int
    headers: dict[str, str]
    body: bytes


def post(*headers: bytes, body: bytes = b'{"metadata":{"generateName":"a"}}') -> bytes:
    lines = [b"POST " + MAPS + b" HTTP/1.1", b"Host: x", b"Content-Type: application/json"]
    lines += [*headers, b"Content-Length: %d" % len(body), b"", body]
    return b"\r\n".join(lines)


def chunked(*headers: bytes, body: bytes = b'{"metadata":{"generateName":"a"}}') -> bytes:
    lines = [b"POST " + MAPS + b" HTTP/1.1", b"Host: x", b"Content-Type: application/json"]
    lines += [*headers, b"Transfer-Encoding: chunked", b""]
    lines += [b"3;a=b", body[:3], b"%x" % len(body[3:]), body[3:], b"0", b"X-Trailer: a", b"", b""]
    return b"\r\n".join(lines)


def parse(raw: bytes, *heads: int) -> list[Answered]:
    """The answers in what a server sent; those of the numbers in `heads` have no body."""
    answers: list[Answered] = []
    while raw:
        head, _, raw = raw.partition(b"\r\n\r\n")
        line, *lines = head.decode().split("\r\n")
        headers = {name.lower(): text for name, _, text in (each.partition(": ") for each in lines)}
        length = 0 if len(answers) in heads else int(headers.get("content-length", "0"))
        answers.append(Answered(int(line.split()[1]), headers, raw[:length]))
        raw = raw[length:]
    return answers


def serve(exchange: Callable[[ApiServer, str, int], Awaitable[None]]) -> None:
    async def scenario() -> None:
        async with ApiServer() as server:
            url = urlsplit(server.url)
            assert url.hostname is not None and url.port is not None
            await exchange(server, url.hostname, url.port)

    asyncio.run(scenario())


def sent(data: bytes) -> bytes:
    """All that the server sends to bytes, until it ends the connection."""
    received: list[bytes] = []

    async def exchange(_: ApiServer, host: str, port: int) -> None:
        reader, writer = await asyncio.open_connection(host, port)
        writer.write(data)
        received.append(await reader.read())
        writer.close()

    serve(exchange)
    return received[0]


CODES = {
    "one after the other": (GET + post() + GET + post(body=b"{") + LAST, [200, 201, 200, 400, 200]),
    "chunks, an extension and a trailer": (chunked() + GET + LAST, [201, 200, 200]),
    "nothing after Connection: close": (LAST + GET, [200]),
    "nothing after HTTP/1.0": (b"GET /version HTTP/1.0\r\n\r\n" + GET, [200]),
    "HTTP/1.0 that goes on": (
        b"GET /version HTTP/1.0\r\nConnection: keep-alive\r\n\r\n" + LAST,
        [200, 200],
    ),
    "HTTP/2": (b"GET /version HTTP/2.0\r\n" + HOST + b"\r\n", [505]),
    "good and bad": (GET + b"BAD\r\n\r\n", [200, 400]),
    "an upgrade that nobody does": (
        b"POST /api/v1/namespaces/default/pods/p/exec HTTP/1.1\r\n"
        + HOST
        + b"Connection: Upgrade\r\nUpgrade: SPDY/3.1\r\nContent-Length: 0\r\n\r\n"
        + LAST,
        [404, 200],
    ),
    "an upgrade with a body": (post(UPGRADE[:-2]) + GET + LAST, [201, 200, 200]),
    "an upgrade with chunks": (chunked(UPGRADE[:-2]) + GET + LAST, [201, 200, 200]),
    "CONNECT": (b"CONNECT x:443 HTTP/1.1\r\n" + HOST + b"\r\n\x16\x03\x01", [405]),
    "OPTIONS *": (b"OPTIONS * HTTP/1.1\r\n" + HOST + b"\r\n" + LAST, [404, 200]),
    "a whole URL": (b"GET http://x/livez?verbose HTTP/1.1\r\n" + HOST + b"\r\n" + LAST, [200, 200]),
    "no path": (b"GET livez HTTP/1.1\r\n" + HOST + b"\r\n", [400]),
    "two hosts": (b"GET /livez HTTP/1.1\r\n" + HOST + HOST + b"\r\n", [400]),
    "an unknown method": (b"FOO /livez HTTP/1.1\r\n" + HOST + b"\r\n", [400]),
    "a body that nobody asked for": (
        b"GET /version HTTP/1.1\r\n" + HOST + b"Content-Length: 2\r\n\r\n{}" + LAST,
        [200, 200],
    ),
    "a body that is too large": (post(body=b" " * (3 << 20) + b"{}") + GET, [413]),
    "a body of the greatest length": (
        post(body=b'{"metadata":{"name":"a"}}'.ljust(3 << 20)) + LAST,
        [201, 200],
    ),
    "chunks that are too large": (chunked(body=b" " * (3 << 20) + b"{}") + GET, [413]),
    "a broken chunk": (
        b"POST " + MAPS + b" HTTP/1.1\r\n" + HOST + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n",
        [400],
    ),
    "continue": (post(b"Expect: 100-continue") + LAST, [100, 201, 200]),
    "continue without a body": (
        b"GET /version HTTP/1.1\r\n" + HOST + b"Expect: 100-continue\r\n\r\n" + LAST,
        [200, 200],
    ),
    "not to continue": (
        post(b"Expect: 100-continue").replace(b"/api/v1/", b"/apis/none/v1/") + LAST,
        [404],
    ),
}


@pytest.mark.parametrize("name", CODES)
def test_codes(name: str, caplog: pytest.LogCaptureFixture) -> None:
    data, codes = CODES[name]
    answers = parse(sent(data))
    assert [answer.code for answer in answers] == codes
    assert caplog.records == []


def test_a_head_says_what_the_answer_would() -> None:
    paths = [b"/version", MAPS + b"/none", MAPS + b"?watch=true"]
    heads = [b"HEAD " + path + b" HTTP/1.1\r\n" + HOST + b"\r\n" for path in paths]
    answers = parse(sent(b"".join(heads) + GET + LAST), 0, 1, 2)
    assert [answer.code for answer in answers] == [200, 404, 200, 200, 200]
    assert answers[0].headers["content-length"] == answers[3].headers["content-length"]
    assert answers[2].headers["transfer-encoding"] == "chunked"


def test_headers_of_answers() -> None:
    [first, last] = parse(sent(GET + LAST))
    assert set(first.headers) == {"content-type", "content-length", "date"}
    assert last.headers["connection"] == "close"
    assert re.fullmatch(r"\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT", first.headers["date"])


def test_several_warnings() -> None:
    raw = sent(post(body=b'{"metadata":{"name":"a"},"x":1,"y":2}') + LAST)
    assert raw.count(b'\r\nWarning: 299 - "unknown field \\"') == 2


def test_what_the_client_knows_is_not_sent() -> None:
    get = b"GET /openapi/v3 HTTP/1.1\r\n" + HOST
    known = parse(sent(get + b"Connection: close\r\n\r\n"))[0].headers["etag"].encode()
    raw = sent(get + b"If-None-Match: " + known + b"\r\n\r\n" + LAST)
    first, last = parse(raw)
    assert (first.code, last.code) == (304, 200)
    assert not {"content-length", "content-type"} & set(first.headers)


def test_names_have_no_case_and_values_any_bytes() -> None:
    path = b"/apis/authentication.k8s.io/v1/selfsubjectreviews"
    groups = (b"IMPERSONATE-USER: \xc3\xa4 ", b"impersonate-group: a", b"Impersonate-Group:b")
    [answer, _] = parse(sent(post(*groups, body=b"{}").replace(MAPS, path) + LAST))
    who = json.loads(answer.body)["status"]["userInfo"]
    assert who == {"username": "ä", "groups": ["a", "b", "system:authenticated"]}


def test_a_watch_over_http_1_0_ends_with_the_connection() -> None:
    raw = sent(b"GET " + MAPS + b"?watch=true&timeoutSeconds=1 HTTP/1.0\r\n\r\n")
    head, _, body = raw.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.0 200 OK\r\n") and b"Transfer-Encoding" not in head
    assert [json.loads(line)["type"] for line in body.splitlines()] == ["ADDED"]


STREAM = GET + post(body=b"{not") + chunked(body=b"{not") + post(UPGRADE[:-2], body=b"{not") + LAST


@given(st.lists(st.integers(0, len(STREAM)), max_size=6))
@settings(max_examples=30)
def test_packets_do_not_matter(cuts: list[int]) -> None:
    ends = [*sorted(cuts), len(STREAM)]
    received = []

    async def exchange(_: ApiServer, host: str, port: int) -> None:
        reader, writer = await asyncio.open_connection(host, port)
        for begin, end in zip([0, *ends], ends, strict=False):
            writer.write(STREAM[begin:end])
            await writer.drain()
            # The server's turn, so that it sees the parts apart.
            await asyncio.sleep(0)
        received.append(await reader.read())
        writer.close()

    serve(exchange)
    answers = parse(received[0])
    assert [answer.code for answer in answers] == [200, 400, 400, 400, 200]
    assert answers[1].body == answers[2].body == answers[3].body


def test_over_ipv6() -> None:
    async def scenario() -> None:
        async with ApiServer(host="::1") as server:
            assert server.url.startswith("http://[::1]:")
            reader, writer = await asyncio.open_connection("::1", urlsplit(server.url).port)
            writer.write(LAST)
            assert (await reader.readline()) == b"HTTP/1.1 200 OK\r\n"
            writer.close()

    if not socket.has_ipv6:
        pytest.skip("this machine has no IPv6")
    asyncio.run(scenario())


def test_a_server_at_fault_says_so(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Before the answer by its code, in the middle of one by ending the connection."""

    async def fails(request: HttpRequest) -> HttpResponse | HttpStream:
        if request.path == "/before":
            raise ValueError("broken")
        return HttpStream([], pieces(), lambda: None)

    async def pieces() -> AsyncGenerator[bytes, None]:
        yield b"a"
        raise ValueError("broken")

    async def scenario(path: bytes) -> bytes:
        server = HttpServer(fails)
        port = await server.start("127.0.0.1", 0, None)
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"GET " + path + b" HTTP/1.1\r\n" + HOST + b"\r\n" + GET)
        received = await reader.read()
        writer.close()
        await server.stop()
        return received

    [answer] = parse(asyncio.run(scenario(b"/before")))
    assert (answer.code, answer.headers["connection"]) == (500, "close")
    assert asyncio.run(scenario(b"/amid")).endswith(b"\r\n\r\n1\r\na\r\n")
    assert [str(record.exc_info[1]) for record in caplog.records if record.exc_info] == [
        "broken",
        "broken",
    ]
