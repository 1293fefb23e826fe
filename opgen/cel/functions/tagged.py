"""Values of the types that Kubernetes adds, as maps that the library can carry."""

from __future__ import annotations

from typing import Any

_TAG = "@type"
_VALUE = "value"
Tagged = dict[str, Any]


def tagged(kind: str, value: Any) -> Tagged:
    """A value of a type; equal values of one type must have equal content."""
    return {_TAG: kind, _VALUE: value}


def kind(value: Any) -> str:
    """The type of a tagged value; nothing for any other value."""
    return str(value.get(_TAG, "")) if isinstance(value, dict) else ""


def content(value: Any, expected: str) -> Any:
    """The content of a value of a type.

    Raises:
        ValueError: it is of another type.
    """
    if kind(value) != expected:
        raise ValueError("no such overload")
    return value[_VALUE]
