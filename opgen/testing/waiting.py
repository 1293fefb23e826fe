"""What `Cluster.eventually` needs: one attempt at a check, and the words for waiting in vain."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from opgen.runtime.client import ApiError
from opgen.testing.history import History
from opgen.testing.readings import Readings

T = TypeVar("T")


def attempt(check: Callable[[], T]) -> tuple[T | None, Exception | None]:
    """The value of a check, or the doubt: a failed assertion, or an object that is not there."""
    try:
        return check(), None
    except AssertionError as doubt:
        return None, doubt
    except ApiError as doubt:
        if doubt.code != 404:
            raise
        return None, doubt


def explain(
    timeout: float, value: Any, doubt: Exception | None, readings: Readings, history: History
) -> str:
    """Why it is no use to wait any longer: what the check said, what it read, what happened."""
    lines = [f"it did not happen within {timeout:g} s; the check gave {value!r}"]
    if doubt is not None:
        lines[0] = f"it did not happen within {timeout:g} s; the check failed: {_text(doubt)}"
    for title, text in (
        ("what the check read, state by state:", readings.describe()),
        ("the last changes in the store:", history.describe()),
    ):
        if text:
            lines += [title, text]
    return "\n".join(lines)


def _text(doubt: Exception) -> str:
    return str(doubt) or type(doubt).__name__
