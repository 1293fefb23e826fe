"""From a version of a CRD to the text of a module."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping, Set
from typing import Any

import opgen.api
from opgen.api.errors import Problems
from opgen.schema.importer import builtins
from opgen.schema.importer.annotations import Annotations, annotated
from opgen.schema.importer.arguments import arguments
from opgen.schema.importer.layout import WIDTH, Code, OrNone, assignment, call, folded, subscript
from opgen.schema.importer.lint import exemptions
from opgen.schema.importer.literals import (
    docstring,
    is_class_docstring,
    is_docstring,
    text,
    value,
)
from opgen.schema.importer.markers import Keywords, markers
from opgen.schema.importer.names import RESERVED, attribute, class_names
from opgen.schema.importer.shapes import FIELD_KEYWORDS, RULES, Schema, Shape, Shapes, is_object

_EVERY_OBJECT = ("apiVersion", "kind", "metadata")
_PARTS = ("spec", "status")
_ATTRIBUTES = frozenset({"metadata", "spec", "status", "kind", "api_version"})
_TYPING = ("Annotated", "Any", "Literal")


def source(document: Mapping[str, Any], version: str) -> str:
    """The text of a module that declares the kind of a CRD in one of its versions.

    The module makes the same CRD again, and looks as if ruff had formatted it. Objects that are
    alike share a class; those that are Kubernetes' own are types of `opgen.k8s`.

    Args:
        document: The CRD, as apiextensions.k8s.io/v1 has it.
        version: The name of one of its versions.

    Raises:
        KeyError: the CRD has no such version.
        Problems: the kind has the name of a marker or type that the module needs.
    """
    versions = {entry["name"]: entry for entry in document["spec"]["versions"]}
    return _Module(document, versions[version]).text()


class _Module:
    """Writes the classes of a version, outer ones first, the kind last."""

    def __init__(self, document: Mapping[str, Any], version: Mapping[str, Any]) -> None:
        self.document = document
        self.version = version
        self.kind = str(document["spec"]["names"]["kind"])
        self.schema: Schema = version["schema"]["openAPIV3Schema"]
        self.shapes = Shapes()
        self.fields = {
            name: part
            for name, part in self.schema.get("properties", {}).items()
            if name not in _EVERY_OBJECT
        }
        for name, part in self.fields.items():
            self.shapes.add(part, (name,))
        self.shapes.settle()
        self.aliases = self._named()
        self.annotations = Annotations(self.shapes)

    def _named(self) -> dict[str, str]:
        """Give all shapes their names; returns the aliases of Kubernetes' types."""
        classes, built_in = self.shapes.classes(), self.shapes.built_in()
        described = [shape for shape in built_in if any(_texts(shape.schema))]
        paths = [shape.path for shape in classes]
        paths += [
            (*shape.path, builtins.module_and_class(shape.definition)[1]) for shape in described
        ]
        names = class_names(paths, self.kind)
        self.names = frozenset(names)
        for shape, name in zip([*classes, *described], names, strict=True):
            shape.name = name
        aliases = {}
        for shape in built_in:
            full = ".".join(builtins.module_and_class(shape.definition))
            if not shape.name:
                shape.name = full
                continue
            texts = call("Descriptions", value(dict(_texts(shape.schema))))
            alias = folded(subscript("Annotated", full, texts), 0, len(f"{shape.name} = "))
            aliases[shape.name] = f"{shape.name} = {alias}\n"
        return aliases

    def text(self) -> str:
        """The whole module."""
        kind = self._kind()
        classes = [self._class(shape) for shape in self.shapes.classes()]
        body = "\n\n".join([*classes, kind])
        if self.aliases:
            comment = "# Types of Kubernetes, with the descriptions that this CRD has for them.\n\n"
            body += "\n\n" + comment + "\n".join(self.aliases.values())
        tree = ast.parse(body)
        self._refuse_clash(tree)
        definitions = (shape.definition for shape in self.shapes.built_in())
        modules = {builtins.module_and_class(name)[0] for name in definitions}
        return (
            f"{exemptions(body, tree)}"
            f'"""The {self.kind} API, version {self.version["name"]}."""\n\n'
            f"from __future__ import annotations\n\n{_imports(tree, sorted(modules))}\n\n{body}"
        )

    def _refuse_clash(self, tree: ast.Module) -> None:
        """Complain about a kind that has the name of something the module imports.

        Raises:
            Problems: it has.
        """
        used = any(isinstance(node, ast.Name) and node.id == self.kind for node in ast.walk(tree))
        if used and self.kind in RESERVED:
            raise Problems.of(
                f"the kind {self.kind} has the name of something that its module imports",
                field="spec.names.kind",
                hint="rename the kind in a copy of the CRD, and import that",
            )

    def _class(self, shape: Shape) -> str:
        own = {
            key: part
            for key, part in shape.schema.items()
            if key not in FIELD_KEYWORDS and (key != RULES or shape.has_rules)
        }
        fields: Mapping[str, Schema] = own.pop("properties")
        required = _required(own, fields.keys())
        found = markers(own)
        marked = _decorator("marked", *found) if found else ""
        return (
            f"{marked}@dataclass(kw_only=True)\nclass {shape.name}:\n"
            + (f"{docstring(shape.docstring, of_class=True)}\n\n" if shape.docstring else "")
            + self._fields(fields, required, self.names)
        )

    def _fields(
        self, fields: Mapping[str, Schema], required: set[str], taken: Iterable[str]
    ) -> str:
        taken = set(taken)
        lines = []
        for name, part in fields.items():
            python = attribute(name, taken)
            taken.add(python)
            lines.append(self.annotations.field(name, python, part, name in required))
        return "\n".join(lines).rstrip("\n") + "\n"

    def _kind(self) -> str:
        """The class of the kind."""
        rest = dict(self.schema)
        rest.pop("properties", None)
        required = _required(rest, self.fields.keys())
        description = rest.pop("description", "")
        documented = is_class_docstring(description)
        found: list[Code] = markers(rest)
        if description and not documented:
            found.append(call("Doc", text(description)))
        types, lines = [], []
        for name in _PARTS:
            written, line = self._part(name, required)
            types.append(written)
            lines += [line] if line else []
        others = {name: part for name, part in self.fields.items() if name not in _PARTS}
        if others:
            lines.append(self._fields(others, required, self.names | _ATTRIBUTES))
        body = "\n".join(lines).rstrip("\n")
        head = subscript("CustomResource", *types)
        base = folded(call(f"class {self.kind}", head), 0, 0, 1)
        parts = [docstring(description, of_class=True)] if documented else []
        parts += [body] if body else []
        decorators = [
            _decorator("resource", **arguments(self.document, self.version)),
            _decorator("marked", *found) if found else "",
            "@dataclass(kw_only=True)\n",
        ]
        return "".join(decorators) + f"{base}:\n" + ("\n\n".join(parts) or "    pass") + "\n"

    def _part(self, name: str, required: set[str]) -> tuple[Code, str]:
        """The type of the spec or status, and the line that the base class does not say."""
        schema = self.fields.get(name)
        if schema is None:
            return "None", assignment(name, "None", "None") if name == "spec" else ""
        shape = self.shapes.of(schema) if is_object(schema) else None
        inner, found = self.annotations.whole(schema)
        if shape is None or found or schema.keys() & {"default", "nullable"}:
            line = self.annotations.field(name, name, schema, name in required)
            return _argument(inner, schema, name in required), line
        types, default = _optional(shape) if name not in required else (shape.name, "")
        description = schema.get("description", "")
        told = description in ("", shape.docstring)
        as_usual = name not in required if name == "status" else name in required
        if told:
            return types, "" if as_usual else assignment(name, types, default)
        if is_docstring(description):
            return types, f"{assignment(name, types, default)}\n{docstring(description)}\n"
        marked = annotated(types, [call("Doc", text(description))])
        return types, assignment(name, marked, default)


def _optional(shape: Shape) -> tuple[Code, Code]:
    """Type and default of an optional spec or status; one that can be empty is never None."""
    if shape.definition or shape.schema.get("required"):
        return OrNone(shape.name), "None"
    return shape.name, call("field", default_factory=shape.name)


def _argument(inner: Code, schema: Schema, required: bool) -> Code:
    """What stands for a part of the kind in the brackets of its base class."""
    optional = inner != "Any" and (not required or "default" in schema or schema.get("nullable"))
    return OrNone(inner) if optional else inner


def _required(schema: Keywords, fields: Set[str]) -> set[str]:
    """The required fields; they stay in the schema if some of them are no fields of it."""
    names = set(schema.get("required", ()))
    if names <= fields:
        schema.pop("required", None)
    else:
        schema["required"] = sorted(names)
    return names


def _decorator(name: str, *items: Code, **keywords: Code) -> str:
    return f"@{folded(call(name, *items, **keywords), 0, 1)}\n"


def _texts(schema: Schema, path: str = "") -> Any:
    """The descriptions below a schema, by their paths."""
    for name, part in schema.get("properties", {}).items():
        below = f"{path}.{name}" if path else name
        if part.get("description"):
            yield below, part["description"]
        yield from _texts(part, below)
    for keyword in ("items", "additionalProperties"):
        part = schema.get(keyword)
        if isinstance(part, Mapping):
            if part.get("description"):
                yield f"{path}[]", part["description"]
            yield from _texts(part, f"{path}[]")


def _imports(tree: ast.Module, modules: list[str]) -> str:
    """The import statements that a module needs."""
    words = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    lines = [f"from dataclasses import dataclass{', field' if 'field' in words else ''}"]
    typing = [name for name in _TYPING if name in words]
    if typing:
        lines.append(f"from typing import {', '.join(typing)}")
    api = sorted(words & set(opgen.api.__all__), key=_import_order)
    lines += ["", _folded_import("opgen.api", api)]
    if modules:
        lines.append(_folded_import("opgen.k8s", modules))
    return "\n".join(lines) + "\n"


def _folded_import(module: str, names: list[str]) -> str:
    line = f"from {module} import {', '.join(names)}"
    if len(line) <= WIDTH:
        return line
    return f"from {module} import (\n" + "".join(f"    {name},\n" for name in names) + ")"


def _import_order(name: str) -> tuple[bool, bool, str]:
    """Constants, then classes, then functions, as import sorters have them."""
    return (not name.isupper(), not name[:1].isupper(), name)
