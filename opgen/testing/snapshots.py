"""Snapshots of a store: what is there now, to come back to later.

Restoring is a series of ordinary writes: resource versions go on counting and watches see every
change, so that running operators need not be restarted.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from opgen.testing.resources.machinery import Machinery
from opgen.testing.resources.strategies import Strategy
from opgen.testing.storage import GroupResource, Key, Revision


@dataclass(frozen=True, slots=True)
class Snapshot:
    """All objects of a moment."""

    objects: Mapping[GroupResource, Mapping[Key, Revision]]


def take(machinery: Machinery) -> Snapshot:
    """What is stored now."""
    collections = machinery.store.collections
    return Snapshot({name: dict(found.objects) for name, found in collections.items()})


async def restore(machinery: Machinery, snapshot: Snapshot) -> None:
    """Remove what is new, and put back what changed or went."""
    _remove_others(machinery, snapshot)
    store = machinery.store
    for resource, objects in snapshot.objects.items():
        for key, revision in objects.items():
            now = store.get(resource, *key)
            if now is None or now.version != revision.version:
                document = revision.document()
                _strategy(machinery, resource).restored(document)
                store.put(resource, document)
    await machinery.controllers.settle()


def _remove_others(machinery: Machinery, snapshot: Snapshot) -> None:
    for resource, collection in tuple(machinery.store.collections.items()):
        kept = snapshot.objects.get(resource, {})
        for key, revision in tuple(collection.objects.items()):
            if key not in kept:
                document = revision.document()
                _strategy(machinery, resource).deleted(document)
                machinery.store.remove(resource, document)


def _strategy(machinery: Machinery, resource: GroupResource) -> Strategy:
    resource_type = machinery.registry.of_resource(resource)
    return machinery.strategy(resource_type) if resource_type else Strategy()
