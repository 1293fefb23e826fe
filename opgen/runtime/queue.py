"""The queue between changes and reconciles.

A key that waits is in the queue once, however often it is added. A key that is being worked on is
not handed out again; if it is added meanwhile, it comes back when the work is done. Failures come
back after a delay that doubles with each one. Keys of low priority (objects found at the start) go
after all others, so that a fresh change does not wait behind ten thousand old objects.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

from opgen.runtime.clock import SYSTEM_CLOCK, Clock, Handle

Key = TypeVar("Key", bound=Hashable)

BASE_SECONDS = 0.005
MAX_SECONDS = 1000.0


class WorkQueue(Generic[Key]):
    """Keys to work on. Everything here runs in one event loop.

    Args:
        clock: The time.
        waited: Told how long a key has waited when it is taken, in seconds.
        worked: Told how long the work on a key took.
    """

    def __init__(
        self,
        *,
        clock: Clock = SYSTEM_CLOCK,
        waited: Callable[[float], None] = lambda seconds: None,
        worked: Callable[[float], None] = lambda seconds: None,
    ) -> None:
        self._clock = clock
        self._waited = waited
        self._worked = worked
        self._high: dict[Key, float] = {}
        """Waiting keys in order, with the time they were added."""
        self._low: dict[Key, float] = {}
        self._processing: dict[Key, tuple[float, bool]] = {}
        """Keys being worked on, with the time it began and whether their priority was low."""
        self._again: dict[Key, bool] = {}
        """Keys added while being worked on, with whether their priority is low."""
        self._later: dict[Key, tuple[float, Handle]] = {}
        self._failures: dict[Key, int] = {}
        self._wake = asyncio.Event()
        self._closed = False
        self.adds = 0
        self.retries = 0

    def __len__(self) -> int:
        """How many keys wait, not counting those that are due later."""
        return len(self._high) + len(self._low)

    @property
    def closed(self) -> bool:
        """Whether nothing is taken any more."""
        return self._closed

    @property
    def delayed(self) -> int:
        """How many keys are due later."""
        return len(self._later)

    @property
    def low(self) -> int:
        """How many of those that wait have low priority."""
        return len(self._low)

    @property
    def waiting(self) -> list[Key]:
        """The keys that wait, in the order in which they will be taken."""
        return [*self._high, *self._low]

    @property
    def processing(self) -> dict[Key, float]:
        """The keys being worked on, with the time it began."""
        return {key: began for key, (began, _) in self._processing.items()}

    def is_low(self, key: Key) -> bool:
        """Whether a key that is being worked on had low priority when it was taken."""
        return self._processing[key][1]

    def add(self, key: Key, *, low: bool = False) -> None:
        """Ask for a key to be worked on."""
        if self._closed:
            return
        if key in self._processing:
            self._again[key] = low and self._again.get(key, True)
            self.adds += 1
        elif key in self._low:
            if not low:
                self._high[key] = self._low.pop(key)
        elif key not in self._high:
            (self._low if low else self._high)[key] = self._clock.now()
            self.adds += 1
            self._wake.set()

    def add_after(self, key: Key, seconds: float) -> None:
        """Ask for a key to be worked on after a while; the earliest of several requests counts."""
        if seconds <= 0:
            self.add(key)
            return
        if self._closed:
            return
        due = self._clock.now() + seconds
        if key in self._later:
            known, handle = self._later[key]
            if known <= due:
                return
            handle.cancel()
        self._later[key] = (due, self._clock.call_later(seconds, lambda: self._due(key)))

    def retry(self, key: Key) -> float:
        """Ask for a key again after a failure; returns the delay in seconds."""
        failures = self._failures.get(key, 0)
        self._failures[key] = failures + 1
        self.retries += 1
        delay = min(MAX_SECONDS, BASE_SECONDS * 2.0 ** min(failures, 40))
        self.add_after(key, delay)
        return delay

    def forget(self, key: Key) -> None:
        """Count the failures of a key from zero again."""
        self._failures.pop(key, None)

    def failures(self, key: Key) -> int:
        """How often a key has failed in a row."""
        return self._failures.get(key, 0)

    async def get(self) -> Key | None:
        """Wait for a key and take it; None when the queue is closed."""
        while not self._closed:
            for waiting in (self._high, self._low):
                if waiting:
                    key = next(iter(waiting))
                    added, now = waiting.pop(key), self._clock.now()
                    self._processing[key] = (now, waiting is self._low)
                    self._waited(now - added)
                    return key
            self._wake.clear()
            await self._wake.wait()
        return None

    def done(self, key: Key) -> None:
        """Say that the work on a key has ended, well or not."""
        began, _ = self._processing.pop(key)
        self._worked(self._clock.now() - began)
        low = self._again.pop(key, None)
        if low is not None and not self._closed:
            (self._low if low else self._high)[key] = self._clock.now()
            self._wake.set()

    def close(self) -> None:
        """Take nothing any more and let everyone who waits go."""
        self._closed = True
        for _, handle in self._later.values():
            handle.cancel()
        for waiting in (self._high, self._low, self._again, self._later):
            waiting.clear()
        self._wake.set()

    def _due(self, key: Key) -> None:
        del self._later[key]
        self.add(key)
