"""Time that passes no faster than the machine works.

On a machine that many share, a server or a replica that gets a tenth of a processor is late, and
then replicas rightly give up; that is no fault that tests are about. So replicas of a test take
their time from a file, which the test moves on: in small steps, each once the server has written
something and every replica has seen the last one.
"""

from __future__ import annotations

import asyncio
import mmap
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from pathlib import Path

from opgen.runtime.client import MERGE_PATCH, Client
from opgen.runtime.clock import SystemClock
from opgen.runtime.config import ClusterConfig

STEP_SECONDS = 0.05
LOOK_SECONDS = STEP_SECONDS / 5
LONGEST_SECONDS = 2 * STEP_SECONDS
"""A step counts for no more, however long it takes."""
PLACES = 16
"""Numbers in the file: the time, then what each replica has seen of it; zero before it looks.

They are read and written at once through a memoryview; `struct` would write zeros first.
"""
SIZE = 8 * PLACES


@asynccontextmanager
async def pace(
    file: Path, config: ClusterConfig, awaited: Callable[[], Iterable[int]]
) -> AsyncIterator[None]:
    """Move on the time in a file, as fast as a server writes.

    Args:
        file: The file.
        config: The server, and a namespace to write to.
        awaited: The places of the replicas that have to keep up.
    """
    file.write_bytes(bytes(SIZE))
    with (
        file.open("r+b") as opened,
        mmap.mmap(opened.fileno(), SIZE) as shared,
        memoryview(shared) as octets,
        octets.cast("d") as places,
    ):
        async with Client(config) as client, asyncio.TaskGroup() as group:
            task = group.create_task(_keep(places, client, awaited))
            try:
                yield
            finally:
                task.cancel()


async def _keep(
    places: memoryview[float], client: Client, awaited: Callable[[], Iterable[int]]
) -> None:
    loop, path = asyncio.get_running_loop(), f"/api/v1/namespaces/{client.config.namespace}"
    while True:
        began = loop.time()
        note = {"metadata": {"annotations": {"time": str(places[0])}}}
        await client.request("PATCH", path, body=note, content_type=MERGE_PATCH)
        await asyncio.sleep(STEP_SECONDS)
        while any(0.0 < places[place] < places[0] for place in awaited()):
            await asyncio.sleep(LOOK_SECONDS)
        places[0] += min(loop.time() - began, LONGEST_SECONDS)


class PacedClock(SystemClock):
    """The time in a file, seen from a place."""

    def __init__(self, file: Path, place: int) -> None:
        with file.open("r+b") as opened:
            self._places = memoryview(mmap.mmap(opened.fileno(), SIZE)).cast("d")
        self._place = place

    def follow(self) -> None:
        """Let the time wait for this event loop."""
        self._places[self._place] = self.now()
        asyncio.get_running_loop().call_later(LOOK_SECONDS, self.follow)

    def now(self) -> float:
        """Seconds since the test began."""
        return self._places[0]

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
            self._handle = loop.call_later(max(left, LOOK_SECONDS), self._look)
        else:
            self._handle = loop.call_soon(self._function)
