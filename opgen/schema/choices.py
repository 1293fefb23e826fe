"""Unions of dataclasses that are marked with `OneOf`.

A CRD has no union of objects, but an object can have the fields of all of them and say that exactly
one set of required fields is there.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

from opgen.api.markers import JsonSchema
from opgen.schema.annotations import describe
from opgen.schema.nodes import Choice, Node, Object, Place
from opgen.schema.walk import Walker

_KEPT = frozenset({"type", "description", "properties", "required"})
Refuse = Callable[[Place, str, str], None]


def read(walker: Walker, arms: list[Any], place: Place) -> Node:
    """The node of a union whose members are all dataclasses."""
    for arm in arms:
        if not (isinstance(arm, type) and dataclasses.is_dataclass(arm)):
            return walker.refuse(
                place,
                f"{describe(arm)} is no dataclass, as OneOf needs",
                "use dataclasses, or Annotated[Any, Schema({...})]",
            )
    nodes = [walker.object(arm, place) for arm in arms]
    return Choice(tuple(node for node in nodes if isinstance(node, Object)), place)


def merge(node: Choice, schemas: list[JsonSchema], refuse: Refuse) -> JsonSchema:
    """The schema of a choice from those of its arms."""
    properties: JsonSchema = {}
    for arm, schema in zip(node.arms, schemas, strict=True):
        _check_arm(arm, schema, refuse)
        for name, part in schema.get("properties", {}).items():
            if properties.setdefault(name, part) != part:
                refuse(
                    arm.place,
                    f"{name} is not the same in {arm.name} and in another part of the union",
                    f"give {name} the same type, markers and description everywhere",
                )
    required = [set(schema.get("required", ())) for schema in schemas]
    _check_difference(node, required, refuse)
    everywhere = set.intersection(*required) if required else set()
    merged: JsonSchema = {"type": "object", "properties": properties}
    if everywhere:
        merged["required"] = sorted(everywhere)
    merged["oneOf"] = [{"required": sorted(names - everywhere)} for names in required]
    return merged


def _check_arm(arm: Object, schema: JsonSchema, refuse: Refuse) -> None:
    for keyword in sorted(set(schema) - _KEPT):
        refuse(
            arm.place,
            f"{keyword} of {arm.name} would hold for the whole union",
            f"write it as a rule of the field, or as one that asks for a field of {arm.name} first",
        )


def _check_difference(node: Choice, required: list[set[str]], refuse: Refuse) -> None:
    """Complain about arms that cannot be told apart."""
    for arm, names in zip(node.arms, required, strict=True):
        others = [other for other in node.arms if other is not arm]
        for other in others:
            if names <= required[node.arms.index(other)]:
                refuse(
                    node.place,
                    f"{arm.name} requires no field that {other.name} does not require",
                    f"make a field of {arm.name} required that is its own",
                )
