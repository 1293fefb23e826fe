"""Every marker in every place where `Annotated` can stand: it works there, or is refused there.

Of markers on schemas, the places are the field, an alias, a new type, list items, and map values at
any depth; on the keys of a map some of them become CEL rules. Markers on fields and on classes are
refused elsewhere.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from opgen.api.markers import MARKERS, FieldMarker, SchemaMarker, TypeMarker
from opgen.schema import Derived

STRING = {"type": "string"}
INTEGER = {"type": "integer"}
STRINGS = {"type": "array", "items": STRING}
TEXTS = {"type": "object", "additionalProperties": STRING}
ANYTHING: dict[str, Any] = {}
EITHER = {"anyOf": [INTEGER, STRING], "x-kubernetes-int-or-string": True}
PRESERVED = {"x-kubernetes-preserve-unknown-fields": True}
PLAIN = {
    "type": "object",
    "properties": {"x": INTEGER, "y": {"type": "string", "default": ""}},
    "required": ["x"],
}
ITEMS = {"type": "array", "items": PLAIN}

WORKS: list[tuple[str, str, dict[str, Any], dict[str, Any]]] = [
    # marker, annotated type, schema of the type, what the marker adds
    ("Ge(1)", "int", INTEGER, {"minimum": 1}),
    ("Gt(1)", "int", INTEGER, {"minimum": 1, "exclusiveMinimum": True}),
    ("Le(9)", "int", INTEGER, {"maximum": 9}),
    ("Lt(9)", "int", INTEGER, {"maximum": 9, "exclusiveMaximum": True}),
    ("MultipleOf(5)", "int", INTEGER, {"multipleOf": 5}),
    ("MinLen(1)", "str", STRING, {"minLength": 1}),
    ("MaxLen(9)", "str", STRING, {"maxLength": 9}),
    ("MinLen(1)", "list[str]", STRINGS, {"minItems": 1}),
    ("MaxLen(9)", "list[str]", STRINGS, {"maxItems": 9}),
    ("MinLen(1)", "dict[str, str]", TEXTS, {"minProperties": 1}),
    ("MaxLen(9)", "dict[str, str]", TEXTS, {"maxProperties": 9}),
    ("MinLen(1)", "Plain", PLAIN, {"minProperties": 1}),
    ("MaxLen(9)", "Plain", PLAIN, {"maxProperties": 9}),
    ("MaxLen(9)", "IntOrString", EITHER, {"maxLength": 9}),
    ("Pattern('^a')", "str", STRING, {"pattern": "^a"}),
    ("Pattern('^a')", "IntOrString", EITHER, {"pattern": "^a"}),
    ("Format('ipv4')", "str", STRING, {"format": "ipv4"}),
    ("Enum('a', '')", "str", STRING, {"enum": ["a", ""]}),
    ("Enum(1, 2)", "int", INTEGER, {"enum": [1, 2]}),
    ("Enum(1, 'a')", "IntOrString", EITHER, {"enum": [1, "a"]}),
    (
        "ListMap('x')",
        "list[Plain]",
        ITEMS,
        {"x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["x"]},
    ),
    ("ListSet", "list[str]", STRINGS, {"x-kubernetes-list-type": "set"}),
    ("ListAtomic", "list[str]", STRINGS, {"x-kubernetes-list-type": "atomic"}),
    ("MapAtomic", "dict[str, str]", TEXTS, {"x-kubernetes-map-type": "atomic"}),
    ("MapGranular", "Plain", PLAIN, {"x-kubernetes-map-type": "granular"}),
    ("Nullable", "str", STRING, {"nullable": True}),
    (
        "Descriptions({'[]': 'A name.'})",
        "list[str]",
        STRINGS,
        {"items": {**STRING, "description": "A name."}},
    ),
    ("Doc('Two\\nlines.')", "str", STRING, {"description": "Two\nlines."}),
    ("Title('T')", "str", STRING, {"title": "T"}),
    ("Example('e')", "str", STRING, {"example": "e"}),
    ("Example({'x': 1})", "Plain", PLAIN, {"example": {"x": 1}}),
    (
        "ExternalDocs('https://a.b', 'More')",
        "str",
        STRING,
        {"externalDocs": {"url": "https://a.b", "description": "More"}},
    ),
    ("CEL('self > 1')", "int", INTEGER, {"x-kubernetes-validations": [{"rule": "self > 1"}]}),
    ("PreserveUnknown", "Plain", PLAIN, PRESERVED),
    ("PreserveUnknown", "Any", ANYTHING, PRESERVED),
    (
        "EmbeddedResource",
        "Plain",
        PLAIN,
        {"x-kubernetes-embedded-resource": True},
    ),
    ("IntOrStringValue", "Any", ANYTHING, EITHER),
    ("Schema({'type': 'string'})", "Any", ANYTHING, STRING),
    ("Schema({'oneOf': [{'required': ['y']}]})", "Plain", PLAIN, {"oneOf": [{"required": ["y"]}]}),
    ("Default('a')", "str", STRING, {"default": "a"}),
]
PLACES: dict[str, tuple[str, tuple[str, ...], str]] = {
    # the field's annotation, the way to the marked schema, what stands above the class
    "field": ("Annotated[{type}, {marker}]", (), ""),
    "optional": ("Annotated[{type} | None, {marker}] = None", (), ""),
    "inside": ("Annotated[{type}, {marker}] | None = None", (), ""),
    "alias": ("Alias", (), "Alias = Annotated[{type}, {marker}]"),
    "item": ("list[Annotated[{type}, {marker}]]", ("items",), ""),
    "value": ("dict[str, Annotated[{type}, {marker}]]", ("additionalProperties",), ""),
    "value-alias": (
        "dict[str, Alias]",
        ("additionalProperties",),
        "Alias = Annotated[{type}, {marker}]",
    ),
    "deep": (
        "dict[str, list[dict[str, Annotated[{type}, {marker}]]]]",
        ("additionalProperties", "items", "additionalProperties"),
        "",
    ),
}


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("row", WORKS, ids=lambda row: f"{row[0]} on {row[1]}")
def test_works(
    row: tuple[str, str, dict[str, Any], dict[str, Any]],
    place: str,
    spec: Callable[..., Derived],
) -> None:
    marker, kind, plain, added = row
    annotation, way, above = PLACES[place]
    said = {"type": kind, "marker": marker}
    derived = spec(f"x: {annotation.format(**said)}", above.format(**said))
    assert [p for p in derived.problems if p.severity == "error"] == []
    root = derived.documents[0]["spec"]["versions"][0]["schema"]["openAPIV3Schema"]
    schema = root["properties"]["spec"]["properties"]["x"]
    for step in way:
        schema = schema[step]
    assert schema == {**plain, **added}


KEYS: dict[str, str] = {
    "MinLen(1)": "key.size() >= 1",
    "MaxLen(3)": "key.size() <= 3",
    "Pattern('^\"a')": 'key.matches("^\\"a")',
    "Enum('a', 'b')": 'key in ["a", "b"]',
}
NOT_ON_KEYS = [
    *("Format('ipv4')", "Nullable", "Default('a')", "Doc('d')", "Title('t')", "Example('e')"),
    *("ExternalDocs('https://a.b')", "CEL('self == 1')", "PreserveUnknown", "EmbeddedResource"),
    *("IntOrStringValue", "Schema({})", "ListSet", "MapAtomic", "Ge(1)", "OneOf"),
]


@pytest.mark.parametrize("marker", KEYS)
def test_on_keys(marker: str, spec_schema: Callable[..., dict[str, Any]]) -> None:
    inner_map = f"Annotated[dict[Annotated[str, {marker}], int], MaxLen(9)]"
    schema = spec_schema(f"x: Annotated[dict[str, {inner_map}], MaxLen(9)]")
    inner = schema["properties"]["x"]["additionalProperties"]
    (rule,) = inner["x-kubernetes-validations"]
    assert rule == {"rule": f"self.all(key, {KEYS[marker]})", "message": f"keys: {marker}"}


@pytest.mark.parametrize("marker", NOT_ON_KEYS)
def test_not_on_keys(marker: str, spec: Callable[..., Derived]) -> None:
    problem = spec(f"x: dict[Annotated[str, {marker}], int]").problems[0]
    assert problem.message == f"{marker} cannot constrain the keys of a map"
    assert problem.hint == "remove it from the key"


FIELDS = [
    *("Name('a')", "Required", "Optional", "NoDefault", "Immutable", "PrintColumn('A')"),
    *("Selectable", "SpecReplicas", "StatusReplicas", "ReplicasSelector"),
]
CLASSES = ["AtMostOneOf('a')", "ExactlyOneOf('a')", "AtLeastOneOf('a')"]


@pytest.mark.parametrize("marker", FIELDS)
@pytest.mark.parametrize(
    "annotation", ["list[Annotated[str, {}]]", "dict[str, Annotated[str, {}]]"]
)
def test_markers_of_fields_elsewhere(
    marker: str, annotation: str, spec: Callable[..., Derived]
) -> None:
    (problem,) = spec(f"x: {annotation.format(marker)}").problems
    assert problem.message == f"{marker} belongs on a field, not on the items of a list or map"
    assert problem.hint == "move it into the outermost Annotated of the field"


@pytest.mark.parametrize("marker", CLASSES)
def test_markers_of_classes_elsewhere(marker: str, spec: Callable[..., Derived]) -> None:
    (problem,) = spec(f"x: Annotated[str, {marker}]").problems
    assert problem.message == f"{marker} belongs on a dataclass, not on a field"


def test_every_marker_is_here() -> None:
    def names(kind: type) -> set[str]:
        return {marker.__name__ for marker in MARKERS if issubclass(marker, kind)}

    def written(rows: list[str]) -> set[str]:
        return {row.partition("(")[0] for row in rows}

    on_schemas = written([row[0] for row in WORKS])
    assert on_schemas | {"OneOf"} == names(SchemaMarker)
    assert written(FIELDS) == names(FieldMarker)
    assert written(CLASSES) == names(TypeMarker)
    assert written([*KEYS, *NOT_ON_KEYS]) | {
        *("Gt", "Le", "Lt", "MultipleOf", "ListMap", "ListAtomic", "MapGranular", "Descriptions"),
    } == names(SchemaMarker)
