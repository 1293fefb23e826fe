"""From a version of a CRD to the text of a module."""

from __future__ import annotations

import inspect
import re
from collections.abc import Mapping
from copy import deepcopy
from typing import Any

import opgen.api
from opgen.api.fields import json_name
from opgen.schema.importer.markers import Keywords, markers
from opgen.schema.importer.names import attribute, class_name

_ROOT = ("apiVersion", "kind", "metadata")
_EITHER = [{"type": "integer"}, {"type": "string"}]
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
_WRITTEN = re.compile(r"[A-Za-z_]\w*")


def source(document: Mapping[str, Any], version: str) -> str:
    """The text of a module that declares the kind of a CRD in one of its versions.

    The schema, the names and the columns are those of the CRD. Selectable fields, the scale
    subresource and conversion are not declared, and long lines are not folded.

    Raises:
        KeyError: the CRD has no such version.
    """
    versions = {entry["name"]: entry for entry in document["spec"]["versions"]}
    return _Module(document, versions[version]).text()


class _Module:
    """Collects the classes of a version, inner ones first."""

    def __init__(self, document: Mapping[str, Any], version: Mapping[str, Any]) -> None:
        self.spec = document["spec"]
        self.version = version
        self.kind = str(self.spec["names"]["kind"])
        self.taken = {self.kind}
        self.classes: list[str] = []

    def text(self) -> str:
        """The whole module."""
        schema = deepcopy(self.version["schema"]["openAPIV3Schema"])
        self._kind(schema)
        body = "\n\n\n".join(self.classes)
        api = sorted(set(_WRITTEN.findall(body)) & set(opgen.api.__all__))
        return (
            f'"""The {self.kind} API, version {self.version["name"]}."""\n\n'
            "from __future__ import annotations\n\n"
            "from dataclasses import dataclass\n"
            "from typing import Annotated, Any\n\n"
            f"from opgen.api import {', '.join(api)}\n\n\n{body}\n"
        )

    def _kind(self, schema: Keywords) -> None:
        fields = {
            name: part for name, part in schema.get("properties", {}).items() if name not in _ROOT
        }
        required = set(schema.get("required", ()))
        lines = self._fields(self.kind, fields, required)
        for name in ("spec", "status"):
            if name not in fields:
                lines.append(f"    {name}: None = None")
        rest = {key: value for key, value in schema.items() if key not in _OWN}
        if required - fields.keys():
            rest["required"] = sorted(required)
        found = markers(rest)
        description = schema.get("description", "")
        documented = _is_docstring(description)
        found += [f"Doc({description!r})"] if description and not documented else []
        found += _rest(rest)
        marked = f"@marked({', '.join(found)})\n" if found else ""
        self.classes.append(
            f"@resource({self._arguments()})\n{marked}@dataclass(kw_only=True)\n"
            f"class {self.kind}(CustomResource[Any, Any]):\n"
            f"{_docstring(description if documented else '')}" + "\n".join(lines)
        )

    def _arguments(self) -> str:
        """What the decorator is told."""
        names, version = self.spec["names"], self.version
        said: dict[str, Any] = {
            "group": self.spec["group"],
            "version": version["name"],
            "plural": names["plural"],
            "singular": names.get("singular"),
            "scope": self.spec["scope"] if self.spec["scope"] != "Namespaced" else None,
            "short_names": names.get("shortNames"),
            "categories": names.get("categories"),
            "storage": version.get("storage") or None,
            "deprecated": version.get("deprecationWarning") or version.get("deprecated"),
        }
        arguments = [f"{key}={value!r}" for key, value in said.items() if value]
        if not version.get("served"):
            arguments.append("served=False")
        columns = [_column(column) for column in version.get("additionalPrinterColumns") or ()]
        if columns:
            arguments.append(f"columns=[{', '.join(columns)}]")
        return ", ".join(arguments)

    def _fields(self, owner: str, fields: Mapping[str, Any], required: set[str]) -> list[str]:
        taken: set[str] = set()
        lines = []
        for name, schema in fields.items():
            python = attribute(name, taken)
            taken.add(python)
            lines.append(self._field(owner, name, python, schema, name in required))
        return lines

    def _field(self, owner: str, name: str, python: str, schema: Any, required: bool) -> str:
        schema = deepcopy(schema)
        description = schema.pop("description", "")
        documented = _is_docstring(description)
        extra = [f"Doc({description!r})"] if description and not documented else []
        if json_name(python) != name:
            extra.append(f"Name({name!r})")
        default = ""
        if "default" in schema:
            extra.append(f"Default({schema.pop('default')!r})")
            extra += ["Required"] if required else []
        if not required or any(entry.startswith("Default(") for entry in extra):
            default = " = None"
        inner, found = self._annotation(schema, owner, name)
        inner = f"{inner} | None" if default else inner
        found = [*found, *extra]
        written = f"Annotated[{inner}, {', '.join(found)}]" if found else inner
        text = f"    {python}: {written}{default}"
        return f"{text}\n{_docstring(description)}".rstrip() if documented else text

    def _annotation(self, schema: Keywords, owner: str, name: str) -> tuple[str, list[str]]:
        """The type that a schema stands for and the markers for what the type does not say."""
        kind, form = schema.get("type"), schema.get("format")
        description = schema.pop("description", "")
        found = [f"Doc({description!r})"] if description else []
        if schema.get("x-kubernetes-int-or-string") and not kind and schema.get("anyOf") == _EITHER:
            found += markers(schema)
            del schema["x-kubernetes-int-or-string"], schema["anyOf"]
            return "IntOrString", found + _rest(schema)
        inner = "Any"
        if kind == "object" and isinstance(schema.get("properties"), Mapping):
            found = [*markers(schema), *found]
            return self._class(schema, owner, name), found + _rest(schema)
        found = [*markers(schema), *found]
        if kind == "array" and isinstance(schema.get("items"), dict):
            inner = f"list[{self._whole(schema.pop('items'), owner, name)}]"
        elif kind == "object" and isinstance(schema.get("additionalProperties"), dict):
            inner = f"dict[str, {self._whole(schema.pop('additionalProperties'), owner, name)}]"
        elif (kind, form) in _SCALARS or (kind, None) in _SCALARS:
            known = (kind, form) in _SCALARS
            inner = _SCALARS[(kind, form) if known else (kind, None)]
            if known:
                schema.pop("format", None)
        else:
            return "Any", [f"Schema({schema!r})", *found]
        schema.pop("type", None)
        return inner, found + _rest(schema)

    def _whole(self, schema: Keywords, owner: str, name: str) -> str:
        schema = deepcopy(schema)
        default = schema.pop("default", None)
        inner, found = self._annotation(schema, owner, name)
        found += [f"Default({default!r})"] if default is not None else []
        return f"Annotated[{inner}, {', '.join(found)}]" if found else inner

    def _class(self, schema: Keywords, owner: str, name: str) -> str:
        fields = schema.pop("properties")
        required = list(schema.pop("required", ()))
        schema.pop("type")
        unknown = [field for field in required if field not in fields]
        if unknown:
            schema["required"] = sorted(required)
        cls = class_name(owner, name, self.taken)
        lines = self._fields(cls, fields, set(required)) or ["    pass"]
        self.classes.append(f"@dataclass(kw_only=True)\nclass {cls}:\n" + "\n".join(lines))
        return cls


_OWN = frozenset({"type", "description", "properties", "required"})


def _rest(schema: Keywords) -> list[str]:
    return [f"Schema({schema!r})"] if schema else []


def _column(column: Mapping[str, Any]) -> str:
    words = ("type", "description", "format", "priority")
    said = {
        "path": column["jsonPath"],
        **{word: column[word] for word in words if column.get(word)},
    }
    arguments = [repr(column["name"]), *(f"{key}={value!r}" for key, value in said.items())]
    return f"PrintColumn({', '.join(arguments)})"


def _is_docstring(text: str) -> bool:
    """Whether a text comes back unchanged when it stands as a docstring."""
    return bool(text) and inspect.cleandoc(text).strip() == text


def _docstring(text: str) -> str:
    """A text as a literal that stands below something, indented once."""
    if not text:
        return ""
    is_plain = '"""' not in text and "\\" not in text and text[-1] != '"' and text.isascii()
    if not is_plain:
        return f"    {text!r}\n"
    return f'    """{text}"""'.replace("\n", "\n    ") + "\n"
