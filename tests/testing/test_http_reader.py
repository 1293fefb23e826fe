"""Bytes become the same requests whatever the pieces in which they come."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st
from yarl import URL

from opgen.testing.web.http_reader import LINE_LIMIT, SILENT_LIMIT, RequestReader
from opgen.testing.web.http_request import HttpRequest
from opgen.testing.web.targets import query_parameters, readable_query, unquoted

HOST = b"Host: x\r\n"
GOOD = [
    b"GET /version HTTP/1.1\r\n" + HOST + b"\r\n",
    b"GET /version?a=b&c HTTP/1.0\r\nConnection: keep-alive\r\n\r\n",
    b"POST /maps HTTP/1.1\r\n"
    + HOST
    + b"Content-Length: 5\r\nX-A: b\r\nx-a: \xc3\xa4 \r\n\r\n{...}",
    b"POST /maps HTTP/1.1\r\n"
    + HOST
    + b"Transfer-Encoding: chunked\r\n\r\n2;a=b\r\n{}\r\n1\r\n \r\n0\r\nX-Trailer: a\r\n\r\n",
    b"\r\n\r\nDELETE /maps/a%20b HTTP/1.1\r\n" + HOST + b"Content-Length: 0\r\n\r\n",
    b"POST /exec HTTP/1.1\r\n" + HOST + b"Connection: Upgrade\r\nUpgrade: SPDY/3.1\r\n\r\n",
    b"POST /maps HTTP/1.1\r\n"
    + HOST
    + b"Connection: Upgrade\r\nUpgrade: h2c\r\nContent-Length: 3\r\n\r\n{ }",
    b"POST /maps HTTP/1.1\r\n"
    + HOST
    + b"Connection: Upgrade\r\nUpgrade: websocket\r\nTransfer-Encoding: chunked\r\n\r\n"
    + b"2\r\n{}\r\n0\r\n\r\n",
]
LAST = [
    b"",
    b"POST / HTTP/1.1\r\n" + HOST + b"Content-Length: " + b"0" * 9000 + b"2\r\n\r\n{}",
    b"GET /version HTTP/1.1\r\n" + HOST + b"Connection: close\r\n\r\nGET / HTTP/1.1\r\n" + HOST,
    b"CONNECT example.com:443 HTTP/1.1\r\n" + HOST + b"\r\nanything",
    b"CONNECT example.com:443 HTTP/1.1\r\n" + HOST + b"\r\n" + GOOD[0],
    b"GET / HTTP/1.1\r\n" + HOST + b"Connection: close, upgrade\r\nUpgrade: a\r\n\r\n" + GOOD[0],
    b"GET /version HTTP/1.1\r\n\r\n",
    b"GET /version HTTP/2.0\r\n" + HOST + b"\r\n",
    b"GET version HTTP/1.1\r\n" + HOST + b"\r\n",
    b"GET /version HTTP/1.1\r\n" + HOST + HOST + b"\r\n",
    b"GET /version HTTP/1.1\r\n" + HOST + b"A B: c\r\n\r\n",
    b"GET /version HTTP/1.1\nHost: x\n\n",
    b"GET /version HTTP/1.1\r\n" + HOST + b"X: y\r\n" * 200 + b"\r\n",
    b"NOTHING /version HTTP/1.1\r\n" + HOST + b"\r\n",
    b"POST /maps HTTP/1.1\r\n" + HOST + b"Content-Length: 100\r\n\r\n{",
    b"POST /maps HTTP/1.1\r\n" + HOST + b"Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
    b"POST /maps HTTP/1.1\r\n" + HOST + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n{}",
    b"POST /maps HTTP/1.1\r\n" + HOST + b"Transfer-Encoding: gzip\r\n\r\n{}",
    b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    b"\x16\x03\x01\x02\x00\x01\x00",
]


def read(pieces: Sequence[bytes]) -> list[object]:
    """All that a reader makes of bytes that come in pieces."""
    reader = RequestReader()
    for piece in pieces:
        reader.feed(piece)
    found: list[object] = [
        (item.method, item.path, item.query, item.fields, item.keep_alive, item.complete, now(item))
        for item in reader.requests
    ]
    return [*found, reader.refused and (reader.refused.code, str(reader.refused)), reader.ended]


def now(request: HttpRequest) -> bytes | str | None:
    """The body of a request that has come, or why there is none; None if it is still to come."""
    coroutine = request.body()
    try:
        coroutine.send(None)
    except StopIteration as end:
        body: bytes = end.value
        return body
    except RuntimeError:
        return None  # It would wait, and here is no event loop.
    except Exception as error:
        return f"{type(error).__name__}: {error}"
    finally:
        coroutine.close()
    return None


@given(st.data())
def test_pieces_do_not_matter(data: st.DataObject) -> None:
    requests = data.draw(st.lists(st.sampled_from(GOOD), max_size=4))
    stream = b"".join([*requests, data.draw(st.sampled_from(LAST))])
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=12)))
    pieces = [
        stream[begin:end] for begin, end in zip([0, *cuts], [*cuts, len(stream)], strict=True)
    ]
    assert read(pieces) == read([stream])
    assert len(read([stream])) >= len(requests) + 2


@given(st.binary(max_size=200), st.data())
def test_noise_in_pieces(noise: bytes, data: st.DataObject) -> None:
    """Whatever comes, nothing but a refusal comes of it; and the same in pieces of a byte."""
    place = data.draw(st.integers(0, len(GOOD[2])))
    stream = GOOD[2][:place] + noise + GOOD[2][place:]
    assert read([stream]) == read([stream[at : at + 1] for at in range(len(stream))])


def test_every_byte_alone() -> None:
    for last in LAST:
        stream = b"".join([*GOOD, last])
        assert read([stream[at : at + 1] for at in range(len(stream))]) == read([stream])


@st.composite
def endless(draw: st.DrawFn) -> tuple[bytes, bytes]:
    """What begins, and what then goes on for ever."""
    head = b"GET /version HTTP/1.1\r\n" + HOST
    chunks = b"POST / HTTP/1.1\r\n" + HOST + b"Transfer-Encoding: chunked\r\n\r\n"
    kinds = [
        (b"GET /", b"a" * 1000),
        (head + b"X: ", b"a" * 1000),
        (head, b"a" * 1000),
        (head, b"X: y\r\n" * 100),
        (head, b"X: " + b"y" * 10_000 + b"\r\n"),
        (chunks + b"1;", b"a" * 1000),
        (chunks + b"0\r\nX: ", b"a" * 1000),
        (chunks + b"0\r\n", b"X: y\r\n" * 100),
        (b"", b"\r\n" * 500),
    ]
    return draw(st.sampled_from(kinds))


@given(endless(), st.integers(1, 300))
def test_what_never_ends_is_refused(parts: tuple[bytes, bytes], times: int) -> None:
    begin, more = parts
    reader = RequestReader()
    reader.feed(begin)
    for _ in range((SILENT_LIMIT + 2 * LINE_LIMIT) // len(more * times) + 2):
        reader.feed(more * times)
    assert reader.ended
    if reader.requests:
        assert str(now(reader.requests[0])).startswith("BrokenBody: ")
    else:
        assert reader.refused is not None and reader.refused.code == 431


@given(st.text(st.sampled_from("%2F41cC3aA4eEfF0/+&=;zé"), max_size=20))
def test_escapes_are_those_of_urls(text: str) -> None:
    url = URL.build(path=f"/{text}", encoded=True)
    assert unquoted(f"/{text}") == url.path or "%" in url.path
    assert unquoted(f"/{text}").upper() == url.path.upper()
    asked = URL.build(path="/", query_string=text, encoded=True)
    assert readable_query(text).upper() == asked.query_string.upper()
    assert query_parameters(text) == {key: asked.query[key] for key in asked.query}
