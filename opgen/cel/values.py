"""JSON values as the values that rules see, by their schema."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from opgen.cel import timing
from opgen.cel.declared import EMBEDDED, INT_OR_STRING, Schema, with_object_meta
from opgen.cel.names import RESERVED, escape

_Value = TypeVar("_Value")
_LIST_TYPE = "x-kubernetes-list-type"
_LIST_KEYS = "x-kubernetes-list-map-keys"


class UnreadableValueError(ValueError):
    """A value that its schema does not allow, in the API server's words."""


def convert(value: Any, schema: Schema, is_resource: bool = False) -> Any:
    """A JSON value as an expression sees it.

    Numbers, dates, durations and bytes become what their format says; the fields of objects get
    their identifiers, and those that are null are left out. What the schema does not know stays as
    it is.

    Raises:
        UnreadableValueError: the value is not as the schema says.
    """
    if value is None or schema.get(INT_OR_STRING):
        return value
    kind = schema.get("type")
    if kind == "object" and isinstance(value, dict):
        return _object(value, with_object_meta(schema) if is_resource else schema)
    if kind == "array" and isinstance(value, list):
        items = schema.get("items") or {}
        return [_below(item, items) for item in value]
    if kind == "number" and isinstance(value, int):
        return float(value)
    if kind == "string" and isinstance(value, str):
        reader = _FORMATS.get(str(schema.get("format")))
        return reader(value) if reader else value
    return value


def aligned(old: Any, new: Any, schema: Schema) -> Any:
    """The old JSON value with sets and list maps in the new value's order.

    The API server compares such lists without regard to order; the library compares lists as they
    stand.
    """
    if isinstance(old, dict) and isinstance(new, dict):
        properties = schema.get("properties") or {}
        others = schema.get("additionalProperties")
        others = others if isinstance(others, Mapping) else {}
        return {
            name: aligned(item, new.get(name), properties.get(name, others))
            for name, item in old.items()
        }
    if isinstance(old, list) and isinstance(new, list):
        return _aligned_list(old, new, schema)
    return old


def _aligned_list(old: list[Any], new: list[Any], schema: Schema) -> list[Any]:
    items = schema.get("items") or {}
    identity = _identity(schema)
    if identity is None:
        return [aligned(one, other, items) for one, other in zip(old, new, strict=False)] + old[
            len(new) :
        ]
    known = {identity(item): item for item in old}
    wanted = [identity(item) for item in new]
    if len(known) != len(old) or len(wanted) != len(old) or known.keys() != set(wanted):
        return old
    return [aligned(known[key], item, items) for key, item in zip(wanted, new, strict=True)]


def _identity(schema: Schema) -> Callable[[Any], str] | None:
    """What tells the items of a list from one another, if its order does not count."""
    kind = schema.get(_LIST_TYPE)
    if kind == "set":
        return repr
    if kind == "map":
        keys = schema.get(_LIST_KEYS) or ()
        return lambda item: repr(
            [item.get(key) for key in keys] if isinstance(item, dict) else item
        )
    return None


def _below(value: Any, schema: Schema) -> Any:
    return convert(value, schema, is_resource=bool(schema.get(EMBEDDED)))


def _object(value: dict[str, Any], schema: Schema) -> dict[str, Any]:
    properties = schema.get("properties")
    values = schema.get("additionalProperties")
    if not properties:
        values = values if isinstance(values, Mapping) else {}
        return {name: _below(item, values) for name, item in value.items()}
    found: dict[str, Any] = {}
    for name, item in value.items():
        below = properties.get(name)
        if item is None and below is not None:
            continue
        converted = item if below is None else _below(item, below)
        found[escape(name) or name] = converted
        if name in RESERVED:
            found[name] = converted
    return found


def _moment(text: str) -> timing.Timestamp:
    return _read(text, timing.timestamp(text), "date-time formatted string")


def _date(text: str) -> timing.Timestamp:
    return _read(text, timing.date(text), "date formatted string")


def _duration(text: str) -> timing.Duration:
    return _read(text, timing.duration(text), "duration")


def _bytes(text: str) -> bytearray:
    try:
        # The library cuts off bytes, though not a bytearray, at the first zero.
        return bytearray(base64.b64decode(text, validate=True))
    except binascii.Error as error:
        raise UnreadableValueError(f"Invalid byte formatted string {text}: {error}") from None


def _read(text: str, value: _Value | None, what: str) -> _Value:
    if value is None:
        raise UnreadableValueError(f"Invalid {what} {text}")
    return value


_FORMATS: Mapping[str, Callable[[str], Any]] = {
    "byte": _bytes,
    "date": _date,
    "date-time": _moment,
    "duration": _duration,
}
