"""Functions and the API servers that know them, as Kubernetes' own packages tell.

`versions.json` has rules and the first minor version of compatibility (that of the server before)
with which `tools/cel_costs.go -compatibility 1.MINOR` compiles them; null if none does. It was made
with Kubernetes 1.36.3, and goes down to 1.22.
"""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from opgen.cel import Scope
from opgen.cel.declarations import names
from opgen.cel.versions import SINCE

RULES: dict[str, int | None] = json.loads((Path(__file__).parent / "versions.json").read_text())
SCHEMA = json.loads((Path(__file__).parent / "costs.json").read_text())["schema"]
OLDEST = 22
RULES_CAME = 25
LATER = {"first": 33, "last": 33, "optional.unwrap": 33, "unwrapOpt": 33}
"""What the packages of older servers did not have yet, although it is not gated."""


def _expected(rule: str, compatibility: int) -> int:
    if compatibility == OLDEST:
        return RULES_CAME
    later = [minor for name, minor in LATER.items() if re.search(rf"\b{name}\(", rule)]
    return max([compatibility + 1, *later])


@pytest.mark.parametrize("rule", RULES)
def test_as_the_packages_tell(rule: str) -> None:
    scope = Scope.of(SCHEMA, is_resource=True)
    assert scope
    checked = scope.check(rule)
    compatibility = RULES[rule]
    assert bool(checked.mistake) is (compatibility is None)
    if compatibility is not None:
        assert max(checked.needs.values(), default=RULES_CAME) == _expected(rule, compatibility)


def test_every_function_is_asked_for() -> None:
    called = set(re.findall(r"([A-Za-z]\w*)\s*\(", " ".join(RULES)))
    assert {name.rpartition(".")[2] for name in SINCE} <= called
    assert {name for name in names() if name.isalnum()} <= called


def test_what_is_told() -> None:
    scope = Scope.of(SCHEMA, is_resource=True)
    assert scope
    rule = "quantity(self.s).isInteger() && self.n < 1.5 && self.?s.hasValue()"
    assert scope.check(f"{rule} && [1].sortBy(x, x) == []").needs == {
        "isInteger()": 29,
        "quantity()": 29,
        "a comparison of different types of numbers": 29,
        "hasValue()": 29,
        "optional field selection": 29,
        "sortBy()": 35,
    }
    assert scope.check("self.l.all(i, v, v > i)").needs == {"a macro with two variables": 33}
