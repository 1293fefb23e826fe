"""Claims and volumes that are deleted stay as long as they are used."""

from __future__ import annotations

from collections.abc import Iterable

from opgen.testing.errors import Document
from opgen.testing.resources.initial_states import FINALIZERS
from opgen.testing.resources.operations import Operations
from opgen.testing.storage import Change, Key

CLAIMS, VOLUMES, PODS = ("", "persistentvolumeclaims"), ("", "persistentvolumes"), ("", "pods")
_GOING = b'"deletionTimestamp":'


class ProtectionController:
    """Takes the finalizers of claims and volumes away when nobody uses them any more."""

    watched = (CLAIMS, VOLUMES, PODS)

    def __init__(self, operations: Operations) -> None:
        self._operations = operations

    def keys(self, change: Change) -> Iterable[Key]:
        """What is being deleted, and what a pod used that is gone."""
        if change.resource != PODS and _GOING in change.last.body:
            yield change.last.key
        elif change.resource == PODS and change.after is None:
            for name in _claims(change.last.document()):
                yield (change.last.namespace, name)

    async def reconcile(self, key: Key) -> None:
        """Let go what nobody uses."""
        resource = CLAIMS if key[0] else VOLUMES
        revision = self._operations.store.get(resource, *key)
        if revision is None or _GOING not in revision.body or self._used(key):
            return
        resource_type = self._operations.registry.of_resource(resource)
        assert resource_type is not None
        finalizer = FINALIZERS[resource]

        def without(document: Document) -> Document:
            kept = [item for item in document["metadata"]["finalizers"] if item != finalizer]
            return {**document, "metadata": {**document["metadata"], "finalizers": kept}}

        await self._operations.system_patch(resource_type, *key, without)

    def _used(self, key: Key) -> bool:
        namespace, name = key
        pods = self._operations.store.list(PODS, namespace) if namespace else ()
        return any(name in _claims(pod.document()) for pod in pods)


def _claims(pod: Document) -> set[str]:
    """The names of the claims that a pod uses."""
    volumes = (pod.get("spec") or {}).get("volumes") or ()
    claims = (volume.get("persistentVolumeClaim") or {} for volume in volumes)
    return {claim["claimName"] for claim in claims if claim.get("claimName")}
