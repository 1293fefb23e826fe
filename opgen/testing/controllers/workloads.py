"""Deployments, ReplicaSets and Pods, small but alive.

A Deployment has a ReplicaSet for each pod template; a ReplicaSet makes Pods; a Pod is scheduled and
becomes ready as soon as somebody looks at it, unless its image is one of `BROKEN_IMAGES`. Status is
written as the real controllers write it, so `kubectl rollout status` and conditions work.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable

from opgen.testing.clock import timestamp
from opgen.testing.controllers.loop import Controller
from opgen.testing.controllers.pods import PodController
from opgen.testing.errors import Document
from opgen.testing.objects.selectors import from_label_selector, matches
from opgen.testing.resources.deletion import DeleteOptions
from opgen.testing.resources.operations import Operations
from opgen.testing.resources.options import WriteOptions
from opgen.testing.resources.registry import ResourceType
from opgen.testing.storage import Change, GroupResource, Key

DEPLOYMENTS, REPLICA_SETS = ("apps", "deployments"), ("apps", "replicasets")
PODS = ("", "pods")
REVISION = "deployment.kubernetes.io/revision"
HASH_LABEL = "pod-template-hash"
_WRITER = WriteOptions(manager="kube-controller-manager")


def workload_controllers(operations: Operations) -> list[Controller]:
    """The controllers for workloads."""
    return [
        DeploymentController(operations),
        ReplicaSetController(operations),
        PodController(operations),
    ]


class _Owner:
    """What a controller needs that keeps objects of one resource for objects of another."""

    owner: GroupResource
    child: GroupResource

    def __init__(self, operations: Operations) -> None:
        self.operations = operations

    def keys(self, change: Change) -> Iterable[Key]:
        """The owner itself, or the owner of a changed child."""
        if change.resource == self.owner:
            yield change.last.key
        elif change.resource == self.child and change.last.owners:
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


class ReplicaSetController(_Owner):
    """Keeps as many Pods as a ReplicaSet asks for."""

    owner, child = REPLICA_SETS, PODS

    async def sync(self, owner: Document) -> None:
        """Create or delete Pods."""
        wanted: int = owner["spec"].get("replicas", 1)
        pods = self.children(owner)
        for _ in range(wanted - len(pods)):
            await self._create(owner)
        namespace = owner["metadata"]["namespace"]
        surplus = sorted(pods, key=_is_ready)[: max(len(pods) - wanted, 0)]
        for pod in surplus:
            name = pod["metadata"]["name"]
            await self.operations.delete(self.type(PODS), namespace, name, DeleteOptions())
        pods = self.children(owner)
        ready = sum(_is_ready(pod) for pod in pods)
        status = {
            "replicas": len(pods),
            "fullyLabeledReplicas": len(pods),
            "readyReplicas": ready,
            "availableReplicas": ready,
            "observedGeneration": owner["metadata"]["generation"],
        }
        await self.set_status(owner, lambda _: _without_zero(status))

    async def _create(self, owner: Document) -> None:
        template = owner["spec"].get("template") or {}
        metadata = template.get("metadata") or {}
        pod: Document = {
            "metadata": {
                "generateName": f"{owner['metadata']['name']}-",
                "labels": dict(metadata.get("labels") or {}),
                "annotations": dict(metadata.get("annotations") or {}),
                "ownerReferences": self.reference(owner),
            },
            "spec": json.loads(json.dumps(template.get("spec") or {})),
        }
        if not pod["metadata"]["annotations"]:
            del pod["metadata"]["annotations"]
        await self.operations.create(self.type(PODS), owner["metadata"]["namespace"], pod, _WRITER)


def _without_zero(status: Document) -> Document:
    """Counters that are zero are left out, except `replicas`."""
    return {key: value for key, value in status.items() if value or key == "replicas"}


def _is_ready(pod: Document) -> bool:
    conditions = (pod.get("status") or {}).get("conditions") or ()
    return any(item["type"] == "Ready" and item["status"] == "True" for item in conditions)


class DeploymentController(_Owner):
    """Rolls a Deployment from one ReplicaSet to the next."""

    owner, child = DEPLOYMENTS, REPLICA_SETS

    async def sync(self, owner: Document) -> None:
        """Make the new ReplicaSet, move replicas over, and tell how far it is."""
        sets = [item for item in self.children(owner) if self._selects(owner, item)]
        template_hash = _hash(owner["spec"]["template"])
        new = next((item for item in sets if _label(item) == template_hash), None)
        old = [item for item in sets if item is not new]
        if new is None:
            new = await self._create(owner, template_hash, 1 + max(map(_revision, sets), default=0))
        elif old and _revision(new) < max(map(_revision, old)):
            await self._renumber(new, 1 + max(map(_revision, old)))
        await self._scale(owner, new, old)
        await self._annotate(owner, new)
        await self._set_status(owner, template_hash)

    @staticmethod
    def _selects(owner: Document, replica_set: Document) -> bool:
        selector = from_label_selector(owner["spec"].get("selector"))
        return matches(selector, replica_set["metadata"].get("labels") or {})

    async def _create(self, owner: Document, template_hash: str, revision: int) -> Document:
        spec = owner["spec"]
        template = json.loads(json.dumps(spec["template"]))
        labels = template.setdefault("metadata", {}).setdefault("labels", {})
        labels[HASH_LABEL] = template_hash
        selector = json.loads(json.dumps(spec["selector"]))
        selector.setdefault("matchLabels", {})[HASH_LABEL] = template_hash
        replica_set = {
            "metadata": {
                "name": f"{owner['metadata']['name']}-{template_hash}",
                "labels": dict(labels),
                "annotations": {REVISION: str(revision)},
                "ownerReferences": self.reference(owner),
            },
            "spec": {"replicas": 0, "selector": selector, "template": template},
        }
        namespace = owner["metadata"]["namespace"]
        return await self.operations.create(
            self.type(REPLICA_SETS), namespace, replica_set, _WRITER
        )

    async def _renumber(self, replica_set: Document, revision: int) -> None:
        def change(document: Document) -> Document:
            document["metadata"].setdefault("annotations", {})[REVISION] = str(revision)
            return document

        metadata = replica_set["metadata"]
        replica_set["metadata"].setdefault("annotations", {})[REVISION] = str(revision)
        resource_type = self.type(REPLICA_SETS)
        await self.operations.system_patch(
            resource_type, metadata["namespace"], metadata["name"], change
        )

    async def _scale(self, owner: Document, new: Document, old: list[Document]) -> None:
        """All new replicas at once; old ones go as new ones become ready."""
        wanted: int = owner["spec"].get("replicas", 1)
        if owner["spec"].get("paused"):
            return
        recreate = (owner["spec"].get("strategy") or {}).get("type") == "Recreate"
        ready: int = (new.get("status") or {}).get("readyReplicas", 0)
        remaining = 0 if recreate else max(wanted - ready, 0)
        for replica_set in old:
            keep = min(remaining, replica_set["spec"].get("replicas", 0))
            remaining -= keep
            await self._set_replicas(replica_set, keep)
        if recreate and any((item.get("status") or {}).get("replicas") for item in old):
            return
        await self._set_replicas(new, wanted)

    async def _set_replicas(self, replica_set: Document, replicas: int) -> None:
        def change(document: Document) -> Document:
            document["spec"]["replicas"] = replicas
            return document

        metadata = replica_set["metadata"]
        resource_type = self.type(REPLICA_SETS)
        await self.operations.system_patch(
            resource_type, metadata["namespace"], metadata["name"], change
        )

    async def _annotate(self, owner: Document, new: Document) -> None:
        def change(document: Document) -> Document:
            document["metadata"].setdefault("annotations", {})[REVISION] = str(_revision(new))
            return document

        metadata = owner["metadata"]
        resource_type = self.type(DEPLOYMENTS)
        await self.operations.system_patch(
            resource_type, metadata["namespace"], metadata["name"], change
        )

    async def _set_status(self, owner: Document, template_hash: str) -> None:
        sets = [item for item in self.children(owner) if self._selects(owner, item)]
        counts = [(item, item.get("status") or {}) for item in sets]
        wanted: int = owner["spec"].get("replicas", 1)
        total = sum(status.get("replicas", 0) for _, status in counts)
        ready = sum(status.get("readyReplicas", 0) for _, status in counts)
        updated = sum(
            status.get("replicas", 0) for item, status in counts if _label(item) == template_hash
        )
        values = {
            "observedGeneration": owner["metadata"]["generation"],
            "replicas": total,
            "updatedReplicas": updated,
            "readyReplicas": ready,
            "availableReplicas": ready,
            "unavailableReplicas": max(wanted - ready, 0),
        }
        name = f"{owner['metadata']['name']}-{template_hash}"
        done = updated == wanted == total == ready
        conditions = _conditions(name, available=ready >= _least(owner, wanted), done=done)
        now = timestamp(self.operations.clock.now())
        await self.set_status(
            owner,
            lambda old: (
                {key: value for key, value in values.items() if value}
                | {"conditions": _stamped(conditions, old.get("conditions") or [], now)}
            ),
        )


def _least(owner: Document, wanted: int) -> int:
    """How many pods must be ready for the Deployment to be available."""
    rolling = (owner["spec"].get("strategy") or {}).get("rollingUpdate") or {}
    allowed = rolling.get("maxUnavailable", 0)
    if isinstance(allowed, str):
        allowed = wanted * int(allowed.rstrip("%")) // 100
    least: int = wanted - allowed
    return least


def _conditions(name: str, *, available: bool, done: bool) -> list[Document]:
    enough = (
        ("True", "MinimumReplicasAvailable", "Deployment has minimum availability.")
        if available
        else (
            "False",
            "MinimumReplicasUnavailable",
            "Deployment does not have minimum availability.",
        )
    )
    progress = (
        ("True", "NewReplicaSetAvailable", f'ReplicaSet "{name}" has successfully progressed.')
        if done
        else ("True", "ReplicaSetUpdated", f'ReplicaSet "{name}" is progressing.')
    )
    return [
        {"type": kind, "status": status, "reason": reason, "message": message}
        for kind, (status, reason, message) in (("Available", enough), ("Progressing", progress))
    ]


def _stamped(conditions: list[Document], old: list[Document], now: str) -> list[Document]:
    """Conditions with times: of the last change, and of the last change of status."""
    before = {item["type"]: item for item in old}
    stamped = []
    for item in conditions:
        was = before.get(item["type"], {})
        same = all(was.get(key) == value for key, value in item.items())
        updated = was["lastUpdateTime"] if same else now
        moved = was["lastTransitionTime"] if was.get("status") == item["status"] else now
        stamped.append(item | {"lastUpdateTime": updated, "lastTransitionTime": moved})
    return stamped


def _hash(template: Document) -> str:
    text = json.dumps(template, sort_keys=True).encode()
    digest = hashlib.sha256(text).digest()
    alphabet = "bcdfghjklmnpqrstvwxz2456789"
    return "".join(alphabet[byte % len(alphabet)] for byte in digest[:10])


def _label(replica_set: Document) -> str:
    label: str = (replica_set["metadata"].get("labels") or {}).get(HASH_LABEL, "")
    return label


def _revision(replica_set: Document) -> int:
    annotations = replica_set["metadata"].get("annotations") or {}
    return int(annotations.get(REVISION, 0))
