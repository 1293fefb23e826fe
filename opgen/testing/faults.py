"""Faults on order: what a test wants to go wrong.

```python
kube.faults.add(Fault(verb="update", resource="webservers", code=409, times=1))
```
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from opgen.testing.errors import StatusError
from opgen.testing.web.requests import RequestInfo

_REASONS = {
    400: "BadRequest",
    401: "Unauthorized",
    403: "Forbidden",
    404: "NotFound",
    409: "Conflict",
    410: "Expired",
    429: "TooManyRequests",
    500: "InternalError",
    503: "ServiceUnavailable",
    504: "Timeout",
}


@dataclass(slots=True)
class Fault:
    """What goes wrong, for which requests, and how often.

    Empty `verb`, `resource` and `name` fit every request; `times` of None never ends.

    Attributes:
        delay: Seconds to wait before anything else.
        code: Answer with a Status of this code instead of doing the work.
        drop: Close the connection without an answer.
        stall: Answer only when the fault is removed, or all are cleared.
        retry_after: The Retry-After header of the answer, in seconds.
    """

    verb: str = ""
    resource: str = ""
    name: str = ""
    times: int | None = 1
    delay: float = 0.0
    code: int = 0
    drop: bool = False
    stall: bool = False
    retry_after: int = 0

    def fits(self, info: RequestInfo) -> bool:
        """Whether it is meant for a request."""
        return (
            self.verb in ("", info.verb)
            and self.resource in ("", info.full_resource)
            and self.name in ("", info.name)
        )

    def error(self) -> StatusError:
        """The error to answer with."""
        details = {"retryAfterSeconds": self.retry_after} if self.retry_after else None
        reason = _REASONS.get(self.code, "")
        return StatusError(self.code, reason, f"injected fault: {self.code} {reason}", details)


class Faults:
    """The faults that are still to happen."""

    def __init__(self) -> None:
        self._faults: list[Fault] = []
        self._stalled: list[tuple[Fault, asyncio.AbstractEventLoop, asyncio.Event]] = []

    def add(self, fault: Fault) -> None:
        """Order a fault."""
        self._faults.append(fault)

    def remove(self, fault: Fault) -> None:
        """Cancel one, if it is still to happen."""
        self._faults = [item for item in self._faults if item is not fault]
        self._release(fault)

    def clear(self) -> None:
        """Cancel all."""
        self._faults.clear()
        self._release(None)

    def _release(self, fault: Fault | None) -> None:
        """Let the requests go on that a fault holds, or all that any does."""
        for held, loop, released in tuple(self._stalled):
            if fault is None or held is fault:
                loop.call_soon_threadsafe(released.set)

    @property
    def stalled(self) -> int:
        """How many requests wait for a fault to be removed."""
        return len(self._stalled)

    async def stall(self, fault: Fault) -> None:
        """Wait until a fault is removed."""
        entry = (fault, asyncio.get_running_loop(), asyncio.Event())
        self._stalled.append(entry)
        try:
            await entry[2].wait()
        finally:
            self._stalled.remove(entry)

    def take(self, info: RequestInfo) -> Fault | None:
        """The fault for a request, if there is one; counts it."""
        for fault in self._faults:
            if fault.fits(info):
                if fault.times is not None:
                    fault.times -= 1
                    if fault.times <= 0:
                        self._faults.remove(fault)
                return fault
        return None
