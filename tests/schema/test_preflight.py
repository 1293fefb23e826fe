"""The API server's rules: each kept by the goldens, each broken once here."""

from __future__ import annotations

import copy
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from opgen.cel import Checked
from opgen.schema import check, crds
from opgen.schema.preflight.rules import (
    DEFAULT_RULES,
    DOCUMENT_RULES,
    EXPRESSION_RULES,
    SCHEMA_RULES,
)

GOOD: dict[str, Any] = {
    "apiVersion": "apiextensions.k8s.io/v1",
    "kind": "CustomResourceDefinition",
    "metadata": {"name": "things.example.com"},
    "spec": {
        "group": "example.com",
        "names": {
            "kind": "Thing",
            "listKind": "ThingList",
            "plural": "things",
            "singular": "thing",
        },
        "scope": "Namespaced",
        "versions": [
            {
                "name": "v1",
                "served": True,
                "storage": True,
                "subresources": {"status": {}},
                "schema": {
                    "openAPIV3Schema": {
                        "type": "object",
                        "properties": {
                            "metadata": {"type": "object"},
                            "spec": {"type": "object", "properties": {"x": {"type": "string"}}},
                        },
                    }
                },
            }
        ],
    },
}
ROOT = "spec.versions[0].schema.openAPIV3Schema"
X = f"{ROOT}.properties[spec].properties[x]"
ENTRY = {"type": "object", "properties": {"a": {"type": "string"}}, "required": ["a"]}
LISTED = {"type": "array", "items": ENTRY, "x-kubernetes-list-type": "map"}
KEYS = "x-kubernetes-list-map-keys"
KIND = f"{ROOT}.properties[kind]"
RULE = f"{X}.x-kubernetes-validations[0]"
CLIENT = "spec.conversion.webhook.clientConfig"
SERVICE = f"{CLIENT}.service"
CHANGING = {"x-kubernetes-validations": [{"rule": "self == oldSelf"}]}
EMBEDDED = {
    "type": "object",
    "x-kubernetes-embedded-resource": True,
    "x-kubernetes-preserve-unknown-fields": True,
}
STRINGS = {"type": "array", "items": {"type": "string"}}
UNEVEN = {
    "type": "string",
    "maxLength": 9,
    "x-kubernetes-validations": [{"rule": "self.size() % 2 == 1"}],
}
UNTYPED = {"x-kubernetes-preserve-unknown-fields": True}
NESTED = "self.all(a, self.all(b, a != b))"
LINEAR = "self.all(a, a.size() > 1)"


def spec(document: dict[str, Any], **changes: Any) -> None:
    document["spec"].update(changes)


def names(document: dict[str, Any], **changes: Any) -> None:
    document["spec"]["names"].update(changes)


def version(document: dict[str, Any], **changes: Any) -> None:
    document["spec"]["versions"][0].update(changes)


def root(document: dict[str, Any], **changes: Any) -> None:
    document["spec"]["versions"][0]["schema"]["openAPIV3Schema"].update(changes)


def x(document: dict[str, Any], schema: dict[str, Any]) -> None:
    schema = copy.deepcopy(schema)
    inner = document["spec"]["versions"][0]["schema"]["openAPIV3Schema"]["properties"]["spec"]
    inner["properties"]["x"] = schema


def column(document: dict[str, Any], **keywords: Any) -> None:
    good = {"name": "A", "type": "string", "jsonPath": ".spec.x"}
    version(document, additionalPrinterColumns=[{**good, **keywords}])


def cel(document: dict[str, Any], **keywords: Any) -> None:
    rule = {"rule": "self.a != ''", **keywords}
    x(document, {**ENTRY, "x-kubernetes-validations": [rule]})


def conversion(
    document: dict[str, Any], client: dict[str, Any], versions: list[str] | None = None
) -> None:
    webhook = {"clientConfig": client, "conversionReviewVersions": versions or ["v1"]}
    spec(document, conversion={"strategy": "Webhook", "webhook": webhook})


Change = Callable[[dict[str, Any]], None]
BROKEN: list[tuple[str, Change, str, str]] = [
    (
        "R1",
        lambda d: d["metadata"].update(name="a.b"),
        "metadata.name",
        'must be spec.names.plural+"."+spec.group',
    ),
    ("R2", lambda d: spec(d, group="example"), "spec.group", "at least one dot"),
    ("R2", lambda d: spec(d, group=""), "spec.group", "Required value"),
    ("R2", lambda d: spec(d, group="Ex.com"), "spec.group", "no DNS-1123 subdomain"),
    ("R3", lambda d: spec(d, scope="cluster"), "spec.scope", "Unsupported value: 'cluster'"),
    ("R4", lambda d: version(d, name="1"), "spec.versions[0].name", "a DNS-1035 label must"),
    (
        "R4",
        lambda d: version(d, storage=False),
        "spec.versions",
        "must have exactly one version marked as storage version, not none",
    ),
    (
        "R4",
        lambda d: d["spec"]["versions"].append(copy.deepcopy(d["spec"]["versions"][0])),
        "spec.versions",
        "must contain unique version names, but v1 is there 2 times",
    ),
    ("R4", lambda d: version(d, served=False), "spec.versions", "no version is served"),
    ("R5", lambda d: version(d, schema={}), ROOT, "schemas are required"),
    ("R6", lambda d: names(d, plural="Things"), "spec.names.plural", "a DNS-1035 label must"),
    ("R6", lambda d: names(d, shortNames=["T"]), "spec.names.shortNames[0]", "a DNS-1035 label"),
    ("R6", lambda d: names(d, kind=""), "spec.names.kind", "Required value"),
    (
        "R7",
        lambda d: names(d, listKind="Thing"),
        "spec.names.listKind",
        "kind and listKind may not be the same",
    ),
    (
        "R8",
        lambda d: spec(d, group="x.k8s.io"),
        "metadata.annotations",
        "protected groups must have approval annotation",
    ),
    (
        "R9",
        lambda d: spec(d, preserveUnknownFields=True),
        "spec.preserveUnknownFields",
        "cannot set to true",
    ),
    (
        "R10",
        lambda d: version(d, deprecationWarning="Old."),
        "spec.versions[0].deprecationWarning",
        "can only be set for deprecated versions",
    ),
    (
        "R10",
        lambda d: version(d, deprecated=True, deprecationWarning="x" * 257),
        "spec.versions[0].deprecationWarning",
        "must be <= 256 characters long",
    ),
    (
        "R11",
        lambda d: column(d, type="text"),
        "spec.versions[0].additionalPrinterColumns[0]",
        "type: 'text' must be one of boolean,date,integer,number,string",
    ),
    (
        "R11",
        lambda d: column(d, jsonPath="{.spec.x}"),
        "spec.versions[0].additionalPrinterColumns[0]",
        "must be a simple json path starting with .",
    ),
    (
        "R11",
        lambda d: column(d, jsonPath='.spec.x[?(@.a=="b")'),
        "spec.versions[0].additionalPrinterColumns[0]",
        "brackets or quotes that are not closed",
    ),
    (
        "R12",
        lambda d: version(
            d, subresources={"scale": {"specReplicasPath": ".x", "statusReplicasPath": ".status.x"}}
        ),
        "spec.versions[0].subresources.scale.specReplicasPath",
        "'.x' should be a json path under .spec",
    ),
    (
        "R13",
        lambda d: version(d, selectableFields=[{"jsonPath": ".spec.y"}]),
        "spec.versions[0].selectableFields[0]",
        "does not refer to a valid field",
    ),
    (
        "R17",
        lambda d: x(d, {"type": "string", "format": "e-mail"}),
        X,
        'unrecognized format "e-mail"',
    ),
    ("R19", lambda d: root(d, type="string"), ROOT, "must be object at the root"),
    ("R19", lambda d: root(d, nullable=True), ROOT, "nullable cannot be true at the root"),
    ("R20", lambda d: root(d, minProperties=1), ROOT, "minProperties is not allowed at the root"),
    ("R21", lambda d: x(d, {}), X, "must not be empty for specified object fields"),
    (
        "R21",
        lambda d: x(d, {"type": "array", "items": {"title": "x"}}),
        f"{X}.items",
        "must not be empty for specified array items",
    ),
    ("R22", lambda d: x(d, {"type": "array"}), X, "must be specified"),
    ("R23", lambda d: x(d, {"type": "text"}), X, "Unsupported value: 'text'"),
    ("R23", lambda d: x(d, {"type": "null"}), X, "use nullable as an alternative"),
    ("R24", lambda d: x(d, {"type": "string", "$ref": "#/a"}), X, "$ref is not supported"),
    (
        "R25",
        lambda d: x(d, {**ENTRY, "additionalProperties": {"type": "string"}}),
        X,
        "additionalProperties and properties are mutual exclusive",
    ),
    (
        "R26",
        lambda d: x(d, {"type": "string", "allOf": [{"default": "x"}]}),
        f"{X}.allOf[0]",
        "default must be undefined to be structural",
    ),
    (
        "R33",
        lambda d: x(d, {"type": "string", "pattern": True}),
        X,
        "pattern: True: cannot unmarshal into a field of type string",
    ),
    (
        "R27",
        lambda d: (
            root(d, oneOf=[{"properties": {"b": {"minLength": 1}}}]) or version(d, subresources={})
        ),
        f"{ROOT}.properties[b]",
        "because it is defined in oneOf[0].properties[b]",
    ),
    (
        "R28",
        lambda d: x(
            d,
            {
                "x-kubernetes-int-or-string": True,
                "x-kubernetes-preserve-unknown-fields": True,
            },
        ),
        X,
        "must be false if x-kubernetes-int-or-string is true",
    ),
    (
        "R29",
        lambda d: x(d, {"type": "object", "x-kubernetes-embedded-resource": True}),
        X,
        "properties must not be empty if x-kubernetes-embedded-resource is true",
    ),
    (
        "R31",
        lambda d: x(d, {"type": "object", "x-kubernetes-preserve-unknown-fields": False}),
        X,
        "must be true or undefined",
    ),
    ("R34", lambda d: x(d, {**STRINGS, "uniqueItems": True}), X, "uniqueItems cannot be set to"),
    (
        "R35",
        lambda d: x(d, {**ENTRY, "x-kubernetes-map-type": "map"}),
        X,
        "Unsupported value: 'map'",
    ),
    (
        "R36",
        lambda d: x(d, {"type": "string", "x-kubernetes-list-type": "set"}),
        X,
        "type must be array if x-kubernetes-list-type is specified",
    ),
    ("R37", lambda d: x(d, LISTED), X, "must not be empty if x-kubernetes-list-type is map"),
    (
        "R37",
        lambda d: x(d, {**STRINGS, KEYS: ["a"]}),
        X,
        "x-kubernetes-list-type must be map",
    ),
    (
        "R38",
        lambda d: x(d, {**LISTED, KEYS: ["b"]}),
        X,
        "entries must all be names of item properties",
    ),
    (
        "R38",
        lambda d: x(d, {**LISTED, "items": {**ENTRY, "required": []}, KEYS: ["a"]}),
        X,
        "so it must have a default or be a required property",
    ),
    (
        "R40",
        lambda d: x(d, {"type": "array", "items": ENTRY, "x-kubernetes-list-type": "set"}),
        X,
        "must be atomic as item of a list with x-kubernetes-list-type=set",
    ),
    (
        "R41",
        lambda d: root(d, properties={"metadata": {"type": "object", "default": {}}}),
        f"{ROOT}.properties[metadata].default",
        "must not be set in top-level metadata",
    ),
    (
        "R43",
        lambda d: x(d, {"type": "string", "maxLength": 1, "default": "xx"}),
        f"{X}.default",
        "default: 'xx': is too long: the greatest length is 1",
    ),
    (
        "R43",
        lambda d: x(d, {"type": "string", "pattern": "^a", "default": "b"}),
        f"{X}.default",
        "match ^a",
    ),
    (
        "R43",
        lambda d: x(d, {"type": "string", "format": "date-time", "default": "yesterday"}),
        f"{X}.default",
        "does not fit into date-time",
    ),
    (
        "R42",
        lambda d: x(d, {**ENTRY, "default": {"a": "", "b": ""}}),
        f"{X}.default",
        "b is unknown to",
    ),
    ("R43", lambda d: x(d, {**ENTRY, "default": {}}), f"{X}.default", "a is required"),
    (
        "R43",
        lambda d: x(d, {**UNEVEN, "default": "aa"}),
        f"{X}.default",
        "failed rule: self.size() % 2 == 1",
    ),
    (
        "opgen",
        lambda d: x(d, {**ENTRY, "oneOf": [{"properties": {"b": {"minLength": 1}}}]}),
        f"{X}.properties[b]",
        "because it is defined in oneOf[0].properties[b]",
    ),
    (
        "R44",
        lambda d: root(d, default={}),
        "spec.versions[0].schema.openAPIV3Schema.default.apiVersion",
        "default: must result in valid metadata: apiVersion: Required value",
    ),
    (
        "R44",
        lambda d: x(d, {**EMBEDDED, "default": {"kind": "Pod"}}),
        f"{X}.default.apiVersion",
        "default: must result in valid metadata: apiVersion: Required value",
    ),
    (
        "R14",
        lambda d: conversion(d, {"service": {"name": "a"}}),
        f"{SERVICE}.namespace",
        "service namespace is required",
    ),
    (
        "R14",
        lambda d: conversion(d, {"service": {"name": "a", "namespace": "b", "port": 0}}),
        f"{SERVICE}.port",
        "must be 1-65535",
    ),
    (
        "R14",
        lambda d: conversion(d, {"service": {"name": "a", "namespace": "b", "path": "/A"}}),
        f"{SERVICE}.path",
        "segment 'A' is no DNS-1123 subdomain",
    ),
    (
        "R14",
        lambda d: conversion(d, {"url": "http://a"}),
        f"{CLIENT}.url",
        "'https' is the only allowed URL scheme",
    ),
    (
        "R14",
        lambda d: conversion(d, {"url": "https://a?b=c"}),
        f"{CLIENT}.url",
        "query parameters are not permitted in the URL",
    ),
    ("R14", lambda d: conversion(d, {"x": 1}), CLIENT, "exactly one of url or service"),
    (
        "R14",
        lambda d: conversion(d, {"url": "https://a"}, ["v2"]),
        "spec.conversion.webhook.conversionReviewVersions",
        "must include at least one of v1, v1beta1",
    ),
    (
        "R14",
        lambda d: spec(d, conversion={"strategy": "Always"}),
        "spec.conversion.strategy",
        "Unsupported value: 'Always'",
    ),
    (
        "R18",
        lambda d: x(d, {"type": "string", "description": "x" * 300_000}),
        "spec.versions",
        "more than the 262144 that fit into the annotation",
    ),
    (
        "R30",
        lambda d: root(d, properties={"metadata": {**ENTRY}}),
        f"{ROOT}.properties[metadata]",
        "must not specify anything other than name and generateName",
    ),
    ("R30", lambda d: root(d, properties={"kind": {"type": "integer"}}), KIND, "must be string"),
    (
        "R32",
        lambda d: x(d, {"type": "string", "pattern": "^(?!a)"}),
        X,
        "must be a valid regular expression, but isn't: error parsing regexp: invalid or "
        "unsupported Perl syntax: `(?!`",
    ),
    ("R46", lambda d: cel(d, rule=" "), RULE, "rule is not specified"),
    ("R46", lambda d: cel(d, message=" "), RULE, "message must be non-empty if specified"),
    ("R46", lambda d: cel(d, message="a\nb"), RULE, "message must not contain line breaks"),
    (
        "R46",
        lambda d: cel(d, rule="true &&\ntrue"),
        RULE,
        "message must be specified if rule contains line breaks",
    ),
    ("R46", lambda d: cel(d, reason="Bad"), RULE, "reason: Unsupported value: 'Bad'"),
    ("R46", lambda d: cel(d, fieldPath=".b"), RULE, "fieldPath: '.b' must be a valid path"),
    ("R46", lambda d: cel(d, fieldPath=" "), RULE, "fieldPath must be non-empty"),
    (
        "R48",
        lambda d: x(d, {"type": "array", "items": {"type": "string", **CHANGING}}),
        f"{X}.items.x-kubernetes-validations[0].rule",
        "uncorrelatable portion of the schema within spec.x",
    ),
    (
        "R49",
        lambda d: cel(d, rule="self.a != 'oldSelf'", optionalOldSelf=False),
        f"{RULE}.optionalOldSelf",
        "optionalOldSelf may not be set if oldSelf is not used in rule",
    ),
    (
        "R47",
        lambda d: cel(d, rule="self.b != ''"),
        f"{RULE}.rule",
        "compilation failed: ERROR: <input>:1:5: undefined field 'b'",
    ),
    ("R47", lambda d: cel(d, rule="self.a"), f"{RULE}.rule", "must evaluate to a bool"),
    (
        "R47",
        lambda d: cel(d, messageExpression="1"),
        f"{RULE}.messageExpression",
        "messageExpression must evaluate to a string",
    ),
    (
        "R47",
        lambda d: cel(d, messageExpression="'a' +"),
        f"{RULE}.messageExpression",
        "messageExpression compilation failed: ERROR: <input>:1:6: Syntax error",
    ),
    (
        "R47",
        lambda d: x(d, {**UNTYPED, "x-kubernetes-validations": [{"rule": "self == 1"}]}),
        f"{X}.x-kubernetes-validations",
        "unable to convert structural schema to CEL declarations",
    ),
    (
        "R50",
        lambda d: x(d, {**STRINGS, "x-kubernetes-validations": [{"rule": NESTED}]}),
        f"{X}.x-kubernetes-validations[0].rule",
        "estimated rule cost exceeds budget by factor of more than 100x",
    ),
    (
        "R50",
        lambda d: x(d, {**STRINGS, "x-kubernetes-validations": [{"rule": LINEAR}] * 20}),
        ROOT,
        "estimated rule cost total for entire OpenAPIv3 schema exceeds budget by factor of 1.258",
    ),
    (
        "opgen",
        lambda d: x(d, {"type": "integer", "minimum": 2, "maximum": 1}),
        X,
        "minimum is 2 and maximum is 1, so that no value fits",
    ),
    (
        "opgen",
        lambda d: x(d, {**ENTRY, "required": ["b"]}),
        X,
        "b is required but no property",
    ),
]


def test_the_good_document_is_good() -> None:
    assert check(GOOD) == []


@pytest.mark.parametrize(("number", "change", "field", "message"), BROKEN)
def test_broken(number: str, change: Change, field: str, message: str) -> None:
    document = copy.deepcopy(GOOD)
    change(document)
    found = [problem for problem in check(document) if message in problem.message]
    assert [problem.field for problem in found] == [field]
    assert found[0].hint


def test_every_rule_is_broken_once() -> None:
    numbers = {
        rule.number for rule in (*DOCUMENT_RULES, *SCHEMA_RULES, *DEFAULT_RULES, *EXPRESSION_RULES)
    }
    assert {number for number, *_ in BROKEN} == numbers


@pytest.mark.parametrize(
    "case", sorted(path.stem for path in (Path(__file__).parent / "goldens").glob("*.yaml"))
)
def test_what_the_server_accepts_is_accepted(
    case: str, golden: Callable[[str], list[dict[str, Any]]]
) -> None:
    for document in golden(case):
        assert [p for p in check(document) if p.severity == "error"] == []


@pytest.mark.parametrize(
    "keywords",
    [
        {"fieldPath": ".a"},
        {"fieldPath": "['a']"},
        {"fieldPath": ".b.c['d.e']"},
        {"rule": "oldSelf.orValue(self) == self", "optionalOldSelf": True},
        {"rule": "true &&\ntrue", "message": "m"},
    ],
)
def test_good_rules_are_good(keywords: dict[str, Any]) -> None:
    document = copy.deepcopy(GOOD)
    cel(document, **keywords)
    values = {"type": "object", "additionalProperties": {"type": "string"}}
    fields = document["spec"]["versions"][0]["schema"]["openAPIV3Schema"]["properties"]["spec"]
    fields["properties"]["x"]["properties"] = {
        **ENTRY["properties"],
        "b": {"type": "object", "properties": {"c": values}},
    }
    assert check(document) == []


def test_old_self_may_be_used_where_items_can_be_told_apart() -> None:
    document = copy.deepcopy(GOOD)
    item = {**ENTRY, "properties": {"a": {"type": "string", "maxLength": 9, **CHANGING}}}
    x(document, {**LISTED, KEYS: ["a"], "items": item, "maxItems": 9})
    assert check(document) == []


def test_problems_of_classes_name_the_source(module: Callable[[str], ModuleType]) -> None:
    source = '''
from dataclasses import dataclass
from typing import Annotated
from opgen.api import *

@dataclass
class Port:
    number: int
    name: str = ""

@dataclass(kw_only=True)
class ThingSpec:
    ports: Annotated[list[Port], ListMap("protocol")]

@resource(group="example", version="v1")
@dataclass(kw_only=True)
class Thing(CustomResource[ThingSpec, None]):
    """A thing."""
'''
    derived = crds([module(source).Thing])
    places = [(p.field, p.location.line if p.location else 0) for p in derived.problems]
    assert places == [("spec.group", 15), ("Thing.spec.ports", 13)]
    assert derived.documents == ()


def test_without_the_checker_texts_are_checked_and_a_warning_says_so(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("opgen.cel.installed", lambda: False)
    document = copy.deepcopy(GOOD)
    cel(document, rule="self.b == 'no such field'", messageExpression=" ")
    assert [(p.severity, p.message, p.hint) for p in check(document)] == [
        ("error", "messageExpression must be non-empty if specified", "drop messageExpression")
    ]
    cel(document, rule="self.b == 'no such field'")
    x(document, _changing_items())
    problems = {(p.severity, p.message, p.hint) for p in check(document)}
    assert problems == {
        (
            "warning",
            "CEL rules were not checked for types and cost, because the checker is not installed",
            "pip install 'opgen[cel]'; for all who work on a project: add cel to opgen's extras in "
            "pyproject.toml",
        ),
        (
            "error",
            "oldSelf cannot be used on the uncorrelatable portion of the schema within spec.x",
            "make the list a ListMap, so that the API server can tell which item was which, or "
            "put the rule on the list",
        ),
    }


def test_the_missing_checker_is_told_once(
    monkeypatch: pytest.MonkeyPatch, module: Callable[[str], ModuleType]
) -> None:
    monkeypatch.setattr("opgen.cel.installed", lambda: False)
    kind = '''
@resource(group="example.com", version="v1", rules=[CEL("self.metadata.name != 'a'")])
@dataclass(kw_only=True)
class {name}(CustomResource[None, None]):
    """A kind."""
'''
    head = "from dataclasses import dataclass\nfrom opgen.api import *\n"
    found = module(head + kind.format(name="Thing") + kind.format(name="Other"))
    derived = crds([found.Thing, found.Other])
    assert [problem.severity for problem in derived.problems] == ["warning"]
    assert len(derived.documents) == 2


def _changing_items() -> dict[str, Any]:
    return {"type": "array", "items": {"type": "string", **CHANGING}}


def test_what_the_checker_does_not_understand_is_a_warning(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("opgen.cel.Scope.check", lambda *_: Checked(doubt="out of memory"))
    document = copy.deepcopy(GOOD)
    cel(document)
    assert [(p.severity, p.message) for p in check(document)] == [
        ("warning", "the checker could not tell whether this is right: out of memory")
    ]


def test_an_expensive_rule_tells_what_to_bound() -> None:
    document = copy.deepcopy(GOOD)
    items = {"type": "object", "properties": {"names": STRINGS}, "required": ["names"]}
    items["x-kubernetes-validations"] = [{"rule": "self.names.all(n, n.matches('^a+$'))"}]
    x(document, {"type": "array", "items": items})
    hints = {p.hint for p in check(document) if "estimated rule cost exceeds" in p.message}
    assert hints == {
        "add MaxLen to spec.x; add MaxLen to spec.x[].names; add MaxLen to spec.x[].names[]"
    }


@pytest.mark.parametrize(
    ("change", "field", "message"),
    [
        (lambda d: spec(d, scope="Cluster"), "spec.scope", "field is immutable"),
        (lambda d: names(d, kind="Thang"), "spec.names.kind", "field is immutable"),
        (
            lambda d: version(d, name="v2"),
            "status.storedVersions[0]",
            "v1 was previously a storage",
        ),
    ],
)
def test_updates(change: Change, field: str, message: str) -> None:
    document = copy.deepcopy(GOOD)
    change(document)
    assert check(document) == []
    (problem,) = check(document, previous=GOOD)
    assert (problem.field, message in problem.message) == (field, True)
    assert problem.hint


def test_a_version_whose_objects_are_migrated_may_go() -> None:
    document = copy.deepcopy(GOOD)
    version(document, name="v2")
    assert check(document, previous={**GOOD, "status": {"storedVersions": ["v2"]}}) == []


def test_rules_of_classes_name_their_line(module: Callable[[str], ModuleType]) -> None:
    source = '''
from dataclasses import dataclass
from typing import Annotated
from opgen.api import *

@dataclass(kw_only=True)
class ThingSpec:
    replicas: Annotated[Int32, CEL("self > 'a'")]

@resource(group="example.com", version="v1")
@dataclass(kw_only=True)
class Thing(CustomResource[ThingSpec, None]):
    """A thing."""
'''
    (problem,) = crds([module(source).Thing]).problems
    assert (problem.field, problem.location and problem.location.line) == ("Thing.spec.replicas", 8)
    assert problem.message == (
        "compilation failed: ERROR: <input>:1:6: found no matching overload for '_>_' applied to "
        "'(int, string)'\n | self > 'a'\n | .....^"
    )
