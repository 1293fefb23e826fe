"""What `Cluster.eventually` needs: one attempt at a check, and the words for waiting in vain."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from opgen.runtime.client import ApiError
from opgen.testing.history import History

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


def explain(timeout: float, value: Any, doubt: Exception | None, history: History) -> str:
    """Why it is no use to wait any longer."""
    lines = [f"it did not happen within {timeout:g} s; the check gave {value!r}"]
    if doubt is not None:
        lines[0] = f"it did not happen within {timeout:g} s; the check failed: {doubt}"
    changes = history.describe()
    if changes:
        lines += ["the last changes in the store:", changes]
    return "\n".join(lines)
