"""How the server takes connections: what aiohttp is told of limits, bodies and logs."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web
from aiohttp.http import HttpProcessingError

from opgen.testing.errors import StatusError, bad_request, too_large

REQUEST_LIMIT = 3 * 1024 * 1024
LINE_LIMIT = 256 * 1024
"""Bytes of a URL, and of a header: label selectors and tokens may be long."""


class _ClientsMistakes(logging.Filter):
    """Whoever sends what is no HTTP is told so; nobody else needs to know."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether to log it."""
        return not (record.exc_info and isinstance(record.exc_info[1], HttpProcessingError))


_log = logging.getLogger("opgen.testing.http")
_log.addFilter(_ClientsMistakes())


def _request(message: Any, payload: Any, protocol: Any, writer: Any, task: Any) -> web.BaseRequest:
    loop = asyncio.get_running_loop()
    return web.BaseRequest(
        message, payload, protocol, writer, task, loop, client_max_size=REQUEST_LIMIT
    )


def make_server(
    handle: Callable[[web.BaseRequest], Awaitable[web.StreamResponse]],
) -> web.Server:
    """A server that hands each request to `handle`."""
    return web.Server(
        handle,
        request_factory=_request,
        access_log=None,
        logger=_log,
        max_line_size=LINE_LIMIT,
        max_field_size=LINE_LIMIT,
        # kube-apiserver reads bodies as they are.
        auto_decompress=False,
    )


class ClientLeft(Exception):
    """Nobody waits for the answer any more."""


async def read_body(request: web.BaseRequest) -> bytes:
    """The body of a request; a client that asks whether to send it is told to.

    Raises:
        StatusError: it is too large, or broken off; 417, the client expects what nobody does.
        ClientLeft: the client closed the connection.
    """
    expected = request.headers.get("Expect", "")
    if expected and expected.lower() != "100-continue":
        raise StatusError(417, "", f"nobody can expect {expected}")
    if not request.can_read_body:
        return b""
    if expected and request.version >= (1, 1):
        await request.writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
    try:
        return await request.read()
    except web.HTTPRequestEntityTooLarge:
        raise too_large(REQUEST_LIMIT) from None
    except ConnectionError:
        raise ClientLeft from None
    except web.RequestPayloadError as error:
        raise bad_request(f"the body of the request cannot be read: {error}") from None
