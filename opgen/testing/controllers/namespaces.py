"""Namespaces: a default service account in each, and everything gone before it goes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from opgen.testing.clock import timestamp
from opgen.testing.errors import Document, FieldError, forbidden, invalid_value, qualified
from opgen.testing.resources.deletion import DeleteOptions
from opgen.testing.resources.operations import Operations
from opgen.testing.resources.options import WriteOptions
from opgen.testing.resources.registry import ResourceType
from opgen.testing.resources.strategies import NoGeneration
from opgen.testing.storage import Change, Key

NAMESPACES, ACCOUNTS, CONFIG_MAPS = ("", "namespaces"), ("", "serviceaccounts"), ("", "configmaps")
_CONTROLLER = WriteOptions(manager="kube-controller-manager")


_FINALIZER = "kubernetes"
_IMMORTAL = ("default", "kube-public", "kube-system")


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
        spec = new.setdefault("spec", {})
        given = [item for item in spec.get("finalizers") or () if item != _FINALIZER]
        spec["finalizers"] = [*given, _FINALIZER]
        new["status"] = {"phase": "Active"}

    def prepare_delete(self, new: Document) -> None:
        """The termination begins.

        Raises:
            StatusError: 403, the namespace is one that every cluster has.
        """
        name = new["metadata"]["name"]
        if name in _IMMORTAL:
            raise forbidden(*NAMESPACES, name, "this namespace may not be deleted")
        if "deletionTimestamp" not in new["metadata"]:
            new["status"] = {**(new.get("status") or {}), "phase": "Terminating"}

    def validate(self, new: Document, old: Document | None) -> Iterator[FieldError]:
        """The phase follows from the deletion."""
        going = bool(new["metadata"].get("deletionTimestamp"))
        wanted = "Terminating" if going else "Active"
        phase = (new.get("status") or {}).get("phase")
        if old is not None and phase != wanted:
            state = "not empty" if going else "empty"
            text = f"may only be '{wanted}' if `deletionTimestamp` is {state}"
            yield invalid_value("status.Phase", phase, text)

    def prepare_update(self, new: Document, old: Document) -> None:
        """Only the finalize subresource changes the finalizers."""
        if "spec" in old:
            new["spec"] = old["spec"]


class NamespaceController:
    """Fills new namespaces and empties those that are being deleted."""

    watched = None

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
        resources, finalizers = Counter[str](), Counter[str]()
        for resource_type in _stored_types(self._operations):
            for revision in self._operations.store.list(resource_type.resource, name):
                if "deletionTimestamp" not in revision.document()["metadata"]:
                    await self._operations.delete(
                        resource_type, name, revision.name, DeleteOptions(grace_period=0)
                    )
                left = self._operations.store.get(resource_type.resource, *revision.key)
                if left is not None:
                    resources[qualified(resource_type.kind.plural, resource_type.group)] += 1
                    finalizers.update(left.document()["metadata"].get("finalizers") or ())
        if not resources:
            await self._operations.system_patch(self._type(NAMESPACES), "", name, _finalized)
            return
        now = timestamp(self._operations.clock.now())
        conditions = _conditions(resources, finalizers, now)
        await self._operations.system_patch(
            self._type(NAMESPACES), "", name, lambda item: _with_conditions(item, conditions)
        )


def _terminating(namespace: Document) -> Document:
    namespace["status"] = {**(namespace.get("status") or {}), "phase": "Terminating"}
    return namespace


_WELL = (
    ("DiscoveryFailure", "ResourcesDiscovered", "All resources successfully discovered"),
    (
        "GroupVersionParsingFailure",
        "ParsedGroupVersions",
        "All legacy kube types successfully parsed",
    ),
    (
        "ContentFailure",
        "ContentDeleted",
        "All content successfully deleted, may be waiting on finalization",
    ),
)
"""What never fails here: condition, reason and message."""


def _conditions(resources: Counter[str], finalizers: Counter[str], now: str) -> list[Document]:
    """What a namespace waits for. Source: the namespace controller's status conditions."""
    left = ", ".join(f"{name} has {count} resource instances" for name, count in _sorted(resources))
    held = ", ".join(f"{name} in {count} resource instances" for name, count in _sorted(finalizers))
    found = [(f"NamespaceDeletion{kind}", "False", *rest) for kind, *rest in _WELL]
    remain = f"Some resources are remaining: {left}"
    found.append(("NamespaceContentRemaining", "True", "SomeResourcesRemain", remain))
    if finalizers:
        text = f"Some content in the namespace has finalizers remaining: {held}"
        found.append(("NamespaceFinalizersRemaining", "True", "SomeFinalizersRemain", text))
    else:
        text = "All content-preserving finalizers finished"
        found.append(("NamespaceFinalizersRemaining", "False", "ContentHasNoFinalizers", text))
    names = ("type", "status", "reason", "message")
    return [dict(zip(names, item, strict=True)) | {"lastTransitionTime": now} for item in found]


def _sorted(counts: Counter[str]) -> list[tuple[str, int]]:
    return sorted(counts.items())


def _with_conditions(namespace: Document, conditions: list[Document]) -> Document:
    """The namespace with conditions, whose times stay while their status does."""
    status = namespace.get("status") or {}
    before = {(item["type"], item["status"]): item for item in status.get("conditions") or ()}
    for item in conditions:
        old = before.get((item["type"], item["status"]))
        if old is not None:
            item["lastTransitionTime"] = old["lastTransitionTime"]
    namespace["status"] = {**status, "conditions": conditions}
    return namespace


def _finalized(namespace: Document) -> Document:
    namespace["spec"] = {}
    return namespace


def _stored_types(operations: Operations) -> list[ResourceType]:
    """Every namespaced resource once, in any version."""
    found = {item.resource: item for item in operations.registry if item.kind.namespaced}
    return [item for resource, item in found.items() if resource in operations.store.collections]
