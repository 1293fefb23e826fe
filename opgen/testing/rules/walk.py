"""Applying the tables to an object: each struct in it, wherever it is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from opgen.testing.errors import Document, FieldError, required
from opgen.testing.objects.schemas import (
    Schema,
    definition_name,
    field_schema,
    item_schema,
    resolve,
)
from opgen.testing.resources.registry import ResourceType
from opgen.testing.rules.admission import ADMISSION
from opgen.testing.rules.checks import Check
from opgen.testing.rules.networking import NETWORKING
from opgen.testing.rules.pods import PODS
from opgen.testing.rules.roles import ROLES
from opgen.testing.rules.scaling import SCALING
from opgen.testing.rules.volumes import VOLUMES
from opgen.testing.rules.workloads import WORKLOADS

STRUCT = ""
"""The key of a check of a whole struct, which comes after those of its fields."""

TABLE: Mapping[str, Mapping[str, Check]] = {
    **PODS,
    **WORKLOADS,
    **NETWORKING,
    **SCALING,
    **VOLUMES,
    **ROLES,
    **ADMISSION,
}
"""The checks of fields, by the names of definitions."""

_OWN_RULES = {"Service", "Role", "ClusterRole"}
"""Kinds whose strategies say what is required."""


def field_problems(document: Document, resource_type: ResourceType) -> Iterator[FieldError]:
    """What is wrong with the fields of a built-in object, and which ones it lacks."""
    schema = resource_type.schema
    lenient = resource_type.kind.kind in _OWN_RULES
    for name, check in TABLE.get(definition_name(schema), {}).items():
        yield from check(document.get(name) if name else document, name)
    for name in () if lenient else _examined(definition_name(schema)):
        if name in document or name == "spec":
            yield from _problems(document.get(name, {}), field_schema(schema, name), name)


@cache
def _examined(definition: str) -> tuple[str, ...]:
    """The fields of a kind below which anything is required or checked, the spec first."""
    declared: Mapping[str, Schema] = resolve({"$ref": definition}).get("properties") or {}
    found = [
        name
        for name, schema in declared.items()
        if name not in ("metadata", "status") and _matters(schema, set())
    ]
    return tuple(sorted(found, key=lambda name: name != "spec"))


def _matters(schema: Schema, seen: set[str]) -> bool:
    """Whether anything in a schema is required or checked; `seen` are definitions on the way."""
    name, node = definition_name(schema), resolve(schema)
    if name in seen:
        return False
    if name in TABLE or node.get("required"):
        return True
    seen = seen | {name} if name else seen
    below = [*(node.get("properties") or {}).values(), node.get("items")]
    below.append(node.get("additionalProperties"))
    return any(isinstance(item, dict) and _matters(item, seen) for item in below)


def _problems(value: Any, schema: Schema, path: str) -> Iterator[FieldError]:
    if isinstance(value, dict):
        node, checks = resolve(schema), TABLE.get(definition_name(schema), {})
        for name in node.get("required") or ():
            if name not in value and name not in checks:
                yield required(f"{path}.{name}")
        for name, check in checks.items():
            if name:
                yield from check(value.get(name), f"{path}.{name}")
        for name, item in value.items():
            if isinstance(item, (dict, list)):
                yield from _problems(item, field_schema(node, name), f"{path}.{name}")
        if STRUCT in checks:
            yield from checks[STRUCT](value, path)
    elif isinstance(value, list):
        items = item_schema(schema)
        for index, item in enumerate(value):
            yield from _problems(item, items, f"{path}[{index}]")
