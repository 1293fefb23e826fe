"""DaemonSets: a pod on each node."""

from __future__ import annotations

from opgen.testing.controllers.owners import PODS, WRITER, Owner, is_ready, template_hash
from opgen.testing.errors import Document
from opgen.testing.resources.deletion import DeleteOptions

DAEMON_SETS, NODES = ("apps", "daemonsets"), ("", "nodes")
HASH_LABEL = "controller-revision-hash"


class DaemonSetController(Owner):
    """Keeps a pod on each node."""

    owner, child = DAEMON_SETS, PODS

    async def sync(self, owner: Document) -> None:
        """Make what is missing, replace what is old, and tell how far it is."""
        nodes = [node.name for node in self.operations.store.list(NODES)]
        wanted = template_hash(owner["spec"]["template"])
        placed: set[str] = set()
        for pod in self.children(owner):
            node = (pod.get("spec") or {}).get("nodeName", "")
            kept = node in nodes and node not in placed and _hash(pod) == wanted
            manual = owner["spec"].get("updateStrategy", {}).get("type") == "OnDelete"
            if kept or (manual and node in nodes):
                placed.add(node)
            else:
                name, namespace = pod["metadata"]["name"], owner["metadata"]["namespace"]
                await self.operations.delete(self.type(PODS), namespace, name, DeleteOptions())
        for node in nodes:
            if node not in placed:
                await self._create(owner, node, wanted)
        await self._tell(owner, len(nodes), wanted)

    async def _create(self, owner: Document, node: str, wanted: str) -> None:
        name = f"{owner['metadata']['name']}-"
        pod = self.pod(owner, generateName=name, labels={HASH_LABEL: wanted})
        pod["spec"]["nodeName"] = node
        namespace = owner["metadata"]["namespace"]
        await self.operations.create(self.type(PODS), namespace, pod, WRITER)

    async def _tell(self, owner: Document, nodes: int, wanted: str) -> None:
        pods = self.children(owner)
        ready = sum(map(is_ready, pods))
        counts = {
            "currentNumberScheduled": len(pods),
            "numberMisscheduled": 0,
            "desiredNumberScheduled": nodes,
            "numberReady": ready,
            "observedGeneration": owner["metadata"]["generation"],
            "updatedNumberScheduled": sum(_hash(pod) == wanted for pod in pods),
            "numberAvailable": ready,
            "numberUnavailable": nodes - ready,
        }
        optional = ("updatedNumberScheduled", "numberAvailable", "numberUnavailable")
        status = {key: value for key, value in counts.items() if value or key not in optional}
        await self.set_status(owner, lambda _: status)


def _hash(pod: Document) -> str:
    found: str = (pod["metadata"].get("labels") or {}).get(HASH_LABEL, "")
    return found
