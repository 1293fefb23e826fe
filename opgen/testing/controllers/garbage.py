"""The garbage collector: objects whose owners are gone, and foreground and orphan deletion."""

from __future__ import annotations

from collections.abc import Iterable

from opgen.testing.errors import Document
from opgen.testing.resources.deletion import FOREGROUND, ORPHAN, DeleteOptions
from opgen.testing.resources.operations import Operations
from opgen.testing.resources.registry import ResourceType
from opgen.testing.storage import Change, GroupResource, Key, Revision

_Owned = tuple[GroupResource, Key]


class GarbageCollector:
    """Deletes dependents. Its keys are uids of owners, and of objects to look at."""

    watched = None

    def __init__(self, operations: Operations) -> None:
        self._operations = operations
        self._alive: dict[str, _Owned] = {}
        self._dependents: dict[str, dict[str, None]] = {}

    def keys(self, change: Change) -> Iterable[Key]:
        """The object itself, and its owners, which may wait for it."""
        before, last = change.before, change.last
        for owner in before.owners if before else ():
            self._dependents.get(owner, {}).pop(last.uid, None)
        if change.after is None:
            self._alive.pop(last.uid, None)
        else:
            self._alive[last.uid] = (change.resource, last.key)
            for owner in last.owners:
                self._dependents.setdefault(owner, {})[last.uid] = None
        if last.owners or change.after is None or b'"deletionTimestamp"' in last.body:
            yield ("", last.uid)
        for owner in before.owners if before else ():
            yield ("", owner)

    async def reconcile(self, key: Key) -> None:
        """Collect one object, or its dependents if it is gone or going."""
        uid = key[1]
        found = self._find(uid)
        if found is None:
            for dependent in list(self._dependents.pop(uid, ())):
                await self._collect(dependent)
            return
        resource_type, revision = found
        metadata = revision.document()["metadata"]
        if metadata.get("deletionTimestamp"):
            if ORPHAN in (metadata.get("finalizers") or ()):
                await self._orphan(uid)
                await self._drop_finalizer(resource_type, revision, ORPHAN)
            elif FOREGROUND in (metadata.get("finalizers") or ()):
                await self._finish_foreground(resource_type, revision)
        await self._collect(uid)

    def _find(self, uid: str) -> tuple[ResourceType, Revision] | None:
        where = self._alive.get(uid)
        if where is None:
            return None
        resource, key = where
        resource_type = self._operations.registry.of_resource(resource)
        revision = self._operations.store.get(resource, *key)
        if resource_type is None or revision is None or revision.uid != uid:
            return None
        return resource_type, revision

    async def _collect(self, uid: str) -> None:
        """Delete an object if all its owners are gone or wait for it."""
        found = self._find(uid)
        if found is None or not found[1].owners:
            return
        resource_type, revision = found
        owners = revision.document()["metadata"]["ownerReferences"]
        states = [self._owner_state(owner, revision.namespace) for owner in owners]
        if "alive" in states:
            await self._drop_dead_owners(resource_type, revision, owners, states)
            return
        foreground = "waiting" in states and bool(self._dependents.get(uid))
        policy = "Foreground" if foreground else "Background"
        await self._operations.delete(
            resource_type,
            revision.namespace,
            revision.name,
            DeleteOptions(propagation="" if self._is_going(revision) else policy, uid=uid),
        )

    @staticmethod
    def _is_going(revision: Revision) -> bool:
        return "deletionTimestamp" in revision.document()["metadata"]

    def _owner_state(self, owner: Document, namespace: str) -> str:
        found = self._find(owner["uid"])
        if found is None or found[1].namespace not in ("", namespace):
            return "gone"
        metadata = found[1].document()["metadata"]
        waits = metadata.get("deletionTimestamp") and FOREGROUND in (
            metadata.get("finalizers") or ()
        )
        return "waiting" if waits else "alive"

    async def _drop_dead_owners(
        self,
        resource_type: ResourceType,
        revision: Revision,
        owners: list[Document],
        states: list[str],
    ) -> None:
        if "gone" not in states and "waiting" not in states:
            return
        kept = [owner for owner, state in zip(owners, states, strict=True) if state == "alive"]
        await self._set_owners(resource_type, revision, kept)

    async def _set_owners(
        self, resource_type: ResourceType, revision: Revision, owners: list[Document]
    ) -> None:
        def change(document: Document) -> Document:
            if owners:
                document["metadata"]["ownerReferences"] = owners
            else:
                document["metadata"].pop("ownerReferences", None)
            return document

        await self._operations.system_patch(resource_type, *revision.key, change)

    async def _orphan(self, uid: str) -> None:
        for dependent in list(self._dependents.get(uid, ())):
            found = self._find(dependent)
            if found is not None:
                resource_type, revision = found
                owners = revision.document()["metadata"]["ownerReferences"]
                kept = [owner for owner in owners if owner["uid"] != uid]
                await self._set_owners(resource_type, revision, kept)

    async def _finish_foreground(self, resource_type: ResourceType, revision: Revision) -> None:
        """Delete the dependents; when none blocks any more, let the owner go."""
        uid = revision.uid
        for dependent in list(self._dependents.get(uid, ())):
            await self._collect(dependent)
        if not any(self._blocks(dependent, uid) for dependent in self._dependents.get(uid, ())):
            await self._drop_finalizer(resource_type, revision, FOREGROUND)

    def _blocks(self, dependent: str, owner_uid: str) -> bool:
        found = self._find(dependent)
        if found is None:
            return False
        owners = found[1].document()["metadata"].get("ownerReferences") or ()
        return any(
            owner["uid"] == owner_uid and owner.get("blockOwnerDeletion") for owner in owners
        )

    async def _drop_finalizer(
        self, resource_type: ResourceType, revision: Revision, finalizer: str
    ) -> None:
        def change(document: Document) -> Document:
            metadata = document["metadata"]
            kept = [item for item in metadata.get("finalizers") or () if item != finalizer]
            metadata.pop("finalizers", None)
            if kept:
                metadata["finalizers"] = kept
            return document

        await self._operations.system_patch(resource_type, *revision.key, change)
