"""The types of CEL that a structural schema stands for, with the sizes that costs are made of.

A schema whose type CEL cannot know (no type, or unknown fields that are preserved) has no
declaration, and neither has what contains it as an item or value; rules cannot name such fields.
Sizes are those of the API server (`k8s.io/apiserver/pkg/cel/common`): the greatest number of
characters, items or entries, derived from the schema's bounds or from the largest request, and the
smallest number of bytes as JSON.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from opgen.cel.names import RESERVED, escape

Schema = Mapping[str, Any]

LARGEST_REQUEST = 3 * 1024 * 1024
"""Bytes of the largest request that the API server takes."""
INT_OR_STRING = "x-kubernetes-int-or-string"
EMBEDDED = "x-kubernetes-embedded-resource"

_LONGEST_TEXT = LARGEST_REQUEST - 2
_DATE_SIZE = 12
_MOMENT_SIZE = 32
_BYTES_OF_A_LETTER = 4
_STRING: Schema = {"type": "string"}
_OBJECT_META: Schema = {
    "type": "object",
    "properties": {"name": _STRING, "generateName": _STRING},
}
_EVERY_OBJECT: Schema = {"kind": _STRING, "apiVersion": _STRING, "metadata": _OBJECT_META}
_FORMATS = {
    "duration": ("duration", 3, _MOMENT_SIZE),
    "date": ("timestamp", _DATE_SIZE, _DATE_SIZE),
    "date-time": ("timestamp", 21, _MOMENT_SIZE),
}


@dataclass(frozen=True, slots=True)
class Declared:
    """A type of CEL.

    `kind` is bool, int, double, string, bytes, timestamp, duration, dyn, list, map or object;
    `element` is the type of items or values. `largest` counts what `size()` would count, and
    `smallest` bytes of JSON.
    """

    kind: str
    smallest: int
    largest: int = 0
    element: Declared | None = None
    fields: Mapping[str, Declared] = field(default_factory=dict)
    """Fields of an object by their identifiers."""


Known = dict[tuple[object, ...], Declared | None]
"""Types by the id of their schema and whether that is of a whole object, and by what they are."""
_BOOL = Declared("bool", 4)
_INT = Declared("int", 1)
_DOUBLE = Declared("double", 1)


def declare(
    schema: Schema, is_resource: bool = False, known: Known | None = None
) -> Declared | None:
    """The type of values of a schema; None if rules cannot see them.

    Args:
        schema: A structural schema as in a CRD.
        is_resource: Whether it is that of a whole object, as the root is and embedded resources
            are: then apiVersion, kind, metadata.name and metadata.generateName are there always.
        known: The types of schemas that were asked for earlier and are still the same objects.
            Equal types among them are one object, so that what follows from a type is found once.
    """
    known = {} if known is None else known
    key = (id(schema), is_resource)
    if key not in known:
        declared = _declare(schema, is_resource, known)
        known[key] = known.setdefault(_identity(declared), declared) if declared else None
    return known[key]


def _identity(declared: Declared) -> tuple[object, ...]:
    """What tells a type apart, if equal ones among its parts are one object."""
    bounds = (declared.kind, declared.smallest, declared.largest, id(declared.element))
    return (*bounds, *declared.fields, *map(id, declared.fields.values()))


def _declare(schema: Schema, is_resource: bool, known: Known) -> Declared | None:
    if schema.get(INT_OR_STRING):
        bound = schema.get("maxLength")
        largest = _LONGEST_TEXT if bound is None else max(bound, 0) * _BYTES_OF_A_LETTER
        return Declared("dyn", 1, largest)
    make = _MAKERS.get(str(schema.get("type", "")))
    if is_resource:
        schema = with_object_meta(schema)
    return make(schema, known) if make else None


def find(declared: Declared, name: str) -> Declared | None:
    """The field that an expression means by a name: reserved words may stand as they are."""
    inner = declared.fields.get(name)
    return declared.fields.get(f"__{name}__") if inner is None and name in RESERVED else inner


def with_object_meta(schema: Schema) -> Schema:
    """The schema of a whole object, with the properties that every object has.

    Where it has them all itself it stays as it is, and may so tell more of its metadata.
    """
    properties = schema.get("properties") or {}
    if _has_all(_EVERY_OBJECT, properties) and _has_all(
        _OBJECT_META["properties"], properties["metadata"].get("properties") or {}
    ):
        return schema
    return {**schema, "properties": {**properties, **_EVERY_OBJECT}}


def _has_all(wanted: Schema, properties: Schema) -> bool:
    return all(
        (properties.get(name) or {}).get("type") == expected["type"]
        for name, expected in wanted.items()
    )


def _below(schema: Schema, known: Known) -> Declared | None:
    return declare(schema, bool(schema.get(EMBEDDED)), known)


def _array(schema: Schema, known: Known) -> Declared | None:
    items = schema.get("items")
    element = _below(items, known) if isinstance(items, Mapping) else None
    if element is None:
        return None
    bound = schema.get("maxItems")
    fitting = (LARGEST_REQUEST - 2) // (element.smallest + 1)
    return Declared("list", 2, fitting if bound is None else max(bound, 0), element)


def _object(schema: Schema, known: Known) -> Declared | None:
    values = schema.get("additionalProperties")
    if isinstance(values, Mapping):
        return _map(schema, values, known)
    required = set(schema.get("required") or ())
    fields: dict[str, Declared] = {}
    smallest = 2
    for name, below in (schema.get("properties") or {}).items():
        declared = _below(below, known)
        if declared is None:
            continue
        identifier = escape(name)
        if identifier:
            fields[identifier] = declared
        if name in required and below.get("default") is None:
            smallest += len(name.encode()) + declared.smallest + 4
    return Declared("object", smallest, fields=fields)


def _map(schema: Schema, values: Schema, known: Known) -> Declared | None:
    element = _below(values, known)
    if element is None:
        return None
    bound = schema.get("maxProperties")
    fitting = (LARGEST_REQUEST - 2) // (element.smallest + 6)
    return Declared("map", 2, fitting if bound is None else max(bound, 0), element)


def _string(schema: Schema, _: Known) -> Declared:
    form = str(schema.get("format") or "")
    if form in _FORMATS:
        return Declared(*_FORMATS[form])
    bound = schema.get("maxLength")
    if form == "byte":
        return Declared("bytes", 2, _LONGEST_TEXT if bound is None else max(bound, 0))
    if bound is not None:
        return Declared("string", 2, max(bound, 0) * _BYTES_OF_A_LETTER)
    choices = schema.get("enum")
    if choices:
        texts = [len(value.encode()) for value in choices if isinstance(value, str)]
        return Declared("string", 2, max(texts, default=0))
    return Declared("string", 2, _LONGEST_TEXT)


_MAKERS: Mapping[str, Callable[[Schema, Known], Declared | None]] = {
    "array": _array,
    "object": _object,
    "string": _string,
    "boolean": lambda *_: _BOOL,
    "number": lambda *_: _DOUBLE,
    "integer": lambda *_: _INT,
}
