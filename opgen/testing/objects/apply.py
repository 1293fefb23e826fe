"""Server-side apply: who manages which field, and what happens when two disagree.

`Managers` is `metadata.managedFields` taken apart. `track_update` notes the owner of the fields
that an ordinary write changed; `apply` merges a configuration, refuses to take fields from others
unless forced, and removes what its manager no longer applies. Source: structured-merge-diff's
Updater and the field manager of apimachinery.
"""

from __future__ import annotations

import json
from typing import Any

import msgspec

from opgen.testing.errors import Document, StatusError, apply_conflict
from opgen.testing.objects.equality import equal
from opgen.testing.objects.field_sets import (
    FieldSet,
    Path,
    compare,
    fields_of,
    from_fields_v1,
    iteration_order,
    remove,
    show_path,
    to_fields_v1,
    with_named_parents,
)
from opgen.testing.objects.merging import check_keys, merge
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


class Manager(msgspec.Struct, frozen=True):
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

    @property
    def identity_text(self) -> str:
        """The identity as the server writes it, by which managers are sorted."""
        name, operation, version, subresource = self.identity
        parts = {"manager": name, "operation": operation, "apiVersion": version}
        parts["subresource"] = subresource
        return json.dumps({key: value for key, value in parts.items() if value})

    def __str__(self) -> str:
        text = f'"{self.name}"'
        if self.subresource:
            text += f' with subresource "{self.subresource}"'
        return f"{text} using {self.api_version}" if self.operation == "Update" else text


class Owned(msgspec.Struct, frozen=True):
    """The fields of a manager and when it last changed them."""

    manager: Manager
    fields: FieldSet
    time: str


Managers = dict[tuple[str, str, str, str], Owned]

BEFORE_FIRST_APPLY, ANCIENT = "before-first-apply", "ancient-changes"
MOST_UPDATERS = 10


def read_managers(entries: Any) -> Managers:
    """Take managedFields apart.

    Raises:
        ValueError: an entry is no entry.
    """
    managers: Managers = {}
    for entry in entries or ():
        manager = Manager(
            entry.get("manager", ""),
            entry.get("operation", ""),
            entry.get("apiVersion", ""),
            entry.get("subresource", ""),
        )
        if manager.operation not in ("Apply", "Update") or not manager.api_version:
            raise ValueError("an entry has no operation or apiVersion")
        if entry.get("fieldsType") != "FieldsV1":
            raise ValueError("an entry has no known fieldsType")
        fields = from_fields_v1(entry.get("fieldsV1") or {})
        managers[manager.identity] = Owned(manager, fields, entry.get("time") or "")
    return managers


def write_managers(document: Document, managers: Managers) -> None:
    """Set an object's managedFields."""
    ordered = sorted(
        managers.values(),
        key=lambda owned: (
            owned.manager.operation,
            owned.time,
            owned.manager.name,
            owned.manager.api_version,
            owned.manager.subresource,
        ),
    )
    metadata = document["metadata"]
    metadata.pop("managedFields", None)
    if ordered:
        metadata["managedFields"] = [_entry(owned) for owned in ordered]


def _entry(owned: Owned) -> Document:
    manager = owned.manager
    entry: Document = {
        "manager": manager.name,
        "operation": manager.operation,
        "apiVersion": manager.api_version,
        "time": owned.time,
        "fieldsType": "FieldsV1",
        "fieldsV1": to_fields_v1(owned.fields),
    }
    if not owned.time:
        del entry["time"]
    if manager.subresource:
        entry["subresource"] = manager.subresource
    return entry


def same_but_for_times(new: Document, old: Document) -> bool:
    """Whether two objects differ in nothing, or in the times of their field owners only."""
    if new.keys() != old.keys() or any(
        not equal(new[name], old[name]) for name in new if name != "metadata"
    ):
        return False
    return _without_times(new["metadata"]) == _without_times(old["metadata"])


def _without_times(metadata: Document) -> Document:
    entries = [
        {key: value for key, value in entry.items() if key != "time"}
        for entry in metadata.get("managedFields") or ()
    ]
    # Their order depends on the times.
    entries.sort(key=lambda entry: (entry["operation"], entry["manager"], str(entry)))
    return {**metadata, "managedFields": entries}


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
    """Note that a manager changed an object by create, update or patch.

    An object of which nobody owns anything stays that way until it is applied; a new one has an
    empty `live`.

    Raises:
        ValueError: the owners cannot be told.
    """
    if not managers and live.get("metadata", {}).get("uid"):
        return {}
    if any(owned.manager.api_version != manager.api_version for owned in managers.values()):
        # For the other version both are converted, which takes no key twice.
        check_keys(live, schema)
        check_keys(new, schema)
    changes = compare(_plain(live), _plain(new), schema)
    touched = without_reset(changes.added | changes.modified, reset)
    if not managers:
        return _capped({manager.identity: Owned(manager, touched, time)} if touched else {})
    removed = without_reset(changes.removed, reset)
    # What the main endpoint ignores, it ignores in its own version only.
    kept = reset if manager.subresource else ()
    everything = without_reset(changes.added | changes.modified | changes.removed, kept)
    version = manager.api_version
    result = release(managers, touched | removed, version=version, elsewhere=everything)
    if touched:
        before = result.get(manager.identity)
        fields = touched | before.fields if before else touched
        result[manager.identity] = Owned(manager, fields, time)
    return _capped(result)


def _plain(document: Document) -> Document:
    """An object without managedFields, which have no owner."""
    metadata = {
        key: value for key, value in document.get("metadata", {}).items() if key != "managedFields"
    }
    return {**document, "metadata": metadata}


def release(
    managers: Managers,
    taken: FieldSet,
    but: tuple[str, ...] = (),
    *,
    version: str = "",
    elsewhere: FieldSet = frozenset(),
) -> Managers:
    """Take fields away from all managers but one; who has none left is forgotten.

    Managers of other API versions than `version`, if that is given, lose `elsewhere` instead.
    """
    result: Managers = {}
    for identity, owned in managers.items():
        other = version and owned.manager.api_version != version
        lost = elsewhere if other else taken
        fields = owned.fields if identity == but else owned.fields - lost
        if fields:
            result[identity] = Owned(owned.manager, fields, owned.time)
    return result


def _capped(managers: Managers) -> Managers:
    """At most ten updaters: the oldest are merged, those of each version into one."""
    updaters = [item for item in managers.items() if item[1].manager.operation == "Update"]
    surplus = len(updaters) - MOST_UPDATERS
    if surplus <= 0:
        return managers
    updaters.sort(key=lambda item: (item[1].time, item[0]))
    result = dict(managers)
    first: dict[str, tuple[str, str, str, str]] = {}
    for identity, owned in updaters:
        if not surplus:
            break
        version = owned.manager.api_version
        if version not in first:
            first[version] = identity
            continue
        bucket = Manager(ANCIENT, "Update", version)
        if bucket.identity not in result:
            result[bucket.identity] = result.pop(first[version])
        fields = owned.fields | result[bucket.identity].fields
        del result[identity]
        result[bucket.identity] = Owned(bucket, fields, owned.time)
        surplus -= 1
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
        ApplyConflict: other managers own fields that would change, and `force` is off.
        ValueError: the configuration does not fit the schema.
    """
    everything = fields_of(_plain(config), schema)
    applied = without_reset(everything, reset)
    last = managers.get(manager.identity)
    merged = merge(_plain(live), _plain(config), schema)
    claims = dict(managers)
    if last is not None and last.fields:
        # For now it owns the name, too, lest that be removed with the rest of the metadata.
        claims[manager.identity] = Owned(manager, everything, last.time)
        merged = _prune(merged, schema, claims, last.fields)
    claims[manager.identity] = Owned(manager, applied, last.time if last else "")
    changes = compare(_plain(live), merged, schema)
    touched = without_reset(changes.added | changes.modified, reset)
    conflicts = [
        (owned.manager, path)
        for identity, owned in managers.items()
        if identity != manager.identity
        for path in sorted(owned.fields & touched, key=iteration_order)
    ]
    if conflicts and not force:
        raise ApplyConflict(conflicts)
    gone = without_reset(changes.removed, reset)
    result = release(claims, touched | gone, manager.identity)
    if applied and not equal(merged, _plain(live)):
        result[manager.identity] = Owned(manager, applied, time)
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


class ApplyConflict(Exception):
    """Others own fields that an apply would change."""

    def __init__(self, conflicts: list[tuple[Manager, Path]]) -> None:
        super().__init__(f"{len(conflicts)} conflicts")
        self.conflicts = conflicts

    def status(self) -> StatusError:
        """The 409."""
        causes = [
            {
                "reason": "FieldManagerConflict",
                "message": f"conflict with {manager}",
                "field": show_path(path),
            }
            for manager, path in self.conflicts
        ]
        if len(self.conflicts) == 1:
            manager, path = self.conflicts[0]
            text = f"conflict with {manager}: {show_path(path)}"
            return apply_conflict(f"Apply failed with 1 conflict: {text}", causes)
        lines = []
        for wanted in sorted({manager.identity_text for manager, _ in self.conflicts}):
            paths = [item for item in self.conflicts if item[0].identity_text == wanted]
            lines.append(f"conflicts with {paths[0][0]}:")
            lines += [f"- {show_path(path)}" for _, path in paths]
        text = "\n".join(lines)
        return apply_conflict(f"Apply failed with {len(self.conflicts)} conflicts: {text}", causes)
