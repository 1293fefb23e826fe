"""Values: defaults of Python as JSON, and JSON values against a structural schema."""

from __future__ import annotations

import dataclasses
import enum
import json
import math
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from opgen import regex
from opgen.api.fields import json_fields
from opgen.api.markers import is_text
from opgen.api.text_forms import form_of
from opgen.schema import formats
from opgen.schema.scalars import plain

_DATETIME = ("datetime", "datetime")
"""The type of moments; compared by name, so that its module is not imported for nothing."""


def as_json(value: Any) -> Any:
    """A Python value as JSON.

    Raises:
        TypeError: JSON cannot express it.
    """
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, enum.Enum):
        return as_json(value.value)
    if isinstance(value, int) or is_text(value):
        return plain(value)
    if isinstance(value, float) and math.isfinite(value):
        return int(value) if value.is_integer() else value
    if isinstance(value, (list, tuple, set, frozenset)):
        items = [as_json(item) for item in value]
        return items if isinstance(value, (list, tuple)) else sorted(items, key=_rank)
    if isinstance(value, Mapping):
        return {_key(key): as_json(item) for key, item in value.items()}
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        fields = ((field, getattr(value, field.attribute)) for field in json_fields(type(value)))
        return {
            field.name: as_json(item)
            for field, item in fields
            if item is not None or not field.has_default
        }
    if (type(value).__module__, type(value).__qualname__) == _DATETIME:
        return _moment(value)
    form = form_of(type(value))
    if form is not None:
        return form.write(value)
    shown = re.sub(" at 0x[0-9a-fA-F]+", "", repr(value))  # which would differ from run to run
    raise TypeError(f"{shown} is no JSON value")


def _rank(item: Any) -> tuple[str, Any]:
    """Where an item of a set comes among others, which may be of another type."""
    is_scalar = isinstance(item, (str, int, float))
    return type(item).__name__, item if is_scalar else json.dumps(item, sort_keys=True)


def _moment(value: Any) -> str:
    """A moment in RFC 3339; one without a zone is in UTC, as in the runtime."""
    text = str(value.isoformat())
    return f"{text}Z" if value.tzinfo is None else text.replace("+00:00", "Z")


def _key(key: Any) -> str:
    if is_text(key):
        return str(plain(key))
    raise TypeError(f"the key {key!r} is no string")


def violations(value: Any, schema: Mapping[str, Any]) -> Iterator[str]:
    """What is wrong with a value, by a structural schema; each with the path inside the value."""
    yield from invalid(value, schema)
    yield from unknown_fields(value, schema)


def invalid(value: Any, schema: Mapping[str, Any], path: str = "") -> Iterator[str]:
    """What the keywords of a schema do not allow about a value.

    The schema may be one from within allOf and the like, which has no type.
    """
    if value is None:
        if "type" in schema and not schema.get("nullable"):
            yield _at(path, "must not be null")
        return
    if not _has_type(value, schema):
        expected = schema.get("type") or schema.get("format")
        expected = "integer or string" if _int_or_string(schema) else expected
        yield _at(path, f"must be of type {expected}")
        return
    for keyword, (check, message) in _CHECKS.items():
        if schema.get(keyword) is not None and not check(value, schema[keyword], schema):
            yield _at(path, message.format(schema[keyword]))
    if isinstance(value, dict):
        yield from _in_object(value, schema, path)
    elif isinstance(value, list) and isinstance(schema.get("items"), Mapping):
        for index, item in enumerate(value):
            yield from invalid(item, schema["items"], f"{path}[{index}]")


def unknown_fields(value: Any, schema: Mapping[str, Any], path: str = "") -> Iterator[str]:
    """The fields of a value that the API server would drop."""
    if isinstance(value, list) and isinstance(schema.get("items"), Mapping):
        for index, item in enumerate(value):
            yield from unknown_fields(item, schema["items"], f"{path}[{index}]")
    if not isinstance(value, dict):
        return
    properties = schema.get("properties") or {}
    others = schema.get("additionalProperties")
    is_resource = bool(schema.get("x-kubernetes-embedded-resource"))
    for name, item in value.items():
        if is_resource and name in ("apiVersion", "kind", "metadata"):
            continue
        if name in properties:
            yield from unknown_fields(item, properties[name], f"{path}.{name}")
        elif isinstance(others, Mapping):
            yield from unknown_fields(item, others, f"{path}[{name}]")
        elif not schema.get("x-kubernetes-preserve-unknown-fields") and not others:
            yield _at(f"{path}.{name}", "is unknown to the schema")


def repeated(value: Any, schema: Mapping[str, Any], path: str = "") -> Iterator[tuple[str, Any]]:
    """What lists hold twice that are sets or maps: where, and the item or its keys."""
    if isinstance(value, list) and isinstance(schema.get("items"), Mapping):
        told: list[Any] = []
        for index, item in enumerate(value):
            yield from repeated(item, schema["items"], f"{path}[{index}]")
            told.append(_identity(item, schema))
            if told[-1] is not None and told.count(told[-1]) == 2 and told.index(told[-1]) < index:
                yield (f"{path.lstrip('.')}: " if path else "", told[-1])
    elif isinstance(value, dict):
        others = schema.get("additionalProperties")
        for name, item in value.items():
            part = (schema.get("properties") or {}).get(name, others)
            if isinstance(part, Mapping):
                yield from repeated(item, part, f"{path}.{name}")


def _identity(item: Any, schema: Mapping[str, Any]) -> Any:
    """What tells an item from others: itself in a set, its keys in a map; None if nothing does."""
    kind = schema.get("x-kubernetes-list-type")
    if kind == "set":
        return item
    keys = schema.get("x-kubernetes-list-map-keys")
    if kind != "map" or not keys or not isinstance(item, dict):
        return None
    properties = _mapping(schema["items"].get("properties"))
    return {key: item.get(key, _mapping(properties.get(key)).get("default")) for key in keys}


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _in_object(value: dict[str, Any], schema: Mapping[str, Any], path: str) -> Iterator[str]:
    properties = schema.get("properties") or {}
    others = schema.get("additionalProperties")
    for name in schema.get("required") or ():
        if name not in value:
            yield _at(f"{path}.{name}", "is required")
    for name, item in value.items():
        if name in properties:
            yield from invalid(item, properties[name], f"{path}.{name}")
        elif isinstance(others, Mapping):
            yield from invalid(item, others, f"{path}[{name}]")


def _at(path: str, message: str) -> str:
    return f"{path.lstrip('.')} {message}" if path else message


def _int_or_string(schema: Mapping[str, Any]) -> bool:
    return bool(schema.get("x-kubernetes-int-or-string"))


def _has_type(value: Any, schema: Mapping[str, Any]) -> bool:
    # The server itself goes by what stands in anyOf.
    is_either = _int_or_string(schema) and bool(schema.get("anyOf"))
    kind = "int-or-string" if is_either else schema.get("type", "")
    if isinstance(value, bool):
        return kind in ("boolean", "")
    if kind == "integer" and isinstance(value, float):
        return value.is_integer()
    if not schema.get("type") and schema.get("format"):
        # With a format alone, the server takes what could be written as a string, and numbers if
        # it is one of theirs.
        is_number = schema["format"] in _NUMBER_FORMATS and _is_number(value)
        return is_number or isinstance(value, (str, list))
    # Nothing is of a type that does not exist.
    return not kind or isinstance(value, _PYTHON_TYPES.get(kind, ()))


_TOLERANCE = 1e-9
_NUMBER_FORMATS = ("int32", "int64", "float", "double")
_PYTHON_TYPES: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "array": (list,),
    "object": (dict,),
    "int-or-string": (int, str),
}


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _ge(value: Any, bound: Any, schema: Mapping[str, Any]) -> bool:
    if not _is_number(value):
        return True
    return bool(value > bound if schema.get("exclusiveMinimum") else value >= bound)


def _le(value: Any, bound: Any, schema: Mapping[str, Any]) -> bool:
    if not _is_number(value):
        return True
    return bool(value < bound if schema.get("exclusiveMaximum") else value <= bound)


def is_multiple(value: Any, step: Any, schema: Mapping[str, Any]) -> bool:
    """Whether a number is a multiple, as the server reckons: it cuts steps of whole numbers off.

    What is no number is none that is wrong.

    Source: k8s.io/kube-openapi validation/validate/values.go.
    """
    if not _is_number(value):
        return True
    if schema.get("type") == "integer" and not (step == int(step) and step < 2**63):
        return False
    if value == int(value):
        return step >= 1 and int(value) % int(step) == 0
    return step > 0 and _is_whole(1 / step * value if step < 1 else value / step)


def _is_whole(number: float) -> bool:
    """Whether the server takes a number for a whole one: a little more may be, but not less."""
    if number == int(number) or number < 0:
        return number == int(number)
    return (number - int(number)) / (number + int(number)) < _TOLERANCE


def _format(value: Any, name: str, schema: Mapping[str, Any]) -> bool:
    kind = schema.get("type")
    if kind and not formats.goes_with(name, kind):
        return True
    if isinstance(value, str):
        return formats.has(name, value)
    bits = {"int32": 31, "int64": 63}.get(name)
    return not bits or not isinstance(value, int) or -(2**bits) <= value < 2**bits


def _in_enum(value: Any, choices: Any, schema: Mapping[str, Any]) -> bool:
    # In Python True is 1.
    return any(value == one and isinstance(value, bool) == isinstance(one, bool) for one in choices)


def _fits_part(value: Any, part: Any) -> bool:
    return not isinstance(part, Mapping) or not any(invalid(value, part))


def _all_of(value: Any, parts: Any, schema: Mapping[str, Any]) -> bool:
    return all(_fits_part(value, part) for part in parts)


def _any_of(value: Any, parts: Any, schema: Mapping[str, Any]) -> bool:
    return not parts or any(_fits_part(value, part) for part in parts)


def _one_of(value: Any, parts: Any, schema: Mapping[str, Any]) -> bool:
    return not parts or sum(_fits_part(value, part) for part in parts) == 1


def _not(value: Any, part: Any, schema: Mapping[str, Any]) -> bool:
    return not _fits_part(value, part)


def _fits(value: Any, kind: str, schema: Mapping[str, Any]) -> bool:
    return kind != "integer" or bool(schema.get("format")) or -(2**63) <= value < 2**63


def _pattern(value: Any, pattern: str, schema: Mapping[str, Any]) -> bool:
    return not isinstance(value, str) or regex.matches(pattern, value)


_Check = Callable[[Any, Any, Mapping[str, Any]], bool]
_SIZED: Mapping[str, type] = {"Length": str, "Items": list, "Properties": dict}


def _sized(keyword: str) -> _Check:
    """A check of a bound on the number of letters, items or entries; others it does not concern."""
    low, what = keyword.startswith("min"), _SIZED[keyword[3:]]

    def check(value: Any, bound: int, schema: Mapping[str, Any]) -> bool:
        if not isinstance(value, what):
            return True
        size = len(value)  # type: ignore[arg-type]
        return size >= bound if low else size <= bound

    return check


_CHECKS: Mapping[str, tuple[_Check, str]] = {
    "type": (_fits, "does not fit into 64 bits"),
    "enum": (_in_enum, "must be one of {0}"),
    "minimum": (_ge, "is too small: the minimum is {0}"),
    "maximum": (_le, "is too great: the maximum is {0}"),
    "multipleOf": (is_multiple, "must be a multiple of {0}"),
    "minLength": (_sized("minLength"), "is too short: the least length is {0}"),
    "maxLength": (_sized("maxLength"), "is too long: the greatest length is {0}"),
    "minItems": (_sized("minItems"), "has too few items: the least number is {0}"),
    "maxItems": (_sized("maxItems"), "has too many items: the greatest number is {0}"),
    "minProperties": (_sized("minProperties"), "has too few entries: the least number is {0}"),
    "maxProperties": (_sized("maxProperties"), "has too many entries: the greatest number is {0}"),
    "format": (_format, "does not fit into {0}"),
    "pattern": (_pattern, "does not match {0}"),
    "allOf": (_all_of, "must validate all the schemas (allOf)"),
    "anyOf": (_any_of, "must validate at least one schema (anyOf)"),
    "oneOf": (_one_of, "must validate one and only one schema (oneOf)"),
    "not": (_not, "must not validate the schema (not)"),
}
