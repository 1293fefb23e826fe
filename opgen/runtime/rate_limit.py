"""A limit on the requests that a client sends, for servers that do not protect themselves."""

from __future__ import annotations

from opgen.runtime.clock import SYSTEM_CLOCK, Clock


class RateLimit:
    """A bucket of tokens: one for each request, refilled at a steady rate.

    Who finds it empty waits for the token that will be theirs, so requests go in order.
    """

    def __init__(self, per_second: float, burst: int, *, clock: Clock = SYSTEM_CLOCK) -> None:
        self._per_second = per_second
        self._burst = float(burst)
        self._clock = clock
        self._tokens = self._burst
        self._at = clock.now()

    async def take(self) -> float:
        """Wait until a request may be sent; returns the seconds that took."""
        now = self._clock.now()
        refilled = self._tokens + (now - self._at) * self._per_second
        self._tokens = min(self._burst, refilled) - 1
        self._at = now
        wait = max(0.0, -self._tokens / self._per_second)
        if wait:
            await self._clock.sleep(wait)
        return wait
