"""What the server writes into new objects of built-in kinds: their status, and finalizers."""

from __future__ import annotations

from collections.abc import Mapping

from opgen.testing.errors import Document
from opgen.testing.storage import GroupResource

_NO_NODE = ("machineID", "systemUUID", "bootID", "kernelVersion", "osImage")
_NO_KUBELET = ("containerRuntimeVersion", "kubeletVersion", "kubeProxyVersion")

STATUSES: Mapping[GroupResource, Document] = {
    ("", "nodes"): {
        "daemonEndpoints": {"kubeletEndpoint": {"Port": 0}},
        "nodeInfo": dict.fromkeys((*_NO_NODE, *_NO_KUBELET, "operatingSystem", "architecture"), ""),
    },
    ("", "persistentvolumeclaims"): {"phase": "Pending"},
    ("", "replicationcontrollers"): {"replicas": 0},
    ("", "resourcequotas"): {},
    ("apps", "deployments"): {},
    ("apps", "replicasets"): {"replicas": 0},
    ("apps", "statefulsets"): {"replicas": 0, "availableReplicas": 0},
    ("apps", "daemonsets"): {
        "currentNumberScheduled": 0,
        "numberMisscheduled": 0,
        "desiredNumberScheduled": 0,
        "numberReady": 0,
    },
    ("batch", "jobs"): {},
    ("batch", "cronjobs"): {},
    ("autoscaling", "horizontalpodautoscalers"): {"desiredReplicas": 0, "currentMetrics": None},
    ("networking.k8s.io", "ingresses"): {"loadBalancer": {}},
    ("policy", "poddisruptionbudgets"): {
        "disruptionsAllowed": 0,
        "currentHealthy": 0,
        "desiredHealthy": 0,
        "expectedPods": 0,
    },
}
FINALIZERS: Mapping[GroupResource, str] = {
    ("", "persistentvolumeclaims"): "kubernetes.io/pvc-protection",
    ("", "persistentvolumes"): "kubernetes.io/pv-protection",
}
"""Held until the controllers of a cluster find that nobody uses the object."""
