"""From bytes to requests: whatever the pieces in which they come, the requests are the same.

llhttp, which httptools wraps, finds the parts and refuses what is malformed. What it lets pass and
no server should, and what nobody must be able to grow without end, is refused here.
"""

from __future__ import annotations

from collections import deque
from typing import NoReturn

from httptools import (
    HttpParserCallbackError,
    HttpParserError,
    HttpParserUpgrade,
    HttpRequestParser,
)

from opgen.testing.web.http_request import BrokenBody, HttpRequest
from opgen.testing.web.targets import split_target

LINE_LIMIT = 256 * 1024
"""Bytes of a request's target, and of its headers: label selectors and tokens may be long."""
MOST_HEADERS = 128
SILENT_LIMIT = 3 * LINE_LIMIT
"""Bytes that may come without ending a head or being part of a body."""
_TOO_LONG = "the request's line or headers are too long"
_SINGLE = frozenset({"content-length", "content-type", "host", "transfer-encoding", "user-agent"})
"""Headers that make no sense twice, and of which two readers could believe different ones."""
_FRAMING = ("content-length", "transfer-encoding")


class Refused(Exception):
    """What came is no request that this server reads.

    Attributes:
        code: The status code of the answer.
    """

    def __init__(self, code: int, why: str) -> None:
        super().__init__(why)
        self.code = code


class RequestReader:
    """Reads requests. Those of its methods that begin with `on_` are httptools' callbacks."""

    def __init__(self) -> None:
        self.requests: deque[HttpRequest] = deque()
        """The requests whose heads are complete, until somebody takes them."""
        self.refused: Refused | None = None
        """Why nothing more is read, if that is to be told to the client."""
        self.ended = False
        """Whether nothing more is read."""
        self._parser = HttpRequestParser(self)
        self._target = b""
        self._fields: list[tuple[str, str]] = []
        self._length = 0
        self._current: HttpRequest | None = None
        """The request whose body comes. While there is one, nothing that looks like a head is."""
        self._replay = b""
        self._progress = 0
        self._silent = 0

    def feed(self, data: bytes) -> None:
        """Take what has come."""
        if self.ended:
            return
        before = self._progress
        try:
            self._feed(data)
            self._silent = self._silent + len(data) if self._progress == before else 0
            if self._silent > SILENT_LIMIT:
                self._refuse(431, _TOO_LONG)
        except (Refused, HttpParserCallbackError):
            if self.refused is None:
                raise
            self._end(self.refused)
        except HttpParserError as error:
            self._end(Refused(400, str(error)))

    def cut_off(self, error: Exception) -> None:
        """Nothing more comes, and nothing that has come is to be answered."""
        self.ended = True
        self.requests.clear()
        if self._current is not None:
            self._current.fail(error)

    def _feed(self, data: bytes) -> None:
        rest = memoryview(data)
        while rest and not self.ended:
            try:
                self._parser.feed_data(rest)
                return
            except HttpParserUpgrade as upgrade:
                # Nobody speaks another protocol here, so the request is one like any other. llhttp
                # would not read its body, unless it is told the length again without the upgrade.
                rest = rest[upgrade.args[0] :]
                replay, self._replay = self._replay, b""
                if replay:
                    self._parser.feed_data(replay)

    def _end(self, error: Refused) -> None:
        if self.ended:
            # The client said that it would send nothing more, and did: that is not read.
            return
        self.ended = True
        self.refused = error if self._current is None else None
        if self._current is not None:
            self._current.fail(BrokenBody(str(error)))

    def _refuse(self, code: int, why: str) -> NoReturn:
        self.refused = Refused(code, why)
        raise self.refused

    # What httptools calls

    def on_url(self, url: bytes) -> None:
        """A part of the target."""
        if self._current is not None:
            return
        self._target += url
        if len(self._target) > LINE_LIMIT:
            self._refuse(431, _TOO_LONG)

    def on_header(self, name: bytes, value: bytes) -> None:
        """A header, or a trailer, which nobody needs."""
        if self._current is not None:
            return
        text = value.rstrip(b" \t").decode("utf-8", "surrogateescape")
        self._fields.append((name.decode("latin-1").lower(), text))
        self._length += len(name) + len(value)
        if self._length > LINE_LIMIT or len(self._fields) > MOST_HEADERS:
            self._refuse(431, _TOO_LONG)

    def on_headers_complete(self) -> None:
        """The head is complete."""
        if self._current is not None:
            return
        self._progress += 1
        self._current = request = self._request()
        self.requests.append(request)
        self._target, self._fields, self._length = b"", [], 0
        if self._parser.should_upgrade() and request.method != "CONNECT":
            lines = [f"{name}: {text}" for name, text in request.fields if name in _FRAMING]
            if lines:
                self._replay = "\r\n".join(["POST / HTTP/1.1", *lines, "", ""]).encode()

    def _request(self) -> HttpRequest:
        headers: dict[str, str] = {}
        for name, text in self._fields:
            if name not in headers:
                headers[name] = text
            elif name in _SINGLE:
                self._refuse(400, f"there is more than one {name} header")
        version = self._parser.get_http_version()
        if version not in ("1.0", "1.1"):
            self._refuse(505, f"this server does not speak HTTP/{version}")
        if version == "1.1" and "host" not in headers:
            self._refuse(400, "there is no host header")
        method = self._parser.get_method().decode()
        target = split_target(method, self._target.decode("utf-8", "surrogateescape"))
        if target is None:
            self._refuse(400, "the request's target is neither a path nor a URL")
        keep_alive = self._parser.should_keep_alive() and method != "CONNECT"
        return HttpRequest(method, target, version, self._fields, headers, keep_alive)

    def on_body(self, body: bytes) -> None:
        """A part of a body."""
        self._progress += 1
        if self._current is not None:
            self._current.receive(body)

    def on_message_complete(self) -> None:
        """A request has come to its end."""
        current = self._current
        if current is None or self._replay:
            return
        self._current = None
        self.ended = not current.keep_alive
        current.finish()
