"""Where objects live: revisions, a log of changes, and everybody who waits for them.

An object is kept as its JSON bytes. Whoever wants to change one decodes a fresh copy, so nobody can
spoil what is stored, and reads and watches hand out the bytes without encoding again. Every
write gets the next resource version of the whole store, as with etcd.

The store is used from one event loop and needs no locks: a write is complete before anybody else
runs.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from typing import Any

import msgspec

from opgen.testing.errors import Document

GroupResource = tuple[str, str]
"""Group and plural: what is stored together, whatever the version."""
Key = tuple[str, str]
"""Namespace, empty for cluster-scoped objects, and name."""

LOG_LENGTH = 10_000


class Revision(msgspec.Struct, frozen=True, eq=False, gc=False):
    """One state of one object."""

    version: int
    namespace: str
    name: str
    uid: str
    labels: dict[str, str]
    owners: tuple[str, ...]
    body: bytes

    @property
    def key(self) -> Key:
        """Namespace and name."""
        return (self.namespace, self.name)

    def document(self) -> Document:
        """A fresh copy of the object."""
        document: Document = msgspec.json.decode(self.body)
        return document


class Change(msgspec.Struct, frozen=True, gc=False):
    """One write: what was before, if anything, and what is now, if anything.

    For a deletion `last` is the final state, with the version of the deletion.
    """

    resource: GroupResource
    version: int
    before: Revision | None
    after: Revision | None
    last: Revision

    @property
    def type(self) -> str:
        """ADDED, MODIFIED or DELETED."""
        if self.after is None:
            return "DELETED"
        return "ADDED" if self.before is None else "MODIFIED"


Listener = Callable[[Change], None]


class Forgotten(Exception):
    """The log does not reach back to the version asked for."""


class Collection:
    """All objects of one resource, and the log of their changes."""

    def __init__(self, started: int) -> None:
        self.objects: dict[Key, Revision] = {}
        self.log: deque[Change] = deque(maxlen=LOG_LENGTH)
        self.forgotten = started
        """Changes up to this version are not in the log."""
        self.listeners: set[Listener] = set()
        self.when_dropped: set[Callable[[], None]] = set()
        """Called when the resource is not served any more."""

    def record(self, change: Change) -> None:
        """Remember a change and tell everybody."""
        if len(self.log) == self.log.maxlen:
            self.forgotten = self.log[0].version
        self.log.append(change)
        for listener in tuple(self.listeners):
            listener(change)

    def sorted(self, namespace: str = "", version: int | None = None) -> list[Revision]:
        """The objects of a namespace, or of all, in the order of etcd's keys.

        Args:
            namespace: Where; everywhere if empty.
            version: The moment to show; now if left out.

        Raises:
            Forgotten: the log does not reach back to that moment.
        """
        objects = self.objects if version is None else self._at(version)
        keys = sorted(objects)
        return [objects[key] for key in keys if not namespace or key[0] == namespace]

    def _at(self, version: int) -> dict[Key, Revision]:
        """The objects as they were at a version: now, and the later changes undone."""
        if version < self.forgotten:
            raise Forgotten(version)
        objects = dict(self.objects)
        for change in reversed(self.log):
            if change.version <= version:
                break
            if change.before is None:
                objects.pop(change.last.key, None)
            else:
                objects[change.last.key] = change.before
        return objects

    def since(self, version: int) -> Iterator[Change]:
        """The changes after a version, oldest first."""
        fresh: list[Change] = []
        for change in reversed(self.log):
            if change.version <= version:
                break
            fresh.append(change)
        return reversed(fresh)

    def forget(self) -> None:
        """Drop the log, as compaction does: older versions cannot be watched from any more."""
        if self.log:
            self.forgotten = self.log[-1].version
            self.log.clear()


class Store:
    """All collections, under one counter of versions."""

    def __init__(self) -> None:
        self.version = 0
        self.collections: dict[GroupResource, Collection] = {}
        self.listeners: list[Listener] = []

    def collection(self, resource: GroupResource) -> Collection:
        """The collection of a resource, made on first use."""
        found = self.collections.get(resource)
        if found is None:
            found = self.collections[resource] = Collection(self.version)
        return found

    def get(self, resource: GroupResource, namespace: str, name: str) -> Revision | None:
        """The current state of an object, or None."""
        return self.collection(resource).objects.get((namespace, name))

    def list(self, resource: GroupResource, namespace: str = "") -> list[Revision]:
        """The current objects of a resource in a namespace, or in all."""
        return self.collection(resource).sorted(namespace)

    def put(self, resource: GroupResource, document: Document) -> Revision:
        """Store an object as it is, with the next resource version."""
        collection = self.collection(resource)
        revision = self._revision(document)
        before = collection.objects.get(revision.key)
        collection.objects[revision.key] = revision
        self._record(collection, Change(resource, revision.version, before, revision, revision))
        return revision

    def remove(self, resource: GroupResource, document: Document) -> Revision:
        """Remove an object; `document` is its final state."""
        collection = self.collection(resource)
        last = self._revision(document)
        before = collection.objects.pop(last.key)
        self._record(collection, Change(resource, last.version, before, None, last))
        return last

    def drop(self, resource: GroupResource) -> None:
        """Remove a whole collection; there are no events of that, but watches end."""
        collection = self.collections.pop(resource, None)
        for told in tuple(collection.when_dropped) if collection is not None else ():
            told()

    def _revision(self, document: Document) -> Revision:
        self.version += 1
        metadata: dict[str, Any] = document["metadata"]
        metadata["resourceVersion"] = str(self.version)
        return Revision(
            version=self.version,
            namespace=metadata.get("namespace", ""),
            name=metadata["name"],
            uid=metadata.get("uid", ""),
            labels=dict(metadata.get("labels") or {}),
            owners=tuple(owner["uid"] for owner in metadata.get("ownerReferences") or ()),
            body=msgspec.json.encode(document),
        )

    def _record(self, collection: Collection, change: Change) -> None:
        collection.record(change)
        for listener in tuple(self.listeners):
            listener(change)
