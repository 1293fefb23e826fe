"""Functions of lists and of regular expressions that CEL itself has not got."""

from __future__ import annotations

import datetime
import itertools
import re
from collections.abc import Callable
from typing import Any

from opgen.cel import timing


def is_sorted(items: list[Any]) -> bool:
    """The function `isSorted`."""
    return all(left <= right for left, right in itertools.pairwise(items))


def total(items: list[Any]) -> Any:
    """The function `sum`; nothing adds up to 0."""
    if items and isinstance(items[0], datetime.timedelta):
        return plain(sum(items, datetime.timedelta()))
    found = sum(items)
    if isinstance(found, int) and not -(2**63) <= found < 2**64:
        raise ValueError("integer overflow")
    return found


def extreme(name: str, choose: Callable[[list[Any]], Any]) -> Callable[[list[Any]], Any]:
    """The functions `min` and `max`."""

    def function(items: list[Any]) -> Any:
        if not items:
            raise ValueError(f"{name} called on empty list")
        return plain(choose(items))

    return function


def index_of(items: list[Any], item: Any) -> int:
    """The function `indexOf` of a list."""
    return next((index for index, own in enumerate(items) if _same(own, item)), -1)


def last_index_of(items: list[Any], item: Any) -> int:
    """The function `lastIndexOf` of a list."""
    found = index_of(items[::-1], item)
    return found if found < 0 else len(items) - 1 - found


def find(text: str, pattern: str) -> str:
    """The function `find`."""
    found = _compiled(pattern).search(text)
    return found[0] if found else ""


def find_all(text: str, pattern: str, most: int = -1) -> list[str]:
    """The function `findAll`."""
    found = [match[0] for match in _compiled(pattern).finditer(text)]
    return found if most < 0 else found[:most]


def plain(value: Any) -> Any:
    """A value in a form that the library takes back."""
    if isinstance(value, (datetime.datetime, datetime.timedelta)):
        return timing.from_python(value)
    return value


def _same(left: Any, right: Any) -> bool:
    return isinstance(left, bool) == isinstance(right, bool) and bool(left == right)


def _compiled(pattern: str) -> re.Pattern[str]:
    try:
        return re.compile(pattern, re.ASCII)
    except re.error as error:
        raise ValueError(f"Illegal regex: {error}") from None
