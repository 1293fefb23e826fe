"""The table of rules and what runs it."""

from __future__ import annotations

from collections.abc import Iterator

from opgen.schema.preflight import conversion, crd, expressions, limits, structure, values
from opgen.schema.preflight.base import Document, DocumentRule, Finding, SchemaRule, spots

DOCUMENT_RULES: tuple[DocumentRule, ...] = (
    *crd.RULES,
    *conversion.RULES,
    *limits.RULES,
)
SCHEMA_RULES: tuple[SchemaRule, ...] = (
    *structure.RULES,
    *values.RULES,
    *expressions.RULES,
)


def run(document: Document) -> Iterator[tuple[DocumentRule | SchemaRule, Finding]]:
    """Everything that any rule objects to: the CRD's own rules first, then schema by schema."""
    for rule in DOCUMENT_RULES:
        for finding in rule.check(document):
            yield rule, finding
    for spot in spots(document):
        for schema_rule in SCHEMA_RULES:
            for finding in schema_rule.check(spot):
                yield schema_rule, finding
