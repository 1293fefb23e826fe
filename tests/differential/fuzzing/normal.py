"""What two servers' answers have in common: everything that may differ is taken away."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from fuzzing.play import Answer

_HIDDEN = {
    *("creationTimestamp", "deletionTimestamp", "time", "resourceVersion", "continue"),
    *("nodePort", "healthCheckNodePort"),
}
_UID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_NUMBERS = re.compile(
    r"(ResourceVersion: |resourceVersion[^0-9]{1,30}|current: "
    r"|ResourceVersion in (?:the precondition|record) \("
    r"|ResourceVersion in (?:precondition|object meta): )\d+"
)
# A patched object as a message quotes it: in what order depends on the encoder.
_PATCHED = re.compile(r'(Invalid value: ")(?:\{.*\}|map\[.*\])(": )', re.DOTALL)
_UNDECLARED = re.compile(r"(?<=\): ).*field not declared in schema.*", re.DOTALL)
# The metadata of a custom object is decoded from a map, which Go walks in any order: of several
# wrong fields any may be named.
_METADATA = re.compile(r"(json: cannot unmarshal )\w+( into Go struct field ObjectMeta\.)\w+")
_GO_TYPE = re.compile(r"(into Go struct field [\w.]+ of type )[\w.\[\]{} ]+")
# What a value cannot be converted to is a matter of Go's types.
_UNCONVERTED = re.compile(r"(unable to convert unstructured object to ).*", re.DOTALL)
# A dry run asks another allocator, which has other words.
_NOT_IN_RANGE = re.compile(r"the provided IP \([^)]*\) is not in the valid range\..*?/\d+")
_MISMATCHED = "the provided network does not match the current range"
_TIME = re.compile(r"\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
_ADDRESS = re.compile(r"\b10\.\d+\.\d+\.\d+\b")
_AGE = re.compile(r"\d+[smh]")
_HELD = re.compile(r"\{(?:TCP|UDP) 3[0-2]\d\d\d\}")
_NODE_PORT = re.compile(r":3[0-2]\d\d\d/")


def normal(answer: Answer, unique: str) -> Any:
    """An answer without what may differ; `unique` is the part of names that is the run's own."""
    return {
        "code": answer.code,
        "warnings": [_text(item, unique) for item in answer.warnings],
        "body": _value(answer.body, unique),
    }


def _text(text: str, unique: str) -> str:
    text = _PATCHED.sub(r"\1<patched>\2", text.replace(unique, ""))
    text = _UID.sub("<uid>", text)
    # Go walks a map in any order, and stops at the first field that is not declared.
    # Whether a map is empty or missing, Go remembers only as long as nobody writes it down.
    text = text.replace("Invalid value: null: `selector`", "Invalid value: {}: `selector`")
    # Of named Go types OpenAPI knows nothing: types.UID is a string there.
    text = _GO_TYPE.sub(r"\1<type>", text)
    text = _METADATA.sub(r"\1<kind>\2<field>", text)
    text = _UNDECLARED.sub("<undeclared>", text)
    text = _UNCONVERTED.sub(r"\1", text)
    if text.startswith('299 - "unknown field'):
        return "<unknown fields>"
    head, found, tail = text.partition(" is invalid: [")
    if found:
        text = head + found + ", ".join(sorted(tail.rstrip("]").split(", ")))
    head, found, tail = text.partition("errors:\n  ")
    if found:
        # In the order of a map.
        text = head + found + "\n  ".join(sorted(tail.split("\n  ")))
    text = _TIME.sub("<time>", _ADDRESS.sub("<ip>", text))
    text = _NOT_IN_RANGE.sub(_MISMATCHED, text)
    text = _HELD.sub("<port>", text)
    return _NUMBERS.sub(r"\1<version>", text)


def _value(value: Any, unique: str, key: str = "") -> Any:
    if isinstance(value, dict):
        shown = {name: _value(item, unique, name) for name, item in value.items()}
        if key == "spec" and shown.get("type") == "ExternalName":
            # Left out of some answers.
            shown.pop("internalTrafficPolicy", None)
        if key == "metadata":
            _without_order(shown)
            _without_times(shown)
        return shown
    if key == "rules" and not value:
        # What Go decodes into may be an empty list already.
        return None
    if isinstance(value, list):
        items = [_value(item, unique) for item in value]
        return _LISTS[key](items) if key in _LISTS else items
    if key in _HIDDEN and value:
        return f"<{key}>"
    return _text(value, unique) if isinstance(value, str) else value


def _cells(cells: list[Any]) -> list[Any]:
    return [
        "<age>"
        if _AGE.fullmatch(str(cell))
        else _NODE_PORT.sub(":<port>/", cell)
        if isinstance(cell, str)
        else cell
        for cell in cells
    ]


def _columns(columns: list[Any]) -> list[Any]:
    """Without sentences of Kubernetes' documentation."""
    for column in columns:
        if not column["description"].startswith("Custom resource definition column"):
            column["description"] = "<documentation>"
    return columns


def _without_order(metadata: dict[str, Any]) -> None:
    """Of a Namespace that is deleted, Go takes the finalizers from a map."""
    labels = metadata.get("labels")
    if isinstance(labels, dict) and "kubernetes.io/metadata.name" in labels:
        metadata["finalizers"] = sorted(metadata.get("finalizers") or ())


def _without_times(metadata: dict[str, Any]) -> None:
    """The real server loses times of owners on the way through a Scale."""
    for entry in metadata.get("managedFields") or ():
        entry.pop("time", None)


def _entry(entry: Any) -> tuple[str, ...]:
    return tuple(
        entry.get(name, "") for name in ("manager", "operation", "subresource", "apiVersion")
    )


# Go walks maps in any order, of managers as of fields.
_LISTS: dict[str, Callable[[list[Any]], list[Any]]] = {
    "causes": lambda items: sorted(items, key=str),
    "managedFields": lambda items: sorted(items, key=_entry),
    "cells": _cells,
    "columnDefinitions": _columns,
}


def differences(left: Any, right: Any, path: str = "") -> list[str]:
    """Where two normal answers differ."""
    if isinstance(left, dict) and isinstance(right, dict):
        found = []
        for name in sorted(left.keys() | right.keys()):
            where = f"{path}.{name}"
            if name not in left:
                found.append(f"{where}: only the second has {right[name]!r}")
            elif name not in right:
                found.append(f"{where}: only the first has {left[name]!r}")
            else:
                found += differences(left[name], right[name], where)
        return found
    if isinstance(left, list) and isinstance(right, list) and len(left) == len(right):
        return [
            text
            for index, (one, two) in enumerate(zip(left, right, strict=True))
            for text in differences(one, two, f"{path}[{index}]")
        ]
    return [] if left == right and type(left) is type(right) else [f"{path}: {left!r} / {right!r}"]
