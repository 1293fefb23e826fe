"""From the schema of a field to its annotation and default."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from opgen.api.fields import json_name
from opgen.schema.importer.layout import (
    WIDTH,
    Code,
    Group,
    OrNone,
    assignment,
    call,
    flat,
    subscript,
)
from opgen.schema.importer.literals import docstring, is_docstring, text, value
from opgen.schema.importer.markers import RULES, Keywords, markers
from opgen.schema.importer.shapes import Shapes, is_object

_EITHER = [{"type": "integer"}, {"type": "string"}]
_QUANTITY = (
    r"^(\+|-)?(([0-9]+(\.[0-9]*)?)|(\.[0-9]+))"
    r"(([KMGTPE]i)|[numkMGTPE]|([eE](\+|-)?(([0-9]+(\.[0-9]*)?)|(\.[0-9]+))))?$"
)
_SCALARS: Mapping[tuple[Any, Any], str] = {
    ("string", None): "str",
    ("string", "date-time"): "Time",
    ("string", "byte"): "bytes",
    ("integer", None): "int",
    ("integer", "int32"): "Int32",
    ("integer", "int64"): "Int64",
    ("number", None): "float",
    ("boolean", None): "bool",
}
_PLAIN_DEFAULTS: Mapping[str, tuple[type, ...]] = {
    "string": (str,),
    "integer": (int,),
    "boolean": (bool,),
    "None": (int, str),
}
_LONGEST_DEFAULT = 40
_ENUMERATED: Mapping[str, type] = {"string": str, "integer": int}


class Annotations:
    """Writes annotations; classes are called what `shapes` says."""

    def __init__(self, shapes: Shapes) -> None:
        self.shapes = shapes
        self._orders: dict[frozenset[Any], list[Any]] = {}

    def field(self, name: str, attribute: str, schema: Mapping[str, Any], required: bool) -> str:
        """A field of a class with its docstring."""
        rest = dict(schema)
        description = rest.pop("description", "")
        if is_object(schema) and description == self.shapes.of(schema).docstring:
            description = ""
        inner, found = self._split(rest)
        if description and not is_docstring(description):
            found.append(call("Doc", text(description)))
        if json_name(attribute) != name:
            found.append(call("Name", text(name)))
        line = self._assigned(attribute, inner, found, rest, schema, required)
        is_below = is_docstring(description)
        return f"{line}\n{docstring(description)}\n" if is_below else line

    def _assigned(
        self,
        attribute: str,
        inner: Code,
        found: list[Code],
        rest: Keywords,
        schema: Mapping[str, Any],
        required: bool,
    ) -> str:
        """The field without its docstring."""
        nullable = rest.get("nullable") is True
        if "default" not in schema:
            if required:
                return assignment(attribute, annotated(_or_none(inner, nullable), found))
            found += ["Nullable"] if nullable else []
            return assignment(attribute, annotated(_or_none(inner), found), "None")
        found += ["Required"] if required else []
        literal = flat(value(schema["default"]))
        annotation = annotated(_or_none(inner, nullable), found)
        if _is_plain_default(schema["default"], schema, literal):
            line = assignment(attribute, annotation, literal)
            if isinstance(annotation, Group) or len(line) <= WIDTH:
                return line
        found.append(call("Default", value(schema["default"])))
        found += ["Nullable"] if nullable else []
        return assignment(attribute, annotated(_or_none(inner), found), "None")

    def part(self, schema: Mapping[str, Any]) -> Code:
        """The items of a list or the values of a map."""
        rest = dict(schema)
        description = rest.pop("description", "")
        if is_object(schema) and description == self.shapes.of(schema).docstring:
            description = ""
        inner, found = self._split(rest)
        if description:
            found.append(call("Doc", text(description)))
        if "default" in schema:
            found.append(call("Default", value(schema["default"])))
        return annotated(_or_none(inner, rest.get("nullable") is True), found)

    def whole(self, schema: Mapping[str, Any]) -> tuple[Code, list[Code]]:
        """The type of a schema without description and the markers that belong to it."""
        rest = dict(schema)
        rest.pop("description", None)
        return self._split(rest)

    def _split(self, rest: Keywords) -> tuple[Code, list[Code]]:
        """The type of a schema, and markers for what the type does not say.

        `nullable` and `default` are left to the caller.
        """
        schema = {key: rest[key] for key in rest if key not in ("nullable", "default")}
        if rest.get("nullable") not in (True, None):
            rest.pop("nullable")
        if is_object(rest):
            return self._object(rest)
        kind, form = schema.get("type"), schema.get("format")
        if schema.get("x-kubernetes-int-or-string") is True and not kind:
            return _int_or_string(schema)
        inner: Code
        if kind == "array" and isinstance(schema.get("items"), Mapping):
            inner = subscript("list", self.part(schema.pop("items")))
        elif kind == "object" and isinstance(schema.get("additionalProperties"), Mapping):
            inner = subscript("dict", "str", self.part(schema.pop("additionalProperties")))
        elif kind == "object":
            return _free_object(schema)
        elif values := self._literal(schema):
            inner = subscript("Literal", *map(value, values))
        elif (kind, None) in _SCALARS:
            inner = _SCALARS.get((kind, form), _SCALARS[kind, None])
            if (kind, form) in _SCALARS:
                schema.pop("format", None)
        else:
            return _anything(schema)
        return inner, markers(schema)

    def _literal(self, schema: Keywords) -> list[Any]:
        """The values of an enum that a `Literal` can stand for, which is then taken out.

        To Python two of them that differ in the order of their values alone are the same.
        """
        values = schema.get("enum")
        wanted = _ENUMERATED.get(str(schema.get("type")))
        if not isinstance(values, list) or wanted is None or "format" in schema:
            return []
        if any(type(one) is not wanted for one in values) or len(set(values)) < len(values):
            return []
        if self._orders.setdefault(frozenset(values), values) != values:
            return []
        del schema["enum"]
        return values

    def _object(self, rest: Keywords) -> tuple[Code, list[Code]]:
        shape = self.shapes.of(rest)
        own = {RULES: rest[RULES]} if RULES in rest and not shape.has_rules else {}
        return shape.name, markers(own)


def annotated(inner: Code, found: list[Code]) -> Code:
    """A type with markers, if there are any."""
    return subscript("Annotated", inner, *found) if found else inner


def _or_none(inner: Code, wanted: bool = True) -> Code:
    return OrNone(inner) if wanted and inner != "Any" else inner


def _is_plain_default(default: Any, schema: Mapping[str, Any], literal: str) -> bool:
    """Whether the default of the schema can be that of the field in Python."""
    kind = str(schema.get("type"))
    either = schema.get("x-kubernetes-int-or-string") is True
    if (kind == "None" and not either) or schema.get("format") == "byte":
        return False
    if isinstance(default, bool) and kind != "boolean":
        return False
    return isinstance(default, _PLAIN_DEFAULTS.get(kind, ())) and len(literal) <= _LONGEST_DEFAULT


def _int_or_string(schema: Keywords) -> tuple[Code, list[Code]]:
    inner = "IntOrString"
    if schema.get("pattern") == _QUANTITY:
        inner = "Quantity"
        del schema["pattern"]
    if schema.get("anyOf") == _EITHER:
        del schema["anyOf"]
    else:
        schema.setdefault("anyOf", None)
    del schema["x-kubernetes-int-or-string"]
    return inner, markers(schema, either=True)


def _free_object(schema: Keywords) -> tuple[Code, list[Code]]:
    """An object without fields of its own."""
    found = markers(schema)
    keeps = {"PreserveUnknown", "EmbeddedResource"} & set(map(flat, found))
    raw = any(flat(code).startswith("Schema(") for code in found)
    says = [] if keeps or raw else [call("Schema", value({"type": "object"}))]
    return subscript("dict", "str", "Any"), [*says, *found]


def _anything(schema: Keywords) -> tuple[Code, list[Code]]:
    if schema == {"x-kubernetes-preserve-unknown-fields": True}:
        return "Json", []
    if "type" in schema:
        return "Any", [call("Schema", value(schema))]
    return "Any", markers(schema)
