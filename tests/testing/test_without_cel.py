"""Without the library for CEL: what is not evaluated is told, and everything else works."""

from __future__ import annotations

from typing import Any

import pytest

from opgen import cel
from opgen.testing.resources.crds import rules_warning
from opgen.testing.webhooks.conditions import ConfigurationStrategy

WHY = f"because cel-expr-python is not installed: {cel.INSTALL}"


@pytest.fixture
def without_cel(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cel, "installed", lambda: False)


def crd(**schema: Any) -> dict[str, Any]:
    version = {"name": "v1", "schema": {"openAPIV3Schema": {"type": "object", **schema}}}
    return {"metadata": {"name": "things.example.com"}, "spec": {"versions": [version]}}


@pytest.mark.usefixtures("without_cel")
def test_rules_are_told() -> None:
    rules = [{"rule": "self.size() > 1"}]
    found = rules_warning(crd(**{"x-kubernetes-validations": rules}))
    assert found == f"the CEL rules of things.example.com are not evaluated, {WHY}"
    assert rules_warning(crd()) == ""


@pytest.mark.usefixtures("without_cel")
def test_conditions_are_told() -> None:
    condition = {"name": "a", "expression": "no CEL at all"}
    new = {"metadata": {"name": "hooks"}, "webhooks": [{"matchConditions": [condition]}]}
    strategy = ConfigurationStrategy()
    assert list(strategy.validate(new, None)) == []
    assert list(strategy.warnings(new, None)) == [
        f"the matchConditions of hooks are not evaluated, {WHY}"
    ]


def test_with_the_library_nothing_is_told() -> None:
    pytest.importorskip("cel_expr_python", reason="needs opgen[cel]")
    condition = {"name": "a", "expression": "true"}
    new = {"metadata": {"name": "hooks"}, "webhooks": [{"matchConditions": [condition]}]}
    assert list(ConfigurationStrategy().warnings(new, None)) == []
