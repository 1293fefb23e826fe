"""The columns of built-in kinds, as `kubectl get` knows them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from opgen.testing.errors import Document
from opgen.testing.objects.selectors import format_label_selector
from opgen.testing.resources.registry import Column
from opgen.testing.storage import GroupResource

Cell = Callable[[Document], Any]
Entry = Column | tuple[Column, Cell]
NONE = "<none>"


def _computed(name: str, cell: Cell, kind: str = "string", priority: int = 0) -> Entry:
    return Column(name, "", kind, priority=priority), cell


def _part(document: Document, *names: str, default: Any = None) -> Any:
    value: Any = document
    for name in names:
        value = value.get(name) if isinstance(value, dict) else None
    return default if value is None else value


def _ready_of(document: Document) -> str:
    ready = _part(document, "status", "readyReplicas", default=0)
    return f"{ready}/{_part(document, 'spec', 'replicas', default=0)}"


def _count(*names: str) -> Cell:
    return lambda document: _part(document, *names, default=0)


def _ports(service: Document) -> str:
    texts = []
    for port in _part(service, "spec", "ports", default=[]):
        number = f"{port['port']}:{port['nodePort']}" if port.get("nodePort") else port["port"]
        texts.append(f"{number}/{port.get('protocol', 'TCP')}")
    return ",".join(texts) or NONE


def _external(service: Document) -> str:
    kind = _part(service, "spec", "type")
    if kind == "ExternalName":
        return str(_part(service, "spec", "externalName", default=NONE))
    return "<pending>" if kind == "LoadBalancer" else NONE


def _containers(key: str) -> Cell:
    def cell(document: Document) -> str:
        containers = _part(document, "spec", "template", "spec", "containers", default=[])
        return ",".join(item.get(key, "") for item in containers)

    return cell


def _selector(document: Document) -> str:
    return format_label_selector(_part(document, "spec", "selector")) or NONE


def _plain_selector(document: Document) -> str:
    pairs = _part(document, "spec", "selector", default={}).items()
    return ",".join(f"{key}={value}" for key, value in sorted(pairs)) or NONE


def _pod_ready(pod: Document) -> str:
    statuses = _part(pod, "status", "containerStatuses", default=[])
    ready = sum(bool(item.get("ready")) for item in statuses)
    return f"{ready}/{len(_part(pod, 'spec', 'containers', default=[]))}"


def _pod_status(pod: Document) -> str:
    if _part(pod, "metadata", "deletionTimestamp"):
        return "Terminating"
    for item in _part(pod, "status", "containerStatuses", default=[]):
        reason = _part(item, "state", "waiting", "reason")
        if reason:
            return str(reason)
    return str(_part(pod, "status", "phase", default="Unknown"))


def _restarts(pod: Document) -> str:
    statuses = _part(pod, "status", "containerStatuses", default=[])
    return str(sum(item.get("restartCount", 0) for item in statuses))


def _object(event: Document) -> str:
    about = event.get("involvedObject") or event.get("regarding") or {}
    return f"{str(about.get('kind', '')).lower()}/{about.get('name', '')}"


def _subjects(document: Document) -> str:
    reference = document.get("roleRef") or {}
    return f"{reference.get('kind')}/{reference.get('name')}"


AGE: Entry = Column("Age", ".metadata.creationTimestamp", "date")
_READY = _computed("Ready", _ready_of)
_IMAGES = [
    _computed("Containers", _containers("name"), priority=1),
    _computed("Images", _containers("image"), priority=1),
]

BUILT_IN_COLUMNS: Mapping[GroupResource, Sequence[Entry]] = {
    ("apps", "deployments"): [
        _READY,
        _computed("Up-to-date", _count("status", "updatedReplicas"), "integer"),
        _computed("Available", _count("status", "availableReplicas"), "integer"),
        AGE,
        *_IMAGES,
        _computed("Selector", _selector, priority=1),
    ],
    ("apps", "replicasets"): [
        _computed("Desired", _count("spec", "replicas"), "integer"),
        _computed("Current", _count("status", "replicas"), "integer"),
        _computed("Ready", _count("status", "readyReplicas"), "integer"),
        AGE,
        *_IMAGES,
        _computed("Selector", _selector, priority=1),
    ],
    ("apps", "statefulsets"): [_READY, AGE, *_IMAGES],
    ("", "pods"): [
        _computed("Ready", _pod_ready),
        _computed("Status", _pod_status),
        _computed("Restarts", _restarts),
        AGE,
        _computed("IP", lambda pod: _part(pod, "status", "podIP", default=NONE), priority=1),
        _computed("Node", lambda pod: _part(pod, "spec", "nodeName", default=NONE), priority=1),
        _computed("Nominated Node", lambda _: NONE, priority=1),
        _computed("Readiness Gates", lambda _: NONE, priority=1),
    ],
    ("", "services"): [
        Column("Type", ".spec.type"),
        _computed("Cluster-IP", lambda item: _part(item, "spec", "clusterIP", default=NONE)),
        _computed("External-IP", _external),
        _computed("Port(s)", _ports),
        AGE,
        _computed("Selector", _plain_selector, priority=1),
    ],
    ("", "namespaces"): [Column("Status", ".status.phase"), AGE],
    ("", "configmaps"): [_computed("Data", lambda item: len(item.get("data") or {})), AGE],
    ("", "secrets"): [
        Column("Type", ".type"),
        _computed("Data", lambda item: len(item.get("data") or {})),
        AGE,
    ],
    ("", "serviceaccounts"): [
        _computed("Secrets", lambda item: len(item.get("secrets") or ()), "integer"),
        AGE,
    ],
    ("", "events"): [
        Column("Last Seen", ".lastTimestamp", "date", fallback=".eventTime"),
        Column("Type", ".type"),
        Column("Reason", ".reason"),
        _computed("Object", _object),
        Column("Message", ".message"),
    ],
    ("apiextensions.k8s.io", "customresourcedefinitions"): [
        Column("Created At", ".metadata.creationTimestamp", "date-time"),
    ],
    ("coordination.k8s.io", "leases"): [Column("Holder", ".spec.holderIdentity"), AGE],
    ("rbac.authorization.k8s.io", "clusterroles"): [
        Column("Created At", ".metadata.creationTimestamp", "date-time")
    ],
    ("rbac.authorization.k8s.io", "roles"): [
        Column("Created At", ".metadata.creationTimestamp", "date-time")
    ],
    ("rbac.authorization.k8s.io", "clusterrolebindings"): [_computed("Role", _subjects), AGE],
    ("rbac.authorization.k8s.io", "rolebindings"): [_computed("Role", _subjects), AGE],
}
