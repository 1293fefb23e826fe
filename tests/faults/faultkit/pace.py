"""Time that passes no faster than the machine works.

On a machine that many share, a server that gets a tenth of a processor does not answer in time, and
then every replica rightly gives up; that is no fault that tests are about. So replicas of a test
take their time from a file, which the test moves on: in small steps, each once the server has
answered.
"""

from __future__ import annotations

import asyncio
import mmap
import struct
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from opgen.runtime.client import Client
from opgen.runtime.clock import SystemClock
from opgen.runtime.config import ClusterConfig

STEP_SECONDS = 0.05
LONGEST_SECONDS = 2 * STEP_SECONDS
"""A step counts for no more, however long it takes."""
TIME = struct.Struct("d")


@asynccontextmanager
async def pace(file: Path, config: ClusterConfig) -> AsyncIterator[None]:
    """Move on the time in a file, as fast as a server answers."""
    file.write_bytes(TIME.pack(0.0))
    with file.open("r+b") as opened, mmap.mmap(opened.fileno(), TIME.size) as shared:
        async with Client(config) as client, asyncio.TaskGroup() as group:
            task = group.create_task(_keep(shared, client))
            try:
                yield
            finally:
                task.cancel()


async def _keep(shared: mmap.mmap, client: Client) -> None:
    loop, time = asyncio.get_running_loop(), 0.0
    while True:
        began = loop.time()
        await client.send("GET", "/version")
        await asyncio.sleep(STEP_SECONDS)
        time += min(loop.time() - began, LONGEST_SECONDS)
        TIME.pack_into(shared, 0, time)


class PacedClock(SystemClock):
    """The time in a file."""

    def __init__(self, file: Path) -> None:
        with file.open("rb") as opened:
            self._shared = mmap.mmap(opened.fileno(), TIME.size, access=mmap.ACCESS_READ)

    def now(self) -> float:
        """Seconds since the test began."""
        (time,) = TIME.unpack_from(self._shared)
        return float(time)

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        done = asyncio.Event()
        later = self.call_later(seconds, done.set)
        try:
            await done.wait()
        finally:
            later.cancel()

    def call_later(self, seconds: float, function: Callable[[], None]) -> Later:
        """Call a function after a while."""
        return Later(self, self.now() + seconds, function)


class Later:
    """A call that is due at a time of a clock."""

    def __init__(self, clock: PacedClock, due: float, function: Callable[[], None]) -> None:
        self._clock = clock
        self._due = due
        self._function = function
        self._handle: asyncio.Handle
        self._look()

    def cancel(self) -> None:
        """Do not make the call after all."""
        self._handle.cancel()

    def _look(self) -> None:
        left = self._due - self._clock.now()
        loop = asyncio.get_running_loop()
        if left > 0:
            self._handle = loop.call_later(max(left, STEP_SECONDS / 5), self._look)
        else:
            self._handle = loop.call_soon(self._function)
