"""Changes of CRDs: each rule in both directions."""

from __future__ import annotations

import copy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from opgen.schema.compare import Change, compare
from opgen.schema.compare.keywords import RULES

OLD: dict[str, Any] = {
    "spec": {
        "group": "example.com",
        "names": {"kind": "Thing", "plural": "things", "shortNames": ["th"]},
        "scope": "Namespaced",
        "versions": [
            {
                "name": name,
                "served": True,
                "storage": name == "v1",
                "subresources": {"status": {}},
                "schema": {"openAPIV3Schema": {"type": "object", "properties": {}}},
            }
            for name in ("v1", "v2")
        ],
    }
}
STRINGS = {"type": "array", "items": {"type": "string"}}
ENTRY = {"type": "object", "properties": {"a": {"type": "string"}}}
RULE = {"rule": "self.a != ''"}

# Before, after, what is said of the way there and of the way back.
FIELDS: list[tuple[dict[str, Any], dict[str, Any], str, str]] = [
    ({"minimum": 1}, {"minimum": 2}, "! minimum was 1 and is 2", "minimum was 2 and is 1"),
    ({}, {"minLength": 1}, "! minLength 1 is new", "minLength 1 is gone"),
    ({"maximum": 2}, {"maximum": 1}, "! maximum was 2 and is 1", "maximum was 1 and is 2"),
    ({}, {"maxItems": 1}, "! maxItems 1 is new", "maxItems 1 is gone"),
    ({}, {"exclusiveMinimum": True}, "! exclusiveMinimum is new", "exclusiveMinimum is gone"),
    (
        {"multipleOf": 2},
        {"multipleOf": 4},
        "! multipleOf was 2 and is 4",
        "multipleOf was 4 and is 2",
    ),
    ({}, {"pattern": "^a"}, '! pattern "^a" is new', 'pattern "^a" is gone'),
    ({}, {"format": "date"}, '! format "date" is new', 'format "date" is gone'),
    ({"enum": ["a", "b"]}, {"enum": ["a"]}, '! enum has lost "b"', 'enum has "b" as well'),
    ({}, {"enum": ["a"]}, '! enum ["a"] is new', 'enum ["a"] is gone'),
    ({}, {"default": 1}, "! the default 1 is new", "! the default 1 is gone"),
    (
        {"default": 1},
        {"default": 2},
        "! the default was 1 and is 2",
        "! the default was 2 and is 1",
    ),
    (
        {"type": "number"},
        {"type": "integer"},
        "! the type was number and is integer",
        "the type was integer and is number",
    ),
    ({"nullable": True}, {}, "! nullable is gone", "nullable is new"),
    (
        {"type": "object", "x-kubernetes-preserve-unknown-fields": True},
        {"type": "object"},
        "! x-kubernetes-preserve-unknown-fields is gone",
        "x-kubernetes-preserve-unknown-fields is new",
    ),
    (
        {**STRINGS, "x-kubernetes-list-type": "atomic"},
        {**STRINGS, "x-kubernetes-list-type": "set"},
        '! x-kubernetes-list-type was "atomic" and is "set"',
        '! x-kubernetes-list-type was "set" and is "atomic"',
    ),
    (
        {},
        {"x-kubernetes-validations": [RULE]},
        "! the rule \"self.a != ''\" is new",
        "the rule \"self.a != ''\" is gone",
    ),
    ({}, {"description": "A thing."}, "description has changed", "description has changed"),
    (ENTRY, {"type": "object", "properties": {}}, "! the field is gone", "the field is new"),
    (ENTRY, {**ENTRY, "required": ["a"]}, "! a is required now", "a is not required any more"),
    (
        STRINGS,
        {"type": "array", "items": {"type": "string", "maxLength": 3}},
        "! maxLength 3 is new",
        "maxLength 3 is gone",
    ),
    (
        {"type": "object", "additionalProperties": {"type": "string"}},
        {"type": "object"},
        "! additionalProperties is gone",
        "additionalProperties is new",
    ),
]


FIELDS += [
    # What kubernetes-sigs/crdify checks and is not above.
    ({}, {"minimum": 1}, "! minimum 1 is new", "minimum 1 is gone"),
    ({}, {"maximum": 1}, "! maximum 1 is new", "maximum 1 is gone"),
    ({"minLength": 1}, {"minLength": 2}, "! minLength was 1 and is 2", "minLength was 2 and is 1"),
    ({"maxLength": 2}, {"maxLength": 1}, "! maxLength was 2 and is 1", "maxLength was 1 and is 2"),
    ({"minItems": 1}, {"minItems": 2}, "! minItems was 1 and is 2", "minItems was 2 and is 1"),
    ({"maxItems": 2}, {"maxItems": 1}, "! maxItems was 2 and is 1", "maxItems was 1 and is 2"),
    ({}, {"minProperties": 1}, "! minProperties 1 is new", "minProperties 1 is gone"),
    ({}, {"maxProperties": 1}, "! maxProperties 1 is new", "maxProperties 1 is gone"),
    ({}, {"exclusiveMaximum": True}, "! exclusiveMaximum is new", "exclusiveMaximum is gone"),
    ({}, {"uniqueItems": True}, "! uniqueItems is new", "uniqueItems is gone"),
    (
        {"pattern": "^a"},
        {"pattern": "^b"},
        '! pattern was "^a" and is "^b"',
        '! pattern was "^b" and is "^a"',
    ),
    (
        {"format": "date"},
        {"format": "uuid"},
        '! format was "date" and is "uuid"',
        '! format was "uuid" and is "date"',
    ),
    *(
        (
            {},
            {word: [{"required": ["a"]}]},
            f'! {word} [{{"required": ["a"]}}] is new',
            f'{word} [{{"required": ["a"]}}] is gone',
        )
        for word in ("allOf", "anyOf", "oneOf")
    ),
    (
        {},
        {"not": {"required": ["a"]}},
        '! not {"required": ["a"]} is new',
        'not {"required": ["a"]} is gone',
    ),
    (
        {"type": "string"},
        {"type": "integer"},
        "! the type was string and is integer",
        "! the type was integer and is string",
    ),
]


FIELDS += [
    (
        {"x-kubernetes-validations": [RULE]},
        {"x-kubernetes-validations": [{**RULE, "message": "m"}]},
        "the rule \"self.a != ''\" tells something else",
        "the rule \"self.a != ''\" tells something else",
    ),
    (
        {"x-kubernetes-validations": [RULE]},
        {"x-kubernetes-validations": [{**RULE, "optionalOldSelf": True}]},
        "! the rule \"self.a != ''\" holds at creation as well",
        "the rule \"self.a != ''\" holds for updates only",
    ),
]
CRDIFY: dict[str, tuple[str, str]] = {
    # Each validation of crdify and what must be told here, of the way there and of the way back.
    "scope": ("breaking", "breaking"),
    "existingFieldRemoval": ("breaking", "compatible"),
    "storedVersionRemoval": ("breaking", "compatible"),
    "type": ("breaking", "breaking"),
    "required": ("breaking", "compatible"),
    "enum": ("breaking", "compatible"),
    "default": ("breaking", "breaking"),
    "format": ("breaking", "compatible"),
    "pattern": ("breaking", "compatible"),
    "description": ("compatible", "compatible"),
    "xvalidations": ("breaking", "compatible"),
    "nullable": ("breaking", "compatible"),
    **dict.fromkeys(("minimum", "minLength", "minItems"), ("breaking", "compatible")),
    **dict.fromkeys(("maximum", "maxLength", "maxItems"), ("breaking", "compatible")),
    **dict.fromkeys(("minProperties", "maxProperties"), ("breaking", "compatible")),
    **dict.fromkeys(("exclusiveMinimum", "exclusiveMaximum"), ("breaking", "compatible")),
    **dict.fromkeys(("uniqueItems", "allOf", "anyOf"), ("breaking", "compatible")),
    **dict.fromkeys(("oneOf", "not"), ("breaking", "compatible")),
}
"""crdify counts what lets more through as incompatible too, unless it is configured otherwise."""
CHANGES: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "type": ({"type": "string"}, {"type": "boolean"}),
    "required": ({"type": "object"}, {"type": "object", "required": ["a"]}),
    "enum": ({"enum": ["a", "b"]}, {"enum": ["a"]}),
    "nullable": ({"nullable": True}, {}),
    "xvalidations": ({}, {"x-kubernetes-validations": [RULE]}),
    **{word: ({}, {word: [{"minLength": 1}]}) for word in ("allOf", "anyOf", "oneOf")},
    "not": ({}, {"not": {"minLength": 1}}),
    **{word: ({}, {word: "date"}) for word in ("default", "format", "pattern", "description")},
    **{word: ({}, {word: True}) for word in ("exclusiveMinimum", "exclusiveMaximum")},
    "uniqueItems": ({}, {"uniqueItems": True}),
}


@pytest.mark.parametrize("validation", CRDIFY)
def test_no_validation_of_crdify_is_missing(validation: str) -> None:
    there, back = CRDIFY[validation]
    old, new = copy.deepcopy(OLD), copy.deepcopy(OLD)
    if validation == "scope":
        new["spec"]["scope"] = "Cluster"
    elif validation == "storedVersionRemoval":
        new["spec"]["versions"].pop(0)
    elif validation == "existingFieldRemoval":
        old = with_field({"type": "string"})
    else:
        before, after = CHANGES.get(validation, ({}, {validation: 1}))
        old, new = with_field(before), with_field(after)
    assert there in {change.severity for change in compare(old, new)}
    assert back in {change.severity for change in compare(new, old)}


def with_field(schema: dict[str, Any]) -> dict[str, Any]:
    document = copy.deepcopy(OLD)
    root = document["spec"]["versions"][0]["schema"]["openAPIV3Schema"]
    root["properties"] = {"x": schema}
    return document


def said(changes: list[Change]) -> list[str]:
    return [f"{'! ' if c.severity == 'breaking' else ''}{c.message}" for c in changes]


@pytest.mark.parametrize(("old", "new", "there", "back"), FIELDS)
def test_fields(old: dict[str, Any], new: dict[str, Any], there: str, back: str) -> None:
    before, after = with_field(old), with_field(new)
    assert said(compare(before, after)) == [there]
    assert said(compare(after, before)) == [back]
    assert all(change.path.startswith("v1: .x") for change in compare(before, after))


def test_a_number_may_become_a_number_or_text() -> None:
    either = {"anyOf": [{"type": "integer"}, {"type": "string"}]}
    new = with_field({**either, "x-kubernetes-int-or-string": True})
    assert said(compare(with_field({"type": "integer"}), new)) == ["integer became int-or-string"]


def test_a_required_field_with_a_default_breaks_nobody() -> None:
    new = {"type": "object", "properties": {"a": {"type": "string", "default": ""}}}
    changes = compare(
        with_field({"type": "object", "properties": {}}), with_field({**new, "required": ["a"]})
    )
    assert said(changes) == ["a is required now and has a default", "the field is new"]


def version(document: dict[str, Any], **changes: Any) -> None:
    document["spec"]["versions"][1].update(changes)


DOCUMENTS: list[tuple[Callable[[dict[str, Any]], Any], str, str]] = [
    (
        lambda d: d["spec"].update(scope="Cluster"),
        "spec.scope",
        '! was "Namespaced" and is "Cluster"',
    ),
    (
        lambda d: d["spec"]["names"].update(plural="stuff"),
        "spec.names.plural",
        '! was "things" and is "stuff"',
    ),
    (lambda d: d["spec"]["names"].update(shortNames=[]), "spec.names.shortNames", "! th is gone"),
    (
        lambda d: d["spec"]["names"].update(categories=["all"]),
        "spec.names.categories",
        "all is new",
    ),
    (lambda d: d["spec"]["versions"].pop(), "v2: ", "! the version is gone"),
    (
        lambda d: d["spec"]["versions"].pop(0),
        "v1: ",
        "! the version is gone, and objects may be stored in it",
    ),
    (
        lambda d: d["spec"]["versions"].append({"name": "v3"}),
        "v3: ",
        "the version is new",
    ),
    (lambda d: version(d, served=False), "v2: ", "! the version is not served"),
    (
        lambda d: version(d, storage=True),
        "v2: ",
        "the version is stored now; migrate what is stored",
    ),
    (lambda d: version(d, deprecated=True), "v2: ", "the version is deprecated"),
    (
        lambda d: version(d, deprecationWarning="use v1"),
        "v2: ",
        "the version warns in other words",
    ),
    (
        lambda d: d["spec"]["versions"][0].update(storage=False),
        "v1: ",
        "the version is not stored any more",
    ),
    (lambda d: version(d, subresources={}), "v2: ", "! the subresource status is gone"),
    (
        lambda d: version(d, subresources={"status": {}, "scale": {"specReplicasPath": ".a"}}),
        "v2: ",
        "the subresource scale is new",
    ),
    (
        lambda d: version(d, selectableFields=[{"jsonPath": ".spec.a"}]),
        "v2: ",
        ".spec.a is selectable now",
    ),
    (
        lambda d: version(d, additionalPrinterColumns=[{"name": "A"}]),
        "v2: ",
        "the printer columns have changed",
    ),
]


@pytest.mark.parametrize(("change", "path", "message"), DOCUMENTS)
def test_documents(change: Callable[[dict[str, Any]], Any], path: str, message: str) -> None:
    new = copy.deepcopy(OLD)
    change(new)
    changes = compare(OLD, new)
    assert (changes[0].path, said(changes)) == (path, [message])


WEBHOOK = {"strategy": "Webhook", "webhook": {"conversionReviewVersions": ["v1"]}}


def converted(document: dict[str, Any], conversion: Any = WEBHOOK) -> dict[str, Any]:
    return {**document, "spec": {**document["spec"], "conversion": conversion}}


def test_conversion() -> None:
    with_webhook = converted(OLD)
    other = converted(OLD, {**WEBHOOK, "webhook": {"conversionReviewVersions": ["v2"]}})
    assert said(compare(with_webhook, OLD)) == ["! the webhook is gone"]
    assert said(compare(OLD, with_webhook)) == ["a webhook converts now"]
    assert said(compare(with_webhook, other)) == ["the webhook has changed"]
    one = copy.deepcopy(OLD)
    one["spec"]["versions"].pop()
    assert said(compare(converted(one), one)) == ["the webhook is gone"]


def test_unknown_fields_were_kept() -> None:
    old = {**OLD, "spec": {**OLD["spec"], "preserveUnknownFields": True}}
    assert said(compare(old, OLD)) == ["! unknown fields are dropped now"]


def test_served_versions_that_nothing_converts() -> None:
    new = with_field({"type": "string"})
    assert [(change.path, change.message) for change in compare(OLD, new)] == [
        ("v1: .x", "the field is new"),
        ("v1 read as v2: .x", "the field is gone"),
    ]
    # It was so before, or a webhook converts: nobody is worse off.
    assert compare(new, copy.deepcopy(new)) == []
    assert said(compare(converted(OLD), converted(new))) == ["the field is new"]


def test_a_new_version_that_nothing_converts() -> None:
    old, new = with_field({"type": "string"}), with_field({"type": "string"})
    for document in (old, new):
        document["spec"]["versions"].pop()
    version = {**OLD["spec"]["versions"][1], "name": "v3"}
    new["spec"]["versions"].append(version)
    assert said(compare(old, new)) == ["the version is new", "! the field is gone"]
    version["served"] = False
    assert said(compare(old, new)) == ["the version is new"]


def test_stored_versions_count() -> None:
    old = {**OLD, "status": {"storedVersions": ["v1", "v2"]}}
    new = copy.deepcopy(OLD)
    new["spec"]["versions"].pop()
    (change,) = compare(old, new)
    assert change.message == "the version is gone, and objects may be stored in it"


@pytest.mark.parametrize(
    "case", sorted(path.stem for path in (Path(__file__).parent / "goldens").glob("*.yaml"))
)
def test_nothing_changes_where_nothing_does(
    case: str, golden: Callable[[str], list[dict[str, Any]]]
) -> None:
    for document in golden(case):
        assert compare(document, copy.deepcopy(document)) == []


def test_every_keyword_of_the_goldens_has_a_rule(
    golden: Callable[[str], list[dict[str, Any]]],
) -> None:
    parts = {"properties", "items", "additionalProperties", "required"}
    waiting = [
        version["schema"]["openAPIV3Schema"]
        for document in (*golden("05-validation"), *golden("09-k8s-types"))
        for version in document["spec"]["versions"]
    ]
    while waiting:
        schema = waiting.pop()
        assert set(schema) <= set(RULES) | parts
        waiting.extend(schema.get("properties", {}).values())
        waiting.extend(
            schema[keyword]
            for keyword in ("items", "additionalProperties")
            if isinstance(schema.get(keyword), dict)
        )
