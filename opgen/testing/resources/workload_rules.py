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
from opgen.testing.objects.built_in_defaults import JOB_DEFAULTS
from opgen.testing.objects.cron import Schedule
from opgen.testing.objects.names import label_problems
from opgen.testing.objects.selectors import from_label_selector, matches
from opgen.testing.resources.pod_admission import (
    all_containers,
    check_priority,
    quality_of_service,
    tolerate_failing_nodes,
)
from opgen.testing.resources.strategies import Strategy
from opgen.testing.rules.checks import labels as labels_of
from opgen.testing.storage import GroupResource


class WorkloadStrategy(Strategy):
    """For kinds with a selector and a pod template."""

    selecting = "deployment"
    """What an empty selector is invalid for."""
    needs_selector = True

    def validate(self, new: Document, old: Document | None) -> Iterator[FieldError]:
        """The selector must match the template and must not change."""
        spec = new.get("spec") or {}
        selector, template = spec.get("selector"), spec.get("template") or {}
        if selector is None and self.needs_selector:
            yield required("spec.selector")
        yield from _selector_problems(selector, template, self.selecting)
        yield from pod_problems(template.get("spec") or {}, "spec.template.spec")
        yield from _rollout_problems(spec.get("strategy") or {})
        if old is not None and selector != (old.get("spec") or {}).get("selector"):
            yield mismatched("spec.selector", selector, "field is immutable")

    def warnings(self, new: Document, old: Document | None) -> Iterator[str]:
        """What is odd about the pods."""
        if old is not None and _generation(new) == _generation(old):
            return iter(())
        template = (new.get("spec") or {}).get("template") or {}
        return pod_warnings(template.get("spec") or {}, "spec.template.spec")


def _generation(document: Document) -> Any:
    return document["metadata"].get("generation")


class DeploymentStrategy(WorkloadStrategy):
    """Annotations of a Deployment go down to its ReplicaSets, so its generation counts them."""

    counts_annotations = True


class DaemonSetStrategy(WorkloadStrategy):
    """DaemonSets count the versions of their template in an annotation, too."""

    selecting = "daemonset"
    needs_selector = False

    def default(self, new: Document) -> None:
        """Begin to count."""
        annotations = new["metadata"].get("annotations") or {}
        new["metadata"]["annotations"] = {_TEMPLATE_GENERATION: "1"} | annotations

    def prepare_update(self, new: Document, old: Document) -> None:
        """Count a changed template."""
        before, after = ((item.get("spec") or {}).get("template") for item in (old, new))
        annotations = new["metadata"]["annotations"]
        count = int((old["metadata"].get("annotations") or {}).get(_TEMPLATE_GENERATION, 0))
        annotations[_TEMPLATE_GENERATION] = str(count + (before != after))


_TEMPLATE_GENERATION = "deprecated.daemonset.template.generation"


class StatefulSetStrategy(WorkloadStrategy):
    """The claims of a StatefulSet are objects within it."""

    selecting = "statefulset"

    def default(self, new: Document) -> None:
        """Complete the claims."""
        for claim in (new.get("spec") or {}).get("volumeClaimTemplates") or ():
            claim["apiVersion"], claim["kind"] = "v1", "PersistentVolumeClaim"
            claim.setdefault("status", {}).setdefault("phase", "Pending")

    def validate(self, new: Document, old: Document | None) -> Iterator[FieldError]:
        """Each claim becomes a volume of that name."""
        yield from super().validate(new, old)
        for index, claim in enumerate((new.get("spec") or {}).get("volumeClaimTemplates") or ()):
            name, path = claim["metadata"].get("name"), f"spec.template.spec.volumes[{index}]"
            if not name:
                yield required(f"{path}.persistentVolumeClaim.claimName")
                yield required(f"{path}.name")
            for text in label_problems(name) if name else ():
                yield invalid_value(f"{path}.name", name, text)


class JobStrategy(WorkloadStrategy):
    """Jobs find their pods by labels that the server gives them."""

    orphans_dependents = True

    def default(self, new: Document) -> None:
        """Fill in how many pods run, how often, and how."""
        spec = new.get("spec") or {}
        for name, value in JOB_DEFAULTS.items():
            wanted = value(spec) if callable(value) else value
            if name not in spec and wanted is not None:
                spec[name] = wanted

    def prepare_create(self, new: Document) -> None:
        """Label the pods with the Job's name and uid, and select them by the uid."""
        spec, metadata = new["spec"], new["metadata"]
        if spec.get("manualSelector"):
            return
        template = spec.setdefault("template", {})
        labels = template.setdefault("metadata", {}).setdefault("labels", {})
        for prefix in ("batch.kubernetes.io/", ""):
            labels[f"{prefix}controller-uid"] = metadata["uid"]
            labels[f"{prefix}job-name"] = metadata.get("name", "")
        spec["selector"] = {"matchLabels": {"batch.kubernetes.io/controller-uid": metadata["uid"]}}
        if not metadata.get("labels"):
            metadata["labels"] = dict(labels)

    def validate(self, new: Document, old: Document | None) -> Iterator[FieldError]:
        """Pods of a Job must be allowed to end."""
        template = (new.get("spec") or {}).get("template") or {}
        yield from pod_problems(template.get("spec") or {}, "spec.template.spec")


class CronJobStrategy(Strategy):
    """CronJobs have a schedule, and Jobs of their own kind."""

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


class PodStrategy(Strategy):
    """Pods begin as Pending; most of their spec cannot change."""

    def default(self, new: Document) -> None:
        """What is limited is requested."""
        spec = new.get("spec") or {}
        spec.setdefault("enableServiceLinks", True)
        if spec.get("serviceAccountName"):
            spec.setdefault("serviceAccount", spec["serviceAccountName"])
        for container in all_containers(spec):
            resources = container.get("resources") or {}
            if resources.get("limits"):
                resources["requests"] = resources["limits"] | (resources.get("requests") or {})

    def prepare_create(self, new: Document) -> None:
        """Set the phase, and what admission plugins set."""
        spec = new.setdefault("spec", {})
        new["status"] = {"phase": "Pending", "qosClass": quality_of_service(spec)}
        spec.setdefault("serviceAccountName", "default")
        spec.setdefault("serviceAccount", spec["serviceAccountName"])
        check_priority(new)
        spec.setdefault("preemptionPolicy", "PreemptLowerPriority")
        tolerate_failing_nodes(spec)

    def validate(self, new: Document, old: Document | None) -> Iterator[FieldError]:
        """Most of a pod stays as it is."""
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

    def warnings(self, new: Document, old: Document | None) -> Iterator[str]:
        """What is odd about a new pod."""
        return pod_warnings(new.get("spec") or {}, "spec") if old is None else iter(())


def pod_warnings(spec: Document, path: str) -> Iterator[str]:
    """What a pod says that hardly anybody means."""
    for index, constraint in enumerate(spec.get("topologySpreadConstraints") or ()):
        if constraint.get("labelSelector") is None:
            where = f"{path}.topologySpreadConstraints[{index}].labelSelector"
            yield f"{where}: a null labelSelector results in matching no pod"
    yield from _port_warnings(spec, path)


def _port_warnings(spec: Document, path: str) -> Iterator[str]:
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


def _selector_problems(
    selector: Document | None, template: Document, selecting: str
) -> Iterator[FieldError]:
    labels = (template.get("metadata") or {}).get("labels")
    if selector is None:
        text = "`selector` does not match template `labels`"
        yield mismatched("spec.template.metadata.labels", labels, text)
    elif not selector.get("matchLabels") and not selector.get("matchExpressions"):
        text = f"empty selector is invalid for {selecting}"
        yield invalid_value("spec.selector", selector, text)
    elif any(labels_of(selector.get("matchLabels"), "spec.selector")):
        # What is no selector matches nothing; that it is none is said elsewhere.
        text = "invalid label selector"
        if selecting != "daemonset":
            yield invalid_value("spec.selector", selector, text)
    elif not matches(from_label_selector(selector), labels or {}):
        text = "`selector` does not match template `labels`"
        yield mismatched("spec.template.metadata.labels", labels, text)


def pod_problems(spec: Document, path: str) -> Iterator[FieldError]:
    """What is wrong with a pod's containers."""
    for index, container in enumerate(spec.get("containers") or ()):
        field = f"{path}.containers[{index}]"
        yield from _probe_problems(container, field)
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
        for handler in used[1:]:
            text = "may not specify more than 1 handler type"
            yield forbidden_field(f"{field}.{name}.{handler}", text)


WORKLOAD_STRATEGIES: Mapping[GroupResource, Strategy] = {
    ("apps", "deployments"): DeploymentStrategy(),
    ("apps", "replicasets"): WorkloadStrategy(),
    ("apps", "statefulsets"): StatefulSetStrategy(),
    ("apps", "daemonsets"): DaemonSetStrategy(),
    ("batch", "jobs"): JobStrategy(),
    ("batch", "cronjobs"): CronJobStrategy(),
    ("", "pods"): PodStrategy(),
}
