"""Selectors: conditions on a map of strings.

`label_selectors.parse_labels` and `field_selectors.parse_fields` read them from a query,
`from_label_selector` from a LabelSelector object; all give requirements that `matches` checks.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Requirement:
    """One condition: key, operator and values."""

    key: str
    operator: str
    values: tuple[str, ...] = ()

    def holds(self, fields: Mapping[str, str]) -> bool:
        """Whether a map of labels or fields meets the condition."""
        return _OPERATORS[self.operator](fields.get(self.key), self.values)


Selector = tuple[Requirement, ...]
_INTEGER = re.compile(r"[+-]?[0-9]+")


def is_integer(text: str) -> bool:
    """Whether a label can be compared with `>` and `<`: a 64-bit integer."""
    return _INTEGER.fullmatch(text) is not None and -(1 << 63) <= int(text) < 1 << 63


def _compare(sign: int) -> Callable[[str | None, tuple[str, ...]], bool]:
    def check(value: str | None, values: tuple[str, ...]) -> bool:
        return value is not None and is_integer(value) and (int(value) - int(values[0])) * sign > 0

    return check


_OPERATORS: dict[str, Callable[[str | None, tuple[str, ...]], bool]] = {
    "in": lambda value, values: value in values,
    "notin": lambda value, values: value not in values,
    "exists": lambda value, _: value is not None,
    "!": lambda value, _: value is None,
    "gt": _compare(1),
    "lt": _compare(-1),
}


def matches(selector: Iterable[Requirement], fields: Mapping[str, str]) -> bool:
    """Whether all requirements hold."""
    return all(requirement.holds(fields) for requirement in selector)


_EXPRESSIONS = {"In": "in", "NotIn": "notin", "Exists": "exists", "DoesNotExist": "!"}


def from_label_selector(selector: Mapping[str, Any] | None) -> Selector:
    """The requirements of a LabelSelector object, as in a Deployment's `spec.selector`."""
    selector = selector or {}
    labels = [
        Requirement(key, "in", (value,))
        for key, value in (selector.get("matchLabels") or {}).items()
    ]
    expressions = [
        Requirement(item["key"], _EXPRESSIONS[item["operator"]], tuple(item.get("values") or ()))
        for item in selector.get("matchExpressions") or ()
    ]
    return (*labels, *expressions)


def format_label_selector(selector: Mapping[str, Any] | None) -> str:
    """A LabelSelector object as text, as scale subresources show it."""
    texts = []
    for requirement in from_label_selector(selector):
        values = ",".join(sorted(requirement.values))
        texts.append(
            {
                "in": f"{requirement.key} in ({values})"
                if len(requirement.values) > 1
                else f"{requirement.key}={values}",
                "notin": f"{requirement.key} notin ({values})",
                "exists": requirement.key,
                "!": f"!{requirement.key}",
            }[requirement.operator]
        )
    return ",".join(sorted(texts))
