"""Checking an applied configuration against the types of a schema.

Unlike other writes, which drop what they do not know, server-side apply refuses it, because nobody
could own an undeclared field.
"""

from __future__ import annotations

from typing import Any

from opgen.testing.objects.schemas import (
    Schema,
    definition_name,
    field_schema,
    item_schema,
    preserves_unknown,
    resolve,
)

_EXPECTED = {
    "object": (dict, "map"),
    "array": (list, "list"),
}


def check_typed(value: Any, schema: Schema, path: str = "") -> None:
    """Check that all fields are declared, and that lists are lists and maps are maps.

    Raises:
        ValueError: something does not fit; says where.
    """
    node = resolve(schema)
    expected = _EXPECTED.get(node.get("type", ""))
    if value is not None and expected and not isinstance(value, expected[0]):
        raise ValueError(f"{path}: expected {expected[1]}, got &{{{value}}}")
    if isinstance(value, dict):
        _check_map(value, schema, path)
    elif isinstance(value, list):
        for index, item in enumerate(value):
            check_typed(item, item_schema(schema), f"{path}[{index}]")


def _check_map(value: dict[str, Any], schema: Schema, path: str) -> None:
    node = resolve(schema)
    declared = node.get("properties") or {}
    free_form = definition_name(schema) and "properties" not in node
    is_open = free_form or preserves_unknown(schema) or node.get("additionalProperties")
    embedded = node.get("x-kubernetes-embedded-resource")
    for name, item in value.items():
        if name not in declared and not is_open and not embedded:
            raise ValueError(f"{path}.{name}: field not declared in schema")
        check_typed(item, field_schema(schema, name), f"{path}.{name}")
