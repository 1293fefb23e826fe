"""What goes back to a client: a whole answer, or a stream of pieces."""

from __future__ import annotations

import time
from collections.abc import AsyncGenerator, Callable, Iterable
from dataclasses import dataclass
from email.utils import formatdate
from functools import lru_cache
from http import HTTPStatus

from opgen.testing.web.http_request import HttpRequest

Headers = Iterable[tuple[str, str]]
_REASONS = {status.value: status.phrase for status in HTTPStatus}
_WITHOUT_BODY = (204, 304)


@dataclass(slots=True)
class HttpResponse:
    """A whole answer."""

    status: int
    headers: Headers
    body: bytes = b""

    def encode(self, request: HttpRequest, *, keep: bool) -> bytes:
        """The answer to a request; `keep` says whether the connection goes on after it."""
        headers = [*self.headers]
        if self.status not in _WITHOUT_BODY:
            headers.append(("Content-Length", str(len(self.body))))
        head = encode_head(self.status, headers, request.version, keep=keep)
        silent = request.method == "HEAD" or self.status in _WITHOUT_BODY
        return head if silent else head + self.body


@dataclass(slots=True)
class HttpStream:
    """A body in pieces, none of them empty.

    Attributes:
        close: Called when nobody reads on; `pieces` then ends soon.
    """

    headers: Headers
    pieces: AsyncGenerator[bytes, None]
    close: Callable[[], None]


def encode_head(status: int, headers: Headers, version: str, *, keep: bool) -> bytes:
    """The head of an answer."""
    lines = [f"HTTP/{version} {status} {_REASONS.get(status, '')}"]
    lines += [f"{name}: {text}" for name, text in headers]
    lines.append(f"Date: {_date(int(time.time()))}")
    if not keep:
        lines.append("Connection: close")
    elif version == "1.0":
        lines.append("Connection: keep-alive")
    return "\r\n".join([*lines, "\r\n"]).encode()


@lru_cache(maxsize=1)
def _date(second: int) -> str:
    return formatdate(second, usegmt=True)
