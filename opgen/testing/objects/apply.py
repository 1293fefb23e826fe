"""Server-side apply: who manages which field, and what happens when two disagree.

`Managers` is `metadata.managedFields` taken apart. `track_update` notes the owner of the fields
that an ordinary write changed; `apply` merges a configuration, refuses to take fields from others
unless forced, and removes what its manager no longer applies. Source: structured-merge-diff's
Updater and the field manager of apimachinery.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from opgen.testing.errors import Document, StatusError, apply_conflict
from opgen.testing.objects.field_sets import (
    EMPTY,
    FieldSet,
    Path,
    compare,
    fields_of,
    from_fields_v1,
    remove,
    show_path,
    to_fields_v1,
    with_named_parents,
)
from opgen.testing.objects.merging import merge
from opgen.testing.objects.schemas import Schema

_SYSTEM_METADATA = (
    "name",
    "namespace",
    "creationTimestamp",
    "selfLink",
    "uid",
    "clusterName",
    "generation",
    "managedFields",
    "resourceVersion",
)
UNTRACKED: FieldSet = frozenset(
    [
        ("f:apiVersion",),
        ("f:kind",),
        ("f:metadata",),
        *(("f:metadata", f"f:{name}") for name in _SYSTEM_METADATA),
    ]
)
"""Fields that the system sets or that identify the object; nobody owns them."""


@dataclass(frozen=True, slots=True)
class Manager:
    """Who writes: a name, how, in which version, and through which subresource."""

    name: str
    operation: str
    api_version: str
    subresource: str = ""

    @property
    def identity(self) -> tuple[str, str, str, str]:
        """What makes two writes those of one manager; an applier is the same in all versions."""
        version = "" if self.operation == "Apply" else self.api_version
        return (self.name, self.operation, version, self.subresource)

    def __str__(self) -> str:
        text = f'"{self.name}"'
        if self.subresource:
            text += f' with subresource "{self.subresource}"'
        return f"{text} using {self.api_version}" if self.operation == "Update" else text


@dataclass(frozen=True, slots=True)
class Owned:
    """The fields of a manager and when it last changed them."""

    manager: Manager
    fields: FieldSet
    time: str


Managers = dict[tuple[str, str, str, str], Owned]


def read_managers(document: Document) -> Managers:
    """Take an object's managedFields apart."""
    managers: Managers = {}
    for entry in document.get("metadata", {}).get("managedFields") or ():
        if not entry.get("manager") and not entry.get("fieldsV1"):
            continue
        manager = Manager(
            entry.get("manager", ""),
            entry.get("operation", ""),
            entry.get("apiVersion", ""),
            entry.get("subresource", ""),
        )
        fields = from_fields_v1(entry.get("fieldsV1") or {})
        managers[manager.identity] = Owned(manager, fields, entry.get("time", ""))
    return managers


def write_managers(document: Document, managers: Managers) -> None:
    """Set an object's managedFields."""
    ordered = sorted(
        (owned for owned in managers.values() if owned.fields),
        key=lambda owned: (owned.manager.operation, owned.time, owned.manager.identity),
    )
    entries = []
    for owned in ordered:
        entry: Document = {
            "manager": owned.manager.name,
            "operation": owned.manager.operation,
            "apiVersion": owned.manager.api_version,
            "time": owned.time,
            "fieldsType": "FieldsV1",
            "fieldsV1": to_fields_v1(owned.fields),
        }
        if owned.manager.subresource:
            entry["subresource"] = owned.manager.subresource
        entries.append(entry)
    metadata = document["metadata"]
    metadata.pop("managedFields", None)
    if entries:
        metadata["managedFields"] = entries


def without_reset(fields: FieldSet | set[Path], reset: tuple[Path, ...]) -> FieldSet:
    """The set without what an endpoint ignores, and without what nobody owns."""
    return frozenset(
        path
        for path in fields
        if path not in UNTRACKED and not any(path[: len(prefix)] == prefix for prefix in reset)
    )


def track_update(
    live: Document,
    new: Document,
    schema: Schema,
    managers: Managers,
    manager: Manager,
    *,
    reset: tuple[Path, ...],
    time: str,
) -> Managers:
    """Note that a manager changed an object by create, update or patch."""
    changes = compare(_plain(live), _plain(new), schema)
    touched = without_reset(changes.added | changes.modified, reset)
    removed = without_reset(changes.removed, reset)
    result = _release(managers, manager, touched | removed)
    before = managers.get(manager.identity)
    fields = ((before.fields if before else EMPTY) - removed) | touched
    if fields:
        changed = before is None or fields != before.fields or bool(touched or removed)
        when = time if changed or before is None else before.time
        result[manager.identity] = Owned(manager, fields, when)
    else:
        result.pop(manager.identity, None)
    return result


def _plain(document: Document) -> Document:
    """An object without managedFields, which have no owner."""
    metadata = {
        key: value for key, value in document.get("metadata", {}).items() if key != "managedFields"
    }
    return {**document, "metadata": metadata}


def _release(managers: Mapping[Any, Owned], manager: Manager, taken: FieldSet) -> Managers:
    """Take fields away from all other managers."""
    result: Managers = {}
    for identity, owned in managers.items():
        fields = owned.fields if identity == manager.identity else owned.fields - taken
        if fields:
            result[identity] = Owned(owned.manager, fields, owned.time)
    return result


def apply(
    live: Document,
    config: Document,
    schema: Schema,
    managers: Managers,
    manager: Manager,
    *,
    force: bool,
    reset: tuple[Path, ...],
    time: str,
) -> tuple[Document, Managers]:
    """Apply a configuration.

    Returns:
        The new object, not yet defaulted, and the new owners.

    Raises:
        StatusError: other managers own fields that would change, and `force` is off.
        ValueError: the configuration does not fit the schema.
    """
    applied = without_reset(fields_of(_plain(config), schema), reset)
    last = managers.get(manager.identity)
    merged = merge(_plain(live), _plain(config), schema)
    claims = dict(managers)
    claims[manager.identity] = Owned(manager, applied, time)
    if last is not None and last.fields:
        merged = _prune(merged, schema, claims, last.fields)
    changes = compare(_plain(live), merged, schema)
    touched = without_reset(changes.added | changes.modified, reset)
    conflicts = [
        (owned.manager, path)
        for identity, owned in managers.items()
        if identity != manager.identity
        for path in sorted(owned.fields & touched)
    ]
    if conflicts and not force:
        raise conflict_error(conflicts)
    gone = without_reset(changes.removed, reset)
    result = _release(claims, manager, touched | gone)
    unchanged = last is not None and last.fields == applied and not touched and not gone
    if applied:
        kept_time = last.time if unchanged and last is not None else time
        result[manager.identity] = Owned(manager, applied, kept_time)
    return merged, result


def _prune(merged: Document, schema: Schema, claims: Managers, last: FieldSet) -> Document:
    """Remove what the manager applied last time, and nobody applies or owns now."""
    pruned = remove(merged, with_named_parents(last, schema), schema)
    everything = with_named_parents(fields_of(merged, schema), schema)
    claimed = frozenset().union(*(owned.fields for owned in claims.values()))
    kept = with_named_parents(fields_of(pruned, schema), schema)
    kept |= with_named_parents(claimed, schema)
    pruned = remove(merged, everything - kept, schema)
    kept = with_named_parents(fields_of(pruned, schema), schema)
    dropped = (everything - kept) & with_named_parents(last, schema)
    result: Document = remove(merged, dropped, schema)
    return result


def conflict_error(conflicts: list[tuple[Manager, Path]]) -> StatusError:
    """The 409 for fields that others own."""
    causes = [
        {
            "reason": "FieldManagerConflict",
            "message": f"conflict with {manager}",
            "field": show_path(path),
        }
        for manager, path in conflicts
    ]
    if len(conflicts) == 1:
        manager, path = conflicts[0]
        text = f"conflict with {manager}: {show_path(path)}"
        return apply_conflict(f"Apply failed with 1 conflict: {text}", causes)
    lines = []
    for name in sorted({str(manager) for manager, _ in conflicts}):
        lines.append(f"conflicts with {name}:")
        lines += [f"- {show_path(path)}" for manager, path in conflicts if str(manager) == name]
    text = "\n".join(lines)
    return apply_conflict(f"Apply failed with {len(conflicts)} conflicts: {text}", causes)
