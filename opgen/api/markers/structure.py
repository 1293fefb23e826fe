"""Markers about how lists, maps and objects are merged, and about values without a fixed type."""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from typing import Any, ClassVar

from opgen.api.markers.base import (
    ANYTHING,
    LIST,
    MAP,
    OBJECT,
    JsonSchema,
    MarkerError,
    SchemaMarker,
)


class ListMap(SchemaMarker):
    """The items are identified by some of their fields and merged one by one.

    The keys are JSON names; each must be required or have a default in the items.
    """

    __slots__ = ("keys",)
    keys: tuple[str, ...]
    _text_series = ("keys",)
    targets = (LIST,)
    example = 'Annotated[list[Condition], ListMap("type")]'

    def __init__(self, *keys: str) -> None:
        self._freeze(keys=keys)

    def __repr__(self) -> str:
        return f"ListMap({', '.join(map(repr, self.keys))})"

    def _keywords(self, schema: JsonSchema) -> JsonSchema:
        if not self.keys:
            raise MarkerError("ListMap() needs the names of the fields that identify an item")
        return {
            "x-kubernetes-list-type": "map",
            "x-kubernetes-list-map-keys": list(dict.fromkeys(self.keys)),
        }


class _ListTypeMarker(SchemaMarker):
    """A marker that sets the list type."""

    __slots__ = ()
    targets = (LIST,)
    list_type: ClassVar[str]

    def _keywords(self, schema: JsonSchema) -> JsonSchema:
        return {"x-kubernetes-list-type": self.list_type}


class ListSet(_ListTypeMarker):
    """The items are scalars, each of which occurs once."""

    __slots__ = ()
    list_type = "set"
    example = "Annotated[list[str], ListSet]"


class ListAtomic(_ListTypeMarker):
    """The list is replaced as a whole."""

    __slots__ = ()
    list_type = "atomic"
    example = "Annotated[list[str], ListAtomic]"


class _MapTypeMarker(SchemaMarker):
    """A marker that sets the map type. The outermost one counts."""

    __slots__ = ()
    targets = (MAP, OBJECT)
    map_type: ClassVar[str]

    def _write(self, schema: JsonSchema) -> None:
        schema["x-kubernetes-map-type"] = self.map_type


class MapAtomic(_MapTypeMarker):
    """The map or object is replaced as a whole."""

    __slots__ = ()
    map_type = "atomic"
    example = "Annotated[dict[str, str], MapAtomic]"


class MapGranular(_MapTypeMarker):
    """The entries of the map or object are merged one by one, which is the default."""

    __slots__ = ()
    map_type = "granular"
    example = "Annotated[dict[str, str], MapGranular]"


class Nullable(SchemaMarker):
    """The value may be null. `X | None` without a default says the same."""

    __slots__ = ()
    example = "Annotated[str, Nullable]"

    def _keywords(self, schema: JsonSchema) -> JsonSchema:
        return {"nullable": True}


class PreserveUnknown(SchemaMarker):
    """Keep fields that the schema does not know; on `Any`, keep any JSON value."""

    __slots__ = ()
    targets = (OBJECT, MAP, ANYTHING)
    example = "Annotated[dict[str, Any], PreserveUnknown]"

    def _keywords(self, schema: JsonSchema) -> JsonSchema:
        return {"x-kubernetes-preserve-unknown-fields": True}


class EmbeddedResource(SchemaMarker):
    """The value is a whole Kubernetes object with apiVersion, kind and metadata."""

    __slots__ = ()
    targets = (OBJECT, ANYTHING)
    example = "Annotated[dict[str, Any], EmbeddedResource, PreserveUnknown]"

    def _keywords(self, schema: JsonSchema) -> JsonSchema:
        return {"type": "object", "x-kubernetes-embedded-resource": True}


class OneOf(SchemaMarker):
    """The value is exactly one of several dataclasses, told apart by the fields they require.

    The schema has the fields of all; those that one of them requires exclude those of the others.
    """

    __slots__ = ()
    targets = (OBJECT,)
    example = "Annotated[FromFile | FromUrl, OneOf]"

    def _write(self, schema: JsonSchema) -> None:
        if "oneOf" not in schema:
            raise MarkerError(f"{self!r} needs a union of dataclasses", f"write {self.example}")


class IntOrStringValue(SchemaMarker):
    """The value is an integer or a string. The type `IntOrString` says the same."""

    __slots__ = ()
    example = "Annotated[Any, IntOrStringValue]"

    def _write(self, schema: JsonSchema) -> None:
        schema.pop("type", None)
        schema.pop("format", None)
        schema["x-kubernetes-int-or-string"] = True
        schema.setdefault("anyOf", [{"type": "integer"}, {"type": "string"}])


_KEYWORDS = """
$ref $schema additionalItems additionalProperties allOf anyOf default definitions dependencies
description enum example exclusiveMaximum exclusiveMinimum externalDocs format id items maxItems
maxLength maxProperties maximum minItems minLength minProperties minimum multipleOf not nullable
oneOf pattern patternProperties properties required title type uniqueItems
x-kubernetes-embedded-resource x-kubernetes-int-or-string x-kubernetes-list-map-keys
x-kubernetes-list-type x-kubernetes-map-type x-kubernetes-preserve-unknown-fields
x-kubernetes-validations
"""
"""What a schema may hold; the rest is dropped by the API server, which refuses some of these as
well. Source: apiextensions/v1 JSONSchemaProps."""


class Schema(SchemaMarker):
    """Raw OpenAPI keywords, for what nothing else can say; they replace what is there.

    A keyword with the value None is removed.
    """

    __slots__ = ("raw",)
    raw: Mapping[str, Any]
    example = 'Annotated[Any, Schema({"type": "string"})]'

    def __init__(self, raw: Mapping[str, Any]) -> None:
        self._freeze(raw=raw)

    def __repr__(self) -> str:
        return f"Schema({self.raw!r})"

    def _write(self, schema: JsonSchema) -> None:
        import difflib

        if not isinstance(self.raw, Mapping):
            raise MarkerError(f"{self!r} needs a mapping of OpenAPI keywords")
        known = _KEYWORDS.split()
        for unknown in sorted(set(map(str, self.raw)) - set(known)):
            near = difflib.get_close_matches(unknown, known, n=1)
            hint = f"is {near[0]} meant?" if near else "use a keyword of OpenAPI, such as oneOf"
            raise MarkerError(f"{self!r} has the unknown keyword {unknown!r}", hint)
        self._check_json(self.raw)
        for keyword, value in self.raw.items():
            if value is None:
                schema.pop(keyword, None)
            else:
                schema[keyword] = deepcopy(value)
