"""Built-in objects as Go would write them: what is empty is left out, structs are always there.

kube-apiserver reads a built-in object into Go structs and writes those. So an empty map or list
disappears, and so do an empty string, zero and false, unless the field is a pointer; a struct that
is no pointer is written even if nobody set it. OpenAPI does not tell which is which:
`go_types.txt`, written by `tools/go_types`, does. Of custom objects this holds for metadata.
"""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from opgen.testing.objects.go_time import FORMS, ZEROS
from opgen.testing.objects.schemas import (
    OBJECT_META_SCHEMA,
    Schema,
    definition_name,
    field_schema,
    item_schema,
    properties,
    resolve,
)


@dataclass(frozen=True, slots=True)
class GoType:
    """What is particular to the fields of a Go struct, by their JSON names."""

    pointers: frozenset[str] = frozenset()
    """Left out only when null."""
    always: frozenset[str] = frozenset()
    """Never left out."""
    structs: frozenset[str] = frozenset()
    """Structs by value, which are there even if nobody set them."""
    zeros: frozenset[str] = frozenset()
    """Times, quantities and the like by value, which are there as well."""


@cache
def _lines() -> dict[str, str]:
    text = Path(__file__).with_name("go_types.txt").read_text(encoding="utf-8")
    return dict(line.split("\t", 1) for line in text.splitlines())


_PLAIN = GoType()


@cache
def go_type(definition: str) -> GoType:
    """The Go struct of a definition."""
    line = _lines().get(definition)
    if line is None:
        return _PLAIN
    facts = json.loads(line)
    return GoType(*(frozenset(facts.get(key, ())) for key in ("p", "a", "s", "z")))


def empty_struct(schema: Schema) -> dict[str, Any]:
    """What Go writes of a struct that nobody filled: its structs, and zeros of bare fields."""
    facts, declared = go_type(definition_name(schema)), properties(schema)
    empty: dict[str, Any] = {
        key: empty_struct(declared[key]) for key in sorted(facts.structs) if key in declared
    }
    empty |= {key: _zero(declared[key]) for key in sorted(facts.always) if key in declared}
    for key in sorted(facts.zeros):
        if key in declared:
            empty[key] = ZEROS.get(definition_name(declared[key]))
    return empty


def go_form(value: Any, schema: Schema) -> None:
    """Bring an object into the form in which Go writes it, in place."""
    if isinstance(value, dict):
        name = definition_name(schema)
        if name and "properties" in resolve(schema):
            _struct(value, schema, go_type(name))
            return
        for key, item in value.items():
            value[key] = _entry(item, field_schema(schema, key))
    elif isinstance(value, list):
        items = item_schema(schema)
        for index, item in enumerate(value):
            value[index] = _entry(item, items)


def _entry(item: Any, schema: Schema) -> Any:
    """What Go makes of an entry of a map or list."""
    name, node = definition_name(schema), resolve(schema)
    if item is None and "properties" in node:
        item = {}
    elif item is None and node.get("format") == "byte":
        # Until it is stored, Go tells no bytes from empty ones.
        return None
    elif item is None:
        return ZEROS.get(name, "" if node.get("type") == "string" else None)
    if isinstance(item, list) and node.get("format") == "byte":
        return base64.b64encode(bytes(item)).decode()
    if isinstance(item, (dict, list)):
        go_form(item, schema)
        return item
    return FORMS[name](item) if name in FORMS else item


def _struct(value: dict[str, Any], schema: Schema, facts: GoType) -> None:
    declared = properties(schema)
    _complete(value, schema, facts)
    for key in list(value):
        item = value[key]
        below = declared.get(key, {})
        if isinstance(item, (dict, list)):
            go_form(item, below)
        elif item is not None and "$ref" in below and below["$ref"] in FORMS:
            value[key] = FORMS[below["$ref"]](item)
        if item is None and key in facts.always:
            value[key] = _zero(declared.get(key, {}))
        if key in facts.always or key in facts.structs or key in facts.zeros:
            continue
        if key not in declared:
            continue
        if item is None or (key not in facts.pointers and _is_empty(item)):
            del value[key]


def _complete(value: dict[str, Any], schema: Schema, facts: GoType) -> None:
    """Set what Go writes of fields that nobody set."""
    declared, needed = properties(schema), resolve(schema).get("required") or ()
    for key in facts.structs:
        if value.get(key) is None and key in declared:
            value[key] = {}
    for key in facts.zeros:
        name = definition_name(declared.get(key, {}))
        if key not in value and key in declared and (key not in needed or name in ZEROS):
            value[key] = ZEROS.get(definition_name(declared[key]))
    for key in facts.always:
        if key not in value and key not in needed and _is_list(declared.get(key)):
            value[key] = None


def _is_list(schema: Schema | None) -> bool:
    return schema is not None and schema.get("type") == "array"


_ZERO: dict[str, Any] = {"string": "", "integer": 0, "boolean": False}


def _zero(schema: Schema) -> Any:
    """What Go writes of a bare field: null of a list, a pointer or bytes."""
    return None if schema.get("format") == "byte" else _ZERO.get(schema.get("type", ""))


def _is_empty(item: Any) -> bool:
    return item is False or item in ("", 0) or (isinstance(item, (dict, list)) and not item)


def metadata_form(document: dict[str, Any]) -> None:
    """Bring the metadata of a custom object into Go's form, in place."""
    go_form(document.get("metadata"), OBJECT_META_SCHEMA)


def whole_numbers(value: Any) -> Any:
    """The value, with floats that are whole written as integers; maps and lists in place."""
    if isinstance(value, float):
        return int(value) if value.is_integer() and abs(value) < _INTEGERS else value
    if isinstance(value, dict):
        for key, item in value.items():
            if isinstance(item, (dict, list, float)):
                value[key] = whole_numbers(item)
    elif isinstance(value, list):
        for index, item in enumerate(value):
            if isinstance(item, (dict, list, float)):
                value[index] = whole_numbers(item)
    return value


_INTEGERS = 1 << 63
