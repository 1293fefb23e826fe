"""Dropping what a kind does not declare."""

from __future__ import annotations

from typing import Any

from opgen.testing.objects.schemas import (
    OBJECT_META_SCHEMA,
    Schema,
    definition_name,
    field_schema,
    item_schema,
    preserves_unknown,
    resolve,
)


def prune(value: Any, schema: Schema) -> list[str]:
    """Drop undeclared fields of an object, in place.

    Returns:
        The paths of what was dropped, such as `spec.foo` or `spec.ports[0].bar`.
    """
    dropped: list[str] = []
    _prune(value, schema, "", dropped)
    return dropped


def _prune(value: Any, schema: Schema, path: str, dropped: list[str]) -> None:
    if isinstance(value, dict):
        _prune_map(value, schema, path, dropped)
    elif isinstance(value, list):
        items = _items(schema)
        for index, item in enumerate(value):
            _prune(item, items, f"{path}[{index}]", dropped)


def _items(schema: Schema) -> Schema:
    """What holds of the items of a list; where the schema expects none, they declare nothing."""
    node = resolve(schema)
    if "items" in node or preserves_unknown(schema) or _is_free_form(schema, node):
        return item_schema(schema)
    return {}


def _prune_map(value: dict[str, Any], schema: Schema, path: str, dropped: list[str]) -> None:
    node = resolve(schema)
    declared = node.get("properties") or {}
    embedded = _EMBEDDED if node.get("x-kubernetes-embedded-resource") else {}
    keeps_all = (
        preserves_unknown(schema)
        or bool(node.get("additionalProperties"))
        or _is_free_form(schema, node)
    )
    for key, item in list(value.items()):
        known = key in embedded or key in declared or keeps_all
        if known and not isinstance(item, (dict, list)):
            continue
        child_path = f"{path}.{key}" if path else key
        if known:
            _prune(item, embedded.get(key) or field_schema(node, key), child_path, dropped)
        else:
            dropped.append(child_path)
            del value[key]


_EMBEDDED: dict[str, Schema] = {
    "apiVersion": {"type": "string"},
    "kind": {"type": "string"},
    "metadata": OBJECT_META_SCHEMA,
}


def _is_free_form(schema: Schema, node: Schema) -> bool:
    """Built-in definitions without fields, such as RawExtension and FieldsV1, hold anything."""
    return bool(definition_name(schema)) and "properties" not in node


def drop_nulls(value: Any, schema: Schema) -> None:
    """Drop nulls of fields that are not nullable, in place."""
    if isinstance(value, dict):
        for key in list(value):
            child = field_schema(schema, key)
            if value[key] is None and not resolve(child).get("nullable") and _typed(child):
                del value[key]
            else:
                drop_nulls(value[key], child)
    elif isinstance(value, list):
        items = item_schema(schema)
        for item in value:
            drop_nulls(item, items)


def _typed(schema: Schema) -> bool:
    node = resolve(schema)
    return "type" in node or "x-kubernetes-int-or-string" in node or "properties" in node
