"""The status, which is written once per reconcile, only if it changed, and only what is ours of it.

A status is read as a whole, and others may write parts of it: another controller, or a person. To
apply it as a whole would make all of it ours, and put back what others have changed since we read
it. So we apply what we have applied before, what a reconcile has changed, and what was not there.

Source of the records: `metadata.managedFields`, as in `opgen.runtime.ownership`.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from typing import Any

from opgen.runtime.codec import encode
from opgen.runtime.ownership import find_item, managed_fields
from opgen.runtime.store import Entry

Json = dict[str, Any]
_Fields = Mapping[str, Any]


class StatusSnapshot:
    """The status as it was before a reconcile.

    Args:
        obj: The object, which the reconcile will change.
        entry: The object as it was read.
    """

    def __init__(self, obj: Any, entry: Entry) -> None:
        self._obj = obj
        self._entry = entry
        self._before = copy.deepcopy(self.current()) if isinstance(obj, dict) else self.current()

    def current(self) -> Any:
        """The status as JSON; None if the object has none."""
        if isinstance(self._obj, dict):
            return self._obj.get("status")
        return encode(getattr(self._obj, "status", None))

    def changed(self) -> bool:
        """Whether the status has been changed since."""
        return bool(self.current() != self._before)

    def decided(self, manager: str) -> Any:
        """The part of it that a field manager decides on; all of it if nobody has written any."""
        if b'"subresource"' not in self._entry.json:
            return self.current()
        return decided(self._before, self.current(), self._entry.document(), manager)


def decided(before: Any, after: Any, live: Json, manager: str) -> Any:
    """The part of a status to apply.

    Args:
        before: The status as a reconcile has read it, with the defaults of its class.
        after: The status as the reconcile has left it.
        live: The whole object as it was read.
        manager: Our name as a field manager.
    """
    if not (isinstance(before, dict) and isinstance(after, dict)):
        return after
    present, own = live.get("status") or {}, next(_records(live, manager), {})
    chosen = {}
    for key, value in after.items():
        ours = own.get(f"f:{key}")
        if ours is None and key in present and value == before.get(key):
            continue
        keyed = any(_names(record.get(f"f:{key}")) for record in _records(live))
        mixed = keyed and isinstance(value, list) and isinstance(before.get(key), list)
        chosen[key] = _items(before[key], value, _names(ours)) if mixed else value
    return chosen


def _items(before: list[Any], after: list[Any], own: list[str]) -> list[Any]:
    """The items of a list whose items have owners of their own, such as conditions."""
    return [
        item
        for item in after
        if item not in before or any(find_item([item], name) is not None for name in own)
    ]


def _records(live: Json, manager: str = "") -> Iterator[_Fields]:
    """What managers, or one of them by applying, have written of the status."""
    for entry in managed_fields(live):
        by_us = entry.get("manager") == manager and entry.get("operation") == "Apply"
        if entry.get("subresource") == "status" and (by_us or not manager):
            yield (entry.get("fieldsV1") or {}).get("f:status") or {}


def _names(fields: _Fields | None) -> list[str]:
    """The names of list items in a record."""
    return [name for name in fields or () if name.startswith("k:")]
