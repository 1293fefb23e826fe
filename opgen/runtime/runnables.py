"""Running what `on_start` and `periodic` have declared."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from opgen.api.errors import Problem, Problems
from opgen.api.resources import ResourceKind
from opgen.api.runnables import RunnableInfo
from opgen.runtime.blocking import call
from opgen.runtime.client import Client
from opgen.runtime.clock import Clock
from opgen.runtime.errors import ApiError, Unreachable
from opgen.runtime.logs import bind
from opgen.runtime.metrics import Metrics
from opgen.runtime.operator import OperatorContext
from opgen.runtime.store import Store

log = logging.getLogger("opgen.runnable")

Declared = Iterable[tuple[RunnableInfo, Callable[[Any], Any]]]


class Runnables:
    """The functions that an operator runs beside its controllers."""

    def __init__(
        self,
        declared: Declared,
        client: Client,
        stores: Mapping[ResourceKind, Store],
        metrics: Metrics,
        clock: Clock,
    ) -> None:
        self._declared = list(declared)
        self._client = client
        self._stores = stores
        self._metrics = metrics
        self._clock = clock

    async def start(self, *, everywhere: bool) -> None:
        """Run those that run once, one after the other.

        Raises:
            Problems: one of them has failed.
        """
        for info, function in self._declared:
            if info.every is None and info.everywhere == everywhere:
                try:
                    await self._call(info, function)
                except Exception as error:
                    expected = isinstance(error, (ApiError, Unreachable, Problems))
                    log.error("%s failed", info.name, exc_info=None if expected else error)
                    message = f"{info.name} failed: {error or type(error).__name__}"
                    raise Problems([Problem(message, location=info.location)]) from error

    def repeats(self, *, everywhere: bool) -> bool:
        """Whether there are any that run again and again."""
        return any(i.every is not None and i.everywhere == everywhere for i, _ in self._declared)

    async def repeat(self, *, everywhere: bool) -> None:
        """Run those that run again and again, side by side, until cancelled."""
        chosen = [
            self._again(info, function, info.every)
            for info, function in self._declared
            if info.every is not None and info.everywhere == everywhere
        ]
        await asyncio.gather(*chosen)

    async def _again(
        self, info: RunnableInfo, function: Callable[[Any], Any], seconds: float
    ) -> None:
        while True:
            result = "success"
            try:
                await self._call(info, function)
            except Exception as error:
                result = "error"
                expected = isinstance(error, (ApiError, Unreachable, Problems))
                log.error(
                    "%s failed, and runs again in %g s: %s",
                    *(info.name, seconds, error),
                    exc_info=None if expected else error,
                )
            self._metrics.count("opgen_runnable_runs", runnable=info.name, result=result)
            await self._clock.sleep(seconds)

    async def _call(self, info: RunnableInfo, function: Callable[[Any], Any]) -> None:
        context = OperatorContext(self._client, self._stores, bind(log, runnable=info.name))
        await call(function, context=context)
