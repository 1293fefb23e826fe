"""A request as it comes in: its head at once, its body when it has come."""

from __future__ import annotations

import asyncio
from typing import Any

from opgen.testing.web.targets import query_parameters, readable_query, unquoted

BODY_LIMIT = 3 * 1024 * 1024
"""Bytes of a body. Source: kube-apiserver's MaxRequestBodyBytes."""


class ClientLeft(ConnectionError):
    """Nobody waits for the answer any more."""


class BodyTooLarge(Exception):
    """The body is longer than `BODY_LIMIT`."""


class BrokenBody(Exception):
    """What should be the body of a request is none."""


class HttpRequest:
    """A request.

    Args:
        method: Its method, in capitals.
        target: Path and query as they were sent.
        version: The version of HTTP, such as `1.1`.
        fields: All headers, with names in lower case.
        headers: The headers by name, the first of several of one name.
        keep_alive: Whether the client wants to use the connection again.
    """

    def __init__(
        self,
        method: str,
        target: tuple[str, str],
        version: str,
        fields: list[tuple[str, str]],
        headers: dict[str, str],
        keep_alive: bool,
    ) -> None:
        self.method = method
        self.path = unquoted(target[0])
        self.raw_query = target[1]
        self.query = query_parameters(target[1]) if target[1] else {}
        self.version = version
        self.fields = fields
        self.headers = headers
        self.keep_alive = keep_alive
        self.transport: Any = None
        """Of the connection on which it came; None until its turn has come."""
        self.complete = False
        """Whether its body has come to its end."""
        self.invited = False
        """Whether a client that asked for it was told to send the body."""
        self._body: list[bytes] | None = []
        """None if nobody wants it."""
        # Python reads no number of thousands of digits, and zeros may be as many.
        self._size = int(headers.get("content-length", "").lstrip("0") or "0")
        self._received = 0
        self._error: Exception | None = None
        self._waiter: asyncio.Future[None] | None = None
        if self._size > BODY_LIMIT:
            self.fail(BodyTooLarge())

    @property
    def readable_query(self) -> str:
        """The query as people read it."""
        return readable_query(self.raw_query) if self.raw_query else ""

    # What the one calls who answers it

    @property
    def has_body(self) -> bool:
        """Whether the client says that it sends a body."""
        return self._size > 0 or "transfer-encoding" in self.headers

    @property
    def expectation(self) -> str:
        """What the client expects before it sends the body; empty if nothing."""
        return self.headers.get("expect", "").lower()

    def invite(self) -> None:
        """Tell the client to send the body."""
        self.invited = True
        self.transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")

    async def body(self) -> bytes:
        """The whole body.

        Raises:
            BodyTooLarge: it is longer than allowed.
            BrokenBody: it is cut into chunks that are none.
            ClientLeft: the connection ended before it did.
        """
        while not self.complete and self._error is None:
            await self._wait()
        if self._error is not None:
            raise self._error
        return b"".join(self._body or ())

    # What the connection calls

    @property
    def unwanted(self) -> bool:
        """Whether the request has a body that is not read, so that nobody knows where it ends.

        A client that was not invited may send its body all the same, or may not.
        """
        hesitates = self.has_body and bool(self.expectation) and not self.invited
        return hesitates or self._error is not None

    def receive(self, data: bytes) -> None:
        """A part of the body has come."""
        if self._body is None:
            return
        self._received += len(data)
        if self._received > BODY_LIMIT:
            self.fail(BodyTooLarge())
        else:
            self._body.append(data)

    def finish(self) -> None:
        """The body has come to its end."""
        self.complete = True
        self._wake()

    def fail(self, error: Exception) -> None:
        """The body cannot be read to its end."""
        self._error = self._error or error
        self._body = None
        self._wake()

    async def pass_over(self) -> None:
        """Wait until the body that nobody wants has come to its end, or cannot."""
        self._body = None
        while not self.complete and self._error is None:
            await self._wait()

    async def _wait(self) -> None:
        self._waiter = asyncio.get_running_loop().create_future()
        try:
            await self._waiter
        finally:
            self._waiter = None

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)
