"""Findings of preflight as people get them: with places in the source, and without the checker."""

from __future__ import annotations

import copy
from collections.abc import Callable
from types import ModuleType
from typing import Any

import pytest
from broken_crds.good import (
    CHANGING,
    GOOD,
    cel,
    x,
)

from opgen.schema import check, crds


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
