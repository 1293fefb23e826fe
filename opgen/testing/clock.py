"""Time and identities, which tests may want to decide."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from functools import lru_cache


class Clock:
    """The system's time, and random uids."""

    runs = True
    """Whether time passes by itself."""

    def on_advance(self, told: Callable[[], None]) -> None:
        """Call something whenever the clock is moved; this one never is."""

    def now(self) -> float:
        """Seconds since the epoch."""
        return time.time()

    def uid(self) -> str:
        """A new uid."""
        return str(uuid.uuid4())


class ManualClock(Clock):
    """A clock that stands still until it is moved."""

    runs = False

    def __init__(self, start: float = 1_700_000_000.0) -> None:
        self.time = start
        self._told: list[Callable[[], None]] = []

    def on_advance(self, told: Callable[[], None]) -> None:
        """Call something whenever the clock is moved, in the thread that moves it."""
        self._told.append(told)

    def now(self) -> float:
        """The time it was moved to."""
        return self.time

    def advance(self, seconds: float) -> None:
        """Move it; what is due then happens, such as the Jobs of CronJobs."""
        self.time += seconds
        for told in tuple(self._told):
            told()


def timestamp(seconds: float) -> str:
    """A time as metadata has it, to the second."""
    return _timestamp(int(seconds // 1))


@lru_cache(maxsize=16)
def _timestamp(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
