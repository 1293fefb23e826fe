"""Calling users' functions, asynchronous or not."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Callable
from typing import Any

from opgen.runtime.context import Context
from opgen.runtime.reader import Reader
from opgen.runtime.sync_context import SyncContext, SyncOperatorContext


async def call(function: Callable[..., Any], *args: Any, context: Reader) -> Any:
    """Call a user's function with a context as its last argument: here, or in a thread."""
    if inspect.iscoroutinefunction(function):
        return await function(*args, context)
    loop = asyncio.get_running_loop()
    waiting = (
        SyncContext(context, loop)
        if isinstance(context, Context)
        else SyncOperatorContext(context, loop)
    )
    return await asyncio.to_thread(function, *args, waiting)
