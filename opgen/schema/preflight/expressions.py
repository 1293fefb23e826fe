"""Rules about the texts of CEL rules, which can be told without parsing an expression."""

from __future__ import annotations

import re
from collections.abc import Iterator

from opgen.api.markers.rules import REASONS
from opgen.schema.preflight.base import Finding, Path, Schema, SchemaRule, Spot, about, mapping

RULES_KEYWORD = "x-kubernetes-validations"
_LIST_TYPE = "x-kubernetes-list-type"
_TEXTS = r"""(?s)[rR]?("{3}.*?"{3}|'{3}.*?'{3}|"(\\.|[^"\\])*"|'(\\.|[^'\\])*')"""
_OLD_SELF = r"(?<![\w.])oldSelf\b"
_STEP = r"\.([A-Za-z_][\w-]*)|\['((?:\\.|[^'\\])*)'\]"


def uses_old_self(expression: str) -> bool:
    """Whether an expression looks at the value before an update."""
    return bool(re.search(_OLD_SELF, re.sub(_TEXTS, "''", expression)))


def _rules(spot: Spot) -> Iterator[tuple[Path, Schema]]:
    found = spot.schema.get(RULES_KEYWORD)
    for index, rule in enumerate(found if isinstance(found, list) else ()):
        yield (*spot.path, RULES_KEYWORD, index), mapping(rule)


def _written(spot: Spot) -> Iterator[Finding]:
    """Rules, messages and the like are not empty and stand on one line where they must."""
    for path, rule in _rules(spot):
        text = str(rule.get("rule") or "").strip()
        if not text:
            yield Finding(
                path, "rule is not specified", 'write an expression, as in CEL("self > 0")'
            )
        for keyword, one_line in (("message", True), ("messageExpression", False)):
            value = rule.get(keyword)
            if value and not str(value).strip():
                yield Finding(path, f"{keyword} must be non-empty if specified", f"drop {keyword}")
            elif one_line and "\n" in str(value or "").strip():
                yield Finding(path, f"{keyword} must not contain line breaks", "write one line")
        if "\n" in text and not str(rule.get("message") or "").strip():
            yield Finding(
                path,
                "message must be specified if rule contains line breaks",
                "add message=, or write the rule on one line",
            )
        reason = rule.get("reason")
        if reason is not None and reason not in REASONS:
            listed = ", ".join(f'"{name}"' for name in REASONS)
            yield Finding(
                path,
                f"reason: Unsupported value: {reason!r}: supported values: {listed}",
                "use one of them",
            )


def _field_path(spot: Spot) -> Iterator[Finding]:
    for path, rule in _rules(spot):
        field = rule.get("fieldPath")
        if not field:
            continue
        if not str(field).strip() or "\n" in str(field):
            yield Finding(
                path, "fieldPath must be non-empty and without line breaks", "drop field_path"
            )
        elif not _leads_somewhere(str(field), spot.schema):
            names = ", ".join(f".{name}" for name in mapping(spot.schema.get("properties")))
            yield Finding(
                path,
                f"fieldPath: {field!r} must be a valid path",
                f"name a field below the rule: {names}" if names else "drop field_path",
            )


def _leads_somewhere(field: str, schema: Schema) -> bool:
    """Whether a path, step by step, leads to properties or values of a map."""
    while field:
        step = re.match(_STEP, field)
        if step is None:
            return False
        name = step[1] or re.sub(r"\\(.)", r"\1", step[2] or "")
        values = schema.get("additionalProperties")
        below = mapping(schema.get("properties")).get(name) or (values if step[2] else None)
        if not isinstance(below, dict):
            return False
        schema = below
        field = field[step.end() :]
    return True


def uncorrelatable(spot: Spot) -> Path | None:
    """The outermost list above whose items cannot be told from one another."""
    found: Path | None = None
    inner: Spot | None = spot
    while inner is not None and inner.parent is not None:
        above = inner.parent
        if inner.is_item and above.schema.get(_LIST_TYPE) != "map":
            found = above.path
        inner = above
    return found


RULES = (
    SchemaRule(
        "R46",
        "CEL rules and their messages are written out",
        _written,
        keywords=about(RULES_KEYWORD),
    ),
    SchemaRule(
        "R46", "Field paths of CEL rules lead to fields", _field_path, keywords=about(RULES_KEYWORD)
    ),
)
