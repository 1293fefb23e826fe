"""Contexts for plain functions, which run in threads of their own and wait where others await."""

from __future__ import annotations

import asyncio
import functools
import inspect
from collections.abc import Callable
from typing import Any


class BlockingContext:
    """A context whose asynchronous methods wait. It has all that the one it is made of has."""

    def __init__(self, context: Any, loop: asyncio.AbstractEventLoop) -> None:
        self._context = context
        self._loop = loop

    def __getattr__(self, name: str) -> Any:
        value = getattr(self._context, name)
        return self._blocking(value) if inspect.ismethod(value) else value

    def _blocking(self, method: Callable[..., Any]) -> Callable[..., Any]:
        async def call(*args: Any, **options: Any) -> Any:
            result = method(*args, **options)
            return await result if inspect.isawaitable(result) else result

        @functools.wraps(method)
        def wait(*args: Any, **options: Any) -> Any:
            return asyncio.run_coroutine_threadsafe(call(*args, **options), self._loop).result()

        return wait


async def call(function: Callable[..., Any], *args: Any, context: Any) -> Any:
    """Call a user's function with a context as its last argument: here, or in a thread."""
    if inspect.iscoroutinefunction(function):
        return await function(*args, context)
    blocking = BlockingContext(context, asyncio.get_running_loop())
    return await asyncio.to_thread(function, *args, blocking)
