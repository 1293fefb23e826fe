"""Reading OpenAPI schemas: references, list types, map keys.

A schema is the plain dict that a CRD carries or that `opgen.k8s` has for a built-in definition. A
`$ref` holds the bare name of a built-in definition and is followed here and nowhere else.
"""

from __future__ import annotations

from typing import Any

from opgen.k8s.schemas import OBJECT_META, definitions

Schema = dict[str, Any]

ANYTHING: Schema = {"x-kubernetes-preserve-unknown-fields": True}
OBJECT_META_SCHEMA: Schema = {"$ref": OBJECT_META}


def resolve(schema: Schema) -> Schema:
    """The schema itself, or what it refers to."""
    while (name := schema.get("$ref")) is not None:
        found = _RESOLVED.get(name)
        if found is None:
            found = _RESOLVED[name] = definitions()[name]
        schema = found
    return schema


_RESOLVED: dict[str, Schema] = {}
"""Definitions that were needed before; looked up for every field of every write."""


def definition_name(schema: Schema) -> str:
    """The name of the built-in definition that the schema refers to, or an empty string."""
    name: str = schema.get("$ref", "")
    return name


def properties(schema: Schema) -> dict[str, Schema]:
    """The declared fields of an object."""
    declared: dict[str, Schema] = resolve(schema).get("properties") or {}
    return declared


def field_schema(schema: Schema, name: str) -> Schema:
    """The schema of a field or map value; an unknown field may hold anything."""
    if "$ref" in schema:
        schema = resolve(schema)
    fields = schema.get("properties")
    declared = fields.get(name) if fields else None
    if declared is not None:
        return declared if isinstance(declared, dict) else ANYTHING
    values = schema.get("additionalProperties")
    return values if isinstance(values, dict) else ANYTHING


def item_schema(schema: Schema) -> Schema:
    """The schema of the items of a list."""
    items = resolve(schema).get("items")
    return items if isinstance(items, dict) else ANYTHING


def list_type(schema: Schema) -> str:
    """`map`, `set` or `atomic`."""
    kind: str = resolve(schema).get("x-kubernetes-list-type") or schema.get(
        "x-kubernetes-list-type", "atomic"
    )
    return kind


def map_keys(schema: Schema) -> list[str]:
    """The fields that identify the items of a list of type `map`."""
    keys: list[str] = resolve(schema).get("x-kubernetes-list-map-keys") or []
    return keys


# In a CRD these are atomic, as controller-gen has it from the struct that they embed; the server
# knows better.
_GRANULAR = frozenset(
    f"io.k8s.api.core.v1.{name}"
    for name in (
        "ConfigMapEnvSource",
        "ConfigMapProjection",
        "ConfigMapVolumeSource",
        "SecretEnvSource",
        "SecretProjection",
    )
)


def is_atomic_map(schema: Schema) -> bool:
    """Whether an object is owned and replaced as a whole."""
    if schema.get("$ref") in _GRANULAR:
        return False
    kind = schema.get("x-kubernetes-map-type") or resolve(schema).get("x-kubernetes-map-type")
    return kind == "atomic"


def preserves_unknown(schema: Schema) -> bool:
    """Whether undeclared fields are kept."""
    return bool(resolve(schema).get("x-kubernetes-preserve-unknown-fields"))
