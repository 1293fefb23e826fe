"""The defaults that built-in types have in code, by the names of their definitions.

A value that depends on the rest of the object is a function of it; None is no value. What depends
on more than one struct is in the kinds' strategies.

Source: the SetDefaults functions.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def _pull_policy(container: dict[str, Any]) -> str:
    image = str(container.get("image", ""))
    name = image.rpartition("/")[2]
    tag = name.partition("@")[0].partition(":")[2]
    return "Always" if "@" not in name and tag in ("", "latest") else "IfNotPresent"


def _rolling_update(strategy: dict[str, Any]) -> dict[str, Any] | None:
    return {} if strategy.get("type") == "RollingUpdate" else None


def _external_policy(spec: dict[str, Any]) -> str | None:
    exposed = spec.get("type") in ("NodePort", "LoadBalancer")
    by_address = spec.get("type") == "ClusterIP" and spec.get("externalIPs")
    return "Cluster" if exposed or by_address else None


def _balanced(spec: dict[str, Any]) -> bool | None:
    return True if spec.get("type") == "LoadBalancer" else None


_AFFINITY_SECONDS = 10800


def _affinity(spec: dict[str, Any]) -> dict[str, Any] | None:
    return {} if spec.get("sessionAffinity") == "ClientIP" else None


def _internal(spec: dict[str, Any]) -> str | None:
    return None if spec.get("type") == "ExternalName" else "Cluster"


def _completions(spec: dict[str, Any]) -> int | None:
    """Who says how many pods run at a time, and not how many shall succeed, means a queue."""
    return None if "parallelism" in spec else 1


def _template_labels(spec: dict[str, Any]) -> dict[str, Any]:
    """The labels of a workload's pods."""
    metadata = (spec.get("template") or {}).get("metadata") or {}
    return dict(metadata.get("labels") or {})


def _policy_types(spec: dict[str, Any]) -> list[str]:
    return ["Ingress", "Egress"] if spec.get("egress") else ["Ingress"]


def _limits(item: dict[str, Any]) -> dict[str, Any] | None:
    return dict(item.get("max") or {}) or None if item.get("type") == "Container" else None


def _limit_requests(item: dict[str, Any]) -> dict[str, Any] | None:
    chosen = (item.get("min") or {}) | (item.get("default") or {})
    return chosen or None if item.get("type") == "Container" else None


_CORE, _APPS, _BATCH = "io.k8s.api.core.v1.", "io.k8s.api.apps.v1.", "io.k8s.api.batch.v1."
_ADMISSION = "io.k8s.api.admissionregistration.v1."
_NETWORK = "io.k8s.api.networking.v1."
JOB_DEFAULTS: Mapping[str, Any] = {
    "completions": _completions,
    "parallelism": 1,
    "backoffLimit": 6,
    "completionMode": "NonIndexed",
    "suspend": False,
    "podReplacementPolicy": "TerminatingOrFailed",
    "manualSelector": False,
}
"""Those of a Job's spec; in the template of a CronJob they are not set."""
_WEBHOOK = {
    "failurePolicy": "Fail",
    "matchPolicy": "Equivalent",
    "namespaceSelector": {},
    "objectSelector": {},
    "timeoutSeconds": 10,
}
_PROBE = {"timeoutSeconds": 1, "periodSeconds": 10, "successThreshold": 1, "failureThreshold": 3}
_CONTAINER = {
    "resources": {},
    "terminationMessagePath": "/dev/termination-log",
    "terminationMessagePolicy": "File",
    "imagePullPolicy": _pull_policy,
}

BUILT_IN_DEFAULTS: Mapping[str, Mapping[str, Any]] = {
    _CORE + "Container": _CONTAINER,
    _CORE + "EphemeralContainer": _CONTAINER,
    _CORE + "ContainerPort": {"protocol": "TCP"},
    _CORE + "Probe": _PROBE,
    _CORE + "HTTPGetAction": {"path": "/", "scheme": "HTTP"},
    _CORE + "ObjectFieldSelector": {"apiVersion": "v1"},
    _CORE + "ConfigMapVolumeSource": {"defaultMode": 420},
    _CORE + "SecretVolumeSource": {"defaultMode": 420},
    _CORE + "ProjectedVolumeSource": {"defaultMode": 420},
    _CORE + "DownwardAPIVolumeSource": {"defaultMode": 420},
    _CORE + "HostPathVolumeSource": {"type": ""},
    _CORE + "PodSpec": {
        "restartPolicy": "Always",
        "terminationGracePeriodSeconds": 30,
        "dnsPolicy": "ClusterFirst",
        "securityContext": {},
        "schedulerName": "default-scheduler",
    },
    _CORE + "ServiceSpec": {
        "type": "ClusterIP",
        "sessionAffinity": "None",
        "externalTrafficPolicy": _external_policy,
        "internalTrafficPolicy": _internal,
        "allocateLoadBalancerNodePorts": _balanced,
        "sessionAffinityConfig": _affinity,
    },
    _CORE + "ServicePort": {"protocol": "TCP", "targetPort": lambda port: port.get("port", 0)},
    _CORE + "SessionAffinityConfig": {"clientIP": {}},
    _CORE + "ClientIPConfig": {"timeoutSeconds": _AFFINITY_SECONDS},
    _CORE + "NamespaceStatus": {"phase": "Active"},
    _CORE + "Volume": {"emptyDir": lambda volume: {} if volume.keys() <= {"name"} else None},
    _CORE + "Secret": {"type": "Opaque"},
    _CORE + "PersistentVolumeClaimSpec": {"volumeMode": "Filesystem"},
    _CORE + "PersistentVolumeSpec": {
        "volumeMode": "Filesystem",
        "persistentVolumeReclaimPolicy": "Retain",
    },
    _CORE + "EndpointPort": {"protocol": "TCP"},
    _CORE + "LimitRangeItem": {"default": _limits, "defaultRequest": _limit_requests},
    _CORE + "Event": {"reportingComponent": "", "reportingInstance": ""},
    _CORE + "NodeSpec": {
        "podCIDRs": lambda spec: [spec["podCIDR"]] if spec.get("podCIDR") else None
    },
    _CORE + "ReplicationControllerSpec": {
        "selector": lambda spec: _template_labels(spec) or None,
    },
    _APPS + "DeploymentSpec": {
        "replicas": 1,
        "strategy": {},
        "revisionHistoryLimit": 10,
        "progressDeadlineSeconds": 600,
    },
    _APPS + "DeploymentStrategy": {"type": "RollingUpdate", "rollingUpdate": _rolling_update},
    _APPS + "RollingUpdateDeployment": {"maxUnavailable": "25%", "maxSurge": "25%"},
    _APPS + "ReplicaSetSpec": {"replicas": 1},
    _APPS + "StatefulSetSpec": {
        "replicas": 1,
        "serviceName": "",
        "podManagementPolicy": "OrderedReady",
        "updateStrategy": {},
        "revisionHistoryLimit": 10,
        "persistentVolumeClaimRetentionPolicy": {},
    },
    _APPS + "StatefulSetPersistentVolumeClaimRetentionPolicy": {
        "whenDeleted": "Retain",
        "whenScaled": "Retain",
    },
    _APPS + "StatefulSetOrdinals": {"start": 0},
    _APPS + "RollingUpdateStatefulSetStrategy": {"partition": 0},
    _APPS + "ControllerRevision": {"revision": 0},
    _APPS + "StatefulSetUpdateStrategy": {
        "rollingUpdate": lambda strategy: None if strategy.get("type") else {},
        "type": "RollingUpdate",
    },
    _APPS + "DaemonSetSpec": {"updateStrategy": {}, "revisionHistoryLimit": 10},
    _APPS + "DaemonSetUpdateStrategy": {
        "type": "RollingUpdate",
        "rollingUpdate": _rolling_update,
    },
    _APPS + "RollingUpdateDaemonSet": {"maxSurge": 0, "maxUnavailable": 1},
    _BATCH + "CronJobSpec": {
        "concurrencyPolicy": "Allow",
        "suspend": False,
        "successfulJobsHistoryLimit": 3,
        "failedJobsHistoryLimit": 1,
    },
    _ADMISSION + "RuleWithOperations": {"scope": "*"},
    _ADMISSION + "ServiceReference": {"port": 443},
    _ADMISSION + "ValidatingWebhook": _WEBHOOK,
    _ADMISSION + "MutatingWebhook": {**_WEBHOOK, "reinvocationPolicy": "Never"},
    _NETWORK + "NetworkPolicySpec": {"policyTypes": _policy_types},
    _NETWORK + "NetworkPolicyPort": {"protocol": "TCP"},
    _NETWORK + "IngressClassParametersReference": {"scope": "Cluster"},
    "io.k8s.api.discovery.v1.EndpointPort": {"name": "", "protocol": "TCP"},
    "io.k8s.api.scheduling.v1.PriorityClass": {
        "value": 0,
        "preemptionPolicy": "PreemptLowerPriority",
    },
    "io.k8s.api.storage.v1.StorageClass": {
        "reclaimPolicy": "Delete",
        "volumeBindingMode": "Immediate",
    },
    "io.k8s.api.storage.v1.CSIDriverSpec": {
        "attachRequired": True,
        "podInfoOnMount": False,
        "storageCapacity": False,
        "fsGroupPolicy": "ReadWriteOnceWithFSType",
        "volumeLifecycleModes": ["Persistent"],
        "requiresRepublish": False,
        "seLinuxMount": False,
    },
    "io.k8s.api.rbac.v1.RoleRef": {"apiGroup": "rbac.authorization.k8s.io"},
    "io.k8s.api.rbac.v1.Subject": {
        "apiGroup": lambda subject: (
            None if subject.get("kind") == "ServiceAccount" else "rbac.authorization.k8s.io"
        )
    },
}
"""What the API server sets in objects of built-in types."""
