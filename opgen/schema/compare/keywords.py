"""One rule for each keyword of a schema: what it means that its value has changed.

A rule gets the value before and after, `None` where there was or is none, and gives verdicts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from opgen.schema.compare.changes import Verdict, breaking, compatible, shown

Rule = Callable[[str, Any, Any], Iterator[Verdict]]


def _lower_bound(keyword: str, old: Any, new: Any) -> Iterator[Verdict]:
    yield _bound(keyword, old, new, narrower=old is None or (new is not None and new > old))


def _upper_bound(keyword: str, old: Any, new: Any) -> Iterator[Verdict]:
    yield _bound(keyword, old, new, narrower=old is None or (new is not None and new < old))


def _bound(keyword: str, old: Any, new: Any, *, narrower: bool) -> Verdict:
    if old is None:
        return breaking(f"{keyword} {shown(new)} is new")
    if new is None:
        return compatible(f"{keyword} {shown(old)} is gone")
    words = f"{keyword} was {shown(old)} and is {shown(new)}"
    return breaking(words) if narrower else compatible(words)


def _constraint(keyword: str, old: Any, new: Any) -> Iterator[Verdict]:
    """A keyword whose values cannot be told to be wider or narrower."""
    if new is None:
        yield compatible(f"{keyword} {shown(old)} is gone")
    elif old is None:
        yield breaking(f"{keyword} {shown(new)} is new")
    else:
        yield breaking(f"{keyword} was {shown(old)} and is {shown(new)}")


def _fixed(keyword: str, old: Any, new: Any) -> Iterator[Verdict]:
    """A keyword that nobody may touch: stored data or merging depends on it."""
    yield breaking(f"{keyword} was {shown(old)} and is {shown(new)}")


def _flag(keyword: str, old: Any, new: Any) -> Iterator[Verdict]:
    """A keyword that allows more when it is true."""
    if bool(old) == bool(new):
        return
    yield compatible(f"{keyword} is new") if new else breaking(f"{keyword} is gone")


def _strict_flag(keyword: str, old: Any, new: Any) -> Iterator[Verdict]:
    """A keyword that allows less when it is true."""
    if bool(old) == bool(new):
        return
    yield breaking(f"{keyword} is new") if new else compatible(f"{keyword} is gone")


def _enum(keyword: str, old: Any, new: Any) -> Iterator[Verdict]:
    if old is None or new is None:
        yield from _constraint(keyword, old, new)
        return
    gone = [value for value in old if value not in new]
    added = [value for value in new if value not in old]
    if gone:
        yield breaking(f"enum has lost {', '.join(map(shown, gone))}")
    if added:
        yield compatible(f"enum has {', '.join(map(shown, added))} as well")


def _multiple(keyword: str, old: Any, new: Any) -> Iterator[Verdict]:
    wider = old is not None and new is not None and (old / new).is_integer()
    if wider:
        yield compatible(f"{keyword} was {shown(old)} and is {shown(new)}")
    else:
        yield from _constraint(keyword, old, new)


def _default(keyword: str, old: Any, new: Any) -> Iterator[Verdict]:
    """Objects that leave the field out would mean something else, be it ever so little."""
    if old is None:
        yield breaking(f"the default {shown(new)} is new")
    elif new is None:
        yield breaking(f"the default {shown(old)} is gone")
    else:
        yield breaking(f"the default was {shown(old)} and is {shown(new)}")


def _type(keyword: str, old: Any, new: Any) -> Iterator[Verdict]:
    words = f"the type was {old or 'free'} and is {new or 'free'}"
    yield compatible(words) if (old, new) == ("integer", "number") else breaking(words)


def _validations(keyword: str, old: Any, new: Any) -> Iterator[Verdict]:
    before, after = ({rule.get("rule"): rule for rule in rules or ()} for rules in (old, new))
    for text, rule in after.items():
        if text not in before:
            yield breaking(f"the rule {shown(text)} is new")
        elif rule != before[text]:
            yield _reworded(text, before[text], rule)
    for text in before:
        if text not in after:
            yield compatible(f"the rule {shown(text)} is gone")


def _reworded(text: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> Verdict:
    """A rule with the same expression, which may hold at other times or say something else."""
    was_optional, is_optional = (bool(rule.get("optionalOldSelf")) for rule in (old, new))
    if was_optional == is_optional:
        return compatible(f"the rule {shown(text)} tells something else")
    if is_optional:
        return breaking(f"the rule {shown(text)} holds at creation as well")
    return compatible(f"the rule {shown(text)} holds for updates only")


def _text(keyword: str, old: Any, new: Any) -> Iterator[Verdict]:
    yield compatible(f"{keyword} has changed")


_LOWER = ("minimum", "minLength", "minItems", "minProperties")
_UPPER = ("maximum", "maxLength", "maxItems", "maxProperties")
_CONSTRAINTS = ("pattern", "format", "allOf", "anyOf", "oneOf", "not")
_FIXED = (
    "x-kubernetes-list-type",
    "x-kubernetes-list-map-keys",
    "x-kubernetes-map-type",
    "x-kubernetes-embedded-resource",
)
_FLAGS = ("nullable", "x-kubernetes-preserve-unknown-fields", "x-kubernetes-int-or-string")
_STRICT = ("exclusiveMinimum", "exclusiveMaximum", "uniqueItems")
_TEXTS = ("description", "title", "example", "externalDocs")

RULES: Mapping[str, Rule] = {
    "type": _type,
    "enum": _enum,
    "default": _default,
    "multipleOf": _multiple,
    "x-kubernetes-validations": _validations,
    **dict.fromkeys(_LOWER, _lower_bound),
    **dict.fromkeys(_UPPER, _upper_bound),
    **dict.fromkeys(_CONSTRAINTS, _constraint),
    **dict.fromkeys(_FIXED, _fixed),
    **dict.fromkeys(_FLAGS, _flag),
    **dict.fromkeys(_STRICT, _strict_flag),
    **dict.fromkeys(_TEXTS, _text),
}
