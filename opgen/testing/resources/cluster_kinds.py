"""What is particular to kinds beside workloads: autoscalers, nodes, volumes, older controllers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from opgen.testing.errors import Document
from opgen.testing.resources.strategies import NoGeneration, Strategy
from opgen.testing.storage import GroupResource


class AutoscalerStrategy(NoGeneration):
    """Autoscalers look at the processor unless they are told what to look at."""

    def default(self, new: Document) -> None:
        """Fill in bounds, metrics and behavior."""
        spec = new.get("spec") or {}
        spec.setdefault("minReplicas", 1)
        if new["apiVersion"] == "autoscaling/v1":
            return
        if not spec.get("metrics"):
            target = {"type": "Utilization", "averageUtilization": 80}
            spec["metrics"] = [{"type": "Resource", "resource": {"name": "cpu", "target": target}}]
        behavior = spec.get("behavior")
        if behavior is not None:
            for name, rules in _BEHAVIOR.items():
                given = {
                    key: value
                    for key, value in (behavior.get(name) or {}).items()
                    if value or key != "policies"
                }
                behavior[name] = {**rules, **given}


_ALL_AT_ONCE = {"type": "Percent", "value": 100, "periodSeconds": 15}
_BEHAVIOR: Mapping[str, Mapping[str, Any]] = {
    "scaleUp": {
        "stabilizationWindowSeconds": 0,
        "selectPolicy": "Max",
        "policies": [{"type": "Pods", "value": 4, "periodSeconds": 15}, _ALL_AT_ONCE],
    },
    "scaleDown": {"selectPolicy": "Max", "policies": [_ALL_AT_ONCE]},
}


class NodeStrategy(NoGeneration):
    """New nodes are not ready."""

    def prepare_create(self, new: Document) -> None:
        """Say so."""
        taint = {"key": "node.kubernetes.io/not-ready", "effect": "NoSchedule"}
        spec = new.setdefault("spec", {})
        taints = spec.get("taints") or []
        if not any(item.get("key") == taint["key"] for item in taints):
            spec["taints"] = [*taints, taint]


class ReplicationControllerStrategy(Strategy):
    """The older ReplicaSets."""

    orphans_dependents = True

    def default(self, new: Document) -> None:
        """Without labels of its own it has those of its pods."""
        spec = new.get("spec") or {}
        labels = ((spec.get("template") or {}).get("metadata") or {}).get("labels")
        if labels and not new["metadata"].get("labels"):
            new["metadata"]["labels"] = dict(labels)


CLUSTER_STRATEGIES: Mapping[GroupResource, Strategy] = {
    ("", "nodes"): NodeStrategy(),
    ("", "replicationcontrollers"): ReplicationControllerStrategy(),
    ("autoscaling", "horizontalpodautoscalers"): AutoscalerStrategy(),
}
