"""Golden case 05 in Python: fields that say again what their types have said already."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated

from opgen.api import (
    CEL,
    CustomResource,
    Format,
    Ge,
    Int32,
    Le,
    Lt,
    MapAtomic,
    MapGranular,
    MaxLen,
    MinLen,
    MultipleOf,
    Nullable,
    Pattern,
    marked,
    resource,
)

Slug = Annotated[str, MinLen(1), MaxLen(40)]
LowerSlug = Annotated[Slug, Pattern("^[a-z-]+$")]
TeamSlug = Annotated[LowerSlug, CEL("self.startsWith('team-')")]
Percent = Annotated[Int32, Ge(0), Lt(100), MultipleOf(10)]


@marked(MinLen(1))
@dataclass(kw_only=True)
class Point:
    """A point."""

    x: int
    y: int


@marked(MapAtomic)
@dataclass(kw_only=True)
class Whole:
    """Whole is replaced as a whole."""

    a: str | None = None


@dataclass(kw_only=True)
class ClashingSpec:
    """What clashes."""

    shorter: Annotated[Slug, MaxLen(20)]
    both: Annotated[Slug, MinLen(3), MaxLen(30)]
    other_pattern: Annotated[LowerSlug, Pattern("^team-")]
    numbers: Annotated[Percent, Ge(10), Le(50)]
    three_levels: Annotated[TeamSlug, MaxLen(12)]
    items: list[Annotated[Slug, MinLen(4)]]
    other_point: Annotated[Point, MinLen(2)]
    other_format: Annotated[Percent, Format("int64")]
    tiny: Annotated[Slug, Nullable, MaxLen(3)] = "abc"


@resource(group="rules.example.org", version="v1")
@dataclass(kw_only=True)
class Clashing(CustomResource[ClashingSpec, None]):
    """Clashing sets on fields what their types have set already."""


@dataclass(kw_only=True)
class AgreeingSpec:
    """What is said twice, in the same way."""

    same: Annotated[Slug, MaxLen(40)]
    same_pattern: Annotated[LowerSlug, Pattern("^[a-z-]+$")]
    same_point: Annotated[Point, MinLen(1)]
    same_flag: Annotated[Percent, Lt(100)]
    other_map_type: Annotated[Whole, MapGranular] = field(default_factory=Whole)


@resource(group="rules.example.org", version="v1")
@dataclass(kw_only=True)
class Agreeing(CustomResource[AgreeingSpec, None]):
    """What is said twice in the same way is no clash."""
