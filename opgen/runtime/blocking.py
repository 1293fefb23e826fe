"""Calling users' functions, asynchronous or not.

Plain functions run in threads of their own. asyncio's threads would not do: they are few, the
resolver of host names is among those who wait for one, and the end of a process waits for them.
"""

from __future__ import annotations

import asyncio
import contextvars
import inspect
import threading
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any, TypeVar

from opgen.runtime.context import Context
from opgen.runtime.reader import Reader
from opgen.runtime.sync_context import SyncContext, SyncOperatorContext

T = TypeVar("T")


class Interrupted(RuntimeError):
    """Something that a user's function awaited was cancelled, and nobody has cancelled the call."""


async def call(
    function: Callable[..., Any],
    *args: Any,
    context: Reader,
    stays: Callable[[], bool] = lambda: False,
) -> Any:
    """Call a user's function with a context as its last argument: here, or in a thread.

    Args:
        function: The function.
        args: Its first arguments.
        context: Its last one; a plain function gets one that waits.
        stays: Says, when the call is cancelled, whether to wait for the thread all the same, which
            cannot be ended.

    Raises:
        Interrupted: something that it awaited was cancelled.
        BaseException: what the function raises.
    """
    if inspect.iscoroutinefunction(function):
        return await awaited(function(*args, context))
    loop = asyncio.get_running_loop()
    waiting = (
        SyncContext(context, loop)
        if isinstance(context, Context)
        else SyncOperatorContext(context, loop)
    )
    thread = in_thread(function, *args, waiting)
    try:
        return await awaited(asyncio.shield(thread))
    except asyncio.CancelledError:
        if stays():
            await asyncio.wait([thread])
        raise


async def awaited(work: Awaitable[T]) -> T:
    """Await what a user's function does.

    Raises:
        Interrupted: something that it awaited was cancelled, and this task was not.
    """
    try:
        return await work
    except asyncio.CancelledError as error:
        task = asyncio.current_task()
        if task is not None and task.cancelling():
            raise
        raise Interrupted("something that was awaited has been cancelled") from error


def in_thread(function: Callable[..., T], *args: Any) -> asyncio.Future[T]:
    """Call a function in a thread that nobody waits for at the end of the process."""
    loop = asyncio.get_running_loop()
    future: asyncio.Future[Any] = loop.create_future()
    variables = contextvars.copy_context()

    def settle(result: Any, error: BaseException | None) -> None:
        if future.done():
            return
        if error is None:
            future.set_result(result)
        else:
            future.set_exception(error)

    def work() -> None:
        result: Any = None
        error: BaseException | None = None
        try:
            result = variables.run(function, *args)
        except StopIteration as raised:  # no future takes it
            error = RuntimeError("StopIteration was raised")
            error.__cause__ = raised
        except BaseException as raised:
            error = raised
        with suppress(RuntimeError):  # the event loop has ended meanwhile
            loop.call_soon_threadsafe(settle, result, error)

    name = f"opgen-{getattr(function, '__qualname__', 'function')}"
    threading.Thread(target=work, name=name, daemon=True).start()
    return future
