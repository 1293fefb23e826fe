"""Whether a server-side apply would change anything, told from the cached object alone.

The API server records in `metadata.managedFields` which manager has applied which fields. An apply
is of no use when every value we want is there and ours, and nothing is ours that we no longer want.
The record also names the keys of list items (`k:{"port":80,"protocol":"TCP"}`), so lists need no
schema here.

Source of the format: FieldsV1 of meta/v1; `f:` a field, `k:` a list item by key, `v:` a list item
by value, `.` the item itself.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from functools import lru_cache
from typing import Any

Json = dict[str, Any]

_IDENTITY = frozenset({"apiVersion", "kind"})
_AMOUNTS = frozenset({"limits", "requests", "hard", "capacity"})
"""Fields whose members are quantities, which the server rewrites: `1000m` becomes `1`."""
_METADATA_IDENTITY = frozenset({"name", "namespace", "uid", "resourceVersion", "generateName"})


def is_applied(desired: Json, live: Json, manager: str) -> bool:
    """Whether applying `desired` as `manager` would leave `live` as it is."""
    entry = applied_entry(live, manager)
    if entry is None or entry.get("apiVersion") != desired.get("apiVersion"):
        return False
    return _same(_managed_part(desired), live, entry.get("fieldsV1") or {})


def applied_entry(live: Json, manager: str) -> Json | None:
    """The record of what a manager has applied to the main resource, or None."""
    for entry in managed_fields(live):
        if (
            entry.get("manager") == manager
            and entry.get("operation") == "Apply"
            and not entry.get("subresource")
        ):
            return entry
    return None


def managed_fields(live: Json) -> list[Json]:
    """All records of an object."""
    entries: list[Json] = (live.get("metadata") or {}).get("managedFields") or []
    return entries


def _managed_part(desired: Json) -> Json:
    """Without the fields that say which object is meant; nobody manages those."""
    part = {key: value for key, value in desired.items() if key not in _IDENTITY}
    metadata = part.pop("metadata", None) or {}
    metadata = {key: value for key, value in metadata.items() if key not in _METADATA_IDENTITY}
    return part | ({"metadata": metadata} if metadata else {})


def _same(desired: Any, live: Any, fields: Mapping[str, Any]) -> bool:
    count = len(fields) - ("." in fields)
    if not count:
        return covers(desired, live)
    if isinstance(desired, dict) and isinstance(live, dict):
        return len(desired) == count and _same_object(desired, live, fields)
    if isinstance(desired, list) and isinstance(live, list):
        return len(desired) == count and _same_list(desired, live, fields)
    return False


def _same_object(desired: Json, live: Json, fields: Mapping[str, Any]) -> bool:
    """Whether each of as many members as are ours is ours, and the same."""
    for key, value in desired.items():
        inner = fields.get(f"f:{key}")
        if inner is None or key not in live or not _same_member(key, value, live[key], inner):
            return False
    return True


def _same_member(key: str, desired: Any, live: Any, fields: Mapping[str, Any]) -> bool:
    if key in _AMOUNTS and isinstance(desired, dict) and isinstance(live, dict):
        wanted = {f"f:{name}" for name in desired}
        return wanted == {name for name in fields if name != "."} and _same_amounts(desired, live)
    return _same(desired, live, fields)


def _same_list(desired: list[Any], live: list[Any], fields: Mapping[str, Any]) -> bool:
    names = [name for name in fields if name != "."]
    for name in names:
        wanted = find_item(desired, name)
        found = find_item(live, name, exact=True)
        if wanted is None or found is None or not _same(wanted, found, fields[name]):
            return False
    return len(names) == 1 or _in_order(desired, live, names)


def _in_order(desired: list[Any], live: list[Any], names: list[str]) -> bool:
    """Whether our items stand in our order; init containers run by it, for one."""

    def order(items: list[Any], *, exact: bool) -> list[str]:
        places = {}
        for name in names:
            item = find_item(items, name, exact=exact)
            places[name] = next(i for i, other in enumerate(items) if other is item)
        return sorted(names, key=places.__getitem__)

    return order(desired, exact=False) == order(live, exact=True)


def find_item(items: list[Any], name: str, *, exact: bool = False) -> Any:
    """The item of a list that a `k:` or `v:` name means, or None.

    Unless `exact`, key fields that an item leaves out match: the server fills in their defaults.
    """
    what, wanted = _parsed(name)
    if what == "v":
        return next((item for item in items if item == wanted), None)
    for item in items:
        if isinstance(item, dict) and all(
            item[key] == value if key in item else not exact for key, value in wanted.items()
        ):
            return item
    return None


@lru_cache(maxsize=4096)
def _parsed(name: str) -> tuple[str, Any]:
    """The kind of a `k:` or `v:` name, and what it names. Shared: not to be changed."""
    what, _, text = name.partition(":")
    return what, json.loads(text)


def kept_as_sent(desired: Json, answer: Json) -> bool:
    """Whether the answer to an apply has all values in the form in which they were sent."""
    return all(_kept(value, answer.get(key)) for key, value in _managed_part(desired).items())


def _kept(sent: Any, answered: Any) -> bool:
    if sent == answered:
        return True
    if isinstance(sent, dict) and isinstance(answered, dict):
        return all(_kept(value, answered.get(key)) for key, value in sent.items())
    if isinstance(sent, list) and isinstance(answered, list) and len(sent) == len(answered):
        return all(map(_kept, sent, answered))
    return False


def covers(desired: Any, live: Any) -> bool:
    """Whether `live` has all of `desired`; objects may have more, as the server adds defaults."""
    if isinstance(desired, str):
        return bool(desired == live)
    if isinstance(desired, dict):
        return isinstance(live, dict) and all(
            key in live and (_same_amounts if key in _AMOUNTS else covers)(value, live[key])
            for key, value in desired.items()
        )
    if isinstance(desired, list):
        return (
            isinstance(live, list)
            and len(desired) == len(live)
            and all(covers(a, b) for a, b in zip(desired, live, strict=True))
        )
    return bool(desired == live) and isinstance(desired, bool) == isinstance(live, bool)


def _same_amounts(desired: Any, live: Any) -> bool:
    if not (isinstance(desired, dict) and isinstance(live, dict)):
        return covers(desired, live)
    return all(
        key in live and (value == live[key] or _amount(value) == _amount(live[key]))
        for key, value in desired.items()
    )


def _amount(value: Any) -> Any:
    """A quantity as a number; anything else as it is. Source: resource.Quantity."""
    match = _QUANTITY.fullmatch(str(value))
    if match is None:
        return value
    number, unit = match.groups()
    if unit[:1] in ("e", "E") and len(unit) > 1:
        return Decimal(number + unit)
    return Decimal(number) * _UNITS[unit]


_QUANTITY = re.compile(r"([+-]?(?:\d+\.?\d*|\.\d+))((?:[KMGTPE]i|[numkMGTPE]|[eE][+-]?\d+)?)")
_UNITS = {"": Decimal(1), "n": Decimal("1e-9"), "u": Decimal("1e-6"), "m": Decimal("1e-3")}
_UNITS |= {unit: Decimal(1000) ** n for n, unit in enumerate("kMGTPE", start=1)}
_UNITS |= {f"{unit}i": Decimal(1024) ** n for n, unit in enumerate("KMGTPE", start=1)}


def projection(live: Any, desired: Any) -> Any:
    """What `live` says about the fields that `desired` names."""
    if isinstance(desired, dict) and isinstance(live, dict):
        return {key: projection(live.get(key), value) for key, value in desired.items()}
    if isinstance(desired, list) and isinstance(live, list) and len(desired) == len(live):
        return [projection(a, b) for a, b in zip(live, desired, strict=True)]
    return live


# Items of ours that somebody else has replaced


def displaced(desired: Json, live: Json, manager: str) -> bool:
    """Whether somebody has put an item of theirs in the place of one of ours.

    An edit of a Service's port from 80 to 8080 is, to server-side apply, the removal of our item
    and a new item of the editor's. Applying again would give two ports, which is wrong or even
    invalid. So the editor's item must become ours first (see `taken_over`), and then go.
    """
    return any(True for _ in _displacing(desired, live, manager))


def taken_over(desired: Json, live: Json, manager: str) -> list[Json]:
    """The managedFields in which items that displace ours belong to us instead of their makers."""
    entries = [dict(entry) for entry in managed_fields(live)]
    own = next((e for e in entries if e is not None and _is_own(e, manager)), None)
    if own is None:
        return entries
    for path, name in list(_displacing(desired, live, manager)):
        for entry in entries:
            if entry is own or entry.get("operation") != "Update":
                continue
            fields = _at(entry.get("fieldsV1") or {}, path)
            if fields is not None and name in fields:
                moved = fields[name]
                entry["fieldsV1"] = _without(entry["fieldsV1"], (*path, name))
                own["fieldsV1"] = _with(own.get("fieldsV1") or {}, (*path, name), moved)
    return [entry for entry in entries if entry.get("fieldsV1")]


def _is_own(entry: Json, manager: str) -> bool:
    return (
        entry.get("manager") == manager
        and entry.get("operation") == "Apply"
        and not entry.get("subresource")
    )


def _displacing(desired: Json, live: Json, manager: str) -> Iterator[tuple[tuple[str, ...], str]]:
    """Paths and names of foreign list items that stand where an item of ours is missing."""
    own = applied_entry(live, manager)
    if own is None:
        return
    for entry in managed_fields(live):
        if entry.get("operation") != "Update" or entry.get("subresource"):
            continue
        for path, name in _items(entry.get("fieldsV1") or {}, ()):
            ours = _at(own.get("fieldsV1") or {}, path) or {}
            wanted, present = _value_at(desired, path), _value_at(live, path)
            if not isinstance(wanted, list) or not isinstance(present, list):
                continue
            if name in ours or find_item(wanted, name) is not None:
                continue
            if len([key for key in ours if key.startswith("k:")]) < len(wanted):
                yield path, name


def _items(
    fields: Mapping[str, Any], path: tuple[str, ...]
) -> Iterator[tuple[tuple[str, ...], str]]:
    for name, inner in fields.items():
        if name.startswith("k:"):
            yield path, name
        if name != "." and isinstance(inner, dict):
            yield from _items(inner, (*path, name))


def _at(fields: Mapping[str, Any], path: tuple[str, ...]) -> Mapping[str, Any] | None:
    for name in path:
        if name not in fields:
            return None
        fields = fields[name]
    return fields


def _value_at(value: Any, path: tuple[str, ...]) -> Any:
    for name in path:
        if name.startswith("f:") and isinstance(value, dict):
            value = value.get(name[2:])
        elif name.startswith(("k:", "v:")) and isinstance(value, list):
            value = find_item(value, name)
        else:
            return None
    return value


def _without(fields: Mapping[str, Any], path: tuple[str, ...]) -> Json:
    name, *rest = path
    result = dict(fields)
    if not rest:
        result.pop(name, None)
        return result
    inner = _without(result[name], tuple(rest))
    if any(key != "." for key in inner):
        result[name] = inner
    else:
        del result[name]
    return result


def _with(fields: Mapping[str, Any], path: tuple[str, ...], value: Any) -> Json:
    name, *rest = path
    inner = _with(fields.get(name) or {}, tuple(rest), value) if rest else value
    return {**fields, name: inner}
