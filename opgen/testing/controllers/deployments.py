"""Deployments: a ReplicaSet for each pod template, and from one to the next without a gap."""

from __future__ import annotations

import json

from opgen.testing.clock import timestamp
from opgen.testing.controllers.owners import WRITER, Owner, template_hash
from opgen.testing.controllers.replica_sets import REPLICA_SETS
from opgen.testing.errors import Document
from opgen.testing.objects.selectors import from_label_selector, matches

DEPLOYMENTS = ("apps", "deployments")
REVISION = "deployment.kubernetes.io/revision"
HASH_LABEL = "pod-template-hash"


class DeploymentController(Owner):
    """Rolls a Deployment from one ReplicaSet to the next."""

    owner, child = DEPLOYMENTS, REPLICA_SETS

    async def sync(self, owner: Document) -> None:
        """Make the new ReplicaSet, move replicas over, and tell how far it is."""
        sets = [item for item in self.children(owner) if self._selects(owner, item)]
        digest = template_hash(owner["spec"]["template"])
        new = next((item for item in sets if _label(item) == digest), None)
        old = [item for item in sets if item is not new]
        if new is None:
            new = await self._create(owner, digest, 1 + max(map(_revision, sets), default=0))
        elif old and _revision(new) < max(map(_revision, old)):
            await self._renumber(new, 1 + max(map(_revision, old)))
        await self._scale(owner, new, old)
        await self._annotate(owner, new)
        await self._set_status(owner, digest)

    @staticmethod
    def _selects(owner: Document, replica_set: Document) -> bool:
        selector = from_label_selector(owner["spec"].get("selector"))
        return matches(selector, replica_set["metadata"].get("labels") or {})

    async def _create(self, owner: Document, digest: str, revision: int) -> Document:
        spec = owner["spec"]
        template = json.loads(json.dumps(spec["template"]))
        labels = template.setdefault("metadata", {}).setdefault("labels", {})
        labels[HASH_LABEL] = digest
        selector = json.loads(json.dumps(spec["selector"]))
        selector.setdefault("matchLabels", {})[HASH_LABEL] = digest
        replica_set = {
            "metadata": {
                "name": f"{owner['metadata']['name']}-{digest}",
                "labels": dict(labels),
                "annotations": {REVISION: str(revision)},
                "ownerReferences": self.reference(owner),
            },
            "spec": {"replicas": 0, "selector": selector, "template": template},
        }
        namespace = owner["metadata"]["namespace"]
        return await self.operations.create(self.type(REPLICA_SETS), namespace, replica_set, WRITER)

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

    async def _set_status(self, owner: Document, digest: str) -> None:
        sets = [item for item in self.children(owner) if self._selects(owner, item)]
        counts = [(item, item.get("status") or {}) for item in sets]
        wanted: int = owner["spec"].get("replicas", 1)
        total = sum(status.get("replicas", 0) for _, status in counts)
        ready = sum(status.get("readyReplicas", 0) for _, status in counts)
        updated = sum(
            status.get("replicas", 0) for item, status in counts if _label(item) == digest
        )
        values = {
            "observedGeneration": owner["metadata"]["generation"],
            "replicas": total,
            "updatedReplicas": updated,
            "readyReplicas": ready,
            "availableReplicas": ready,
            "unavailableReplicas": max(wanted - ready, 0),
        }
        name = f"{owner['metadata']['name']}-{digest}"
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


def _label(replica_set: Document) -> str:
    label: str = (replica_set["metadata"].get("labels") or {}).get(HASH_LABEL, "")
    return label


def _revision(replica_set: Document) -> int:
    annotations = replica_set["metadata"].get("annotations") or {}
    return int(annotations.get(REVISION, 0))
