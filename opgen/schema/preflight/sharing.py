"""Large schemas, of which many parts are one and the same object: each is looked at once.

A class that is used in many places has the same schema everywhere. What holds of that schema in
one place holds in the others as well, as far as nothing above makes a difference to a rule.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from opgen.schema.preflight.base import Schema, Spot, parts
from opgen.schema.preflight.expressions import RULES_KEYWORD
from opgen.schema.preflight.values import metadata_above

_EMBEDDED = "x-kubernetes-embedded-resource"


class Sharing:
    """Makes one object of the equal parts of documents."""

    def __init__(self) -> None:
        # With the value itself, whose id is its own as long as it lives.
        self._seen: dict[int, tuple[Any, Any]] = {}
        self._known: dict[tuple[object, ...], Any] = {}

    def shared(self, value: Any) -> Any:
        """A part of the document, or one that equals it down to the order of its keys."""
        kind = type(value)
        if kind is not dict and kind is not list:
            return value  # other mappings than plain ones stay what they are
        known = self._seen.get(id(value))
        if known is None:
            one = self._one(value)
            known = self._seen[id(value)] = (value, one)
            self._seen[id(one)] = (one, one)
        return known[1]

    def _one(self, value: Any) -> Any:
        if type(value) is list:
            items = [self.shared(item) for item in value]
            return self._known.setdefault((list, *map(_identity, items)), items)
        entries = {name: self.shared(item) for name, item in value.items()}
        key = (dict, *entries, *map(_identity, entries.values()))
        return self._known.setdefault(key, entries)


def _identity(value: Any) -> object:
    """What tells shared values apart: True is not 1."""
    return value if type(value) is str else (type(value), id(value))


def distinct(root: Spot) -> Iterator[Spot]:
    """The schemas of a version, each in one of the places where rules see it in the same way."""
    seen: set[tuple[object, ...]] = set()
    waiting = [root]
    while waiting:
        spot = waiting.pop()
        key = (id(spot.schema), *_surroundings(spot))
        if key not in seen:
            seen.add(key)
            yield spot
            waiting.extend(parts(spot))


def _surroundings(spot: Spot) -> tuple[object, ...]:
    """What rules look at above a schema: it makes a difference for all that is below as well."""
    above = spot.parent
    if above is None or spot.is_nested:
        return (spot.path,)
    if above.is_root or above.schema.get(_EMBEDDED) or metadata_above(above):
        return (spot.path,)
    return ("additionalProperties" in spot.path,)


def with_rules(root: Spot) -> Iterator[Spot]:
    """All schemas of a version that have CEL rules, in all their places, outer ones first."""
    known: dict[int, bool] = {}
    waiting = [root]
    while waiting:
        spot = waiting.pop()
        if RULES_KEYWORD in spot.schema:
            yield spot
        if _has_rules(spot.schema, known):
            waiting.extend(reversed(list(parts(spot))))


def _has_rules(schema: Schema, known: dict[int, bool]) -> bool:
    """Whether there is a CEL rule in a schema or below it."""
    found = known.get(id(schema))
    if found is None:
        found = RULES_KEYWORD in schema
        found = found or any(_has_rules(part.schema, known) for part in parts(Spot(schema, ())))
        known[id(schema)] = found
    return found
