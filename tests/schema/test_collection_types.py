"""Lists, sets and maps: of what, keyed by what, bounded where."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

STRING = {"type": "string"}
INTEGER = {"type": "integer"}
STRINGS = {"type": "array", "items": STRING}
NUMBERS = {"type": "object", "additionalProperties": INTEGER}
KEPT = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}
PLAIN = {
    "type": "object",
    "properties": {"x": INTEGER, "y": {"type": "string", "default": ""}},
    "required": ["x"],
}

TYPES: dict[str, dict[str, Any]] = {
    "list[str]": STRINGS,
    "typing.List[str]": STRINGS,
    "Sequence[str]": STRINGS,
    "Iterable[str]": STRINGS,
    "collections.abc.Collection[str]": STRINGS,
    "collections.abc.MutableSequence[str]": STRINGS,
    "tuple[str, ...]": STRINGS,
    "list[list[str]]": {"type": "array", "items": STRINGS},
    "set[str]": {**STRINGS, "x-kubernetes-list-type": "set"},
    "frozenset[str]": {**STRINGS, "x-kubernetes-list-type": "set"},
    "collections.abc.Set[str]": {**STRINGS, "x-kubernetes-list-type": "set"},
    "collections.abc.MutableSet[str]": {**STRINGS, "x-kubernetes-list-type": "set"},
    "list[str | None]": {"type": "array", "items": {"type": "string", "nullable": True}},
    "dict[str, int]": NUMBERS,
    "typing.Dict[str, int]": NUMBERS,
    "Mapping[str, int]": NUMBERS,
    "MutableMapping[str, int]": NUMBERS,
    "dict[Mode, int]": NUMBERS,
    "dict[Key, int]": NUMBERS,
    "dict[Literal['a', 'b'], int]": NUMBERS,
    "dict[str, dict[str, int]]": {"type": "object", "additionalProperties": NUMBERS},
    "Mapping[str, list[str]]": {"type": "object", "additionalProperties": STRINGS},
    "Annotated[dict, PreserveUnknown]": KEPT,
    "Annotated[dict[str, Any], PreserveUnknown]": KEPT,
    "Annotated[dict[str, Any], EmbeddedResource, PreserveUnknown]": {
        **KEPT,
        "x-kubernetes-embedded-resource": True,
    },
    "Annotated[list[Plain], ListMap('x')]": {
        "type": "array",
        "items": PLAIN,
        "x-kubernetes-list-type": "map",
        "x-kubernetes-list-map-keys": ["x"],
    },
    "Annotated[list[Annotated[str, MinLen(1)]], MaxLen(5)]": {
        "type": "array",
        "items": {"type": "string", "minLength": 1},
        "maxItems": 5,
    },
    "dict[str, Annotated[list[Annotated[str, MinLen(1)]], MaxLen(5)]]": {
        "type": "object",
        "additionalProperties": {
            "type": "array",
            "items": {"type": "string", "minLength": 1},
            "maxItems": 5,
        },
    },
    "Annotated[list[Annotated[str, Doc('An item.')]], Doc('Items.')]": {
        "type": "array",
        "items": {"type": "string", "description": "An item."},
        "description": "Items.",
    },
    "dict[Annotated[str, MaxLen(3), Pattern('^a')], int]": {
        **NUMBERS,
        "x-kubernetes-validations": [
            {"rule": "self.all(key, key.size() <= 3)", "message": "keys: MaxLen(3)"},
            {"rule": 'self.all(key, key.matches("^a"))', "message": "keys: Pattern('^a')"},
        ],
    },
    "dict[Annotated[str, MinLen(1), Enum('a', 'b')], int]": {
        **NUMBERS,
        "x-kubernetes-validations": [
            {"rule": "self.all(key, key.size() >= 1)", "message": "keys: MinLen(1)"},
            {"rule": 'self.all(key, key in ["a", "b"])', "message": "keys: Enum('a', 'b')"},
        ],
    },
}


@pytest.mark.parametrize("annotation", TYPES)
def test_type(annotation: str, field_schema: Callable[[str], dict[str, Any]]) -> None:
    assert field_schema(annotation) == TYPES[annotation]


def test_conditions(field_schema: Callable[[str], dict[str, Any]]) -> None:
    schema = field_schema("Annotated[list[Condition], ListMap('type')]")
    assert schema["x-kubernetes-list-map-keys"] == ["type"]
    assert schema["x-kubernetes-list-type"] == "map"
    items = schema["items"]
    assert items["required"] == ["lastTransitionTime", "message", "reason", "status", "type"]
    assert list(items["properties"]) == [
        "type",
        "status",
        "reason",
        "message",
        "lastTransitionTime",
        "observedGeneration",
    ]
