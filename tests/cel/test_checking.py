"""Expressions checked: the same verdict, cost and wording as the API server's own packages.

`costs.json` was made by `tools/cel_costs.go` with Kubernetes 1.36.3.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from opgen.cel import Scope

GOLDEN: dict[str, Any] = json.loads((Path(__file__).parent / "costs.json").read_text())
RULES: list[dict[str, Any]] = GOLDEN["rules"]
OTHER_WORDS = {
    "self.l5.all(x, x)",
    "cel.bind(x, 1, x == 1)",
    "authorizer.path('/x').check('get').allowed()",
    "self.s10.reverse() == 'a'",
    "self.l5.size(1) == 2",
    "self.ml.all(k, self.ml[k].all(v, v + 1 == 'a'))",
}
"""Mistakes that the library finds too, but tells otherwise."""


@pytest.fixture(scope="module")
def scope() -> Scope:
    found = Scope.of(GOLDEN["schema"], is_resource=True)
    assert found
    return found


@pytest.mark.parametrize("rule", RULES, ids=[rule["rule"] for rule in RULES])
def test_as_the_server(scope: Scope, rule: dict[str, Any]) -> None:
    checked = scope.check(rule["rule"])
    error = rule.get("error", "")
    assert checked.cost == rule["cost"]
    if rule["rule"] in OTHER_WORDS:
        assert bool(checked.mistake) == bool(error)
    else:
        assert checked.mistake == error


def test_a_message_must_be_a_string(scope: Scope) -> None:
    mistake = scope.check("self.n", "string").mistake
    assert mistake == "messageExpression must evaluate to a string"
    assert not scope.check("'n is %d'.format([self.n])", "string").mistake


def test_optional_old_self(scope: Scope) -> None:
    rule = "!oldSelf.hasValue() || oldSelf.value().n <= self.n"
    checked = scope.check(rule, optional_old_self=True)
    assert (checked.mistake, checked.uses_old_self) == ("", True)
    assert "hasValue" in scope.check(rule).mistake


def test_old_self_is_noticed_where_it_is_meant(scope: Scope) -> None:
    assert scope.check("self.s10 == oldSelf.s10").uses_old_self
    assert not scope.check("self.s10 == 'oldSelf'").uses_old_self


@pytest.mark.parametrize(
    "schema",
    [
        {"x-kubernetes-preserve-unknown-fields": True},
        {"type": "array", "items": {"x-kubernetes-preserve-unknown-fields": True}},
        {"type": "object", "additionalProperties": {}},
    ],
)
def test_values_that_rules_cannot_see(schema: dict[str, Any]) -> None:
    assert Scope.of(schema) is None


def test_scalar_scopes() -> None:
    number = Scope.of({"type": "integer"})
    assert number and number.check("self > 0").cost == 2
    port = Scope.of({"x-kubernetes-int-or-string": True})
    assert port and not port.check("type(self) == int ? self > 0 : self != ''").mistake
    names = Scope.of({"type": "array", "items": {"type": "string"}})
    assert names and not names.check("self.all(x, x != '')").mistake
