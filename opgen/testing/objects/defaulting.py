"""Filling in defaults: those of a schema, and those that built-in types have in code."""

from __future__ import annotations

from copy import deepcopy
from functools import cache
from typing import Any

from opgen.testing.objects.built_in_defaults import BUILT_IN_DEFAULTS
from opgen.testing.objects.go_form import go_type
from opgen.testing.objects.schemas import (
    Schema,
    field_schema,
    item_schema,
    resolve,
)

_EVEN_IF_EMPTY = {"apiGroup", "targetPort"}
"""Fields of Go structs that have no pointer, so that nobody can tell empty from missing."""


def fill_in(value: Any, schema: Schema) -> None:
    """Set every missing field that has a default, in place, from the outside in."""
    if isinstance(value, dict):
        _fill_in_map(value, schema)
    elif isinstance(value, list):
        items = item_schema(schema)
        for item in value:
            fill_in(item, items)


def _fill_in_map(value: dict[str, Any], schema: Schema) -> None:
    definition = schema.get("$ref", "")
    defaulted = _defaulted(definition) if definition else _with_default(schema)
    for name, child in defaulted:
        if name not in value or (value[name] is None and not child.get("nullable")):
            value[name] = deepcopy(child["default"])
    for name, default in BUILT_IN_DEFAULTS.get(definition, {}).items():
        if not value.get(name) and (name not in value or name in _EVEN_IF_EMPTY):
            wanted = default(value) if callable(default) else deepcopy(default)
            if wanted is not None:
                value[name] = wanted
    for name, child_value in value.items():
        if isinstance(child_value, (dict, list)):
            fill_in(child_value, field_schema(schema, name))


def _with_default(schema: Schema) -> tuple[tuple[str, Schema], ...]:
    """The fields of a schema that have a default."""
    return tuple(
        (name, child)
        for name, child in (schema.get("properties") or {}).items()
        if isinstance(child, dict) and "default" in child
    )


@cache
def _defaulted(definition: str) -> tuple[tuple[str, Schema], ...]:
    """The fields of a definition that have a default, but for those that Go does not write."""
    facts = go_type(definition)
    written = facts.pointers | facts.always | facts.structs
    found = _with_default(resolve({"$ref": definition}))
    return tuple((name, child) for name, child in found if child["default"] or name in written)
