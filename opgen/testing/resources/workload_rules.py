"""The rules of Deployments, ReplicaSets and Pods beyond their schemas."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any
from zoneinfo import available_timezones

from opgen.testing.errors import (
    Document,
    FieldError,
    forbidden_field,
    invalid_value,
    mismatched,
    not_supported,
    required,
)
from opgen.testing.objects.cron import Schedule
from opgen.testing.objects.names import label_problems, port_name_problems
from opgen.testing.objects.selectors import from_label_selector, matches
from opgen.testing.resources.strategies import Strategy
from opgen.testing.storage import GroupResource


class WorkloadStrategy(Strategy):
    """For kinds with a selector and a pod template."""

    def prepare_create(self, new: Document) -> None:
        """Start with the status that the server writes."""
        new["status"] = {}

    def validate(self, new: Document, old: Document | None) -> Iterator[FieldError]:
        """The selector must match the template and must not change."""
        spec = new.get("spec") or {}
        selector, template = spec.get("selector"), spec.get("template") or {}
        yield from _replica_problems(spec)
        if selector is None:
            yield required("spec.selector")
        yield from _selector_problems(selector, template)
        yield from pod_problems(template.get("spec") or {}, "spec.template.spec")
        yield from _rollout_problems(spec.get("strategy") or {})
        if old is not None and selector != (old.get("spec") or {}).get("selector"):
            yield mismatched("spec.selector", selector, "field is immutable")

    def warnings(self, new: Document, old: Document | None) -> Iterator[str]:
        """Ports that two containers claim."""
        if old is not None and _generation(new) == _generation(old):
            return iter(())
        template = (new.get("spec") or {}).get("template") or {}
        return port_warnings(template.get("spec") or {}, "spec.template.spec")


def _generation(document: Document) -> Any:
    return document["metadata"].get("generation")


class DeploymentStrategy(WorkloadStrategy):
    """Annotations of a Deployment go down to its ReplicaSets, so its generation counts them."""

    counts_annotations = True


class JobStrategy(WorkloadStrategy):
    """Jobs find their pods by labels that the server gives them."""

    orphans_dependents = True

    def prepare_create(self, new: Document) -> None:
        """Label the pods with the Job's name and uid, and select them by the uid."""
        super().prepare_create(new)
        spec, metadata = new["spec"], new["metadata"]
        if spec.get("manualSelector"):
            return
        template = spec.setdefault("template", {})
        labels = template.setdefault("metadata", {}).setdefault("labels", {})
        for prefix in ("batch.kubernetes.io/", ""):
            labels[f"{prefix}controller-uid"] = metadata["uid"]
            labels[f"{prefix}job-name"] = metadata.get("name", "")
        spec["selector"] = {"matchLabels": {"batch.kubernetes.io/controller-uid": metadata["uid"]}}

    def validate(self, new: Document, old: Document | None) -> Iterator[FieldError]:
        """Pods of a Job must be allowed to end."""
        template = (new.get("spec") or {}).get("template") or {}
        yield from pod_problems(template.get("spec") or {}, "spec.template.spec")
        yield from _ending_problems(template.get("spec") or {}, "spec.template.spec")


class CronJobStrategy(Strategy):
    """CronJobs have a schedule, and Jobs of their own kind."""

    def prepare_create(self, new: Document) -> None:
        """Nothing is scheduled yet."""
        new["status"] = {}

    def validate(self, new: Document, old: Document | None) -> Iterator[FieldError]:
        """Schedule, time zone and policy must be known."""
        spec = new.get("spec") or {}
        yield from _schedule_problems(spec)
        policy = spec.get("concurrencyPolicy")
        if policy not in _POLICIES:
            yield not_supported("spec.concurrencyPolicy", policy, _POLICIES)
        for name in ("startingDeadlineSeconds", *_LIMITS):
            number = spec.get(name)
            if number is not None and number < 0:
                text = "must be greater than or equal to 0"
                yield invalid_value(f"spec.{name}", number, text)
        template = ((spec.get("jobTemplate") or {}).get("spec") or {}).get("template") or {}
        path = "spec.jobTemplate.spec.template.spec"
        yield from pod_problems(template.get("spec") or {}, path)
        yield from _ending_problems(template.get("spec") or {}, path)


_POLICIES = ("Allow", "Forbid", "Replace")
_LIMITS = ("successfulJobsHistoryLimit", "failedJobsHistoryLimit")


def _schedule_problems(spec: Document) -> Iterator[FieldError]:
    schedule, zone = spec.get("schedule") or "", spec.get("timeZone")
    if not schedule:
        yield required("spec.schedule")
        return
    try:
        Schedule.parse(schedule)
    except ValueError as error:
        yield invalid_value("spec.schedule", schedule, str(error))
    if zone is not None and zone not in available_timezones():
        yield invalid_value("spec.timeZone", zone, f"unknown time zone {zone}")


def _ending_problems(spec: Document, path: str) -> Iterator[FieldError]:
    """Pods of a Job must be allowed to end."""
    if spec.get("restartPolicy") not in ("OnFailure", "Never"):
        yield FieldError(
            "FieldValueRequired",
            f"{path}.restartPolicy",
            'Required value: valid values: "OnFailure", "Never"',
        )


class PodStrategy(Strategy):
    """Pods begin as Pending; most of their spec cannot change."""

    def prepare_create(self, new: Document) -> None:
        """Set the phase."""
        new["status"] = {"phase": "Pending", "qosClass": "BestEffort"}
        spec = new.setdefault("spec", {})
        spec.setdefault("serviceAccountName", "default")
        spec.setdefault("enableServiceLinks", True)

    def validate(self, new: Document, old: Document | None) -> Iterator[FieldError]:
        """Containers must be named and have images."""
        yield from pod_problems(new.get("spec") or {}, "spec")
        if old is not None and _fixed(new) != _fixed(old):
            yield forbidden_field(
                "spec",
                "pod updates may not change fields other than `spec.containers[*].image`,"
                "`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,"
                "`spec.tolerations` (only additions to existing tolerations),"
                "`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was "
                "previously negative)",
            )


def port_warnings(spec: Document, path: str) -> Iterator[str]:
    """The ports that are defined twice, in one container or in two."""
    seen: dict[tuple[Any, ...], str] = {}
    for at, container in enumerate(spec.get("containers") or ()):
        for index, port in enumerate(container.get("ports") or ()):
            where = f"{path}.containers[{at}].ports[{index}]"
            names = ("containerPort", "protocol", "hostPort", "hostIP")
            key = tuple(port.get(name) for name in names)
            if key in seen:
                yield f"{where}: duplicate port definition with {seen[key]}"
            else:
                seen[key] = where


def _fixed(pod: Document) -> Document:
    """The part of a pod's spec that cannot change."""
    spec = dict(pod.get("spec") or {})
    for name in ("activeDeadlineSeconds", "tolerations", "terminationGracePeriodSeconds"):
        spec.pop(name, None)
    spec.pop("nodeName", None)
    for name in ("containers", "initContainers"):
        spec[name] = [
            {key: value for key, value in item.items() if key != "image"}
            for item in spec.get(name) or ()
        ]
    return spec


def _replica_problems(spec: Document) -> Iterator[FieldError]:
    replicas = spec.get("replicas")
    if isinstance(replicas, int) and replicas < 0:
        text = "must be greater than or equal to 0"
        yield invalid_value("spec.replicas", replicas, text)


_ROLLOUTS = ("Recreate", "RollingUpdate")


def _rollout_problems(strategy: Document) -> Iterator[FieldError]:
    if strategy.get("type") not in (None, *_ROLLOUTS):
        shown = json.dumps(_strategy_struct(strategy), separators=(",", ":"))
        known = ", ".join(f'"{name}"' for name in _ROLLOUTS)
        text = f"Unsupported value: {shown}: supported values: {known}"
        yield FieldError("FieldValueNotSupported", "spec.strategy", text)
    if strategy.get("type") == "Recreate" and strategy.get("rollingUpdate") is not None:
        text = "may not be specified when strategy `type` is 'Recreate'"
        yield forbidden_field("spec.strategy.rollingUpdate", text)


def _strategy_struct(strategy: Document) -> Document:
    """A strategy as Go prints the struct that stands for it."""
    rolling = strategy.get("rollingUpdate")
    if rolling is not None:
        rolling = {
            "MaxUnavailable": rolling.get("maxUnavailable", 0),
            "MaxSurge": rolling.get("maxSurge", 0),
        }
    return {"Type": strategy.get("type"), "RollingUpdate": rolling}


def _selector_problems(selector: Document | None, template: Document) -> Iterator[FieldError]:
    labels = (template.get("metadata") or {}).get("labels")
    if selector is None:
        text = "`selector` does not match template `labels`"
        yield mismatched("spec.template.metadata.labels", labels, text)
    elif not selector.get("matchLabels") and not selector.get("matchExpressions"):
        text = "empty selector is invalid for deployment"
        yield invalid_value("spec.selector", selector, text)
    elif not matches(from_label_selector(selector), labels or {}):
        text = "`selector` does not match template `labels`"
        yield mismatched("spec.template.metadata.labels", labels, text)


def pod_problems(spec: Document, path: str) -> Iterator[FieldError]:
    """What is wrong with a pod's containers."""
    containers = spec.get("containers")
    if not containers:
        yield required(f"{path}.containers")
    for index, container in enumerate(containers or ()):
        field = f"{path}.containers[{index}]"
        name = container.get("name") or ""
        if not name:
            yield required(f"{field}.name")
        else:
            for text in label_problems(name):
                yield invalid_value(f"{field}.name", name, text)
        if not container.get("image"):
            yield required(f"{field}.image")
        yield from _probe_problems(container, field)
        yield from _resource_problems(container, field)
        for at, port in enumerate(container.get("ports") or ()):
            number = port.get("containerPort", 0)
            if number == 0:
                yield required(f"{field}.ports[{at}].containerPort")
            elif not 1 <= number <= 65535:
                text = "must be between 1 and 65535, inclusive"
                yield invalid_value(f"{field}.ports[{at}].containerPort", number, text)


_PROBES = ("livenessProbe", "readinessProbe", "startupProbe")
_HANDLERS = ("exec", "httpGet", "tcpSocket", "grpc")


def _probe_problems(container: Document, field: str) -> Iterator[FieldError]:
    """A probe asks in one way, and in one only."""
    for name in _PROBES:
        probe = container.get(name)
        if probe is None:
            continue
        used = [handler for handler in _HANDLERS if probe.get(handler) is not None]
        if not used:
            yield required(f"{field}.{name}", "must specify a handler type")
        for handler in used:
            yield from _handler_problems(probe[handler], f"{field}.{name}.{handler}")
        for handler in used[1:]:
            text = "may not specify more than 1 handler type"
            yield forbidden_field(f"{field}.{name}.{handler}", text)


def _handler_problems(handler: Document, field: str) -> Iterator[FieldError]:
    port = handler.get("port")
    if isinstance(port, str):
        for text in port_name_problems(port):
            yield invalid_value(f"{field}.port", port, text)
    elif port is not None and not 1 <= port <= 65535:
        yield invalid_value(f"{field}.port", port, "must be between 1 and 65535, inclusive")


_STANDARD_RESOURCES = ("cpu", "memory", "ephemeral-storage")


def _resource_problems(container: Document, field: str) -> Iterator[FieldError]:
    """Resources of a container are Kubernetes' own, or have a domain."""
    for kind in ("limits", "requests"):
        for name in (container.get("resources") or {}).get(kind) or ():
            where = f"{field}.resources.{kind}[{name}]"
            if "/" in name or name in _STANDARD_RESOURCES or name.startswith("hugepages-"):
                continue
            text = "must be a standard resource type or fully qualified"
            yield invalid_value(where, name, text)
            yield invalid_value(where, name, "must be a standard resource for containers")


WORKLOAD_STRATEGIES: Mapping[GroupResource, Strategy] = {
    ("apps", "deployments"): DeploymentStrategy(),
    ("apps", "replicasets"): WorkloadStrategy(),
    ("apps", "statefulsets"): WorkloadStrategy(),
    ("apps", "daemonsets"): WorkloadStrategy(),
    ("batch", "jobs"): JobStrategy(),
    ("batch", "cronjobs"): CronJobStrategy(),
    ("", "pods"): PodStrategy(),
}
