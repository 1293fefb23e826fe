"""What the controllers of workloads share: owners, their children, and the children's pods."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable

from opgen.testing.errors import Document
from opgen.testing.resources.operations import Operations
from opgen.testing.resources.options import WriteOptions
from opgen.testing.resources.registry import ResourceType
from opgen.testing.storage import Change, GroupResource, Key

PODS = ("", "pods")
WRITER = WriteOptions(manager="kube-controller-manager")
_ALPHABET = "bcdfghjklmnpqrstvwxz2456789"


class Owner:
    """What a controller needs that keeps objects of one resource for objects of another."""

    owner: GroupResource
    child: GroupResource

    def __init__(self, operations: Operations) -> None:
        self.operations = operations

    @property
    def watched(self) -> tuple[GroupResource, ...]:
        """Owners and children."""
        return self.owner, self.child

    def keys(self, change: Change) -> Iterable[Key]:
        """The owner itself, or the owner of a changed child."""
        if change.resource == self.owner:
            yield change.last.key
        elif change.last.owners:
            kind = self.type(self.owner).kind.kind
            for reference in change.last.document()["metadata"]["ownerReferences"]:
                if reference["kind"] == kind and reference.get("controller"):
                    yield (change.last.namespace, reference["name"])

    def type(self, resource: GroupResource) -> ResourceType:
        """The type of a resource."""
        found = self.operations.registry.of_resource(resource)
        assert found is not None
        return found

    async def reconcile(self, key: Key) -> None:
        """Bring an owner's children and status up to date."""
        revision = self.operations.store.get(self.owner, *key)
        if revision is None:
            return
        document = revision.document()
        if "deletionTimestamp" not in document["metadata"]:
            await self.sync(document)

    async def sync(self, owner: Document) -> None:
        """Make the children, then the status."""
        raise AssertionError("each controller has its own")

    def children(self, owner: Document) -> list[Document]:
        """The children of an owner that are not being deleted."""
        metadata = owner["metadata"]
        found = self.operations.store.list(self.child, metadata["namespace"])
        mine = [item.document() for item in found if metadata["uid"] in item.owners]
        return [item for item in mine if "deletionTimestamp" not in item["metadata"]]

    def reference(self, owner: Document) -> list[Document]:
        """The owner references of a new child."""
        kind = self.type(self.owner).kind
        return [
            {
                "apiVersion": kind.api_version,
                "kind": kind.kind,
                "name": owner["metadata"]["name"],
                "uid": owner["metadata"]["uid"],
                "controller": True,
                "blockOwnerDeletion": True,
            }
        ]

    async def set_status(self, owner: Document, change: Callable[[Document], Document]) -> None:
        """Change the status of an owner, given its present one."""

        def mutate(document: Document) -> Document:
            document["status"] = change(document.get("status") or {})
            return document

        metadata = owner["metadata"]
        resource_type = self.type(self.owner)
        await self.operations.system_patch(
            resource_type, metadata["namespace"], metadata["name"], mutate
        )

    async def create_pod(self, owner: Document, **metadata: object) -> None:
        """Make a pod of the owner's template; `metadata` is laid over the template's."""
        await self.operations.create(
            self.type(PODS), owner["metadata"]["namespace"], self.pod(owner, **metadata), WRITER
        )

    def pod(self, owner: Document, **metadata: object) -> Document:
        """A pod of the owner's template, not yet created."""
        template = copied((owner.get("spec") or {}).get("template") or {})
        about = template.get("metadata") or {}
        labels = {**(about.get("labels") or {}), **(metadata.pop("labels", None) or {})}  # type: ignore[dict-item]
        found: Document = {
            "labels": labels,
            "annotations": about.get("annotations"),
            "ownerReferences": self.reference(owner),
            **metadata,
        }
        return {
            "metadata": {key: value for key, value in found.items() if value},
            "spec": template.get("spec") or {},
        }


def copied(document: Document) -> Document:
    """A deep copy."""
    copy: Document = json.loads(json.dumps(document))
    return copy


def is_ready(pod: Document) -> bool:
    """Whether a pod's condition Ready holds."""
    conditions = (pod.get("status") or {}).get("conditions") or ()
    return any(item["type"] == "Ready" and item["status"] == "True" for item in conditions)


def without_zero(status: Document, *kept: str) -> Document:
    """A status without counters that are zero, except those named."""
    return {key: value for key, value in status.items() if value or key in kept}


def template_hash(template: Document) -> str:
    """What tells pod templates apart, in the letters that Kubernetes uses."""
    text = json.dumps(template, sort_keys=True).encode()
    digest = hashlib.sha256(text).digest()
    return "".join(_ALPHABET[byte % len(_ALPHABET)] for byte in digest[:10])
