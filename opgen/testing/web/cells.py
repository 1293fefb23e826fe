"""What the cells of built-in kinds show, as `kubectl get` prints them.

A cell is told what time it is, for ages. Source: Kubernetes' pkg/printers/internalversion.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from opgen.testing.errors import Document
from opgen.testing.objects.selectors import format_label_selector

Shown = Callable[[Document], Any]
NONE, UNSET, UNKNOWN = "<none>", "<unset>", "<unknown>"


def age(stamp: Any, now: float) -> str:
    """How long ago a time is, as kubectl says it."""
    if not isinstance(stamp, str):
        return UNKNOWN
    try:
        seconds = int(now - _seconds(stamp))
    except ValueError:
        return "<invalid>"
    return duration(max(seconds, 0))


def _seconds(stamp: str) -> float:
    return datetime.fromisoformat(stamp.replace("Z", "+00:00")).timestamp()


def duration(seconds: int) -> str:
    """A duration in at most two units. Source: apimachinery's HumanDuration."""
    minutes, hours, days = seconds // 60, seconds // 3600, seconds // 86400
    if seconds < 120:
        return f"{seconds}s"
    if minutes < 10:
        rest = seconds % 60
        return f"{minutes}m{rest}s" if rest else f"{minutes}m"
    if minutes < 180:
        return f"{minutes}m"
    if hours < 8:
        rest = minutes % 60
        return f"{hours}h{rest}m" if rest else f"{hours}h"
    if hours < 48:
        return f"{hours}h"
    if days < 8:
        rest = hours % 24
        return f"{days}d{rest}h" if rest else f"{days}d"
    if days < 730:
        return f"{days}d"
    rest = days % 365
    return f"{days // 365}y{rest}d" if rest and days < 2920 else f"{days // 365}y"


def part(document: Document, *names: str, default: Any = None) -> Any:
    """What a document has at a path, or the default."""
    value: Any = document
    for name in names:
        value = value.get(name) if isinstance(value, dict) else None
    return default if value is None else value


def ready_of(document: Document) -> str:
    """The ready ones of those that are wanted."""
    ready = part(document, "status", "readyReplicas", default=0)
    return f"{ready}/{part(document, 'spec', 'replicas', default=0)}"


def count(*names: str) -> Shown:
    """A number of the document, zero if it is not there."""
    return lambda document: part(document, *names, default=0)


def text(*names: str, default: str = NONE) -> Shown:
    """A text of the document, or what stands for none."""
    return lambda document: str(part(document, *names, default=default))


def truth(*names: str) -> Shown:
    """A truth value as Python and kubectl print it."""
    return lambda document: str(bool(part(document, *names)))


def length(*names: str) -> Shown:
    """How many entries a list or map has."""
    return lambda document: len(part(document, *names, default=()))


def joined(texts: Iterable[Any], separator: str = ",", default: str = NONE) -> str:
    """Texts in one cell."""
    return separator.join(map(str, texts)) or default


def ports(service: Document) -> str:
    """The ports of a Service."""
    texts = []
    for port in part(service, "spec", "ports", default=[]):
        number = f"{port['port']}:{port['nodePort']}" if port.get("nodePort") else port["port"]
        texts.append(f"{number}/{port.get('protocol', 'TCP')}")
    return joined(texts)


def external(service: Document) -> str:
    """Where a Service is reached from outside."""
    kind, addresses = (
        part(service, "spec", "type"),
        part(service, "spec", "externalIPs", default=[]),
    )
    if kind == "ExternalName":
        return str(part(service, "spec", "externalName", default=NONE))
    if kind != "LoadBalancer":
        return joined(addresses)
    given = part(service, "status", "loadBalancer", "ingress", default=[])
    found = sorted({item.get("ip") or item.get("hostname") or "" for item in given} - {""})
    return joined([*found, *addresses], default="<pending>")


def containers(key: str, *template: str) -> Shown:
    """A field of all containers of a pod template."""
    path = template or ("spec", "template")

    def cell(document: Document) -> str:
        found = part(document, *path, "spec", "containers", default=[])
        return ",".join(item.get(key, "") for item in found)

    return cell


def label_selector(*names: str) -> Shown:
    """A selector with expressions."""
    return lambda document: format_label_selector(part(document, *names)) or NONE


def labels(*names: str) -> Shown:
    """A map of labels."""

    def cell(document: Document) -> str:
        pairs = part(document, *names, default={}).items()
        return joined(f"{key}={value}" for key, value in sorted(pairs))

    return cell


def pod_ready(pod: Document) -> str:
    """How many containers of a pod are ready."""
    statuses = part(pod, "status", "containerStatuses", default=[])
    ready = sum(bool(item.get("ready")) for item in statuses)
    return f"{ready}/{len(part(pod, 'spec', 'containers', default=[]))}"


def pod_status(pod: Document) -> str:
    """What a pod is about."""
    if part(pod, "metadata", "deletionTimestamp"):
        return "Terminating"
    phase = str(part(pod, "status", "phase", default="Unknown"))
    for item in part(pod, "status", "containerStatuses", default=[]):
        reason = part(item, "state", "waiting", "reason")
        if reason:
            return str(reason)
        ended = part(item, "state", "terminated", "reason")
        if ended:
            phase = str(ended)
    return phase


def restarts(pod: Document) -> str:
    """How often containers of a pod began anew."""
    statuses = part(pod, "status", "containerStatuses", default=[])
    return str(sum(item.get("restartCount", 0) for item in statuses))


def event_object(event: Document) -> str:
    """What an event is about."""
    about = event.get("involvedObject") or event.get("regarding") or {}
    return f"{str(about.get('kind', '')).lower()}/{about.get('name', '')}"


def event_source(event: Document) -> str:
    """Who reports an event."""
    source = event.get("source") or event.get("deprecatedSource") or {}
    found = source.get("component") or event.get("reportingComponent") or ""
    return ", ".join(filter(None, (found, source.get("host"))))


def role_of(document: Document) -> str:
    """The role of a binding."""
    reference = document.get("roleRef") or {}
    return f"{reference.get('kind')}/{reference.get('name')}"


def subjects(kind: str) -> Shown:
    """Those subjects of a binding that are of a kind."""

    def cell(document: Document) -> str:
        found = [item for item in document.get("subjects") or () if item.get("kind") == kind]
        names = (item.get("name", "") for item in found)
        if kind == "ServiceAccount":
            names = (f"{item.get('namespace', '')}/{item.get('name', '')}" for item in found)
        return ", ".join(names)

    return cell


_JOB_STATES = ("Complete", "Failed", "Suspended", "FailureTarget", "SuccessCriteriaMet")
"""Conditions that tell what a Job is about, those that tell most first."""


def job_status(job: Document) -> str:
    """What a Job is about."""
    conditions = part(job, "status", "conditions", default=[])
    held = {item["type"] for item in conditions if item["status"] == "True"}
    if part(job, "metadata", "deletionTimestamp") and not held & {"Complete", "Failed"}:
        return "Terminating"
    return next((state for state in _JOB_STATES if state in held), "Running")


def autoscaled(item: Document) -> str:
    """What a HorizontalPodAutoscaler scales."""
    target = part(item, "spec", "scaleTargetRef", default={})
    return f"{target.get('kind', '')}/{target.get('name', '')}"


def autoscaling_targets(item: Document) -> str:
    """What it aims at. Nobody measures, so what there is remains unknown."""
    shown = []
    for metric in part(item, "spec", "metrics", default=[]):
        resource = metric.get("resource") or {}
        target = resource.get("target") or {}
        percent = target.get("averageUtilization")
        aim = f"{percent}%" if percent is not None else target.get("averageValue", "<auto>")
        shown.append(f"{resource.get('name', metric.get('type', ''))}: <unknown>/{aim}")
    return ", ".join(shown) or NONE


def job_completions(job: Document) -> str:
    """How many pods of a Job ended well."""
    done, wanted = count("status", "succeeded")(job), part(job, "spec", "completions")
    if wanted is not None:
        return f"{done}/{wanted}"
    parallel = part(job, "spec", "parallelism", default=0)
    return f"{done}/1 of {parallel}" if parallel > 1 else f"{done}/1"


def job_duration(job: Document, now: float) -> str:
    """How long a Job took, or is taking."""
    start, end = part(job, "status", "startTime"), part(job, "status", "completionTime")
    if start is None:
        return ""
    return age(start, now) if end is None else duration(int(_seconds(end) - _seconds(start)))


def endpoints(document: Document) -> str:
    """The first addresses of Endpoints."""
    found: list[str] = []
    for subset in document.get("subsets") or ():
        addresses = [item.get("ip", "") for item in subset.get("addresses") or ()]
        numbers = [item.get("port") for item in subset.get("ports") or ()]
        found += [f"{ip}:{port}" for port in numbers for ip in addresses] if numbers else addresses
    more = f" + {len(found) - _MOST_ENDPOINTS} more..." if len(found) > _MOST_ENDPOINTS else ""
    return joined(found[:_MOST_ENDPOINTS]) + more


_MOST_ENDPOINTS = 3


def hosts(ingress: Document) -> str:
    """The hosts of an Ingress."""
    found = [
        item["host"] for item in part(ingress, "spec", "rules", default=[]) if item.get("host")
    ]
    return joined(found, default="*")


def ingress_addresses(ingress: Document) -> str:
    """Where an Ingress is reached."""
    given = part(ingress, "status", "loadBalancer", "ingress", default=[])
    return ",".join(sorted({item.get("ip") or item.get("hostname") or "" for item in given}))
