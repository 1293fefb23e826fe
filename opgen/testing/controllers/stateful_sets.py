"""StatefulSets: pods with numbers, one after the other, and claims of their own."""

from __future__ import annotations

from opgen.testing.controllers.owners import (
    PODS,
    WRITER,
    Owner,
    copied,
    is_ready,
    template_hash,
    without_zero,
)
from opgen.testing.errors import Document
from opgen.testing.resources.deletion import DeleteOptions

STATEFUL_SETS, CLAIMS = ("apps", "statefulsets"), ("", "persistentvolumeclaims")
REVISION_LABEL = "controller-revision-hash"
NAME_LABEL = "statefulset.kubernetes.io/pod-name"
INDEX_LABEL = "apps.kubernetes.io/pod-index"


class StatefulSetController(Owner):
    """Keeps the pods of StatefulSets, and changes them from the last to the first."""

    owner, child = STATEFUL_SETS, PODS

    async def sync(self, owner: Document) -> None:
        """Take one step, and tell how far it is."""
        revision = f"{owner['metadata']['name']}-{template_hash(owner['spec']['template'])}"
        await self._step(owner, revision)
        await self._tell(owner, revision)

    async def _step(self, owner: Document, revision: str) -> None:
        pods = {_number(pod): pod for pod in self.children(owner)}
        numbers = _numbers(owner["spec"])
        ordered = owner["spec"].get("podManagementPolicy") != "Parallel"
        for number in numbers:
            if number not in pods:
                await self._create(owner, number, revision)
            if ordered and not (number in pods and is_ready(pods[number])):
                return
        surplus = sorted((number for number in pods if number not in numbers), reverse=True)
        for number in surplus[:1] if ordered else surplus:
            await self._delete(owner, pods[number])
        if surplus or (owner["spec"].get("updateStrategy") or {}).get("type") == "OnDelete":
            return
        partition = (owner["spec"].get("updateStrategy", {}).get("rollingUpdate") or {}).get(
            "partition", 0
        )
        for number in reversed(numbers[partition:]):
            pod = pods.get(number)
            if pod is not None and _revision(pod) != revision:
                await self._delete(owner, pod)
            if pod is None or _revision(pod) != revision or not is_ready(pod):
                return

    async def _create(self, owner: Document, number: int, revision: str) -> None:
        name = f"{owner['metadata']['name']}-{number}"
        labels = {REVISION_LABEL: revision, NAME_LABEL: name, INDEX_LABEL: str(number)}
        pod = self.pod(owner, name=name, labels=labels)
        pod["spec"]["hostname"] = name
        if owner["spec"].get("serviceName"):
            pod["spec"]["subdomain"] = owner["spec"]["serviceName"]
        for template in owner["spec"].get("volumeClaimTemplates") or ():
            await self._claim(owner, template, name, pod)
        namespace = owner["metadata"]["namespace"]
        await self.operations.create(self.type(PODS), namespace, pod, WRITER)

    async def _claim(
        self, owner: Document, template: Document, pod_name: str, pod: Document
    ) -> None:
        volume = template["metadata"]["name"]
        name, namespace = f"{volume}-{pod_name}", owner["metadata"]["namespace"]
        source = {"name": volume, "persistentVolumeClaim": {"claimName": name}}
        pod["spec"].setdefault("volumes", []).append(source)
        if self.operations.store.get(CLAIMS, namespace, name) is None:
            labels = (owner["spec"].get("selector") or {}).get("matchLabels") or {}
            claim = {"metadata": {"name": name, "labels": labels}, "spec": copied(template["spec"])}
            await self.operations.create(self.type(CLAIMS), namespace, claim, WRITER)

    async def _delete(self, owner: Document, pod: Document) -> None:
        namespace, name = owner["metadata"]["namespace"], pod["metadata"]["name"]
        await self.operations.delete(self.type(PODS), namespace, name, DeleteOptions())

    async def _tell(self, owner: Document, revision: str) -> None:
        pods = self.children(owner)
        wanted: int = owner["spec"].get("replicas", 1)
        ready = sum(map(is_ready, pods))
        updated = sum(_revision(pod) == revision for pod in pods)
        done = updated == ready == wanted == len(pods)

        def status(old: Document) -> Document:
            current = revision if done else old.get("currentRevision") or revision
            counts = {
                "observedGeneration": owner["metadata"]["generation"],
                "replicas": len(pods),
                "readyReplicas": ready,
                "currentReplicas": sum(_revision(pod) == current for pod in pods),
                "updatedReplicas": updated,
                "currentRevision": current,
                "updateRevision": revision,
                "collisionCount": 0,
                "availableReplicas": ready,
            }
            return without_zero(counts, "replicas", "availableReplicas", "collisionCount")

        await self.set_status(owner, status)


def _numbers(spec: Document) -> range:
    """The numbers that the pods shall have."""
    first: int = (spec.get("ordinals") or {}).get("start", 0)
    return range(first, first + spec.get("replicas", 1))


def _number(pod: Document) -> int:
    return int(pod["metadata"]["name"].rpartition("-")[2])


def _revision(pod: Document) -> str:
    revision: str = (pod["metadata"].get("labels") or {}).get(REVISION_LABEL, "")
    return revision
