"""Time and chance, in one place, so that tests can hold both in their hands."""

from __future__ import annotations

import asyncio
import random
import time
from abc import abstractmethod
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Protocol


class Handle(Protocol):
    """A call that is due later."""

    @abstractmethod
    def cancel(self) -> None:
        """Do not make the call after all."""


class Clock(Protocol):
    """What the runtime asks for time and chance."""

    @abstractmethod
    def now(self) -> float:
        """Seconds that only ever grow; for durations."""

    @abstractmethod
    def wall(self) -> datetime:
        """The time of day, in UTC; for what is written into objects."""

    @abstractmethod
    async def sleep(self, seconds: float) -> None:
        """Wait."""

    @abstractmethod
    def call_later(self, seconds: float, function: Callable[[], None]) -> Handle:
        """Call a function after a while, in the running event loop."""

    @abstractmethod
    def random(self) -> float:
        """A number in [0, 1)."""


class SystemClock:
    """The real thing."""

    def now(self) -> float:
        """Seconds that only ever grow; for durations."""
        return time.monotonic()

    def wall(self) -> datetime:
        """The time of day, in UTC."""
        return datetime.now(UTC)

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        await asyncio.sleep(seconds)

    def call_later(self, seconds: float, function: Callable[[], None]) -> Handle:
        """Call a function after a while, in the running event loop."""
        return asyncio.get_running_loop().call_later(seconds, function)

    def random(self) -> float:
        """A number in [0, 1)."""
        return random.random()  # noqa: S311 - spreads load, guards no secret


SYSTEM_CLOCK = SystemClock()


class Backoff:
    """Delays that double with every failure, with jitter, and start over after a healthy while.

    The delay of the n-th failure in a row is `base * 2**n`, at most `cap`, times a random factor
    between 1 and `1 + jitter`.
    """

    def __init__(
        self,
        *,
        base: float = 0.8,
        cap: float = 30.0,
        jitter: float = 1.0,
        healthy_after: float = 120.0,
        clock: Clock = SYSTEM_CLOCK,
    ) -> None:
        self._base = base
        self._cap = cap
        self._jitter = jitter
        self._healthy_after = healthy_after
        self._clock = clock
        self._failures = 0
        self._last = clock.now()

    def next(self) -> float:
        """Count a failure and return the seconds to wait."""
        now = self._clock.now()
        if now - self._last > self._healthy_after:
            self._failures = 0
        delay = min(self._cap, self._base * float(2 ** min(self._failures, 30)))
        delay *= 1 + self._jitter * self._clock.random()
        self._failures += 1
        self._last = now + delay
        return delay

    def reset(self) -> None:
        """Start over."""
        self._failures = 0
