"""What users' functions must be like, told where they are declared."""

from __future__ import annotations

from inspect import CO_COROUTINE
from typing import Any

WAITING = {"Context": "SyncContext", "OperatorContext": "SyncOperatorContext"}
"""The contexts of asynchronous functions, and those of plain ones."""


def is_coroutine(function: Any) -> bool:
    """Whether a function is declared with `async def`."""
    code = getattr(function, "__code__", None)
    return code is not None and bool(code.co_flags & CO_COROUTINE)


def refuse_coroutine(function: Any, why: str) -> None:
    """Raise TypeError if a function is asynchronous."""
    if is_coroutine(function):
        raise TypeError(f"{function.__qualname__} must be a plain function: it {why}")


def check_context(function: Any) -> None:
    """Raise TypeError if the last parameter is annotated with a context for the other kind.

    The methods of `Context` are awaited and those of `SyncContext` wait, so a function that is
    declared to get the one and gets the other would be checked against the wrong types.
    """
    code = function.__code__
    parameter = code.co_varnames[code.co_argcount - 1] if code.co_argcount else ""
    annotation = function.__annotations__.get(parameter)
    name = getattr(annotation, "__name__", str(annotation)).rpartition(".")[2]
    asynchronous = is_coroutine(function)
    for awaited, waiting in WAITING.items():
        wrong, right = (waiting, awaited) if asynchronous else (awaited, waiting)
        if name == wrong:
            what = "asynchronous" if asynchronous else "a plain function"
            said = f"{parameter}: {wrong}"
            hint = f"write {parameter}: {right}" + ("" if asynchronous else ", or async def")
            raise TypeError(f"{function.__qualname__} is {what} and takes {said}; {hint}")
