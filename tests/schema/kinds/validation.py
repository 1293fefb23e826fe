"""Golden case 05 in Python: validation on fields, on types, on items; one of several fields."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import Annotated, Literal

from opgen.api import (
    CEL,
    AtLeastOneOf,
    AtMostOneOf,
    CustomResource,
    Doc,
    EmbeddedResource,
    Enum,
    ExactlyOneOf,
    Format,
    Ge,
    Gt,
    Int32,
    Int64,
    IntOrString,
    Le,
    ListSet,
    Lt,
    MaxLen,
    MinLen,
    MultipleOf,
    Pattern,
    PreserveUnknown,
    Schema,
    Time,
    marked,
    resource,
)

GROUP = "rules.example.org"


@resource(group=GROUP, version="v1")
@dataclass(kw_only=True)
class OnField(CustomResource[None, None]):
    """OnField has one marker, or a few that belong together, on each field."""

    bounded: Annotated[int, Ge(-5), Le(100)]
    open: Annotated[Int32, Gt(0), Lt(10)]
    closed: Annotated[Int32, Ge(0)]
    """a false flag leaves no trace"""
    fives: Annotated[Int64, MultipleOf(5)]
    big: Annotated[Int64, Ge(0), Le(9007199254740993)]
    name: Annotated[str, MinLen(2), MaxLen(63), Pattern("^[a-z]([-a-z0-9]*[a-z0-9])?$")]
    empty: Annotated[str, MinLen(0)]
    """zero is kept"""
    escaped: Annotated[str, Pattern(r"^\d+\.\d+$")]
    """the same pattern in double quotes needs its backslashes doubled"""
    bare: Annotated[str, Pattern("^[a-z]+$")]
    """a pattern without quotes ends at the first comma, semicolon or brace"""
    list_: Annotated[list[str], MinLen(1), MaxLen(8)]
    map: Annotated[dict[str, str], MinLen(1), MaxLen(16)]
    twice: Annotated[str, MaxLen(20)]
    """of two markers with the same name the later wins"""
    words: Literal["Always", "IfNotPresent", "Never"]
    quoted: Literal["", "a", "two words", "b,c"] | None = None
    braced: Annotated[str | None, Enum("", "none", "all")] = None
    numbers: Annotated[Int32, Enum(1, 2, -3)]
    mixed: Annotated[str, Schema({"enum": ["1", 2, 1.5, True, "true", "v3", "1Gi"]})]
    """digits in quotes stay text, digits without quotes become numbers"""
    single: Literal["only"]
    """one value needs no separator"""
    flag: Literal[True]
    when: Time
    distance: Annotated[int, Format("kilometres")]
    """a format is not checked, neither its name nor whether it fits"""
    address: Annotated[str, Format("ipv4")]
    numeric: Annotated[str, Pattern("^[0-9]+$")]
    """a type override lets markers of the new type through"""


Slug = Annotated[str, MinLen(1), MaxLen(40), Doc("Slug is a short name.")]
LowerSlug = Annotated[Slug, Pattern("^[a-z-]+$"), Doc("LowerSlug is a Slug in small letters.")]
TeamSlug = Annotated[
    LowerSlug,
    CEL("self.startsWith('team-')", message="must start with team-"),
    Doc("TeamSlug is a LowerSlug with a rule."),
]
Percent = Annotated[
    Int32, Ge(0), Lt(100), MultipleOf(10), Doc("Percent is a whole number of hundredths.")
]
Mode = Annotated[Literal["slow", "fast", "off"], Doc("Mode is one of three words.")]


class Colour(enum.StrEnum):
    """Colour is an enum made of the constants below."""

    NONE = ""
    GREEN = "green"
    RED = "red"


Slugs = Annotated[list[Slug], MinLen(1), MaxLen(5), ListSet, Doc("Slugs is a list of slugs.")]
Digits = Annotated[
    list[Annotated[int, Ge(0), Le(9)]],
    MaxLen(12),
    Doc("Digits is a list whose items carry the rules themselves."),
]
Limits = Annotated[dict[str, Percent], MinLen(1), MaxLen(3), Doc("Limits is a map with a size.")]


@marked(MinLen(1), CEL("self.x <= self.y", message="x must not exceed y"))
@dataclass(kw_only=True)
class Point:
    """Point is a struct with rules."""

    x: int
    y: int


@resource(group=GROUP, version="v1")
@dataclass(kw_only=True)
class OnType(CustomResource[None, None]):
    """OnType uses types that bring their rules along."""

    slug: Slug
    lower_slug: LowerSlug
    team_slug: TeamSlug | None = None
    percent: Percent
    mode: Mode
    colour: Colour
    slugs: Slugs
    digits: Digits
    limits: Limits
    point: Point

    slug_list: list[Slug]
    """rules of a named type reach items and map values"""
    slug_map: dict[str, Slug]
    slugses: list[Slugs]
    point_map: dict[str, Point]

    extended: Annotated[Slug, Pattern("^[A-Z]+$"), Enum("ABC", "DEF")]
    """the field adds what the type does not have"""
    narrowed: Mode
    """an enum on the field is dropped without a word when the type has one"""
    ruled: Annotated[
        LowerSlug,
        CEL("self != 'team-x'", message="not that team"),
        CEL("self.startsWith('team-')", message="must start with team-"),
    ]
    """rules of the field come before rules of the type"""
    positive_point: Annotated[Point, CEL("self.x > 0")]


@dataclass(kw_only=True)
class Item:
    """Item is what lists below hold."""

    key: str


Share = Annotated[IntOrString, Pattern("^[0-9]+%?$")]
Keyed = Annotated[
    Item,
    CEL("self.key != ''", message="key must be set"),
    CEL("self.key != 'root'"),
]
Manifest = Annotated[dict, EmbeddedResource, PreserveUnknown]  # type: ignore[type-arg]


@resource(group=GROUP, version="v1", plural="onitems")
@dataclass(kw_only=True)
class OnItems(CustomResource[None, None]):
    """OnItems has markers for the items of lists."""

    strings: Annotated[list[Annotated[str, MinLen(1), MaxLen(10), Pattern("^[a-z]+$")]], MaxLen(4)]
    ports: list[Annotated[Int32, Ge(1), Lt(65535), MultipleOf(2)]]
    choices: list[Literal["a", "b", ""]]
    ids: list[Annotated[str, Format("uuid")]]
    hosts: list[Annotated[str, Format("hostname")]]
    shares: list[Share]
    matrix: list[Annotated[list[int], MinLen(1), MaxLen(3)]]
    maps: list[Annotated[dict[str, str], MinLen(1), MaxLen(2)]]
    structs: Annotated[list[Keyed] | None, CEL("self.size() < 100")] = None
    manifests: list[Manifest] | None = None
    slugs: list[Annotated[Slug, Pattern("^x")]]
    """the items are of a type that has rules; these are added"""
    pointers: list[Annotated[str, MinLen(3)]] | None = None
    """a rule for items on a list of pointers"""


@marked(
    ExactlyOneOf("file", "url", "inline"),
    AtMostOneOf("user", "token"),
    AtLeastOneOf("mirror", "url", "file"),
    CEL("!has(self.token) || has(self.url)", message="token needs url"),
    AtMostOneOf("mirror", "inline"),
)
@dataclass(kw_only=True)
class Source:
    """Source says where something comes from."""

    file: str | None = None
    url: str | None = None
    inline: str | None = None
    user: str | None = None
    token: str | None = None
    mirror: str | None = None


@marked(ExactlyOneOf("only"))
@dataclass(kw_only=True)
class Group:
    """Group is one of a kind."""

    only: str | None = None


@resource(group=GROUP, version="v1")
@dataclass(kw_only=True)
class OneOf(CustomResource[None, None]):
    """OneOf has structs of which only some fields may be set together."""

    source: Source
    sources: list[Source] | None = None
    group: Group | None = None
