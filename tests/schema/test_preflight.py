"""The API server's rules: each kept by the goldens, each broken once here."""

from __future__ import annotations

import copy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from broken_crds import documents, rules, schemas
from broken_crds.good import (
    CHANGING,
    ENTRY,
    GOOD,
    KEYS,
    LISTED,
    STRINGS,
    Change,
    cel,
    names,
    spec,
    version,
    x,
)

from opgen.cel import Checked
from opgen.schema import check
from opgen.schema.preflight.rules import (
    DEFAULT_RULES,
    DOCUMENT_RULES,
    EXPRESSION_RULES,
    SCHEMA_RULES,
)

BROKEN = [*documents.BROKEN, *schemas.BROKEN, *rules.BROKEN]


def test_the_good_document_is_good() -> None:
    assert check(GOOD) == []


@pytest.mark.parametrize(("number", "change", "field", "message"), BROKEN)
def test_broken(number: str, change: Change, field: str, message: str) -> None:
    document = copy.deepcopy(GOOD)
    change(document)
    found = [problem for problem in check(document) if message in problem.message]
    assert [problem.field for problem in found] == [field]
    assert found[0].hint


def test_what_no_server_can_read_is_told_alone() -> None:
    document = copy.deepcopy(GOOD)
    spec(document, scope=1, group="x")
    version(document, storage="yes", additionalPrinterColumns=[None, "x"])
    assert {problem.field for problem in check(document)} == {
        "spec.versions[0].storage",
        "spec.versions[0].additionalPrinterColumns[1]",
        "spec.scope",
    }
    assert {problem.message.rpartition(" of type ")[2] for problem in check(document)} == {
        *("string", "boolean", "object")
    }


def test_rules_of_a_root_with_forbidden_keywords_are_looked_at() -> None:
    document = copy.deepcopy(GOOD)
    root = document["spec"]["versions"][0]["schema"]["openAPIV3Schema"]
    root["minProperties"] = 1
    root["x-kubernetes-validations"] = [{"rule": "self.nothing"}]
    messages = [problem.message for problem in check(document)]
    assert messages[0].startswith("minProperties is not allowed at the root")
    assert "undefined field 'nothing'" in messages[1]


def test_an_empty_list_type_makes_schemas_differ() -> None:
    """Versions with one schema may select the same fields, those with two may not."""
    document = copy.deepcopy(GOOD)
    version(document, selectableFields=[{"jsonPath": ".spec.x"}])
    x(document, {"type": "string"})
    other = copy.deepcopy(document["spec"]["versions"][0])
    document["spec"]["versions"].append({**other, "name": "v2", "storage": False})
    assert check(document) == []
    x(document, {"type": "string", "x-kubernetes-list-type": ""})
    assert "spec.selectableFields" in [problem.field for problem in check(document)]


def test_null_is_nothing() -> None:
    document = copy.deepcopy(GOOD)
    document["metadata"].update(labels=None, annotations={"a": None}, finalizers=None)
    version(document, deprecated=None, subresources={"scale": None, "status": None})
    names(document, shortNames=None)
    assert check(document) == []


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
