"""Values: defaults of Python as JSON, and JSON values against a structural schema."""

from __future__ import annotations

import base64
import dataclasses
import enum
import math
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from opgen.api.fields import json_fields
from opgen.schema import formats, patterns
from opgen.schema.scalars import plain


def as_json(value: Any) -> Any:
    """A Python value as JSON.

    Raises:
        TypeError: JSON cannot express it.
    """
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, (enum.Enum, str, int)):
        return plain(value)
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if isinstance(value, float) and math.isfinite(value):
        return int(value) if value.is_integer() else value
    if isinstance(value, (list, tuple, set, frozenset)):
        ordered = value if isinstance(value, (list, tuple)) else sorted(value)
        return [as_json(item) for item in ordered]
    if isinstance(value, Mapping):
        return {_key(key): as_json(item) for key, item in value.items()}
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        fields = ((field, getattr(value, field.attribute)) for field in json_fields(type(value)))
        return {field.name: as_json(item) for field, item in fields if item is not None}
    moment = getattr(value, "isoformat", None)
    if callable(moment):
        return moment()
    raise TypeError(f"{value!r} is no JSON value")


def _key(key: Any) -> str:
    if isinstance(key, str):
        return str(plain(key))
    raise TypeError(f"the key {key!r} is no string")


def violations(value: Any, schema: Mapping[str, Any], path: str = "") -> Iterator[str]:
    """What is wrong with a value, by a structural schema; each with the path inside the value."""
    if value is None:
        if not schema.get("nullable"):
            yield _at(path, "must not be null")
        return
    if not _has_type(value, schema):
        expected = "integer or string" if _int_or_string(schema) else schema.get("type")
        yield _at(path, f"must be of type {expected}")
        return
    for keyword, (check, message) in _CHECKS.items():
        if keyword in schema and not check(value, schema[keyword], schema):
            yield _at(path, message.format(schema[keyword]))
    if isinstance(value, dict):
        yield from _in_object(value, schema, path)
    elif isinstance(value, list) and "items" in schema:
        for index, item in enumerate(value):
            yield from violations(item, schema["items"], f"{path}[{index}]")


def _in_object(value: dict[str, Any], schema: Mapping[str, Any], path: str) -> Iterator[str]:
    properties = schema.get("properties", {})
    others = schema.get("additionalProperties")
    for name in schema.get("required", ()):
        if name not in value and "default" not in properties.get(name, {}):
            yield _at(f"{path}.{name}", "is required")
    for name, item in value.items():
        if name in properties:
            yield from violations(item, properties[name], f"{path}.{name}")
        elif isinstance(others, Mapping):
            yield from violations(item, others, f"{path}[{name}]")
        elif not schema.get("x-kubernetes-preserve-unknown-fields") and not others:
            yield _at(f"{path}.{name}", "is unknown to the schema")


def _at(path: str, message: str) -> str:
    return f"{path.lstrip('.')} {message}" if path else message


def _int_or_string(schema: Mapping[str, Any]) -> bool:
    return bool(schema.get("x-kubernetes-int-or-string"))


def _has_type(value: Any, schema: Mapping[str, Any]) -> bool:
    kind = "int-or-string" if _int_or_string(schema) else schema.get("type", "")
    if isinstance(value, bool):
        return kind in ("boolean", "")
    allowed = _PYTHON_TYPES.get(kind)
    return allowed is None or isinstance(value, allowed)


_PYTHON_TYPES: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "array": (list,),
    "object": (dict,),
    "int-or-string": (int, str),
}


def _ge(value: Any, bound: Any, schema: Mapping[str, Any]) -> bool:
    return bool(value > bound if schema.get("exclusiveMinimum") else value >= bound)


def _le(value: Any, bound: Any, schema: Mapping[str, Any]) -> bool:
    return bool(value < bound if schema.get("exclusiveMaximum") else value <= bound)


def _is_multiple(value: Any, step: Any, schema: Mapping[str, Any]) -> bool:
    return bool(math.isclose(value / step, round(value / step), abs_tol=1e-9))


def _format(value: Any, name: str, schema: Mapping[str, Any]) -> bool:
    if isinstance(value, str) and schema.get("type") == "string":
        return formats.has(name, value)
    bits = {"int32": 31, "int64": 63}.get(name)
    return not bits or not isinstance(value, int) or -(2**bits) <= value < 2**bits


def _fits(value: Any, kind: str, schema: Mapping[str, Any]) -> bool:
    return kind != "integer" or "format" in schema or -(2**63) <= value < 2**63


def _pattern(value: Any, pattern: str, schema: Mapping[str, Any]) -> bool:
    return not isinstance(value, str) or patterns.matches(pattern, value)


def _longest(value: Any, bound: int, schema: Mapping[str, Any]) -> bool:
    return not isinstance(value, (str, list, dict)) or len(value) <= bound


def _shortest(value: Any, bound: int, schema: Mapping[str, Any]) -> bool:
    return not isinstance(value, (str, list, dict)) or len(value) >= bound


_Check = Callable[[Any, Any, Mapping[str, Any]], bool]
_CHECKS: Mapping[str, tuple[_Check, str]] = {
    "type": (_fits, "does not fit into 64 bits"),
    "enum": (lambda value, values, _: value in values, "must be one of {0}"),
    "minimum": (_ge, "is too small: the minimum is {0}"),
    "maximum": (_le, "is too great: the maximum is {0}"),
    "multipleOf": (_is_multiple, "must be a multiple of {0}"),
    "minLength": (_shortest, "is too short: the least length is {0}"),
    "maxLength": (_longest, "is too long: the greatest length is {0}"),
    "minItems": (_shortest, "has too few items: the least number is {0}"),
    "maxItems": (_longest, "has too many items: the greatest number is {0}"),
    "minProperties": (_shortest, "has too few entries: the least number is {0}"),
    "maxProperties": (_longest, "has too many entries: the greatest number is {0}"),
    "format": (_format, "does not fit into {0}"),
    "pattern": (_pattern, "does not match {0}"),
}
