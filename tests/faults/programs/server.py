"""An API server in a process of its own: prints its URL and serves until standard input ends."""

from __future__ import annotations

import asyncio
import sys

from opgen.testing.server import ApiServer


async def main() -> None:
    async with ApiServer() as server:
        print(server.url, flush=True)
        await asyncio.to_thread(sys.stdin.read)


asyncio.run(main())
