"""docs/preflight.md lists the rules as they are. OPGEN_UPDATE_DOCS=1 writes them there."""

from __future__ import annotations

import os
from pathlib import Path

from opgen.schema.preflight.base import Rule
from opgen.schema.preflight.limits import UNIQUE
from opgen.schema.preflight.rules import (
    DEFAULT_RULES,
    DOCUMENT_RULES,
    EXPRESSION_RULES,
    SCHEMA_RULES,
    UPDATE_RULES,
)

PAGE = Path(__file__).parents[2] / "docs" / "preflight.md"
START, END = "<!-- rules -->\n", "<!-- end of rules -->\n"
GROUPS: dict[str, tuple[Rule, ...]] = {
    "CRDs": (*DOCUMENT_RULES, UNIQUE, *UPDATE_RULES),
    "schemas": (*SCHEMA_RULES, *DEFAULT_RULES),
    "CEL rules": EXPRESSION_RULES,
}


def _order(rule: Rule) -> tuple[int, str]:
    digits = rule.number.removeprefix("R")
    return (int(digits) if digits.isdecimal() else 1_000, rule.title)


def _table() -> str:
    lines = []
    for about, rules in GROUPS.items():
        lines += [f"About {about}:", "", "| number | rule | severity |", "|---|---|---|"]
        lines += [
            f"| {rule.number} | {rule.title} | {rule.severity} |"
            for rule in sorted(rules, key=_order)
        ]
        lines.append("")
    return "\n".join(lines)


def test_the_page_lists_all_rules() -> None:
    text = PAGE.read_text()
    before, _, rest = text.partition(START)
    listed, _, after = rest.partition(END)
    if os.environ.get("OPGEN_UPDATE_DOCS") == "1":
        PAGE.write_text(f"{before}{START}{_table()}{END}{after}")
        return
    assert listed == _table()


def test_every_number_of_the_server_is_there() -> None:
    numbers = {rule.number for rules in GROUPS.values() for rule in rules}
    # R39 is part of R38; R45 is what R43 says of required fields; R51 to R55 are about webhooks
    # and roles, which are no CRDs (`opgen.manifests`).
    expected = {f"R{number}" for number in range(1, 51)} - {"R39", "R45"}
    assert expected | {"opgen"} == numbers
