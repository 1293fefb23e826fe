"""What changed from one state of an object to the next, in words."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from opgen.testing.errors import Document

MOST = 6
"""How many fields are named."""
WIDEST = 60
"""How many characters of a value are shown."""
_UNTOLD = {"resourceVersion", "managedFields", "generation", "creationTimestamp", "uid"}
_TIMES = {"lastHeartbeatTime", "lastProbeTime", "lastTransitionTime", "lastUpdateTime"}
_KEYS = ("name", "type", "uid")
"""The fields that tell the items of a list apart, as far as they have one."""


def describe_change(before: Document, after: Document) -> str:
    """The fields that changed, and who changed them."""
    found = list(_changes(before, after, ""))
    if len(found) > MOST:
        found[MOST:] = [f"and {len(found) - MOST} more fields"]
    text = ", ".join(found) or "nothing but its owners"
    managers = sorted(set(_owners(after) - _owners(before)))
    names = ", ".join(dict.fromkeys(name for name, _ in managers))
    return f"{text} (by {names})" if names else text


def _owners(document: Document) -> set[tuple[str, str]]:
    """The managers of an object's fields, each with what it wrote last."""
    entries = document["metadata"].get("managedFields") or ()
    return {(item.get("manager", ""), json.dumps(item, sort_keys=True)) for item in entries}


def shown(value: Any) -> str:
    """A value as JSON, cut where it is long."""
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= WIDEST else f"{text[: WIDEST - 3]}..."


def _changes(before: Any, after: Any, path: str) -> Iterator[str]:
    if before == after:
        return
    if isinstance(before, dict) and isinstance(after, dict):
        untold = _UNTOLD if path == "metadata" else _TIMES
        for name in dict.fromkeys([*before, *after]):
            if name in untold or (name == "message" and _differ(before, after, "reason")):
                continue
            below = f"{path}.{name}" if path else name
            yield from _changes(before.get(name), after.get(name), below)
        return
    old, new = _items(before), _items(after)
    if old is not None and new is not None:
        for key in dict.fromkeys([*old, *new]):
            yield from _changes(old.get(key), new.get(key), f"{path}[{key}]")
        return
    if before is None:
        yield f"{path}: {shown(after)}"
    elif after is None:
        yield f"{path} removed"
    else:
        yield f"{path}: {shown(before)} -> {shown(after)}"


def _differ(before: Document, after: Document, name: str) -> bool:
    return bool(before.get(name) != after.get(name))


def _items(value: Any) -> dict[str, Any] | None:
    """The items of a list by what tells them apart; None if nothing does."""
    if not isinstance(value, list):
        return None
    for key in _KEYS:
        if all(isinstance(item, dict) and key in item for item in value):
            found = {str(item[key]): item for item in value}
            return found if len(found) == len(value) else None
    return None
