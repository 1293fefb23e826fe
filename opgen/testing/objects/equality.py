"""Whether two JSON values are equal; to Python True is 1, to JSON it is not."""

from __future__ import annotations

from typing import Any


def equal(one: Any, other: Any) -> bool:
    """Whether two values say the same, whatever the order of their keys."""
    return bool(one == other) and _agree(one, other)


def _agree(one: Any, other: Any) -> bool:
    """Whether in two values that Python takes for equal, truth values have the same places."""
    if isinstance(one, dict):
        return all(_agree(value, other[name]) for name, value in one.items())
    if isinstance(one, list):
        return all(map(_agree, one, other))
    return isinstance(one, bool) is isinstance(other, bool)
