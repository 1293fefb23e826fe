"""The table of rules and what runs it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import cache

from opgen.schema.preflight import (
    compiled,
    conversion,
    crd,
    defaults,
    expressions,
    limits,
    lists,
    metadata,
    structure,
    updates,
    values,
)
from opgen.schema.preflight.base import (
    AT_ROOT,
    NESTED,
    NO_TYPE,
    Document,
    DocumentRule,
    Finding,
    Rule,
    SchemaRule,
    Spot,
    below,
    roots,
)
from opgen.schema.preflight.forms import WELL_FORMED, is_well_formed
from opgen.schema.preflight.shapes import WELL_SHAPED
from opgen.schema.preflight.sharing import Sharing, distinct, with_rules

DOCUMENT_RULES: tuple[DocumentRule, ...] = (
    WELL_SHAPED,
    *metadata.RULES,
    *crd.RULES,
    *conversion.RULES,
    *limits.RULES,
)
SCHEMA_RULES: tuple[SchemaRule, ...] = (
    WELL_FORMED,
    *structure.RULES,
    *lists.RULES,
    *values.RULES,
    *defaults.PLACES,
    *expressions.RULES,
)
DEFAULT_RULES: tuple[SchemaRule, ...] = defaults.RULES
"""Asked only where a version's schema is structural, as the server does it."""
STRUCTURAL = frozenset(["R19", "R21", "R22", "R26", "R27", "R28", "R29", "R30", "R32", "R33"])
"""Where one of these is broken, the server looks at neither defaults nor CEL rules.

It looks at no CEL rules either where a default is wrong; here both are told at once.
"""
BESIDE = frozenset(["R20"])
"""Rules about schemas that the server asks elsewhere: where they are broken, CEL rules count."""
EXPRESSION_RULES: tuple[compiled.ExpressionRule, ...] = compiled.RULES
UPDATE_RULES: tuple[updates.UpdateRule, ...] = updates.RULES


KNOWN = Rule("", "API servers know what the CRD uses", limits.unknown_features)
"""Asked only if it is said which is the oldest."""
VERSION_RULES: tuple[Rule, ...] = (*SCHEMA_RULES, *DEFAULT_RULES, *EXPRESSION_RULES, KNOWN)
"""All rules about versions."""
Found = list[tuple[Rule, Finding]]
"""What rules object to."""


class Examiner:
    """Checks versions of CRDs. Their equal parts, in whatever version, are looked at once."""

    def __init__(self, kube_version: str | None = None) -> None:
        """Prepare.

        Args:
            kube_version: The oldest version of Kubernetes that the CRDs are for; any if left out.

        Raises:
            ValueError: `kube_version` is no version of Kubernetes.
        """
        self.oldest = limits.minor(kube_version) if kube_version else None
        self._sharing = Sharing()
        self._scopes = compiled.Scopes()

    def examine(self, root: Spot) -> Found:
        """Everything that rules object to about a version."""
        shared = Spot(self._sharing.shared(root.schema), root.path, None, root.has_status)
        return list(_version(shared, self._scopes, self.oldest))


def run(
    document: Document,
    kube_version: str | None = None,
    examine: Callable[[Spot], Found] | None = None,
) -> Iterator[tuple[Rule, Finding]]:
    """Everything that any rule objects to: the CRD's own rules, the schemas, the CEL rules.

    Args:
        document: The CRD.
        kube_version: The oldest version of Kubernetes that it is for; any if left out.
        examine: How its versions are checked, if somebody knows better; equal parts of the CRD are
            one object then.

    Raises:
        ValueError: `kube_version` is no version of Kubernetes.
    """
    examiner = Examiner(kube_version)
    if examine is None:
        document = Sharing().shared(document)
    for rule in DOCUMENT_RULES:
        found = [(rule, finding) for finding in rule.check(document)]
        yield from found
        if found and rule is WELL_SHAPED:
            return
    for root in roots(document):
        yield from (examine or examiner.examine)(root)
    if examiner.oldest is not None:
        yield from ((KNOWN, found) for found in limits.unknown_features(document, examiner.oldest))


def malformed(document: Document) -> Found:
    """What in a CRD is of another kind than it must be, so that nothing can be made of it."""
    found: Found = [(WELL_SHAPED, finding) for finding in WELL_SHAPED.check(document)]
    if found:
        return found
    waiting = [spot for root in roots(document) for spot in below(root)]
    return [(WELL_FORMED, finding) for spot in waiting for finding in WELL_FORMED.check(spot)]


def run_update(document: Document, previous: Document) -> Iterator[tuple[Rule, Finding]]:
    """What rules object to about replacing one CRD by another."""
    for rule in UPDATE_RULES:
        for finding in rule.check(document, previous):
            yield rule, finding


def _version(
    root: Spot, scopes: compiled.Scopes, oldest: int | None
) -> Iterator[tuple[Rule, Finding]]:
    few = list(distinct(root))
    found = list(_of_schemas(few)) and list(_of_schemas(below(root)))
    yield from found
    errors = [(rule, finding) for rule, finding in found if rule.severity == "error"]
    if any(rule.number in STRUCTURAL for rule, _ in errors):
        return
    if any(_of_defaults(few)):
        yield from _of_defaults(below(root))
    broken = [finding.path for rule, finding in errors if rule.number not in BESIDE]
    rules = compiled.expressions(with_rules(root), broken, scopes)
    yield from _of_expressions(rules)
    if oldest is not None:
        yield from ((KNOWN, finding) for finding in compiled.unknown_functions(rules, oldest))


def _of_schemas(found: Iterable[Spot]) -> Iterator[tuple[Rule, Finding]]:
    for spot in found:
        for rule in rules_for(spot) if is_well_formed(spot) else (WELL_FORMED,):
            for finding in rule.check(spot):
                yield rule, finding


def _of_defaults(found: Iterable[Spot]) -> Iterator[tuple[Rule, Finding]]:
    for spot in found:
        if "default" in spot.schema and not spot.is_nested:
            for rule in DEFAULT_RULES:
                for finding in rule.check(spot):
                    yield rule, finding


def _of_expressions(rules: list[compiled.Expression]) -> Iterator[tuple[Rule, Finding]]:
    for expression_rule in EXPRESSION_RULES if rules else ():
        for finding in expression_rule.check(rules):
            yield expression_rule, finding


def rules_for(spot: Spot) -> tuple[SchemaRule, ...]:
    """The rules that can have something to say about a schema that is well formed."""
    present = frozenset(name for name, value in spot.schema.items() if value is not None)
    return _rules_about(present, spot.is_root, spot.is_nested)


@cache
def _rules_about(
    keywords: frozenset[str], is_root: bool, is_nested: bool
) -> tuple[SchemaRule, ...]:
    features = keywords | ({AT_ROOT} if is_root else set())
    features |= {NO_TYPE} if "type" not in keywords else set()
    features |= {NESTED} if is_nested else set()
    return tuple(
        rule
        for rule in SCHEMA_RULES
        if rule is not WELL_FORMED
        and (not rule.keywords or rule.keywords & features)
        and (rule.everywhere or not is_nested)
    )
