"""The loop that runs the controllers.

Changes put keys into a queue without duplicates, and a callback of the event loop works the queue
off. Nothing polls: when the queue is empty the cluster has settled, until the clock reaches what a
controller asked to be reminded of. A controller that fails does not stop the others: the failure is
logged and kept for `Cluster` to report.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Collection, Iterable
from typing import Protocol

from opgen.testing.clock import Clock
from opgen.testing.errors import StatusError
from opgen.testing.storage import Change, GroupResource, Key, Store

log = logging.getLogger("opgen.testing")

Item = tuple["Controller", Key]


class ControllerFailure(Exception):
    """A controller of the server broke: a fault of the server, not of the test."""


class Controller(Protocol):
    """One of the server's controllers."""

    @property
    def watched(self) -> Collection[GroupResource] | None:
        """The resources of which it wants to see changes; None for all."""
        ...

    def keys(self, change: Change) -> Iterable[Key]:
        """The objects to look at after a change."""
        ...

    async def reconcile(self, key: Key) -> None:
        """Bring one object into the state it asks for."""
        ...


class ControllerLoop:
    """Runs controllers in the event loop, one key at a time."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._clock = clock
        self._later: dict[Item, float] = {}
        self._timer: asyncio.TimerHandle | None = None
        clock.on_advance(self._advanced)
        self._controllers: list[Controller] = []
        self._watching: dict[GroupResource, list[Controller]] = {}
        """The controllers that want to see changes of a resource, once there was one."""
        self._queue: dict[Item, None] = {}
        self._scheduled = False
        self._loop: asyncio.AbstractEventLoop | None = None
        self._task: asyncio.Task[None] | None = None
        self.failures: list[ControllerFailure] = []
        self.failure_listeners: list[Callable[[], None]] = []
        store.listeners.append(self._on_change)

    def add(self, *controllers: Controller) -> None:
        """Run these too."""
        self._controllers += controllers
        self._watching.clear()

    def start(self, loop: asyncio.AbstractEventLoop) -> None:
        """Begin to work."""
        self._loop = loop
        self._schedule()
        self._remind()

    async def stop(self) -> None:
        """Do nothing more."""
        self._loop = None
        if self._timer is not None:
            self._timer.cancel()
        self._queue.clear()
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            self._task = None

    def again(self, controller: Controller, key: Key, moment: float) -> None:
        """Look at an object again at a moment, in seconds as the clock counts."""
        self._later[controller, key] = moment
        self._remind()

    def _advanced(self) -> None:
        """The clock was moved, in whatever thread."""
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._remind)

    def _remind(self) -> None:
        """Queue what is due, and wait for what is next."""
        now = self._clock.now()
        for item in [item for item, moment in self._later.items() if moment <= now]:
            del self._later[item]
            self._queue[item] = None
        self._schedule()
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._later and self._clock.runs and self._loop is not None:
            wait = min(self._later.values()) - now
            self._timer = self._loop.call_later(wait, self._remind)

    def _on_change(self, change: Change) -> None:
        watching = self._watching.get(change.resource)
        if watching is None:
            watching = self._watching[change.resource] = [
                controller
                for controller in self._controllers
                if controller.watched is None or change.resource in controller.watched
            ]
        for controller in watching:
            try:
                for key in controller.keys(change):
                    self._queue[controller, key] = None
            except Exception as error:
                self._fail(controller, change.last.key, error)
        self._schedule()

    def _schedule(self) -> None:
        if self._loop is not None and self._queue and not self._scheduled:
            self._scheduled = True
            self._task = self._loop.create_task(self._run())

    async def _run(self) -> None:
        """Work as long as there is something to do, letting others run in between."""
        try:
            while self._queue and self._loop is not None:
                await self.work()
                await asyncio.sleep(0)
        finally:
            self._scheduled = False

    async def work(self) -> None:
        """Take one key and reconcile it."""
        controller, key = next(iter(self._queue))
        del self._queue[controller, key]
        try:
            await controller.reconcile(key)
        except StatusError as error:
            # A refused write of a controller is what a real one logs and waits to be told of.
            log.debug("%s %s: %s", type(controller).__name__, key, error)
        except Exception as error:
            self._fail(controller, key, error)

    def _fail(self, controller: Controller, key: Key, error: Exception) -> None:
        name = "/".join(filter(None, key))
        text = f"the API server's {type(controller).__name__} failed on {name}: {error!r}"
        log.error("%s", text, exc_info=error)
        failure = ControllerFailure(text)
        failure.__cause__ = error
        self.failures.append(failure)
        for listener in self.failure_listeners:
            listener()

    async def settle(self) -> None:
        """Work until the queue is empty."""
        while self._queue:
            await self.work()
