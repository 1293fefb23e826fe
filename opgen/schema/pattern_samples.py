"""Texts that match a regular expression, found by reading its parts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

# Python's own parser of regular expressions has moved, and has no public name.
from re import _parser as parser  # type: ignore[attr-defined]  # isort: skip

_MOST = 64
_LETTERS = "aA0-._/ :@"
_KINDS = {"CATEGORY_DIGIT": "0", "CATEGORY_WORD": "a", "CATEGORY_SPACE": " "}


def matching(pattern: str) -> Iterator[str]:
    """A few texts that most likely match, with as little as repetitions take and with more."""
    try:
        parts = list(parser.parse(pattern))
    except (re.error, OverflowError, RecursionError):
        return  # Go's syntax is not quite Python's
    for more in range(3):
        yield _text(parts, more)


def _text(parts: Any, more: int) -> str:
    return "".join(_part(str(name), argument, more) for name, argument in parts)


def _part(name: str, argument: Any, more: int) -> str:
    if name == "LITERAL":
        return chr(argument)
    if name == "NOT_LITERAL":
        return next(letter for letter in _LETTERS if ord(letter) != argument)
    if name == "ANY":
        return "a"
    if name == "IN":
        return _letter(argument)
    if name == "BRANCH":
        choices = argument[1]
        return str(_text(choices[min(more, len(choices) - 1)], more))
    if name == "SUBPATTERN":
        return str(_text(argument[-1], more))
    if name in ("MAX_REPEAT", "MIN_REPEAT"):
        low, high, inner = argument
        times = min(low + more, int(high), max(low, _MOST))
        return str(_text(inner, more) * times)
    return ""


def _letter(choices: Any) -> str:
    """One letter of a class."""
    if str(choices[0][0]) == "NEGATE":
        excluded = list(choices[1:])
        return next((one for one in _LETTERS if not _is_among(one, excluded)), "a")
    for letter in _LETTERS:
        if _is_among(letter, choices):
            return letter
    name, argument = choices[0]
    return chr(argument[0] if str(name) == "RANGE" else argument)


def _is_among(letter: str, choices: Any) -> bool:
    for name, argument in choices:
        kind = str(name)
        if kind == "LITERAL" and ord(letter) == argument:
            return True
        if kind == "RANGE" and argument[0] <= ord(letter) <= argument[1]:
            return True
        if kind == "CATEGORY" and _KINDS.get(str(argument)) == letter:
            return True
    return False
