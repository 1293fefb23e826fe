"""The columns of built-in kinds, as `kubectl get` shows them.

Names, types, formats and priorities are those of kube-apiserver. Source: Kubernetes'
pkg/printers/internalversion. A kind without an entry has a name and an age.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from opgen.testing.errors import Document
from opgen.testing.resources.registry import Column
from opgen.testing.storage import GroupResource
from opgen.testing.web import cells, node_cells
from opgen.testing.web.cells import NONE, UNSET, Shown

Cell = Callable[[Document, float], Any]
"""From an object and the time now, in seconds of the epoch, to what is shown."""
Entry = tuple[Column, Cell]


def _column(name: str, shown: Shown, kind: str = "string", priority: int = 0) -> Entry:
    return Column(name, "", kind, priority=priority), lambda document, _: shown(document)


def _age(name: str, *path: str, default: str = cells.UNKNOWN, priority: int = 0) -> Entry:
    """How long ago a time of the object is."""

    def cell(document: Document, now: float) -> str:
        stamp = cells.part(document, *path)
        return default if stamp is None else cells.age(stamp, now)

    return Column(name, "", "string", priority=priority), cell


def _event_age(name: str, *fields: str, priority: int = 0) -> Entry:
    """How long ago an event was; its time is in the first of the fields that has one."""

    def cell(document: Document, now: float) -> str:
        return cells.age(next(filter(None, map(document.get, fields)), None), now)

    return Column(name, "", "string", priority=priority), cell


NAME: Entry = (
    Column("Name", "", "string", "name"),
    lambda document, _: cells.part(document, "metadata", "name"),
)
AGE = _age("Age", "metadata", "creationTimestamp")
CREATED = _column("Created At", cells.text("metadata", "creationTimestamp"), "date")
"""What kinds show that have no columns of their own on the real server."""
_READY = _column("Ready", cells.ready_of)


def _containers(*template: str) -> tuple[Entry, Entry]:
    return (
        _column("Containers", cells.containers("name", *template), priority=1),
        _column("Images", cells.containers("image", *template), priority=1),
    )


def _replica_counts(selector: Shown) -> Sequence[Entry]:
    return (
        NAME,
        _column("Desired", cells.count("spec", "replicas"), "integer"),
        _column("Current", cells.count("status", "replicas"), "integer"),
        _column("Ready", cells.count("status", "readyReplicas"), "integer"),
        AGE,
        *_containers(),
        _column("Selector", selector, priority=1),
    )


_SELECTOR = cells.label_selector("spec", "selector")
_BINDING = (
    NAME,
    _column("Role", cells.role_of),
    AGE,
    _column("Users", cells.subjects("User"), priority=1),
    _column("Groups", cells.subjects("Group"), priority=1),
    _column("ServiceAccounts", cells.subjects("ServiceAccount"), priority=1),
)
_EVENTS = (
    _event_age("Last Seen", "lastTimestamp", "deprecatedLastTimestamp", "eventTime"),
    _column("Type", cells.text("type", default="")),
    _column("Reason", cells.text("reason", default="")),
    _column("Object", cells.event_object),
    _column("Subobject", cells.text("involvedObject", "fieldPath", default=""), priority=1),
    _column("Source", cells.event_source, priority=1),
    _column("Message", lambda item: str(item.get("message") or item.get("note") or "").strip()),
    _event_age("First Seen", "firstTimestamp", "deprecatedFirstTimestamp", "eventTime", priority=1),
    _column(
        "Count",
        lambda item: str(item.get("count") or item.get("deprecatedCount") or 1),
        priority=1,
    ),
    (Column("Name", "", "string", "name", priority=1), NAME[1]),
)
_WEBHOOKS = (NAME, _column("Webhooks", cells.length("webhooks"), "integer"), AGE)
_RBAC, _ADMISSION = "rbac.authorization.k8s.io", "admissionregistration.k8s.io"

COLUMNS: Mapping[GroupResource, Sequence[Entry]] = {
    ("apps", "deployments"): (
        NAME,
        _READY,
        _column("Up-to-date", cells.count("status", "updatedReplicas")),
        _column("Available", cells.count("status", "availableReplicas")),
        AGE,
        *_containers(),
        _column("Selector", _SELECTOR, priority=1),
    ),
    ("apps", "replicasets"): _replica_counts(_SELECTOR),
    ("", "replicationcontrollers"): _replica_counts(cells.labels("spec", "selector")),
    ("apps", "statefulsets"): (NAME, _READY, AGE, *_containers()),
    ("apps", "daemonsets"): (
        NAME,
        _column("Desired", cells.count("status", "desiredNumberScheduled"), "integer"),
        _column("Current", cells.count("status", "currentNumberScheduled"), "integer"),
        _column("Ready", cells.count("status", "numberReady"), "integer"),
        _column("Up-to-date", cells.count("status", "updatedNumberScheduled"), "integer"),
        _column("Available", cells.count("status", "numberAvailable"), "integer"),
        _column("Node Selector", cells.labels("spec", "template", "spec", "nodeSelector")),
        AGE,
        *_containers(),
        _column("Selector", _SELECTOR, priority=1),
    ),
    ("batch", "jobs"): (
        NAME,
        _column("Status", cells.job_status),
        _column("Completions", cells.job_completions),
        (Column("Duration", ""), cells.job_duration),
        AGE,
        *_containers(),
        _column("Selector", _SELECTOR, priority=1),
    ),
    ("batch", "cronjobs"): (
        NAME,
        _column("Schedule", cells.text("spec", "schedule", default="")),
        _column("Timezone", cells.text("spec", "timeZone")),
        _column("Suspend", cells.truth("spec", "suspend"), "boolean"),
        _column("Active", cells.length("status", "active"), "integer"),
        _age("Last Schedule", "status", "lastScheduleTime", default=NONE),
        AGE,
        *_containers("spec", "jobTemplate", "spec", "template"),
        _column(
            "Selector",
            cells.label_selector("spec", "jobTemplate", "spec", "selector"),
            priority=1,
        ),
    ),
    ("", "nodes"): (
        NAME,
        _column("Status", node_cells.status),
        _column("Roles", node_cells.roles),
        AGE,
        _column("Version", cells.text("status", "nodeInfo", "kubeletVersion", default="")),
        _column("Internal-IP", node_cells.address("InternalIP"), priority=1),
        _column("External-IP", node_cells.address("ExternalIP"), priority=1),
        _column("OS-Image", node_cells.about("osImage"), priority=1),
        _column("Kernel-Version", node_cells.kernel, priority=1),
        _column("Container-Runtime", node_cells.about("containerRuntimeVersion"), priority=1),
    ),
    ("", "pods"): (
        NAME,
        _column("Ready", cells.pod_ready),
        _column("Status", cells.pod_status),
        _column("Restarts", cells.restarts),
        AGE,
        _column("IP", cells.text("status", "podIP"), priority=1),
        _column("Node", cells.text("spec", "nodeName"), priority=1),
        _column("Nominated Node", cells.text("status", "nominatedNodeName"), priority=1),
        _column("Readiness Gates", lambda _: NONE, priority=1),
    ),
    ("", "services"): (
        NAME,
        _column("Type", cells.text("spec", "type", default="")),
        _column("Cluster-IP", cells.text("spec", "clusterIP")),
        _column("External-IP", cells.external),
        _column("Port(s)", cells.ports),
        AGE,
        _column("Selector", cells.labels("spec", "selector"), priority=1),
    ),
    ("", "endpoints"): (NAME, _column("Endpoints", cells.endpoints), AGE),
    ("", "namespaces"): (NAME, _column("Status", cells.text("status", "phase", default="")), AGE),
    ("", "configmaps"): (
        NAME,
        _column(
            "Data",
            lambda item: cells.length("data")(item) + cells.length("binaryData")(item),
        ),
        AGE,
    ),
    ("", "secrets"): (
        NAME,
        _column("Type", cells.text("type", default="")),
        _column("Data", cells.length("data")),
        AGE,
    ),
    ("", "serviceaccounts"): (NAME, AGE),
    ("", "events"): _EVENTS,
    ("networking.k8s.io", "ingresses"): (
        NAME,
        _column("Class", cells.text("spec", "ingressClassName")),
        _column("Hosts", cells.hosts),
        _column("Address", cells.ingress_addresses),
        _column("Ports", lambda item: "80, 443" if cells.part(item, "spec", "tls") else "80"),
        AGE,
    ),
    ("networking.k8s.io", "networkpolicies"): (
        NAME,
        _column("Pod-Selector", cells.label_selector("spec", "podSelector")),
        AGE,
    ),
    ("policy", "poddisruptionbudgets"): (
        NAME,
        _column("Min Available", cells.text("spec", "minAvailable", default="N/A")),
        _column("Max Unavailable", cells.text("spec", "maxUnavailable", default="N/A")),
        _column("Allowed Disruptions", cells.count("status", "disruptionsAllowed"), "integer"),
        AGE,
    ),
    ("autoscaling", "horizontalpodautoscalers"): (
        NAME,
        _column("Reference", cells.autoscaled),
        _column("Targets", cells.autoscaling_targets),
        _column(
            "MinPods", lambda item: str(cells.part(item, "spec", "minReplicas", default=UNSET))
        ),
        _column("MaxPods", cells.count("spec", "maxReplicas"), "integer"),
        _column("Replicas", cells.count("status", "currentReplicas"), "integer"),
        AGE,
    ),
    ("coordination.k8s.io", "leases"): (
        NAME,
        _column("Holder", cells.text("spec", "holderIdentity", default="")),
        AGE,
    ),
    ("scheduling.k8s.io", "priorityclasses"): (
        NAME,
        _column("Value", cells.count("value"), "integer"),
        _column("Global-Default", lambda item: bool(item.get("globalDefault")), "boolean"),
        AGE,
        _column("PreemptionPolicy", cells.text("preemptionPolicy", default=UNSET)),
    ),
    ("storage.k8s.io", "storageclasses"): (
        NAME,
        _column("Provisioner", cells.text("provisioner", default="")),
        _column("ReclaimPolicy", cells.text("reclaimPolicy", default="Delete")),
        _column("VolumeBindingMode", cells.text("volumeBindingMode", default="Immediate")),
        _column("AllowVolumeExpansion", lambda item: bool(item.get("allowVolumeExpansion"))),
        AGE,
    ),
    ("apiextensions.k8s.io", "customresourcedefinitions"): (NAME, CREATED),
    (_RBAC, "clusterroles"): (NAME, CREATED),
    (_RBAC, "roles"): (NAME, CREATED),
    (_RBAC, "clusterrolebindings"): _BINDING,
    (_RBAC, "rolebindings"): _BINDING,
    (_ADMISSION, "mutatingwebhookconfigurations"): _WEBHOOKS,
    (_ADMISSION, "validatingwebhookconfigurations"): _WEBHOOKS,
    ("", "limitranges"): (NAME, CREATED),
    ("storage.k8s.io", "csistoragecapacities"): (NAME, CREATED),
}
