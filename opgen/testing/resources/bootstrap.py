"""What a new cluster has before anybody asks: namespaces, default roles, a Service, a node."""

from __future__ import annotations

import copy

from opgen.testing.errors import Document

GIT_VERSION = "v1.36.0+opgen"
"""What the server calls itself, and its node."""
NODE, NODE_ADDRESS = "opgen-node", "192.168.0.2"
"""The node on which pods run where there is a control plane."""
NAMESPACES = ("default", "kube-node-lease", "kube-public", "kube-system")

_RBAC = "rbac.authorization.k8s.io"
_READ = ["get", "list", "watch"]
_WRITE = ["create", "delete", "deletecollection", "patch", "update"]
_DISCOVERY = [
    "/api",
    "/api/*",
    "/apis",
    "/apis/*",
    "/healthz",
    "/livez",
    "/openapi",
    "/openapi/*",
    "/readyz",
    "/version",
    "/version/",
]


def _rule(groups: list[str], resources: list[str], verbs: list[str]) -> Document:
    return {"apiGroups": groups, "resources": resources, "verbs": verbs}


_NAMESPACED = [
    _rule([""], ["configmaps", "endpoints", "events", "pods", "pods/log", "services"], _READ),
    _rule([""], ["serviceaccounts", "persistentvolumeclaims", "resourcequotas"], _READ),
    _rule(["apps"], ["deployments", "replicasets", "statefulsets", "daemonsets"], _READ),
    _rule(["batch"], ["jobs", "cronjobs"], _READ),
    _rule(["networking.k8s.io"], ["ingresses", "networkpolicies"], _READ),
]
_EDITED = [{**rule, "verbs": [*_READ, *_WRITE]} for rule in _NAMESPACED] + [
    _rule([""], ["secrets"], [*_READ, *_WRITE])
]
_ADMINISTERED = [*_EDITED, _rule([_RBAC], ["roles", "rolebindings"], [*_READ, *_WRITE])]

CLUSTER_ROLES: dict[str, list[Document]] = {
    "cluster-admin": [
        _rule(["*"], ["*"], ["*"]),
        {"nonResourceURLs": ["*"], "verbs": ["*"]},
    ],
    "admin": _ADMINISTERED,
    "edit": _EDITED,
    "view": _NAMESPACED,
    "system:discovery": [{"nonResourceURLs": _DISCOVERY, "verbs": ["get"]}],
    "system:public-info-viewer": [
        {"nonResourceURLs": ["/healthz", "/livez", "/readyz", "/version"], "verbs": ["get"]}
    ],
    "system:basic-user": [
        _rule(
            ["authorization.k8s.io"],
            ["selfsubjectaccessreviews", "selfsubjectrulesreviews"],
            ["create"],
        ),
        _rule(["authentication.k8s.io"], ["selfsubjectreviews"], ["create"]),
    ],
}

_BINDINGS = {
    "cluster-admin": "system:masters",
    "system:discovery": "system:authenticated",
    "system:public-info-viewer": "system:authenticated",
    "system:basic-user": "system:authenticated",
}


def node(now: str) -> Document:
    """The node, which is ready since a time."""
    room = {"cpu": "8", "memory": "32Gi", "pods": "110"}
    ready = {"reason": "KubeletReady", "message": "kubelet is posting ready status"}
    times = {"lastHeartbeatTime": now, "lastTransitionTime": now}
    labels = {"arch": "amd64", "hostname": NODE, "os": "linux"}
    return {
        "metadata": {
            "name": NODE,
            "labels": {f"kubernetes.io/{name}": value for name, value in labels.items()},
        },
        "spec": {},
        "status": {
            "capacity": room,
            "allocatable": dict(room),
            "conditions": [{"type": "Ready", "status": "True", **times, **ready}],
            "addresses": [
                {"type": "InternalIP", "address": NODE_ADDRESS},
                {"type": "Hostname", "address": NODE},
            ],
            "daemonEndpoints": {"kubeletEndpoint": {"Port": 0}},
            "nodeInfo": {
                **dict.fromkeys(("machineID", "systemUUID", "bootID", "kernelVersion"), ""),
                **dict.fromkeys(("osImage", "containerRuntimeVersion"), "opgen"),
                **dict.fromkeys(("kubeletVersion", "kubeProxyVersion"), GIT_VERSION),
                "operatingSystem": "linux",
                "architecture": "amd64",
            },
        },
    }


def objects() -> list[tuple[str, str, Document]]:
    """Group, plural and document of everything but the node, in the order of creation."""
    found: list[tuple[str, str, Document]] = [
        ("", "namespaces", {"metadata": {"name": name}}) for name in NAMESPACES
    ]
    found += [
        (_RBAC, "clusterroles", {"metadata": {"name": name}, "rules": rules})
        for name, rules in CLUSTER_ROLES.items()
    ]
    found += [
        (_RBAC, "clusterrolebindings", _binding(role, group)) for role, group in _BINDINGS.items()
    ]
    found.append(("", "services", _KUBERNETES))
    return copy.deepcopy(found)


def _binding(role: str, group: str) -> Document:
    return {
        "metadata": {"name": role},
        "roleRef": {"apiGroup": _RBAC, "kind": "ClusterRole", "name": role},
        "subjects": [{"apiGroup": _RBAC, "kind": "Group", "name": group}],
    }


_KUBERNETES: Document = {
    "metadata": {
        "name": "kubernetes",
        "namespace": "default",
        "labels": {"component": "apiserver", "provider": "kubernetes"},
    },
    "spec": {
        "clusterIP": "10.96.0.1",
        "ports": [{"name": "https", "port": 443, "protocol": "TCP", "targetPort": 6443}],
    },
}
