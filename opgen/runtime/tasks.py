"""Background tasks that live and end together."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any


class Tasks:
    """Tasks that end together: if one fails, everybody hears of it, and none is left behind."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[Any]] = set()

    async def __aenter__(self) -> Tasks:
        return self

    async def __aexit__(self, *_: object) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def start(self, work: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
        """Do something in the background."""
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        return task

    async def until(self, work: Coroutine[Any, Any, Any], stopped: asyncio.Task[Any]) -> bool:
        """Do something unless stopped before. Says whether it was done."""
        task = self.start(work)
        while not (task.done() or stopped.done()):
            await self.until_any(task, stopped)
        if task.done():
            task.result()
        return not stopped.done()

    async def until_any(self, *awaited: asyncio.Task[Any]) -> None:
        """Wait for one of some tasks. If any other task fails, raise what it failed with."""
        while not any(task.done() for task in awaited):
            running = [task for task in self._tasks if not task.done()]
            done, _ = await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
