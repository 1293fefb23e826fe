"""CustomResourceDefinitions: established when they come, emptied before they go."""

from __future__ import annotations

from collections.abc import Iterable

from opgen.testing.clock import timestamp
from opgen.testing.errors import Document
from opgen.testing.resources.crds import CRDS, FINALIZER, CrdStrategy
from opgen.testing.resources.deletion import DeleteOptions
from opgen.testing.resources.operations import Operations
from opgen.testing.resources.registry import ResourceType
from opgen.testing.storage import Change, Key


class DefinitionController:
    """Serves CRDs and cleans up after them."""

    watched = None

    def __init__(self, operations: Operations, strategy: CrdStrategy) -> None:
        self._operations = operations
        self._strategy = strategy

    def keys(self, change: Change) -> Iterable[Key]:
        """The CRD itself, or that of an object that went."""
        if change.resource == CRDS:
            yield ("", change.last.name)
        elif change.type == "DELETED" and "." in change.resource[0]:
            yield ("", f"{change.resource[1]}.{change.resource[0]}")

    async def reconcile(self, key: Key) -> None:
        """Serve it, or empty it."""
        revision = self._operations.store.get(CRDS, *key)
        if revision is None:
            return
        crd = revision.document()
        if crd["metadata"].get("deletionTimestamp"):
            await self._terminate(crd)
            return
        await self._operations.system_patch(self._type(), "", key[1], self._accept)
        served = self._operations.store.get(CRDS, *key)
        if served is not None:
            self._strategy.serve(served.document())

    def _type(self) -> ResourceType:
        found = self._operations.registry.of_resource(CRDS)
        assert found is not None
        return found

    def _accept(self, crd: Document) -> Document:
        return self._strategy.establish(crd)

    async def _terminate(self, crd: Document) -> None:
        spec = crd["spec"]
        resource = (spec["group"], spec["names"]["plural"])
        resource_type = self._operations.registry.of_resource(resource)
        for revision in self._operations.store.list(resource) if resource_type else ():
            if resource_type and "deletionTimestamp" not in revision.document()["metadata"]:
                await self._operations.delete(resource_type, *revision.key, DeleteOptions())
        if self._operations.store.list(resource):
            await self._operations.system_patch(
                self._type(), "", crd["metadata"]["name"], self._ending
            )
            return
        await self._operations.system_patch(
            self._type(), "", crd["metadata"]["name"], _without_finalizer
        )
        self._operations.store.drop(resource)

    def _ending(self, crd: Document) -> Document:
        conditions = crd.setdefault("status", {}).setdefault("conditions", [])
        if any(item["type"] == "Terminating" for item in conditions):
            return crd
        conditions.append(
            {
                "type": "Terminating",
                "status": "True",
                "lastTransitionTime": timestamp(self._operations.clock.now()),
                "reason": "InstanceDeletionInProgress",
                "message": "CustomResource deletion is in progress",
            }
        )
        return crd


def _without_finalizer(crd: Document) -> Document:
    kept = [item for item in crd["metadata"].get("finalizers") or () if item != FINALIZER]
    crd["metadata"]["finalizers"] = kept
    if not kept:
        del crd["metadata"]["finalizers"]
    return crd
