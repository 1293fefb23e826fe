"""Noting who owns which fields, as every write does. Source: apimachinery's FieldManager."""

from __future__ import annotations

from functools import cache

from opgen.testing.errors import Document
from opgen.testing.objects import last_applied
from opgen.testing.objects.apply import (
    BEFORE_FIRST_APPLY,
    ApplyConflict,
    Manager,
    Managers,
    apply,
    read_managers,
    release,
    track_update,
)
from opgen.testing.objects.field_sets import Path
from opgen.testing.objects.go_form import empty_struct
from opgen.testing.objects.paths import find
from opgen.testing.objects.schemas import definition_name
from opgen.testing.resources.registry import ResourceType
from opgen.testing.resources.subresources import reset_fields


def _empty(resource_type: ResourceType) -> Document:
    """What a new object is compared with: nothing, or Go's empty structs."""
    if resource_type.custom:
        return {"metadata": {}}
    return _empty_struct(definition_name(resource_type.schema))


@cache
def _empty_struct(definition: str) -> Document:
    """What Go writes of a kind that nobody filled; it is read and never changed."""
    return empty_struct({"$ref": definition})


def _managers_of(new: Document, old: Document, subresource: str) -> Managers:
    """The owners that hold: those that a client sent, or else those of the object."""
    entries = new["metadata"].get("managedFields")
    if not subresource and entries is not None:
        if entries in ([], [{}]):
            return {}
        try:
            sent = read_managers(entries)
        except (ValueError, TypeError, AttributeError):
            sent = {}
        if sent:
            return sent
    return read_managers(old["metadata"].get("managedFields"))


def updated(
    resource_type: ResourceType,
    new: Document,
    old: Document | None,
    manager: str,
    subresource: str,
    time: str,
) -> Managers:
    """The owners after a create, an update or a patch."""
    live = _empty(resource_type) if old is None else old
    if subresource == "scale" and not owns_replicas(resource_type, live):
        return read_managers(live["metadata"].get("managedFields"))
    try:
        managers = track_update(
            live,
            new,
            resource_type.schema,
            _managers_of(new, live, subresource),
            Manager(manager, "Update", resource_type.kind.api_version, subresource),
            reset=reset_fields(resource_type, subresource),
            time=time,
        )
        return _unscaled(resource_type, new, live, managers) if subresource == "scale" else managers
    except ValueError:
        # A list item without its keys has no path. Validation will say so; till then, as on the
        # real server, nobody owns anything.
        return {}


def _replicas(resource_type: ResourceType) -> Path:
    path = resource_type.scale.spec if resource_type.scale else ""
    return tuple(f"f:{name}" for name in path.split(".")[1:])


def owns_replicas(resource_type: ResourceType, document: Document) -> bool:
    """Whether anybody owns the replicas of an object; else nobody is noted who scales it."""
    managers = read_managers(document["metadata"].get("managedFields"))
    path = _replicas(resource_type)
    return any(path in owned.fields for owned in managers.values())


def _unscaled(
    resource_type: ResourceType, new: Document, old: Document, managers: Managers
) -> Managers:
    """The owners after a scale: Go leaves zero replicas out, and then they are nobody's."""
    path = resource_type.scale.spec if resource_type.scale else ""
    if find(new, path) or find(new, path) == find(old, path):
        return managers
    return release(managers, frozenset([_replicas(resource_type)]))


def applied(
    resource_type: ResourceType,
    live: Document | None,
    config: Document,
    manager: str,
    subresource: str,
    time: str,
    *,
    force: bool,
) -> tuple[Document, Managers]:
    """The object after an apply, not yet defaulted, and its owners.

    Raises:
        StatusError: 409, others own what would change.
        ValueError: the configuration does not fit the schema.
    """
    schema, reset = resource_type.schema, reset_fields(resource_type, subresource)
    version = resource_type.kind.api_version
    base = {"metadata": {"name": config["metadata"]["name"]}} if live is None else live
    managers = read_managers(base["metadata"].get("managedFields"))
    if not managers:
        first = Manager(BEFORE_FIRST_APPLY, "Update", version, subresource)
        empty = _empty(resource_type)
        managers = track_update(empty, base, schema, {}, first, reset=reset, time=time)
    who = Manager(manager, "Apply", version, subresource)
    try:
        try:
            result = apply(base, config, schema, managers, who, force=force, reset=reset, time=time)
        except ApplyConflict as conflict:
            if manager != last_applied.KUBECTL:
                raise
            allowed = last_applied.allowed_conflicts(base, schema)
            left = [item for item in conflict.conflicts if item[1] not in allowed]
            if left:
                raise ApplyConflict(left) from None
            result = apply(base, config, schema, managers, who, force=True, reset=reset, time=time)
    except ApplyConflict as conflict:
        raise conflict.status() from None
    if manager == last_applied.KUBECTL:
        last_applied.refresh(result[0], config)
    return result
