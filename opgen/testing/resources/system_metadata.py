"""The metadata that the server sets and that no client can change."""

from __future__ import annotations

from opgen.testing.clock import Clock, timestamp
from opgen.testing.errors import Document
from opgen.testing.objects.equality import equal
from opgen.testing.resources.registry import ResourceType
from opgen.testing.resources.strategies import Strategy

_KEPT = (
    "uid",
    "creationTimestamp",
    "generation",
    "resourceVersion",
)
_OF_DELETION = ("deletionTimestamp", "deletionGracePeriodSeconds")


def set_creation_metadata(metadata: Document, strategy: Strategy, clock: Clock) -> None:
    """Set the metadata of a new object, in place."""
    for name in ("deletionTimestamp", "deletionGracePeriodSeconds", "selfLink", "generation"):
        metadata.pop(name, None)
    metadata["uid"] = clock.uid()
    metadata["creationTimestamp"] = timestamp(clock.now())
    if strategy.counts_generation:
        metadata["generation"] = 1


def keep_system_metadata(new: Document, old: Document) -> None:
    """Put back, in place, what a client may have changed in the metadata of an object.

    What a client says of a deletion that nobody asked for stays: it is refused.
    """
    for name in _KEPT:
        new.pop(name, None)
        if name in old:
            new[name] = old[name]
    for name in _OF_DELETION:
        if name in old:
            new[name] = old[name]
    if "generateName" in old:
        new["generateName"] = old["generateName"]
    new.pop("selfLink", None)


def count_generation(
    resource_type: ResourceType,
    new: Document,
    old: Document,
    strategy: Strategy,
    *,
    annotations: bool = False,
) -> None:
    """Count a change of anything but metadata and status, in place.

    With `annotations`, those count for kinds whose strategy says so.
    """
    if not strategy.counts_generation:
        return
    ignored = {"metadata", "apiVersion"} | ({"status"} if resource_type.has_status else set())
    names = (new.keys() | old.keys()) - ignored
    changed = any(not equal(new.get(name), old.get(name)) for name in names)
    if annotations and strategy.counts_annotations and not changed:
        before, after = (item["metadata"].get("annotations") or {} for item in (old, new))
        changed = before != after
    if changed:
        new["metadata"]["generation"] = old["metadata"].get("generation", 0) + 1
