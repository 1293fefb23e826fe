"""Sets of fields: who owns what, in the form of `metadata.managedFields`.

A path is a tuple of elements written as FieldsV1 writes them: `f:replicas` for a field,
`k:{"name":"web"}` for an item of a list map, `v:"x"` for a member of a list set. A set of fields is
a set of paths, so union, difference and intersection are Python's.

`fields_of` says which fields an object sets, `compare` what two objects differ in, and `remove`
takes fields out. All three walk an object along its schema. Source: structured-merge-diff.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from opgen.testing.objects.equality import equal
from opgen.testing.objects.schemas import (
    Schema,
    field_schema,
    is_atomic_map,
    item_schema,
    list_type,
    map_keys,
    properties,
    resolve,
)

Path = tuple[str, ...]
FieldSet = frozenset[Path]
EMPTY: FieldSet = frozenset()


def to_fields_v1(paths: Iterable[Path]) -> dict[str, Any]:
    """The nested form of managedFields; `.` marks an inner node that is a member itself."""
    tree: dict[str, Any] = {}
    for path in sorted(paths, key=lambda path: (len(path), path)):
        node = tree
        for element in path:
            node = node.setdefault(element, {})
        node["."] = {}
    return _tidy(tree)


def _tidy(tree: dict[str, Any]) -> dict[str, Any]:
    if list(tree) == ["."]:
        return {}
    return {key: _tidy(tree[key]) if key != "." else {} for key in sorted(tree)}


def from_fields_v1(tree: dict[str, Any]) -> FieldSet:
    """The set that a FieldsV1 object holds."""
    return frozenset(_members(tree, ()))


def _members(tree: dict[str, Any], path: Path) -> Iterator[Path]:
    for element, children in tree.items():
        if element == ".":
            yield path
        elif not children:
            yield (*path, element)
        else:
            yield from _members(children, (*path, element))


def show_path(path: Path) -> str:
    """A path as conflicts print it: `.spec.containers[name="web"].image`."""
    out = []
    for element in path:
        kind, _, text = element.partition(":")
        if kind == "f":
            out.append(f".{text}")
        elif kind == "k":
            pairs = (f"{key}={_key_value(value)}" for key, value in json.loads(text).items())
            out.append(f"[{','.join(pairs)}]")
        elif kind == "v":
            out.append(f"[={text}]")
        else:
            out.append(f"[{text}]")
    return "".join(out)


def _key_value(value: Any) -> str:
    """The value of a key as it is printed; a map, which is none, without its braces."""
    if isinstance(value, dict):
        return "".join(f"{key}={_key_value(value[key])}" for key in sorted(value))
    return _compact(value)


def _compact(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def element_of(item: Any, schema: Schema) -> str:
    """The path element of a list item, from the list's schema. `schema` is no atomic list.

    Raises:
        ValueError: the item lacks its keys.
    """
    if list_type(schema) == "set":
        return f"v:{_compact(item)}"
    if not isinstance(item, dict):
        raise ValueError("associative list with keys may not have non-map elements")
    identity = {}
    for key in sorted(map_keys(schema)):
        if key in item:
            identity[key] = item[key]
        elif "default" in field_schema(item_schema(schema), key):
            identity[key] = field_schema(item_schema(schema), key)["default"]
        elif (key, *map_keys(schema)) in _DEFAULTED_KEYS:
            identity[key] = "TCP"
    if not identity:
        keys = ", ".join(f'"{key}"' for key in map_keys(schema))
        raise ValueError(f"associative list with keys has an element that omits key field {keys}")
    return f"k:{_compact(identity)}"


# Ports of services and containers default their protocol in code; OpenAPI v2 does not say so.
_DEFAULTED_KEYS = {
    ("protocol", "port", "protocol"),
    ("protocol", "containerPort", "protocol"),
}


def is_leaf(value: Any, schema: Schema) -> bool:
    """Whether a value is owned as a whole: a scalar, or an atomic list or map."""
    if isinstance(value, dict):
        own, definition = schema.get("x-kubernetes-map-type"), schema.get("$ref")
        return own == "atomic" if definition is None else _is_leaf_map(definition, own)
    if isinstance(value, list):
        return list_type(schema) == "atomic"
    return True


@cache
def _is_leaf_map(definition: str, own: str | None) -> bool:
    """Whether a map of a built-in definition is owned as a whole; `own` is the field's map type."""
    schema: Schema = {"$ref": definition, "x-kubernetes-map-type": own}
    return is_atomic_map(schema) or _is_untyped(schema)


def _is_untyped(schema: Schema) -> bool:
    """A map of which nothing is known is owned field by field, unless it is free JSON."""
    if "$ref" not in schema:
        return False
    node = resolve(schema)
    return bool(node) and node.keys() <= {"type", "description"}


def children(value: Any, schema: Schema) -> list[tuple[str, Any, Schema]]:
    """The path element, value and schema of all parts of a map or list that is no leaf."""
    if isinstance(value, dict):
        node = resolve(schema)  # once, and not for each field
        return [(f"f:{key}", item, field_schema(node, key)) for key, item in value.items()]
    if isinstance(value, list):
        items = item_schema(schema)
        return [(element_of(item, schema), item, items) for item in value]
    return []


def fields_of(value: Any, schema: Schema) -> FieldSet:
    """The fields that an object sets."""
    return frozenset(_fields_of(value, schema, ()))


def _fields_of(value: Any, schema: Schema, path: Path) -> Iterator[Path]:
    if is_leaf(value, schema):
        yield path
        return
    declared = properties(schema) if isinstance(value, dict) else {}
    for element, item, child in children(value, schema):
        below = (*path, element)
        yield from _fields_of(item, child, below)
        name = element[2:]
        if isinstance(value, list) or name not in declared or item is None or item == {}:
            yield below


@dataclass(slots=True)
class Comparison:
    """The fields in which two objects differ."""

    added: set[Path] = field(default_factory=set)
    modified: set[Path] = field(default_factory=set)
    removed: set[Path] = field(default_factory=set)


def compare(old: Any, new: Any, schema: Schema) -> Comparison:
    """What changed from one object to another."""
    result = Comparison()
    _compare(old, new, schema, (), result)
    return result


_ABSENT = object()
_PLAIN = (str, int, float, bool)
"""Values that have no parts."""


def _compare(old: Any, new: Any, schema: Schema, path: Path, out: Comparison) -> None:
    if old is _ABSENT or new is _ABSENT:
        if path:
            (out.added if old is _ABSENT else out.removed).add(path)
        _compare_parts(old, new, schema, path, out)
        return
    # Beside entries that have owners null is an empty list or map; beside an empty one it is null.
    if old is None and new and not is_leaf(new, schema):
        old = type(new)()
    elif new is None and old and not is_leaf(old, schema):
        new = type(old)()
    if is_leaf(old, schema) or is_leaf(new, schema) or type(old) is not type(new):
        if not equal(old, new):
            out.modified.add(path)
            _compare_parts(old, _ABSENT, schema, path, out)
            _compare_parts(_ABSENT, new, schema, path, out)
    elif isinstance(old, dict) and isinstance(new, dict):
        _compare_maps(old, new, schema, path, out)
    else:
        before = {element: item for element, item, _ in children(old, schema)}
        after = {element: item for element, item, _ in children(new, schema)}
        items = item_schema(schema)
        for element in before.keys() | after.keys():
            both = before.get(element, _ABSENT), after.get(element, _ABSENT)
            _compare(*both, items, (*path, element), out)


def _compare_maps(
    old: dict[str, Any], new: dict[str, Any], schema: Schema, path: Path, out: Comparison
) -> None:
    node = resolve(schema)  # once, and not for each field
    for name in old.keys() | new.keys():
        before, after = old.get(name, _ABSENT), new.get(name, _ABSENT)
        if type(before) is type(after) in _PLAIN and before == after:
            continue
        _compare(before, after, field_schema(node, name), (*path, f"f:{name}"), out)


def _compare_parts(old: Any, new: Any, schema: Schema, path: Path, out: Comparison) -> None:
    """The parts of a value that is there on one side only all come or go."""
    whole, target = (new, out.added) if old is _ABSENT else (old, out.removed)
    _add_parts(whole, schema, path, target)


def _add_parts(value: Any, schema: Schema, path: Path, target: set[Path]) -> None:
    if is_leaf(value, schema):
        return
    for element, item, child in children(value, schema):
        below = (*path, element)
        target.add(below)
        if isinstance(item, (dict, list)):
            _add_parts(item, child, below, target)


def iteration_order(path: Path) -> tuple[Any, ...]:
    """A key by which paths sort as sets are walked: members of a level before what is below."""
    last = len(path) - 1
    return tuple((index < last, *_rank(element)) for index, element in enumerate(path))


def _rank(element: str) -> tuple[str, tuple[tuple[bool, Any], ...], str]:
    """A key by which elements sort: fields, keys, values; numbers among them by size."""
    kind, _, text = element.partition(":")
    if kind not in ("k", "v"):
        return (kind, (), text)
    found = json.loads(text)
    values = [found[name] for name in sorted(found)] if isinstance(found, dict) else [found]
    numbers = tuple(
        (isinstance(item, str), item) if isinstance(item, (int, float, str)) else (True, str(item))
        for item in values
    )
    return (kind, numbers, text)


def remove(value: Any, paths: FieldSet, schema: Schema) -> Any:
    """A copy of an object without the given fields; what loses all its fields becomes None."""
    tree: dict[str, Any] = {}
    for path in paths:
        node = tree
        for element in path:
            node = node.setdefault(element, {})
        node["."] = True
    return _remove(value, tree, schema)


def _remove(value: Any, tree: dict[str, Any], schema: Schema) -> Any:
    if not tree or is_leaf(value, schema):
        return value
    kept: list[tuple[str, Any]] = []
    for element, item, child in children(value, schema):
        below = tree.get(element)
        if below is None:
            kept.append((element, item))
        elif "." not in below:
            kept.append((element, _remove(item, below, child)))
    if value and not kept:
        return None
    if isinstance(value, list):
        return [item for _, item in kept]
    return {element[2:]: item for element, item in kept}


def with_named_parents(paths: FieldSet, schema: Schema) -> FieldSet:
    """The set, and all declared fields that contain a member."""
    parents = set(paths)
    for path in paths:
        node = schema
        for depth, element in enumerate(path[:-1]):
            name = element[2:]
            if element.startswith("f:"):
                if name in properties(node):
                    parents.add(path[: depth + 1])
                node = field_schema(node, name)
            else:
                node = item_schema(node)
    return frozenset(parents)
