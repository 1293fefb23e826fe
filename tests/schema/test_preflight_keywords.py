"""Rules that name their keywords object to nothing where none of these is."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from opgen.schema.preflight.base import Spot, below
from opgen.schema.preflight.rules import SCHEMA_RULES, rules_for

TYPES = ["string", "integer", "number", "boolean", "array", "object", "null", "text"]
KEYWORDS: dict[str, st.SearchStrategy[Any]] = {
    "type": st.sampled_from(TYPES),
    "format": st.sampled_from(["int32", "ipv4", "odd"]),
    "nullable": st.booleans(),
    "pattern": st.sampled_from(["^a", "(?=a)", "("]),
    "default": st.sampled_from([None, 1, "a", [], {}, {"a": 1}]),
    "required": st.lists(st.sampled_from(["a", "b"]), max_size=2),
    "minimum": st.integers(0, 2),
    "maximum": st.integers(0, 2),
    "exclusiveMaximum": st.booleans(),
    "minItems": st.integers(0, 2),
    "maxItems": st.integers(0, 2),
    "uniqueItems": st.booleans(),
    "$ref": st.sampled_from(["#/x", ""]),
    "definitions": st.just({"a": {}}),
    "anyOf": st.sampled_from(
        [[{"type": "integer"}, {"type": "string"}], [{"required": ["a"]}], [{"pattern": "("}]]
    ),
    "not": st.just({"properties": {"z": {}}}),
    "x-kubernetes-int-or-string": st.booleans(),
    "x-kubernetes-embedded-resource": st.booleans(),
    "x-kubernetes-preserve-unknown-fields": st.booleans(),
    "x-kubernetes-map-type": st.sampled_from(["atomic", "granular", "odd"]),
    "x-kubernetes-list-type": st.sampled_from(["atomic", "set", "map", "odd"]),
    "x-kubernetes-list-map-keys": st.lists(st.sampled_from(["a", "b"]), max_size=2),
    "x-kubernetes-validations": st.lists(
        st.sampled_from([{"rule": ""}, {"rule": "self.a", "fieldPath": ".z", "message": " "}]),
        max_size=1,
    ),
}


def schemas(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    nested = {
        "properties": st.dictionaries(st.sampled_from(["a", "b", "metadata", "kind"]), inner),
        "items": inner,
        "additionalProperties": inner,
    }
    return st.fixed_dictionaries({}, optional={**KEYWORDS, **nested})


@given(
    st.recursive(st.fixed_dictionaries({}, optional=KEYWORDS), schemas, max_leaves=4), st.booleans()
)
def test_nothing_is_missed(schema: dict[str, Any], has_status: bool) -> None:
    path = ("spec", "versions", 0, "schema", "openAPIV3Schema")
    for spot in below(Spot(schema, path, None, has_status)):
        chosen = rules_for(spot)
        for rule in SCHEMA_RULES:
            if rule not in chosen and (rule.everywhere or not spot.is_nested):
                assert list(rule.check(spot)) == [], rule.title


def test_the_order_of_schemas_is_that_of_the_document() -> None:
    schema = {"properties": {"a": {"items": {}}, "b": {}}, "additionalProperties": {}}
    assert [spot.path for spot in below(Spot(schema, ()))] == [
        (),
        ("properties", "a"),
        ("properties", "a", "items"),
        ("properties", "b"),
        ("additionalProperties",),
    ]
