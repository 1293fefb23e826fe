"""CEL rules as the checker sees them: what compiles, what it costs, and what `oldSelf` may do.

Needs the extra `opgen[cel]`; without it, what can be told from the text alone is still told, and a
warning says that the rest was not looked at.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from opgen.schema.preflight.base import Finding, Path, Rule, Schema, Spot, mapping, short
from opgen.schema.preflight.expressions import RULES_KEYWORD, uncorrelatable, uses_old_self
from opgen.schema.preflight.limits import too_new

if TYPE_CHECKING:
    from opgen.cel import Checked, Scope
    from opgen.cel.declared import Known

RULE_LIMIT = 10_000_000
"""The greatest estimated cost of one rule, in units of CEL."""
SCHEMA_LIMIT = 100_000_000
"""The greatest estimated cost of all rules of one schema."""

UNCHECKED = "CEL rules were not checked for types and cost, because the checker is not installed"
"""A warning that is about the installation, and so enough once in a run."""

_EMBEDDED = "x-kubernetes-embedded-resource"
_NAMED = 4
_SIMPLIFY = (
    "(try simplifying the rule, or adding maxItems, maxProperties, and maxLength where arrays, "
    "maps, and strings are declared)"
)
_BOUNDED_FORMATS = ("date", "date-time", "duration")
_BOUNDS = {"array": "maxItems", "string": "maxLength"}


class Scopes:
    """What rules see at the schemas of a document that stays as it is.

    Types that are used in many places have the same rules everywhere, so that is found out once
    for each object; and once for those that differ in nothing that rules see.
    """

    def __init__(self) -> None:
        self._scopes: dict[tuple[int, bool], Scope | None] = {}
        self._alike: dict[tuple[object, ...], Scope] = {}
        self._declared: Known = {}

    def at(self, spot: Spot) -> Scope | None:
        """The scope of a schema; None without a checker, or if rules cannot see its values."""
        from opgen.cel import installed

        if not installed() or _is_below_unknown(spot):
            return None
        is_resource = spot.is_root or bool(spot.schema.get(_EMBEDDED))
        key = (id(spot.schema), is_resource)
        if key not in self._scopes:
            self._scopes[key] = self._new(spot.schema, is_resource)
        return self._scopes[key]

    def _new(self, schema: Schema, is_resource: bool) -> Scope | None:
        from opgen.cel import Scope
        from opgen.cel.declared import declare

        declared = declare(schema, is_resource, self._declared)
        if declared is None:
            return None
        told = [mapping(rule) for rule in schema.get(RULES_KEYWORD) or ()]
        texts = [str(rule.get(key) or "") for rule in told for key in ("rule", "messageExpression")]
        key = (id(declared), *texts)
        if key not in self._alike:
            self._alike[key] = Scope(declared, texts)
        return self._alike[key]


@dataclass(frozen=True)
class Expression:
    """A CEL rule of a schema."""

    rule: Schema
    path: Path
    spot: Spot
    scope: Scope | None
    """None if the checker is not installed, or if rules cannot see the schema's values."""

    @property
    def text(self) -> str:
        """The rule's own expression."""
        return str(self.rule.get("rule") or "")

    @property
    def message(self) -> str:
        """The expression that makes the message, if there is one."""
        return str(self.rule.get("messageExpression") or "")

    @cached_property
    def checked(self) -> Checked | None:
        """What the checker says of the rule."""
        return self._check(self.text, "bool")

    @cached_property
    def checked_message(self) -> Checked | None:
        """What the checker says of the messageExpression of a rule that is sound."""
        is_sound = self.message and self.checked and not self.checked.mistake
        return self._check(self.message, "string") if is_sound else None

    @property
    def uses_old_self(self) -> bool:
        """Whether the rule looks at the value before an update."""
        return self.checked.uses_old_self if self.checked else uses_old_self(self.text)

    @property
    def cost(self) -> int:
        """The estimated cost of the rule for all values in one object."""
        if not self.checked or not self.scope:
            return 0
        return self.checked.cost * _count(self.spot, self.scope)

    def _check(self, expression: str, result: str) -> Checked | None:
        if not self.scope:
            return None
        return self.scope.check(expression, result, bool(self.rule.get("optionalOldSelf")))


class ExpressionRule(Rule):
    """A rule about all CEL rules of one version."""

    __slots__ = ()
    check: Callable[[Sequence[Expression]], Iterator[Finding]]


def expressions(spots: Iterable[Spot], broken: Iterable[Path], scopes: Scopes) -> list[Expression]:
    """The CEL rules of a structural version, but those at or above a schema that is wrong itself.

    The API server leaves those out too.
    """
    above = {path[:length] for path in broken for length in range(len(path) + 1)}
    found: list[Expression] = []
    for spot in spots:
        rules = spot.schema.get(RULES_KEYWORD)
        if not rules or not isinstance(rules, list) or spot.is_nested or spot.path in above:
            continue
        scope = scopes.at(spot)
        for index, rule in enumerate(rules):
            path = (*spot.path, RULES_KEYWORD, index)
            if str(mapping(rule).get("rule") or "").strip():
                found.append(Expression(mapping(rule), path, spot, scope))
    return found


def _is_below_unknown(spot: Spot) -> bool:
    """Whether a schema above has rules, though nothing is known of its type."""
    above = spot.parent
    while above is not None:
        if above.schema.get(RULES_KEYWORD) and not above.schema.get("type"):
            return True
        above = above.parent
    return False


def _unchecked(rules: Sequence[Expression]) -> Iterator[Finding]:
    from opgen.cel import INSTALL, installed

    if rules and not installed():
        yield Finding(
            rules[0].spot.path,
            UNCHECKED,
            f"{INSTALL}; for all who work on a project: add cel to opgen's extras "
            "in pyproject.toml",
        )


def _compiled(rules: Sequence[Expression]) -> Iterator[Finding]:
    from opgen.cel import installed

    for rule in rules if installed() else ():
        if rule.scope is None:
            yield Finding(
                rule.path[:-1],
                "failed to construct type information for x-kubernetes-validations rules: unable "
                "to convert structural schema to CEL declarations",
                "give the field a type, or put the rule on a field above that has one",
            )
        if rule.checked and rule.checked.mistake:
            yield Finding((*rule.path, "rule"), rule.checked.mistake, _suggestion(rule))
        if rule.checked_message and rule.checked_message.mistake:
            message = rule.checked_message.mistake.removeprefix("program ")
            if message.startswith(("compilation", "instantiation")):
                message = f"messageExpression {message}"
            yield Finding((*rule.path, "messageExpression"), message, _suggestion(rule))


def _doubtful(rules: Sequence[Expression]) -> Iterator[Finding]:
    for rule in rules:
        for keyword, checked in (
            ("rule", rule.checked),
            ("messageExpression", rule.checked_message),
        ):
            if checked and checked.doubt:
                yield Finding(
                    (*rule.path, keyword),
                    f"the checker could not tell whether this is right: {checked.doubt}",
                    "try it on an API server",
                )


def _correlated(rules: Sequence[Expression]) -> Iterator[Finding]:
    for rule in rules:
        within = uncorrelatable(rule.spot) if rule.uses_old_self else None
        if within is not None:
            yield Finding(
                (*rule.path, "rule"),
                "oldSelf cannot be used on the uncorrelatable portion of the schema within "
                + short(within),
                "make the list a ListMap, so that the API server can tell which item was which, "
                "or put the rule on the list",
            )


def _optional(rules: Sequence[Expression]) -> Iterator[Finding]:
    for rule in rules:
        if rule.rule.get("optionalOldSelf") is not None and not rule.uses_old_self:
            yield Finding(
                (*rule.path, "optionalOldSelf"),
                "optionalOldSelf may not be set if oldSelf is not used in rule",
                "drop optional_old_self, or compare with oldSelf",
            )


def _affordable(rules: Sequence[Expression]) -> Iterator[Finding]:
    for rule in rules:
        message = rule.checked_message.cost if rule.checked_message else 0
        for keyword, cost in (("rule", rule.cost), ("messageExpression", message)):
            if cost > RULE_LIMIT:
                excess = _excess(f"estimated {keyword} cost", cost, RULE_LIMIT)
                yield Finding((*rule.path, keyword), excess, _bounds_missing(rule))


def _affordable_together(rules: Sequence[Expression]) -> Iterator[Finding]:
    costs: list[tuple[int, Path]] = []
    for rule in rules:
        costs.append((rule.cost, (*rule.path, "rule")))
        if rule.checked_message and not rule.checked_message.mistake:
            costs.append((rule.checked_message.cost, (*rule.path, "messageExpression")))
    total = sum(cost for cost, _ in costs)
    if total <= SCHEMA_LIMIT:
        return
    costs.sort(key=lambda entry: -entry[0])
    for cost, path in costs[:_NAMED]:
        if cost >= SCHEMA_LIMIT // 100:
            yield Finding(
                path,
                "contributed to estimated rule cost total exceeding cost limit for entire "
                "OpenAPIv3 schema",
                "bound the lists, maps and strings that it looks at",
            )
    what = "x-kubernetes-validations estimated rule cost total for entire OpenAPIv3 schema"
    yield Finding(rules[0].path[:5], _excess(what, total, SCHEMA_LIMIT), "bound lists and strings")


def _count(spot: Spot, scope: Scope) -> int:
    """How many values of a schema one object can have."""
    from opgen.cel.declared import LARGEST_REQUEST

    count = 1
    above = spot.parent
    while above is not None:
        schema = above.schema
        keyword = ""
        if schema.get("type") == "array":
            keyword = "maxItems"
        elif schema.get("type") == "object" and "additionalProperties" in schema:
            keyword = "maxProperties"
        if keyword and schema.get(keyword) is None:
            return LARGEST_REQUEST // (scope.declared.smallest + 1)
        count *= max(int(schema[keyword]), 0) if keyword else 1
        above = above.parent
    return count


def _excess(what: str, cost: int, limit: int) -> str:
    factor = cost / limit
    if factor > 100:
        told = "more than 100x"
    else:
        told = f"{factor:.6f}x" if factor < 1.5 else f"{factor:.1f}x"
    return f"{what} exceeds budget by factor of {told} {_SIMPLIFY}"


def _bounds_missing(rule: Expression) -> str:
    """The bounds that would make a rule cheaper, by the fields that lack them."""
    found: list[str] = []
    above = rule.spot.parent
    while above is not None:
        found += _bound(above.schema, above.path)
        above = above.parent
    names = frozenset(re.findall(r"\w+", rule.text))
    found += _below(rule.spot.schema, rule.spot.path, names)
    listed = "; ".join(dict.fromkeys(found))
    return listed or "simplify the rule"


def _below(schema: Schema, path: Path, names: frozenset[str]) -> Iterator[str]:
    yield from _bound(schema, path)
    for name, inner in mapping(schema.get("properties")).items():
        if name in names:
            yield from _below(mapping(inner), (*path, "properties", name), names)
    for keyword in ("items", "additionalProperties"):
        inner = schema.get(keyword)
        if isinstance(inner, Mapping):
            yield from _below(inner, (*path, keyword), names)


def _bound(schema: Schema, path: Path) -> list[str]:
    kind: Any = schema.get("type")
    keyword = _BOUNDS.get(kind, "")
    if kind == "object" and "additionalProperties" in schema:
        keyword = "maxProperties"
    is_bounded = schema.get("format") in _BOUNDED_FORMATS or (kind == "string" and "enum" in schema)
    if not keyword or is_bounded or schema.get(keyword) is not None:
        return []
    return [f"add MaxLen to {short(path)}"]


def _suggestion(rule: Expression) -> str:
    """What to look at, as far as the mistake tells."""
    mistake = rule.checked.mistake if rule.checked else ""
    fields = ", ".join(sorted(rule.scope.declared.fields)) if rule.scope else ""
    if "undefined field" in mistake and fields:
        return f"self has {fields}"
    if "undeclared reference" in mistake:
        return "only self, oldSelf and the functions of Kubernetes are known"
    return "correct the expression"


def unknown_functions(rules: Sequence[Expression], oldest: int) -> Iterator[Finding]:
    """What rules use that an API server of this minor version does not know."""
    for rule in rules:
        for keyword, checked in (
            ("rule", rule.checked),
            ("messageExpression", rule.checked_message),
        ):
            for name, since in checked.needs.items() if checked else ():
                if since > oldest:
                    yield too_new((*rule.path, keyword), name, since, oldest)


RULES = (
    ExpressionRule("R47", "CEL rules are checked", _unchecked, severity="warning"),
    ExpressionRule("R47", "CEL rules and message expressions compile", _compiled),
    ExpressionRule("R47", "The checker understands CEL rules", _doubtful, severity="warning"),
    ExpressionRule("R48", "oldSelf needs values that can be correlated", _correlated),
    ExpressionRule("R49", "optionalOldSelf needs oldSelf", _optional),
    ExpressionRule("R50", "Each CEL rule is cheap enough", _affordable),
    ExpressionRule("R50", "All CEL rules together are cheap enough", _affordable_together),
)
