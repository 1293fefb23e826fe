"""Work of an operator that no object asks for: at its start, or again and again.

```python
@on_start
async def warm_up(ctx: OperatorContext) -> None: ...

@periodic(every=300)
async def report(ctx: OperatorContext) -> None: ...
```

Such functions stand in a module of `<package>.controllers`, beside the controllers.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, TypeVar, overload

from opgen.api.callables import check_context
from opgen.api.errors import Location

Function = TypeVar("Function", bound=Callable[[Any], Any])


@dataclass(frozen=True, kw_only=True, slots=True)
class RunnableInfo:
    """What `on_start` or `periodic` was told.

    Attributes:
        name: For logs and metrics.
        every: Seconds between two runs; None for once, at the start.
        everywhere: Whether every replica runs it, or only the one that works.
        location: Where the function stands.
    """

    name: str
    every: float | None
    everywhere: bool
    location: Location = field(compare=False)


@overload
def on_start(function: Function, /) -> Function: ...
@overload
def on_start(*, everywhere: bool = False) -> Callable[[Function], Function]: ...
def on_start(function: Any = None, /, *, everywhere: bool = False) -> Any:
    """Run a function once, when the caches are filled and before the first reconcile.

    If it raises, the operator does not start.

    Args:
        function: A function that takes an `OperatorContext`, or a `SyncOperatorContext` if it is
            not asynchronous.
        everywhere: In every replica, rather than only in the one that works.

    Raises:
        TypeError: it takes something else.
    """

    def decorate(decorated: Function) -> Function:
        return _attach(decorated, None, everywhere)

    return decorate if function is None else decorate(function)


def periodic(
    *, every: float | timedelta, everywhere: bool = False
) -> Callable[[Function], Function]:
    """Run a function at the start and then again and again.

    If it raises, that is logged and counted, and it runs again when its time comes.

    Args:
        every: Seconds, or a timedelta, from the end of one run to the beginning of the next.
        everywhere: In every replica, rather than only in the one that works.

    Raises:
        TypeError: the function takes something else than one `OperatorContext`.
        ValueError: `every` is not positive.
    """
    seconds = every.total_seconds() if isinstance(every, timedelta) else float(every)
    if not seconds > 0:
        raise ValueError(f"every must be positive, not {seconds:g} seconds")

    def decorate(function: Function) -> Function:
        return _attach(function, seconds, everywhere)

    return decorate


def _attach(function: Function, every: float | None, everywhere: bool) -> Function:
    code = function.__code__
    name = function.__qualname__
    if code.co_argcount != 1:
        raise TypeError(f"{name} must take one argument, an OperatorContext")
    check_context(function)
    location = Location(code.co_filename, code.co_firstlineno)
    function.__opgen_runnable__ = RunnableInfo(  # type: ignore[attr-defined]
        name=name, every=every, everywhere=everywhere, location=location
    )
    return function


def runnable_info(function: Any) -> RunnableInfo | None:
    """What `on_start` or `periodic` was told about a function, or None."""
    info = getattr(function, "__opgen_runnable__", None)
    return info if isinstance(info, RunnableInfo) else None
