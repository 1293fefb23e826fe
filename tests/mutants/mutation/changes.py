"""What an operator needs: places in a CRD to change, and a table to be entered in."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

Document = dict[str, Any]
Change = Callable[["Draft"], None]


class NothingToChange(Exception):
    """The CRD has no place that the operator could change."""


@dataclass(frozen=True)
class Operator:
    """One way to change a CRD, aimed at the rule of a number."""

    rule: str
    name: str
    change: Change


@dataclass(frozen=True)
class Place:
    """A schema in a CRD: `keyword` is under what it hangs, and `depth` 0 is the root."""

    schema: Document
    keyword: str
    name: str
    depth: int
    in_metadata: bool


class Draft:
    """A CRD in the hands of an operator, with the randomness of one mutant."""

    def __init__(self, document: Document, chance: random.Random) -> None:
        self.document = document
        self.chance = chance

    @property
    def spec(self) -> Document:
        spec: Document = self.document["spec"]
        return spec

    def pick(self, *values: Any) -> Any:
        """One of the values."""
        return self.chance.choice(values)

    def version(self) -> Document:
        """One of the versions."""
        version: Document = self.chance.choice(self.spec["versions"])
        return version

    def root(self) -> Document:
        """The root schema of one version."""
        schema: Document = self.version()["schema"]["openAPIV3Schema"]
        return schema

    def put(self, target: Document, key: str, value: Any) -> None:
        """Set a key, or drop it where the value is None."""
        if value is None:
            target.pop(key, None)
        else:
            target[key] = value

    def place(self, suits: Callable[[Place], bool] = lambda _: True) -> Place:
        """A schema that suits, from any depth."""
        found = [place for place in self.places() if suits(place)]
        if not found:
            raise NothingToChange
        return self.chance.choice(found)

    def schema(self, *types: str) -> Document:
        """A schema below the root, of one of the types, and not within metadata."""
        return self.place(
            lambda place: (
                place.depth > 0
                and not place.in_metadata
                and (not types or place.schema.get("type") in types)
            )
        ).schema

    def places(self) -> Iterator[Place]:
        """All schemas of one version."""
        yield from _below(Place(self.root(), "", "", 0, False))


def _below(place: Place) -> Iterator[Place]:
    yield place
    inner = place.schema
    for name, schema in (inner.get("properties") or {}).items():
        in_metadata = place.in_metadata or (
            place.depth == 0 and name in ("metadata", "kind", "apiVersion")
        )
        yield from _below(Place(schema, "properties", name, place.depth + 1, in_metadata))
    for keyword in ("items", "additionalProperties"):
        if isinstance(inner.get(keyword), dict):
            yield from _below(
                Place(inner[keyword], keyword, "", place.depth + 1, place.in_metadata)
            )


OPERATORS: list[Operator] = []


def operator(rule: str) -> Callable[[Change], Change]:
    """Enter a change in the table."""

    def enter(change: Change) -> Change:
        OPERATORS.append(Operator(rule, change.__name__, change))
        return change

    return enter
