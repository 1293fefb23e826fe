"""What a rule is, and how rules see a document."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

Path = tuple[str | int, ...]
Document = Mapping[str, Any]
Schema = Mapping[str, Any]

_JUNCTORS = ("allOf", "anyOf", "oneOf")


class Finding(NamedTuple):
    """Something that a rule objects to. `message` has the server's wording."""

    path: Path
    message: str
    hint: str


class Spot(NamedTuple):
    """A schema and where it is: its path, the schema it is a part of, and under which keyword."""

    schema: Schema
    path: Path
    parent: Spot | None = None
    has_status: bool = False
    is_nested: bool = False
    """Whether it stands in allOf or the like, and so constrains another schema."""

    @property
    def is_root(self) -> bool:
        """Whether this is the schema of the whole object."""
        return self.parent is None

    @property
    def is_item(self) -> bool:
        """Whether this is the schema of the items of a list."""
        # A field may be called items, too.
        return self.parent is not None and self.path == (*self.parent.path, "items")


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule. The number is that of the documentation."""

    number: str
    title: str
    check: Callable[..., Iterator[Finding]]
    severity: str = "error"


class DocumentRule(Rule):
    """A rule about the CRD as a whole."""

    __slots__ = ()
    check: Callable[[Document], Iterator[Finding]]


AT_ROOT, NESTED, NO_TYPE = "(root)", "(nested)", "(no type)"
"""What stands among the keywords of a schema for where it is, and for one it has not."""


@dataclass(frozen=True, slots=True)
class SchemaRule(Rule):
    """A rule about each schema of each version.

    It has nothing to say about schemas without any of its `keywords`, if it names some; most
    schemas have few keywords, and a large CRD has many schemas.
    """

    check: Callable[[Spot], Iterator[Finding]]
    keywords: frozenset[str] = frozenset()
    everywhere: bool = False
    """Whether it is also about schemas in allOf and the like."""


def about(*keywords: str) -> frozenset[str]:
    """The keywords that a rule is about."""
    return frozenset(keywords)


def roots(document: Document) -> Iterator[Spot]:
    """The schemas of all versions."""
    for index, version in enumerate(versions(document)):
        spot = root(version, index)
        if spot.schema:
            yield spot


def root(version: Mapping[str, Any], index: int) -> Spot:
    """The schema of the version at a position; an empty one if it has none."""
    schema = mapping(mapping(version.get("schema")).get("openAPIV3Schema"))
    path: Path = ("spec", "versions", index, "schema", "openAPIV3Schema")
    return Spot(schema, path, None, has_status="status" in mapping(version.get("subresources")))


def spots(document: Document) -> Iterator[Spot]:
    """All schemas of all versions, outer ones first."""
    for root in roots(document):
        yield from below(root)


def below(spot: Spot) -> Iterator[Spot]:
    """A schema and all schemas in it."""
    waiting = [spot]
    while waiting:
        spot = waiting.pop()
        yield spot
        waiting.extend(reversed(list(parts(spot))))


def parts(spot: Spot) -> Iterator[Spot]:
    """The schemas right below a schema."""
    schema, path, is_nested = spot.schema, spot.path, spot.is_nested
    if "properties" in schema:
        for name, part in mapping(schema["properties"]).items():
            if isinstance(part, Mapping) or part is None:
                yield Spot(part or {}, (*path, "properties", name), spot, is_nested=is_nested)
    for keyword in ("items", "additionalProperties"):
        if keyword in schema and isinstance(schema[keyword], Mapping):
            yield Spot(schema[keyword], (*path, keyword), spot, is_nested=is_nested)
    for keyword in _JUNCTORS:
        joined = schema.get(keyword)
        for index, part in enumerate(joined if isinstance(joined, list) else ()):
            if isinstance(part, Mapping):
                yield Spot(part, (*path, keyword, index), spot, is_nested=True)
    if "not" in schema and isinstance(schema["not"], Mapping):
        yield Spot(schema["not"], (*path, "not"), spot, is_nested=True)


def versions(document: Document) -> list[Mapping[str, Any]]:
    """The versions of a CRD, leaving out what is none."""
    found = mapping(document.get("spec")).get("versions") or ()
    return [mapping(version) for version in found]


def mapping(value: Any) -> Mapping[str, Any]:
    """The value itself if it is a mapping, or an empty one."""
    return value if isinstance(value, Mapping) else {}


def short(path: Path) -> str:
    """The path of a schema as people write that of a field, such as `spec.ports[].name`."""
    names: list[str] = []
    steps = iter(path[5:])
    for step in steps:
        if step == "properties":
            names.append(f".{next(steps, '')}")
        else:
            names.append({"items": "[]", "additionalProperties": "[*]"}.get(str(step), ""))
    return "".join(names).lstrip(".")


def dotted(path: Path) -> str:
    """A path as the API server writes it."""
    text = ""
    in_properties = False
    for step in path:
        if isinstance(step, int) or in_properties:
            text += f"[{step}]"
            in_properties = False
        else:
            text += f".{step}"
            in_properties = step == "properties"
    return text.lstrip(".")
