"""Filling in defaults: those of a schema, and those that built-in types have in code.

The defaults of built-in types are a table by definition name. A value that depends on the rest of
the object is a function of it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from copy import deepcopy
from functools import cache
from typing import Any

from opgen.testing.objects.schemas import (
    Schema,
    field_schema,
    item_schema,
    resolve,
)

Computed = Callable[[dict[str, Any]], Any]


def fill_in(value: Any, schema: Schema) -> None:
    """Set every missing field that has a default, in place, from the outside in."""
    if isinstance(value, dict):
        _fill_in_map(value, schema)
    elif isinstance(value, list):
        items = item_schema(schema)
        for item in value:
            fill_in(item, items)


def _fill_in_map(value: dict[str, Any], schema: Schema) -> None:
    definition = schema.get("$ref", "")
    defaulted = _defaulted(definition) if definition else _with_default(schema)
    for name, child in defaulted:
        if name not in value or (value[name] is None and not child.get("nullable")):
            value[name] = deepcopy(child["default"])
    for name, default in BUILT_IN_DEFAULTS.get(definition, {}).items():
        if not value.get(name) and (name not in value or name == "targetPort"):
            wanted = default(value) if callable(default) else deepcopy(default)
            if wanted is not None:
                value[name] = wanted
    for name, child_value in value.items():
        if isinstance(child_value, (dict, list)):
            fill_in(child_value, field_schema(schema, name))


def _with_default(schema: Schema) -> tuple[tuple[str, Schema], ...]:
    """The fields of a schema that have a default."""
    return tuple(
        (name, child)
        for name, child in (schema.get("properties") or {}).items()
        if isinstance(child, dict) and "default" in child
    )


@cache
def _defaulted(definition: str) -> tuple[tuple[str, Schema], ...]:
    return _with_default(resolve({"$ref": definition}))


def _pull_policy(container: dict[str, Any]) -> str:
    image = str(container.get("image", ""))
    name = image.rpartition("/")[2]
    tag = name.partition("@")[0].partition(":")[2]
    return "Always" if "@" not in name and tag in ("", "latest") else "IfNotPresent"


def _rolling_update(strategy: dict[str, Any]) -> dict[str, Any] | None:
    return {} if strategy.get("type") == "RollingUpdate" else None


def _stateful_update(strategy: dict[str, Any]) -> dict[str, Any] | None:
    return {"partition": 0} if strategy.get("type") == "RollingUpdate" else None


def _external_policy(spec: dict[str, Any]) -> str | None:
    exposed = spec.get("type") in ("NodePort", "LoadBalancer")
    by_address = spec.get("type") == "ClusterIP" and spec.get("externalIPs")
    return "Cluster" if exposed or by_address else None


def _balanced(spec: dict[str, Any]) -> bool | None:
    return True if spec.get("type") == "LoadBalancer" else None


def _affinity(spec: dict[str, Any]) -> dict[str, Any] | None:
    sticky = {"clientIP": {"timeoutSeconds": 10800}}
    return sticky if spec.get("sessionAffinity") == "ClientIP" else None


def _internal(spec: dict[str, Any]) -> str | None:
    return None if spec.get("type") == "ExternalName" else "Cluster"


_CORE, _APPS, _BATCH = "io.k8s.api.core.v1.", "io.k8s.api.apps.v1.", "io.k8s.api.batch.v1."
_ADMISSION = "io.k8s.api.admissionregistration.v1."
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
    _CORE + "NamespaceStatus": {"phase": "Active"},
    _CORE + "Volume": {"emptyDir": lambda volume: {} if volume.keys() <= {"name"} else None},
    _CORE + "Secret": {"type": "Opaque"},
    _CORE + "PersistentVolumeClaimSpec": {"volumeMode": "Filesystem"},
    _CORE + "PersistentVolumeClaim": {"status": {"phase": "Pending"}},
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
        "podManagementPolicy": "OrderedReady",
        "updateStrategy": {},
        "revisionHistoryLimit": 10,
        "persistentVolumeClaimRetentionPolicy": {"whenDeleted": "Retain", "whenScaled": "Retain"},
    },
    _APPS + "StatefulSetUpdateStrategy": {
        "type": "RollingUpdate",
        "rollingUpdate": _stateful_update,
    },
    _APPS + "DaemonSetSpec": {"updateStrategy": {}, "revisionHistoryLimit": 10},
    _APPS + "DaemonSetUpdateStrategy": {
        "type": "RollingUpdate",
        "rollingUpdate": {"maxSurge": 0, "maxUnavailable": 1},
    },
    _BATCH + "JobSpec": {
        "parallelism": 1,
        "completions": 1,
        "backoffLimit": 6,
        "completionMode": "NonIndexed",
        "suspend": False,
        "podReplacementPolicy": "TerminatingOrFailed",
    },
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
    "io.k8s.api.networking.v1.NetworkPolicySpec": {"policyTypes": ["Ingress"]},
    "io.k8s.api.rbac.v1.RoleRef": {"apiGroup": "rbac.authorization.k8s.io"},
    "io.k8s.api.rbac.v1.Subject": {
        "apiGroup": lambda subject: (
            None if subject.get("kind") == "ServiceAccount" else "rbac.authorization.k8s.io"
        )
    },
}
"""What the API server sets in objects of built-in types. Source: the SetDefaults functions."""
