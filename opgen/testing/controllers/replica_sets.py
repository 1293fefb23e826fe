"""ReplicaSets: as many pods as are asked for."""

from __future__ import annotations

from opgen.testing.controllers.owners import PODS, Owner, is_ready, without_zero
from opgen.testing.errors import Document
from opgen.testing.resources.deletion import DeleteOptions

REPLICA_SETS = ("apps", "replicasets")


class ReplicaSetController(Owner):
    """Keeps as many Pods as a ReplicaSet asks for."""

    owner, child = REPLICA_SETS, PODS

    async def sync(self, owner: Document) -> None:
        """Create or delete Pods."""
        wanted: int = owner["spec"].get("replicas", 1)
        pods = self.children(owner)
        for _ in range(wanted - len(pods)):
            await self._create(owner)
        namespace = owner["metadata"]["namespace"]
        surplus = sorted(pods, key=is_ready)[: max(len(pods) - wanted, 0)]
        for pod in surplus:
            name = pod["metadata"]["name"]
            await self.operations.delete(self.type(PODS), namespace, name, DeleteOptions())
        pods = self.children(owner)
        ready = sum(is_ready(pod) for pod in pods)
        status = {
            "replicas": len(pods),
            "fullyLabeledReplicas": len(pods),
            "readyReplicas": ready,
            "availableReplicas": ready,
            "observedGeneration": owner["metadata"]["generation"],
        }
        await self.set_status(owner, lambda _: without_zero(status, "replicas"))

    async def _create(self, owner: Document) -> None:
        await self.create_pod(owner, generateName=f"{owner['metadata']['name']}-")
