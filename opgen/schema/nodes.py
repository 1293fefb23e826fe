"""The tree between Python and OpenAPI: small frozen nodes, one per type.

A node says what was written, not yet what follows from it: markers are kept as objects, so that
whoever turns the tree into something else (an OpenAPI schema, a reference page) decides. Every
node that can be wrong knows its place.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import MISSING
from typing import Any, NamedTuple

from opgen.api.errors import Location
from opgen.api.markers import Marker


class Place(NamedTuple):
    """Where something is declared: the field, as in `WebServer.spec.replicas`, and the line."""

    path: str
    location: Location | None = None

    def below(self, step: str, location: Location | None = None) -> Place:
        """The place of something inside this one; the line stays if no other is known."""
        return Place(self.path + step, location or self.location)


class Scalar(NamedTuple):
    """A type without parts, by its OpenAPI keywords."""

    keywords: Mapping[str, Any]


REFUSED = Scalar({"type": "string"})
"""What stands in for a type that has been complained about; nothing more is said of it."""


class Anything(NamedTuple):
    """A type that says nothing; a marker must say what is allowed."""

    keywords: Mapping[str, Any]
    written: str


class BuiltIn(NamedTuple):
    """A type of Kubernetes, by the name of its definition."""

    definition: str


class Array(NamedTuple):
    """A list of items of one type."""

    items: Node
    place: Place
    unique: bool = False


class Map(NamedTuple):
    """A map from strings to values of one type, with the markers on its keys."""

    values: Node
    place: Place
    key_markers: tuple[Marker, ...] = ()


class Marked(NamedTuple):
    """A type with markers, with a description of its own, or that may be null."""

    inner: Node
    place: Place
    markers: tuple[Marker, ...] = ()
    description: str = ""
    nullable: bool = False


class Property(NamedTuple):
    """A field of an object.

    `default` is JSON, or `dataclasses.MISSING`; `in_python` is a default that the CRD does not say,
    but which has to fit. `markers` are those about the field as such.
    """

    name: str
    node: Node
    place: Place
    required: bool
    default: Any
    description: str = ""
    markers: tuple[Marker, ...] = ()
    in_python: Any = MISSING


class Object(NamedTuple):
    """A dataclass."""

    name: str
    place: Place
    properties: tuple[Property, ...]
    description: str = ""
    markers: tuple[Marker, ...] = ()


class Choice(NamedTuple):
    """Exactly one of several dataclasses."""

    arms: tuple[Object, ...]
    place: Place

    @property
    def properties(self) -> tuple[Property, ...]:
        """The fields of all arms, the first of each name."""
        return tuple(
            {field.name: field for arm in self.arms[::-1] for field in arm.properties}.values()
        )


Node = Scalar | Anything | BuiltIn | Array | Map | Marked | Object | Choice


def core(node: Node) -> Node:
    """The node below all its markers."""
    while isinstance(node, Marked):
        node = node.inner
    return node
