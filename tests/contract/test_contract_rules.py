"""CEL rules of CRDs, and what an update need not mend."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

GROUP = "rules.example.com"
MERGE = "application/merge-patch+json"
STRING = {"type": "string", "maxLength": 20}
INTEGER = {"type": "integer"}

SPEC: dict[str, Any] = {
    "type": "object",
    "properties": {
        "least": INTEGER,
        "most": INTEGER,
        "name": STRING
        | {"x-kubernetes-validations": [{"rule": "self == oldSelf", "message": "stays as it is"}]},
        "even": INTEGER | {"x-kubernetes-validations": [{"rule": "self % 2 == 0"}]},
        "told": INTEGER
        | {
            "x-kubernetes-validations": [
                {"rule": "self < 10", "messageExpression": "self > 11 ? 'much' : 'more'"}
            ]
        },
        "broken": INTEGER
        | {
            "x-kubernetes-validations": [
                {"rule": "self < 10", "messageExpression": "[''][self]", "message": "too much"}
            ]
        },
        "reasoned": INTEGER
        | {
            "x-kubernetes-validations": [
                {"rule": "self != 1", "reason": "FieldValueForbidden", "message": "never one"},
                {"rule": "self != 2", "reason": "FieldValueRequired", "message": "need another"},
                {"rule": "self != 3", "reason": "FieldValueDuplicate"},
            ]
        },
        "pair": {
            "type": "object",
            "properties": {"a": INTEGER, "b": INTEGER},
            "x-kubernetes-validations": [
                {"rule": "self.a < self.b", "fieldPath": ".b", "message": "must exceed a"}
            ],
        },
        "items": {
            "type": "array",
            "maxItems": 5,
            "x-kubernetes-list-type": "map",
            "x-kubernetes-list-map-keys": ["key"],
            "items": {
                "type": "object",
                "required": ["key"],
                "properties": {
                    "key": STRING,
                    "value": INTEGER
                    | {
                        "x-kubernetes-validations": [
                            {"rule": "self >= oldSelf", "message": "must grow"}
                        ]
                    },
                },
            },
        },
        "labels": {
            "type": "object",
            "maxProperties": 5,
            "additionalProperties": STRING
            | {"x-kubernetes-validations": [{"rule": "self.startsWith('x')", "message": "no x"}]},
        },
        "once": INTEGER
        | {
            "x-kubernetes-validations": [
                {
                    "rule": "!oldSelf.hasValue() || oldSelf.value() == self",
                    "optionalOldSelf": True,
                    "message": "set once",
                }
            ]
        },
        "short": {"type": "string"},
        "tags": {"type": "array", "items": {"type": "string"}},
    },
    "x-kubernetes-validations": [
        {"rule": "!has(self.least) || !has(self.most) || self.least <= self.most"}
    ],
}
ROOT = [{"rule": "self.metadata.name != 'forbidden'", "message": "no such name"}]


def definition(spec: dict[str, Any]) -> dict[str, Any]:
    schema = {
        "type": "object",
        "properties": {"spec": spec},
        "x-kubernetes-validations": ROOT,
    }
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": f"rulers.{GROUP}"},
        "spec": {
            "group": GROUP,
            "scope": "Namespaced",
            "names": {"plural": "rulers", "kind": "Ruler"},
            "versions": [
                {
                    "name": "v1",
                    "served": True,
                    "storage": True,
                    "schema": {"openAPIV3Schema": schema},
                }
            ],
        },
    }


CRD = f"/apis/apiextensions.k8s.io/v1/customresourcedefinitions/rulers.{GROUP}"


class Rulers:
    """Objects of the CRD."""

    def __init__(self, api: Any) -> None:
        self.api = api

    def path(self, name: str = "") -> str:
        path: str = self.api.path("rulers", name, group=f"{GROUP}/v1")
        return path

    def make(self, name: str = "a", **spec: Any) -> Any:
        document = {
            "apiVersion": f"{GROUP}/v1",
            "kind": "Ruler",
            "metadata": {"name": name},
            "spec": spec,
        }
        return self.api.send("POST", self.path(), document)

    def patch(self, name: str = "a", **spec: Any) -> Any:
        return self.api.send("PATCH", self.path(name), {"spec": spec}, content_type=MERGE)

    def tighten(self, **properties: Any) -> None:
        """Replace the schemas of properties, and wait until that counts."""
        spec = {**SPEC, "properties": {**SPEC["properties"], **properties}}
        patch = {"spec": {"versions": definition(spec)["spec"]["versions"]}}
        assert self.api.send("PATCH", CRD, patch, content_type=MERGE).code == 200


@pytest.fixture
def rulers(api: Any) -> Iterator[Rulers]:
    api.cluster.install(definition(SPEC))
    api.eventually(Rulers(api).path(), 200)
    yield Rulers(api)
    api.send("DELETE", CRD)
    api.eventually(CRD, 404)


def test_rules_that_hold(rulers: Any) -> None:
    answer = rulers.make(least=1, most=2, even=2, told=1, pair={"a": 1, "b": 2})
    assert answer.code == 201, answer.body


@pytest.mark.parametrize(
    ("spec", "field", "message", "reason"),
    [
        (
            {"least": 3, "most": 2},
            "spec",
            "Invalid value: failed rule: !has(self.least) || !has(self.most) || "
            "self.least <= self.most",
            "FieldValueInvalid",
        ),
        ({"even": 3}, "spec.even", "Invalid value: 3: failed rule: self % 2 == 0", None),
        ({"told": 12}, "spec.told", "Invalid value: 12: much", None),
        ({"broken": 12}, "spec.broken", "Invalid value: 12: too much", None),
        ({"reasoned": 1}, "spec.reasoned", "Forbidden: never one", "FieldValueForbidden"),
        ({"reasoned": 2}, "spec.reasoned", "Required value: need another", "FieldValueRequired"),
        ({"reasoned": 3}, "spec.reasoned", "Duplicate value: 3", "FieldValueDuplicate"),
        ({"pair": {"a": 2, "b": 1}}, "spec.pair.b", "Invalid value: must exceed a", None),
        (
            {"pair": {"a": 2}},
            "spec.pair",
            'Invalid value: "object": no such key: b evaluating rule: must exceed a',
            None,
        ),
        ({"labels": {"k": "a"}}, "spec.labels[k]", 'Invalid value: "a": no x', None),
    ],
    ids=lambda value: str(value)[:30] if isinstance(value, dict) else "",
)
def test_a_rule_that_does_not_hold(
    rulers: Any, spec: Any, field: str, message: str, reason: Any
) -> None:
    answer = rulers.make(**spec)
    assert answer.code == 422, answer.body
    [cause] = answer.causes
    assert (cause["field"], cause["message"]) == (field, message)
    assert cause["reason"] == (reason or "FieldValueInvalid")


def test_a_rule_of_the_whole_object(rulers: Any) -> None:
    answer = rulers.make("forbidden")
    expected = 'Ruler.rules.example.com "forbidden" is invalid: <nil>: Invalid value: no such name'
    assert answer.message == expected


def test_a_transition_rule(rulers: Any) -> None:
    assert rulers.make("x").code == 201
    rulers.api.send("DELETE", rulers.path("x"))
    document = {
        "apiVersion": f"{GROUP}/v1",
        "kind": "Ruler",
        "metadata": {"name": "a"},
        "spec": {"name": "one"},
    }
    assert rulers.api.send("POST", rulers.path(), document).code == 201
    patch = {"spec": {"name": "two"}}
    answer = rulers.api.send("PATCH", rulers.path("a"), patch, content_type=MERGE)
    [cause] = answer.causes
    assert (cause["field"], cause["message"]) == (
        "spec.name",
        'Invalid value: "two": stays as it is',
    )


def test_a_transition_rule_below_a_list_map(rulers: Any) -> None:
    assert rulers.make(items=[{"key": "a", "value": 5}]).code == 201
    assert rulers.patch(items=[{"key": "b", "value": 1}, {"key": "a", "value": 6}]).code == 200
    answer = rulers.patch(items=[{"key": "b", "value": 1}, {"key": "a", "value": 2}])
    [cause] = answer.causes
    assert (cause["field"], cause["message"]) == (
        "spec.items[1].value",
        "Invalid value: 2: must grow",
    )


def test_optional_old_self(rulers: Any) -> None:
    assert rulers.make(once=1).code == 201
    assert rulers.patch(once=1, least=1).code == 200
    assert rulers.patch(once=2).causes[0]["message"] == "Invalid value: 2: set once"


def test_rules_are_not_run_on_what_is_invalid_anyway(rulers: Any) -> None:
    answer = rulers.make(even=3, least="x")
    assert answer.code == 422
    assert answer.causes[-1]["field"] == "<nil>"
    assert answer.causes[-1]["message"] == (
        "Invalid value: null: some validation rules were not checked because the object was "
        "invalid; correct the existing errors to complete validation"
    )


def invalid_eventually(rulers: Any, **spec: Any) -> None:
    """Wait until the tightened schema counts for new objects."""
    rulers.api.cluster.eventually(lambda: rulers.make("probe", **spec).code == 422, timeout=120)


def test_an_unchanged_value_may_break_a_new_schema(rulers: Any) -> None:
    assert rulers.make(short="too long by now").code == 201
    rulers.tighten(short={"type": "string", "maxLength": 3})
    invalid_eventually(rulers, short="too long")
    assert rulers.patch(least=1).code == 200
    assert rulers.patch(short="still too long").code == 422


def test_an_unchanged_value_may_break_a_new_rule_with_a_warning(rulers: Any) -> None:
    assert rulers.make(short="x").code == 201
    rule = {"rule": "self.startsWith('y')", "message": "must begin with y"}
    rulers.tighten(short={"type": "string", "maxLength": 9, "x-kubernetes-validations": [rule]})
    invalid_eventually(rulers, short="x")
    answer = rulers.patch(least=1)
    assert answer.code == 200
    warning = 'spec.short: Invalid value: \\"x\\": must begin with y'
    assert answer.headers["warning"] == f'299 - "{warning}"'
    assert rulers.patch(short="z").code == 422


def test_items_of_plain_lists_are_not_compared(rulers: Any) -> None:
    assert rulers.make(tags=["long", "x"]).code == 201
    rulers.tighten(tags={"type": "array", "items": {"type": "string", "maxLength": 2}})
    invalid_eventually(rulers, tags=["long"])
    assert rulers.patch(least=1).code == 200
    assert rulers.patch(tags=["long", "y"]).code == 422


@pytest.mark.parametrize(
    ("rule", "text"),
    [
        ({"rule": "self.nothing == 1"}, "undefined field 'nothing'"),
        ({"rule": "1"}, "cel expression must evaluate to a bool"),
        ({"rule": "self >"}, "Syntax error"),
        ({"rule": ""}, "Required value"),
        ({"rule": "true", "messageExpression": "1"}, "messageExpression must evaluate to a string"),
    ],
    ids=["field", "type", "syntax", "empty", "message"],
)
def test_a_rule_that_cannot_be_compiled(api: Any, rule: Any, text: str) -> None:
    document = definition({"type": "object", "x-kubernetes-validations": [rule]})
    path = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
    answer = api.send("POST", path, document, dryRun="All")
    assert answer.code == 422
    assert text in answer.message
