"""What the API server has against label selectors and the names in them.

Source: apimachinery's validation of meta/v1 LabelSelector.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

_NAME = r"[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?"
_SUBDOMAIN = r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*"
_HINT = 'write it as {"matchLabels": {...}, "matchExpressions": [{...}]}'
OPERATORS = {"In": True, "NotIn": True, "Exists": False, "DoesNotExist": False}
"""The operators, and whether they have values."""


def is_subdomain(text: str) -> bool:
    """Whether a text is a DNS-1123 subdomain."""
    return len(text) <= 253 and bool(re.fullmatch(_SUBDOMAIN, text))


def is_label(text: str) -> bool:
    """Whether a text is a DNS-1123 label, as the names of namespaces are."""
    return len(text) <= 63 and is_subdomain(text) and "." not in text


def is_qualified_name(text: str) -> bool:
    """Whether a text is a name such as `tier` or `example.org/tier`."""
    prefix, slash, name = text.rpartition("/")
    return bool(re.fullmatch(_NAME, name)) and (not slash or is_subdomain(prefix))


def selector_faults(selector: Any) -> Iterator[tuple[str, str]]:
    """What is wrong with a label selector in JSON names, each with how to mend it."""
    if not isinstance(selector, Mapping):
        yield f"{selector!r} is no label selector", _HINT
        return
    for key in selector.keys() - {"matchLabels", "matchExpressions"}:
        yield f"unknown field {key!r}", _HINT
    labels, expressions = selector.get("matchLabels", {}), selector.get("matchExpressions", [])
    if not isinstance(labels, Mapping) or not isinstance(expressions, (list, tuple)):
        yield "matchLabels is an object and matchExpressions a list", _HINT
        return
    for key, value in labels.items():
        yield from _key(key)
        yield from _value(value)
    for expression in expressions:
        yield from _expression(expression)


def _expression(expression: Any) -> Iterator[tuple[str, str]]:
    form = 'write {"key": "tier", "operator": "In", "values": ["web"]}'
    keys = set(expression) if isinstance(expression, Mapping) else set()
    if not {"key", "operator"} <= keys <= {"key", "operator", "values"}:
        yield f"{expression!r} is no label selector requirement", form
        return
    yield from _key(expression["key"])
    operator, values = expression["operator"], expression.get("values") or []
    if operator not in OPERATORS:
        yield f"{operator!r}: not a valid selector operator", f"use one of {', '.join(OPERATORS)}"
    elif OPERATORS[operator] and not values:
        yield "values must be specified when `operator` is 'In' or 'NotIn'", form
    elif not OPERATORS[operator] and values:
        message = "values may not be specified when `operator` is 'Exists' or 'DoesNotExist'"
        yield message, "drop the values"
    for value in values:
        yield from _value(value)


def _key(key: Any) -> Iterator[tuple[str, str]]:
    if not isinstance(key, str) or not is_qualified_name(key):
        yield f"{key!r} is no label key", "write it as tier or example.org/tier"


def _value(value: Any) -> Iterator[tuple[str, str]]:
    if not isinstance(value, str) or (value and not re.fullmatch(_NAME, value)):
        hint = "write a string of at most 63 letters, digits, dashes, underscores and dots"
        yield f"{value!r} is no label value", hint
