"""Reading request bodies, whatever comes: half, malformed, too deep, or a bomb.

What cannot be read is said in the words of Go's decoders; `objects` and `patch_bodies` say of what.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import msgspec

from opgen.testing.objects.go_json import syntax_error

_TOO_DEEP = "invalid character '[' exceeded max depth"
_LONG_NUMBER = re.compile(rb"\d{19}")
_NAMES = {
    dict: "object",
    list: "array",
    str: "string",
    bool: "bool",
    int: "number",
    float: "number",
}


class Unreadable(Exception):
    """A body that cannot be read; the text is that of Go's decoder.

    `document` is what there is if only numbers are out of range.
    """

    def __init__(self, detail: str, document: Any = None) -> None:
        super().__init__(detail)
        self.document = document


def read_json(body: bytes) -> Any:
    """A body as JSON.

    Raises:
        Unreadable: it is none.
    """
    try:
        found = msgspec.json.decode(body)
        return with_floats(found) if _LONG_NUMBER.search(body) else found
    except RecursionError:
        raise Unreadable(syntax_error(body) or _TOO_DEEP) from None
    except (UnicodeDecodeError, msgspec.DecodeError):
        # As Go's decoder, which puts U+FFFD where the bytes are no UTF-8.
        readable = _ESCAPE.sub(_paired, body.decode(errors="replace").encode())
        if readable != body:
            return read_json(readable)
    mistake = syntax_error(body)
    if mistake:
        raise Unreadable(mistake)
    raise _out_of_range(body)


def _out_of_range(body: bytes) -> Unreadable:
    """The error of JSON with numbers that no float can hold."""
    numbers: list[str] = []

    def number(text: str) -> float:
        value = float(text)
        if value in (float("inf"), float("-inf")):
            numbers.append(text)
        return value

    document = json.loads(body, parse_float=number)
    first = numbers[0] if numbers else ""
    return Unreadable(cannot_unmarshal(f"number {first}", "float64"), document)


def cannot_unmarshal(what: str, wanted: str) -> str:
    """Go's sentence about a value that has another type."""
    return f"json: cannot unmarshal {what} into Go value of type {wanted}"


def go_name(value: Any) -> str:
    """What Go calls the type of a JSON value."""
    return _NAMES.get(type(value), "null")


# Escapes of JSON: surrogates in pairs, surrogates alone, and all others.
_ESCAPE = re.compile(
    rb"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}"
    rb"|(?P<lone>\\u[dD][89a-fA-F][0-9a-fA-F]{2})|\\."
)


def _paired(escape: re.Match[bytes]) -> bytes:
    """An escape; for half a surrogate pair U+FFFD, as Go's decoder has it."""
    return b"\\ufffd" if escape["lone"] else escape[0]


def with_floats(value: Any) -> Any:
    """The document with integers beyond 64 bits as floats."""
    if isinstance(value, dict):
        return {key: with_floats(item) for key, item in value.items()}
    if isinstance(value, list):
        return [with_floats(item) for item in value]
    if isinstance(value, int) and not -(1 << 63) <= value < 1 << 63:
        return float(value)
    return value


def duplicates(body: bytes, document: Any) -> list[str]:
    """The paths of fields that a JSON body has more than once; `document` is what was read."""
    if body.count(b'":') == _fields(document):
        return []
    return list(dict.fromkeys(_twice(json.loads(body, object_pairs_hook=_Pairs), "")))


def _fields(value: Any) -> int:
    if isinstance(value, dict):
        return len(value) + sum(map(_fields, value.values()))
    return sum(map(_fields, value)) if isinstance(value, list) else 0


class _Pairs(list[tuple[str, Any]]):
    """An object of JSON as it is written."""


def _twice(value: Any, path: str) -> Iterator[str]:
    if isinstance(value, _Pairs):
        seen = set()
        for name, item in value:
            below = f"{path}.{name}" if path else name
            if name in seen:
                yield below
            seen.add(name)
            yield from _twice(item, below)
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _twice(item, f"{path}[{index}]")
