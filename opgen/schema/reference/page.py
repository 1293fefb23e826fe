"""What a reference page says: records of text, made from a CRD."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from opgen.k8s._data import KUBERNETES
from opgen.schema.importer import builtins
from opgen.schema.importer.names import class_names
from opgen.schema.importer.shapes import Shape, Shapes, is_object
from opgen.schema.samples import sample

Schema = Mapping[str, Any]
Write = Callable[[Any], str]
_TYPE_META = ("apiVersion", "kind", "metadata")
_KUBERNETES = f"https://kubernetes.io/docs/reference/generated/kubernetes-api/v{KUBERNETES}/"
_BOUNDS: Mapping[str, str] = {
    "minimum": "at least {}",
    "maximum": "at most {}",
    "multipleOf": "a multiple of {}",
    "minLength": "length: at least {}",
    "maxLength": "length: at most {}",
    "pattern": "matches `{}`",
    "minItems": "items: at least {}",
    "maxItems": "items: at most {}",
    "minProperties": "entries: at least {}",
    "maxProperties": "entries: at most {}",
}
_FLAGS: Mapping[str, str] = {
    "nullable": "may be null",
    "uniqueItems": "no item twice",
    "x-kubernetes-preserve-unknown-fields": "unknown fields are kept",
    "x-kubernetes-embedded-resource": "a whole Kubernetes object",
}


@dataclass(frozen=True, slots=True)
class TypeText:
    """The type of a field: text, of which the part called `name` is a link."""

    text: str
    name: str = ""
    link: str = ""


@dataclass(frozen=True, slots=True)
class Field:
    """A field: its type, what it must be like, and what it is for."""

    name: str
    type: TypeText
    required: bool
    description: str
    rules: tuple[str, ...] = ()
    default: str = ""
    example: str = ""


@dataclass(frozen=True, slots=True)
class Type:
    """An object type with its fields, and the anchor that links go to."""

    name: str
    anchor: str
    description: str
    fields: tuple[Field, ...]
    rules: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Version:
    """A version of a kind. `notes` say whether it is served, stored or deprecated."""

    name: str
    notes: tuple[str, ...]
    description: str
    types: tuple[Type, ...]
    columns: tuple[tuple[str, str, str], ...]
    example: str


def _json_lines(value: Any) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False)


@dataclass(frozen=True, slots=True)
class Page:
    """All that is said of a kind."""

    name: str
    group: str
    kind: str
    facts: tuple[tuple[str, str], ...]
    versions: tuple[Version, ...]


def page(document: Mapping[str, Any], write: Write = _json_lines) -> Page:
    """The reference page of a CRD.

    Args:
        document: The CRD.
        write: How an example object is written, such as an emitter of YAML.
    """
    spec = document["spec"]
    names = spec["names"]
    facts = [
        ("Group", f"`{spec['group']}`"),
        ("Resource", f"`{names['plural']}`"),
        ("Scope", spec["scope"]),
        ("Short names", ", ".join(f"`{name}`" for name in names.get("shortNames") or ())),
        ("Categories", ", ".join(f"`{name}`" for name in names.get("categories") or ())),
    ]
    return Page(
        document["metadata"]["name"],
        spec["group"],
        names["kind"],
        tuple((what, text) for what, text in facts if text),
        tuple(_version(document, version, write) for version in spec["versions"]),
    )


def _version(document: Mapping[str, Any], version: Mapping[str, Any], write: Write) -> Version:
    kind = document["spec"]["names"]["kind"]
    schema = version["schema"]["openAPIV3Schema"]
    columns = version.get("additionalPrinterColumns") or ()
    told = tuple((one["name"], one["jsonPath"], one.get("description", "")) for one in columns)
    return Version(
        version["name"],
        tuple(_notes(version)),
        schema.get("description", ""),
        tuple(_Types(schema, kind, version["name"]).all()),
        told,
        write(sample(document, version["name"])).strip(),
    )


def _notes(version: Mapping[str, Any]) -> Iterator[str]:
    if not version.get("served"):
        yield "not served"
    if version.get("storage"):
        yield "stored"
    if version.get("deprecated"):
        warning = version.get("deprecationWarning")
        yield f"deprecated: {warning}" if warning else "deprecated"
    subresources = version.get("subresources") or {}
    yield from (f"{name} subresource" for name in ("status", "scale") if name in subresources)
    fields = version.get("selectableFields")
    if fields:
        yield "selectable by " + ", ".join(f"`{field['jsonPath']}`" for field in fields)


class _Types:
    """Finds the object types of a version and gives them names."""

    def __init__(self, schema: Schema, kind: str, version: str) -> None:
        self.schema = schema
        self.kind = kind
        self.version = version
        self.shapes = Shapes()
        for name, part in self._fields().items():
            self.shapes.add(part, (name,))
        self.shapes.settle()
        classes = self.shapes.classes()
        names = class_names([shape.path for shape in classes], kind)
        for shape, name in zip(classes, names, strict=True):
            shape.name = name

    def _fields(self) -> dict[str, Schema]:
        properties = self.schema.get("properties", {})
        return {name: part for name, part in properties.items() if name not in _TYPE_META}

    def all(self) -> Iterator[Type]:
        """The kind itself, then the types below it in the order in which they are used."""
        yield self._type(self.kind, "", {**self.schema, "properties": self._fields()})
        for shape in self.shapes.classes():
            told = [text for text in shape.descriptions if text]
            yield self._type(shape.name, shape.docstring or (told[0] if told else ""), shape.schema)

    def _type(self, name: str, description: str, schema: Schema) -> Type:
        required = set(schema.get("required", ()))
        fields = tuple(
            self._field(field, part, field in required)
            for field, part in schema["properties"].items()
        )
        rules = (*_bounds(schema), *_cel(schema))
        return Type(name, self._anchor(name), description, fields, rules)

    def _anchor(self, name: str) -> str:
        return f"{self.version}-{name}".lower()

    def _field(self, name: str, schema: Schema, required: bool) -> Field:
        inner = _innermost(schema)
        rules = [*_bounds(schema), *(() if is_object(schema) else _cel(schema))]
        if inner is not schema and not is_object(inner):
            rules += [f"each: {rule}" for rule in (*_bounds(inner), *_cel(inner))]
        return Field(
            name,
            self._described(schema),
            required,
            schema.get("description", ""),
            tuple(rules),
            _json(schema["default"]) if "default" in schema else "",
            _json(schema["example"]) if "example" in schema else "",
        )

    def _described(self, schema: Schema) -> TypeText:
        if is_object(schema):
            return self._linked(self.shapes.of(schema))
        for keyword, text in (("items", "list of {}"), ("additionalProperties", "map of {}")):
            if isinstance(schema.get(keyword), Mapping):
                inner = self._described(schema[keyword])
                return TypeText(text.format(inner.text), inner.name, inner.link)
        if schema.get("x-kubernetes-int-or-string"):
            return TypeText("integer or string")
        kind = schema.get("type") or "any JSON value"
        return TypeText(f"{kind} ({schema['format']})" if schema.get("format") else kind)

    def _linked(self, shape: Shape) -> TypeText:
        if not shape.definition:
            return TypeText(shape.name, shape.name, f"#{self._anchor(shape.name)}")
        module, name = builtins.module_and_class(shape.definition)
        group, _, version = module.rpartition("_")
        return TypeText(name, name, f"{_KUBERNETES}#{name.lower()}-{version}-{group}")


def _innermost(schema: Schema) -> Schema:
    """What a list or map is of."""
    for keyword in ("items", "additionalProperties"):
        if isinstance(schema.get(keyword), Mapping):
            return _innermost(schema[keyword])
    return schema


def _bounds(schema: Schema) -> Iterator[str]:
    for keyword, words in _BOUNDS.items():
        if keyword in schema:
            exclusive = {"minimum": "exclusiveMinimum", "maximum": "exclusiveMaximum"}
            more = {"minimum": "greater than {}", "maximum": "less than {}"}
            is_open = schema.get(exclusive.get(keyword, ""))
            yield (more[keyword] if is_open else words).format(schema[keyword])
    if schema.get("enum"):
        yield f"one of {', '.join(f'`{_json(value)}`' for value in schema['enum'])}"
    yield from (words for keyword, words in _FLAGS.items() if schema.get(keyword) is True)
    yield from _merging(schema)
    for keyword in ("oneOf", "anyOf", "allOf", "not"):
        if keyword in schema and not schema.get("x-kubernetes-int-or-string"):
            yield f"{keyword}: `{_json(schema[keyword])}`"


def _merging(schema: Schema) -> Iterator[str]:
    kind = schema.get("x-kubernetes-list-type")
    if kind == "map":
        keys = ", ".join(f"`{key}`" for key in schema.get("x-kubernetes-list-map-keys", ()))
        yield f"items are identified by {keys}"
    elif kind == "set":
        yield "each item once"
    if "atomic" in (kind, schema.get("x-kubernetes-map-type")):
        yield "replaced as a whole"


def _cel(schema: Schema) -> Iterator[str]:
    for rule in schema.get("x-kubernetes-validations") or ():
        text = " ".join(str(rule.get("rule", "")).split())
        message = " ".join(str(rule.get("message", "")).split())
        yield f"`{text}`: {message}" if message else f"`{text}`"


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
