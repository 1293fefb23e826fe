"""Listens on a port, and keeps the connections until they have ended."""

from __future__ import annotations

import asyncio
import contextlib
import ssl

from opgen.testing.web.http_connection import Handle, HttpConnection

SHUTDOWN_SECONDS = 1.0
"""How long a stop waits for the answers that are under way."""


class HttpServer:
    """An HTTP/1.1 server that hands each request to `handle`."""

    def __init__(self, handle: Handle) -> None:
        self._handle = handle
        self._connections: set[HttpConnection] = set()
        self._server: asyncio.Server | None = None

    async def start(self, host: str, port: int, context: ssl.SSLContext | None) -> int:
        """Listen; on which port is the result, as port 0 takes a free one.

        Raises:
            OSError: nobody can listen there.
        """
        self._server = await asyncio.get_running_loop().create_server(
            lambda: HttpConnection(self._handle, self._connections), host, port, ssl=context
        )
        chosen: int = self._server.sockets[0].getsockname()[1]
        return chosen

    async def stop(self) -> None:
        """Listen no more, and end all connections."""
        if self._server is None:
            return
        await _take_no_more(self._server)
        self._server.close()
        self._server = None
        for connection in tuple(self._connections):
            connection.finish()
        await self._wait(SHUTDOWN_SECONDS)
        for connection in tuple(self._connections):
            connection.abort()
        await self._wait(None)

    async def _wait(self, seconds: float | None) -> None:
        """Until all connections have ended."""
        ends = [connection.ended for connection in self._connections]
        if ends:
            await asyncio.wait(ends, timeout=seconds)


_TURNS = 3
"""Turns of the event loop from a connection's arrival until its protocol knows of it."""


async def _take_no_more(server: asyncio.Server) -> None:
    """Take no more connections, and let those that have come get to their protocols.

    asyncio never closes a connection that it is about to hand over when the server closes.
    """
    loop = asyncio.get_running_loop()
    for listener in server.sockets:
        with contextlib.suppress(NotImplementedError):  # loops that are not told of readiness
            loop.remove_reader(listener.fileno())
    for _ in range(_TURNS):
        await asyncio.sleep(0)
