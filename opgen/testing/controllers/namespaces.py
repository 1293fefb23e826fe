"""Namespaces: a default service account in each, and everything gone before it goes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from opgen.testing.errors import Document, FieldError, invalid_value
from opgen.testing.resources.deletion import DeleteOptions
from opgen.testing.resources.operations import Operations
from opgen.testing.resources.options import WriteOptions
from opgen.testing.resources.registry import ResourceType
from opgen.testing.resources.strategies import NoGeneration
from opgen.testing.storage import Change, Key

NAMESPACES, ACCOUNTS, CONFIG_MAPS = ("", "namespaces"), ("", "serviceaccounts"), ("", "configmaps")
_CONTROLLER = WriteOptions(manager="kube-controller-manager")


class NamespaceStrategy(NoGeneration):
    """New namespaces are active, carry their name as a label, and end with a finalizer."""

    returns_deleted = True

    def default(self, new: Document) -> None:
        """Label it with its name."""
        metadata = new["metadata"]
        if metadata.get("name"):
            labels = metadata.setdefault("labels", {})
            labels["kubernetes.io/metadata.name"] = metadata["name"]

    def prepare_create(self, new: Document) -> None:
        """Complete a new namespace."""
        self.default(new)
        new.setdefault("spec", {})["finalizers"] = ["kubernetes"]
        new["status"] = {"phase": "Active"}

    def prepare_delete(self, new: Document) -> None:
        """The termination begins."""
        if "deletionTimestamp" not in new["metadata"]:
            new["status"] = {**(new.get("status") or {}), "phase": "Terminating"}

    def validate(self, new: Document, old: Document | None) -> Iterator[FieldError]:
        """The phase follows from the deletion."""
        going = bool(new["metadata"].get("deletionTimestamp"))
        wanted = "Terminating" if going else "Active"
        phase = (new.get("status") or {}).get("phase")
        if old is not None and phase not in (wanted, (old.get("status") or {}).get("phase")):
            state = "not empty" if going else "empty"
            text = f"may only be '{wanted}' if `deletionTimestamp` is {state}"
            yield invalid_value("status.Phase", phase, text)

    def prepare_update(self, new: Document, old: Document) -> None:
        """Only the finalize subresource changes the finalizers."""
        if "spec" in old:
            new["spec"] = old["spec"]


class NamespaceController:
    """Fills new namespaces and empties those that are being deleted."""

    def __init__(self, operations: Operations) -> None:
        self._operations = operations

    def keys(self, change: Change) -> Iterable[Key]:
        """The namespace, or that of an object that went."""
        if change.resource == NAMESPACES:
            yield ("", change.last.name)
        elif change.type == "DELETED" and change.last.namespace:
            yield ("", change.last.namespace)

    async def reconcile(self, key: Key) -> None:
        """Fill it, or empty it."""
        name = key[1]
        revision = self._operations.store.get(NAMESPACES, "", name)
        if revision is None:
            return
        if "deletionTimestamp" in revision.document()["metadata"]:
            await self._terminate(name)
        else:
            await self._ensure(ACCOUNTS, name, {"metadata": {"name": "default"}})
            certificates = {"metadata": {"name": "kube-root-ca.crt"}, "data": {"ca.crt": ""}}
            await self._ensure(CONFIG_MAPS, name, certificates)

    async def _ensure(self, resource: tuple[str, str], namespace: str, document: Document) -> None:
        name = document["metadata"]["name"]
        if self._operations.store.get(resource, namespace, name) is None:
            resource_type = self._type(resource)
            await self._operations.create(resource_type, namespace, document, _CONTROLLER)

    def _type(self, resource: tuple[str, str]) -> ResourceType:
        found = self._operations.registry.of_resource(resource)
        assert found is not None
        return found

    async def _terminate(self, name: str) -> None:
        await self._operations.system_patch(self._type(NAMESPACES), "", name, _terminating)
        remaining = 0
        for resource_type in _stored_types(self._operations):
            for revision in self._operations.store.list(resource_type.resource, name):
                if "deletionTimestamp" not in revision.document()["metadata"]:
                    await self._operations.delete(
                        resource_type, name, revision.name, DeleteOptions(grace_period=0)
                    )
                if self._operations.store.get(resource_type.resource, *revision.key):
                    remaining += 1
        if not remaining:
            await self._operations.system_patch(self._type(NAMESPACES), "", name, _finalized)


def _terminating(namespace: Document) -> Document:
    namespace["status"] = {**(namespace.get("status") or {}), "phase": "Terminating"}
    return namespace


def _finalized(namespace: Document) -> Document:
    namespace["spec"] = {}
    return namespace


def _stored_types(operations: Operations) -> list[ResourceType]:
    """Every namespaced resource once, in any version."""
    found = {item.resource: item for item in operations.registry if item.kind.namespaced}
    return [item for resource, item in found.items() if resource in operations.store.collections]
