"""Functions of lists and of regular expressions that CEL itself has not got."""

from __future__ import annotations

import datetime
import itertools
from collections.abc import Callable, Iterator
from typing import Any

from opgen import regex
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
    return next(_found(text, pattern), "")


def find_all(text: str, pattern: str, most: int = -1) -> list[str]:
    """The function `findAll`."""
    return list(itertools.islice(_found(text, pattern), None if most < 0 else most))


def plain(value: Any) -> Any:
    """A value in a form that the library takes back."""
    if isinstance(value, (datetime.datetime, datetime.timedelta)):
        return timing.from_python(value)
    return value


def _same(left: Any, right: Any) -> bool:
    return isinstance(left, bool) == isinstance(right, bool) and bool(left == right)


def _found(text: str, pattern: str) -> Iterator[str]:
    try:
        yield from regex.find_all(pattern, text)
    except ValueError as error:
        raise ValueError(f"Illegal regex: {error}") from None
