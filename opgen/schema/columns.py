"""What markers on fields say beyond the schema: columns, selectable fields, scale.

The JSON path of a field is the way to it from the root of the kind, so it can be given only for
fields that no list or map lies above.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from opgen.api.errors import Problem
from opgen.api.markers import (
    Marker,
    PrintColumn,
    ReplicasSelector,
    Selectable,
    SpecReplicas,
    StatusReplicas,
)
from opgen.schema.nodes import Array, Choice, Map, Node, Object, Property, core

_POSITIONED = (PrintColumn, Selectable, SpecReplicas, StatusReplicas, ReplicasSelector)
_SCALE = {
    SpecReplicas: ("specReplicasPath", ".spec.", ("integer",)),
    StatusReplicas: ("statusReplicasPath", ".status.", ("integer",)),
    ReplicasSelector: ("labelSelectorPath", ".status.", ("string",)),
}
_COLUMN_TYPES = ("integer", "number", "boolean")
_PLAIN = r"[A-Za-z0-9_-]+"


class Positioned(NamedTuple):
    """A marker on a field, the field's JSON path and its schema."""

    marker: Marker
    field: Property
    path: str
    schema: dict[str, Any]


class Extras(NamedTuple):
    """What a version of a CRD has beside its schema, in the API's shape."""

    columns: list[dict[str, Any]]
    selectable: list[dict[str, Any]]
    scale: dict[str, Any] | None


def extras(root: Object, schema: dict[str, Any], problems: list[Problem]) -> Extras:
    """Collect what the markers below a kind say; what does not fit goes to `problems`."""
    found = list(_positioned(root, schema, "", problems))
    columns = [_column(entry) for entry in found if isinstance(entry.marker, PrintColumn)]
    selectable = [{"jsonPath": e.path} for e in found if isinstance(e.marker, Selectable)]
    return Extras(columns, selectable, _scale(found, problems))


def _positioned(
    node: Object | Choice, schema: dict[str, Any], path: str, problems: list[Problem]
) -> Iterator[Positioned]:
    for field in node.properties:
        below = path + _step(field.name)
        part = _part(schema, field.name)
        for marker in field.markers:
            if isinstance(marker, _POSITIONED) and part is not None:
                yield Positioned(marker, field, below, part)
            elif isinstance(marker, _POSITIONED):
                message = f"{marker!r} is on a field that Schema({{...}}) has taken away"
                _refuse(problems, field, message, "remove one of the two")
        if part is None:
            continue
        inner = core(field.node)
        if isinstance(inner, (Object, Choice)):
            yield from _positioned(inner, part, below, problems)
        elif isinstance(inner, (Array, Map)):
            _refuse_below(inner, problems)


def _part(schema: dict[str, Any], name: str) -> dict[str, Any] | None:
    """The schema of a property, unless a raw schema has put something else in its place."""
    properties = schema.get("properties")
    part = properties.get(name) if isinstance(properties, dict) else None
    return part if isinstance(part, dict) else None


def _step(name: str) -> str:
    if re.fullmatch(_PLAIN, name):
        return f".{name}"
    escaped = name.replace("\\", "\\\\").replace("'", "\\'").replace(".", "\\.")
    return f"['{escaped}']"


def _refuse_below(node: Array | Map, problems: list[Problem]) -> None:
    """Complain about markers that need a path inside of a list or map."""
    inner: Node = node
    while isinstance(inner, (Array, Map)):
        inner = core(inner.items if isinstance(inner, Array) else inner.values)
    if not isinstance(inner, (Object, Choice)):
        return
    for field in inner.properties:
        for marker in field.markers:
            if isinstance(marker, _POSITIONED):
                _refuse(
                    problems,
                    field,
                    f"{marker!r} needs one place in the object, but this field is in a list or map",
                    "use PrintColumn(..., path=...) in @resource(columns=[...])",
                )
        below = core(field.node)
        if isinstance(below, (Array, Map)):
            _refuse_below(below, problems)


def _refuse(problems: list[Problem], field: Property, message: str, hint: str) -> None:
    problem = Problem(message, field.place.location, field.place.path, hint)
    if problem not in problems:
        problems.append(problem)


def _column(entry: Positioned) -> dict[str, Any]:
    assert isinstance(entry.marker, PrintColumn)
    return column(entry.marker, entry.path, _column_type(entry.schema))


def _column_type(schema: dict[str, Any]) -> str:
    kind = schema.get("type", "")
    if kind == "string" and schema.get("format") in ("date", "date-time"):
        return "date"
    return kind if kind in _COLUMN_TYPES else "string"


def column(marker: PrintColumn, path: str = "", kind: str = "") -> dict[str, Any]:
    """A printer column in the API's shape."""
    entry: dict[str, Any] = {
        "name": marker.name,
        "type": marker.type or kind,
        "jsonPath": marker.path or path,
        "description": marker.description,
        "format": marker.format,
        "priority": marker.priority,
    }
    return {name: value for name, value in entry.items() if value}


def _scale(found: list[Positioned], problems: list[Problem]) -> dict[str, Any] | None:
    paths: dict[str, str] = {}
    for entry in found:
        if type(entry.marker) not in _SCALE:
            continue
        keyword, prefix, types = _SCALE[type(entry.marker)]  # type: ignore[index]
        name = repr(entry.marker)
        if not entry.path.startswith(prefix):
            room = prefix.strip(".")
            _refuse(problems, entry.field, f"{name} belongs on a field of the {room}", "move it")
        elif entry.schema.get("type") not in types:
            kind = entry.schema.get("type", "this type")
            wanted = "n integer" if types == ("integer",) else " string"
            _refuse(problems, entry.field, f"{name} needs a{wanted}, not {kind}", "change the type")
        elif keyword in paths:
            other = paths[keyword]
            _refuse(problems, entry.field, f"{name} is on {other} already", "remove one of the two")
        else:
            paths[keyword] = entry.path
    return _complete(paths, found, problems)


def _complete(
    paths: dict[str, str], found: list[Positioned], problems: list[Problem]
) -> dict[str, Any] | None:
    missing = {"specReplicasPath": SpecReplicas, "statusReplicasPath": StatusReplicas}
    if not paths or problems:
        return paths or None
    for keyword, marker in missing.items():
        if keyword not in paths:
            entry = next(entry for entry in found if type(entry.marker) in _SCALE)
            room = "spec" if marker is SpecReplicas else "status"
            _refuse(
                problems,
                entry.field,
                f"{entry.marker!r} needs {marker.__name__} on a field of the {room}",
                f"mark the field of the {room} that counts replicas with {marker.__name__}",
            )
    return paths
