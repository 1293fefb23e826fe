"""From nodes to structural OpenAPI schemas."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from dataclasses import MISSING
from functools import partial
from typing import Any

from opgen.api.errors import Problem
from opgen.api.markers import (
    CEL,
    EmbeddedResource,
    Immutable,
    IntOrStringValue,
    JsonSchema,
    Marker,
    MarkerError,
    OneOfMarker,
    PreserveUnknown,
    Schema,
    SchemaMarker,
    cel_name,
    is_text,
)
from opgen.schema.nodes import (
    REFUSED,
    Anything,
    Array,
    BuiltIn,
    Choice,
    Map,
    Marked,
    Node,
    Object,
    Place,
    Property,
    Scalar,
    core,
)
from opgen.schema.values import violations

RULES = "x-kubernetes-validations"
PRESERVE = "x-kubernetes-preserve-unknown-fields"
_EMBEDDED_METADATA = "io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta"


class Renderer:
    """Writes nodes as schemas; markers that do not fit are collected in `problems`.

    A class that is used in many places is written once: its uses share the objects below the
    outermost, which nobody may change. What looks at a large document can so skip what it knows.
    """

    def __init__(self) -> None:
        self.problems: list[Problem] = []
        self._written: dict[int | str, JsonSchema] = {}

    def render(self, node: Node) -> JsonSchema:
        """The schema of a node, the outermost object of which is a fresh one each time."""
        return _RENDERERS[type(node)](self, node)

    def _refuse(self, place: Place, message: str, hint: str) -> None:
        problem = Problem(message, place.location, place.path, hint)
        if problem not in self.problems:
            self.problems.append(problem)

    def _scalar(self, node: Scalar | Anything) -> JsonSchema:
        return deepcopy(dict(node.keywords))

    def _built_in(self, node: BuiltIn) -> JsonSchema:
        if node.definition == _EMBEDDED_METADATA:
            return embedded_metadata()
        if node.definition not in self._written:
            from opgen.k8s.schemas import schema

            self._written[node.definition] = schema(node.definition)
        return dict(self._written[node.definition])

    def _array(self, node: Array) -> JsonSchema:
        schema = {"type": "array", "items": self._part(node.items, node.place)}
        if node.unique:
            schema["x-kubernetes-list-type"] = "set"
        return schema

    def _map(self, node: Map) -> JsonSchema:
        schema = {"type": "object", "additionalProperties": self._part(node.values, node.place)}
        for marker in node.key_markers:
            if isinstance(marker, SchemaMarker):
                self._apply_to_keys(marker, schema, node.place)
        return schema

    def _apply_to_keys(self, marker: SchemaMarker, schema: JsonSchema, place: Place) -> None:
        """OpenAPI in CRDs cannot constrain the keys of a map, but a CEL rule can."""
        try:
            rule = CEL(f"self.all(key, {marker.key_rule()})", message=f"keys: {marker!r}")
            rule.apply(schema)
        except MarkerError as error:
            self._refuse(place, error.message, error.hint)

    def _part(self, node: Node, place: Place) -> JsonSchema:
        """The schema of a property, an item or a value, which must say what is allowed."""
        inner = core(node)
        if isinstance(inner, Anything) and not _says_something(node):
            written = inner.written
            self._refuse(
                place,
                f"{written} does not say what is allowed, so that nothing would be kept",
                f"write Annotated[{written}, PreserveUnknown] to keep everything, or name the type",
            )
        return self.render(node)

    def _marked(self, node: Marked) -> JsonSchema:
        schema = self.render(node.inner)
        if core(node) is REFUSED:
            return schema
        inner_rules = schema.pop(RULES, [])
        self._describe(schema, node.description, node.place)
        if node.nullable:
            schema["nullable"] = True
        self._apply(node.markers, schema, node.place)
        rules = [*schema.pop(RULES, []), *inner_rules]
        if rules:
            schema[RULES] = rules
        return schema

    def _describe(self, schema: JsonSchema, text: str, place: Place) -> None:
        if not text:
            return
        if not is_text(text):
            message = f"the docstring {text!r} holds half of a surrogate pair"
            self._refuse(place, message, "write the character itself")
        schema["description"] = text

    def _apply(self, markers: tuple[Marker, ...], schema: JsonSchema, place: Place) -> None:
        for marker in markers:
            if not isinstance(marker, SchemaMarker):
                continue
            try:
                marker.apply(schema)
            except MarkerError as error:
                hint = error.hint or f"write it as in {marker.example}"
                self._refuse(place, error.message, hint)

    def _object(self, node: Object) -> JsonSchema:
        if id(node) not in self._written:
            self._written[id(node)] = self._new_object(node)
        schema = dict(self._written[id(node)])
        if RULES in schema:
            schema[RULES] = list(schema[RULES])  # markers add to it
        return schema

    def _new_object(self, node: Object) -> JsonSchema:
        schema: JsonSchema = {"type": "object"}
        self._describe(schema, node.description, node.place)
        properties = {field.name: self._property(field) for field in node.properties}
        if properties:
            schema["properties"] = properties
        required = sorted(field.name for field in node.properties if field.required)
        if required:
            schema["required"] = required
        self._apply(node.markers, schema, node.place)
        rules = [*self._set_once(node), *schema.pop(RULES, []), *self._one_of(node)]
        if rules:
            schema[RULES] = rules
        return schema

    def _choice(self, node: Choice) -> JsonSchema:
        from opgen.schema.choices import merge

        return merge(node, [self.render(arm) for arm in node.arms], self._refuse)

    def _property(self, field: Property) -> JsonSchema:
        schema = self._part(field.node, field.place)
        self._describe(schema, field.description, field.place)
        if field.default is not MISSING:
            schema.setdefault("default", field.default)
        if "default" in schema:
            self._check_default(schema["default"], schema, field.place)
        if field.in_python is not MISSING:
            self._check_default(field.in_python, schema, field.place)
        if any(isinstance(marker, Immutable) for marker in field.markers):
            schema[RULES] = [_UNCHANGED, *schema.get(RULES, [])]
        return schema

    def _check_default(self, default: Any, schema: JsonSchema, place: Place) -> None:
        for violation in violations(default, schema):
            self._refuse(
                place,
                f"the default {default!r} breaks the field's own rules: {violation}",
                "change the default or the rule",
            )

    def _one_of(self, node: Object) -> list[JsonSchema]:
        markers = sorted(
            (m for m in node.markers if isinstance(m, OneOfMarker)), key=lambda m: m.priority
        )
        fields = {field.name: field for field in node.properties}
        for marker in markers:
            if not marker.fields:
                self._refuse(
                    node.place,
                    f"{marker!r} names no fields",
                    f"use JSON names of the fields: {', '.join(fields)}",
                )
            for name in marker.fields:
                if name not in fields:
                    self._refuse(
                        node.place,
                        f"{marker!r} names {name!r}, which is no field of {node.name}",
                        f"use the JSON names of the fields: {', '.join(fields)}",
                    )
                elif fields[name].required:
                    self._refuse(
                        fields[name].place,
                        f"{name} is part of {marker!r} and cannot be required",
                        "make it optional, as in X | None = None",
                    )
        known = [marker for marker in markers if set(marker.fields) <= fields.keys()]
        return [rule for marker in known for rule in self._rule(marker.rule, node.place)]

    def _set_once(self, node: Object) -> list[JsonSchema]:
        """Rules that keep immutable optional fields from being removed again."""
        rules = []
        for field in node.properties:
            if not field.required and any(isinstance(m, Immutable) for m in field.markers):
                rules += self._rule(partial(_kept, field.name), field.place)
        return rules

    def _rule(self, make: Callable[[], CEL], place: Place) -> list[JsonSchema]:
        """One rule, or none if no rule can say what is meant."""
        try:
            return [make().as_json()]
        except MarkerError as error:
            self._refuse(place, error.message, error.hint)
            return []


_UNCHANGED = CEL("self == oldSelf", message="field is immutable").as_json()


def _kept(name: str) -> CEL:
    field = cel_name(name)
    message = f"field {name} is immutable once set"
    return CEL(f"!has(oldSelf.{field}) || has(self.{field})", message=message)


def _says_something(node: Node) -> bool:
    while isinstance(node, Marked):
        if any(isinstance(marker, _SAYING) for marker in node.markers):
            return True
        node = node.inner
    return False


_SAYING = (PreserveUnknown, EmbeddedResource, IntOrStringValue, Schema)


def embedded_metadata() -> JsonSchema:
    """Metadata below the root of a kind: what an operator may set, kept by the API server."""
    texts = {"type": "object", "additionalProperties": {"type": "string"}}
    return {
        "type": "object",
        "properties": {
            "annotations": deepcopy(texts),
            "finalizers": {"type": "array", "items": {"type": "string"}},
            "labels": texts,
            "name": {"type": "string"},
            "namespace": {"type": "string"},
        },
    }


_RENDERERS: dict[type, Callable[[Renderer, Any], JsonSchema]] = {
    Scalar: Renderer._scalar,
    Anything: Renderer._scalar,
    BuiltIn: Renderer._built_in,
    Array: Renderer._array,
    Map: Renderer._map,
    Marked: Renderer._marked,
    Object: Renderer._object,
    Choice: Renderer._choice,
}
