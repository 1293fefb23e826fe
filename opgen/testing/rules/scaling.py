"""The rules of autoscalers and disruption budgets."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from opgen.testing.errors import FieldError, forbidden_field, invalid_value, not_supported, required
from opgen.testing.objects.names import path_problems
from opgen.testing.rules.checks import (
    NOT_NEGATIVE,
    Check,
    at_least,
    at_most,
    every,
    filled,
    named,
    one_of,
    optional,
)

_SOURCES = {
    "ContainerResource": "containerResource",
    "External": "external",
    "Object": "object",
    "Pods": "pods",
    "Resource": "resource",
}
_ABOVE_ZERO = at_least(1, "must be greater than zero")
_TARGETS = ("Utilization", "Value", "AverageValue")
_POLICY_TYPES = ("Percent", "Pods")


def _bounds(spec: Any, path: str) -> Iterator[FieldError]:
    least, most = spec.get("minReplicas", 1), spec.get("maxReplicas", 0)
    where = f"{path}.maxReplicas"
    if most == 0:
        yield required(where, "must be set and greater than 0")
    elif most < 1:
        yield invalid_value(where, most, "must be greater than or equal to 1")
    if most < least:
        yield invalid_value(where, most, "must be greater than or equal to `minReplicas`")
    found = {metric.get("type") for metric in spec.get("metrics") or ()}
    if least == 0 and not found & {"Object", "External"}:
        text = "must specify at least one Object or External metric to support scaling to zero"
        yield forbidden_field(f"{path}.metrics", f"{text} replicas")
    if "scaleTargetRef" not in spec:
        yield from _target({}, f"{path}.scaleTargetRef")


def _target(reference: Any, path: str) -> Iterator[FieldError]:
    yield from named(path_problems)(reference.get("kind"), f"{path}.kind")
    yield from named(path_problems)(reference.get("name"), f"{path}.name")
    group, slash, _ = (reference.get("apiVersion") or "").partition("/")
    core = reference.get("apiVersion") == "v1" and reference.get("kind") == "ReplicationController"
    if not core and not (group and slash):
        text = "apiVersion must specify API group"
        yield invalid_value(f"{path}.apiVersion", reference.get("apiVersion") or "", text)


def _metric(metric: Any, path: str) -> Iterator[FieldError]:
    kind = metric.get("type") or ""
    if not kind:
        yield required(f"{path}.type", "must specify a metric source type")
    if kind not in _SOURCES:
        yield not_supported(f"{path}.type", kind, list(_SOURCES))
        return
    if metric.get(_SOURCES[kind]) is None:
        text = "must populate information for the given metric source"
        yield required(f"{path}.{_SOURCES[kind]}", text)


def _metric_target(target: Any, path: str) -> Iterator[FieldError]:
    kind = target.get("type") or ""
    if not kind:
        yield required(f"{path}.type", "must specify a metric target type")
    if kind not in _TARGETS:
        text = "must be either Utilization, Value, or AverageValue"
        yield invalid_value(f"{path}.type", kind, text)
    share = target.get("averageUtilization")
    if share is not None and share < 1:
        yield invalid_value(f"{path}.averageUtilization", share, "must be greater than 0")


def _resource_metric(source: Any, path: str) -> Iterator[FieldError]:
    target = source.get("target") or {}
    if "target" not in source:
        yield from _metric_target({}, f"{path}.target")
    if target.get("averageUtilization") is None and target.get("averageValue") is None:
        text = "must set either a target raw value or a target utilization"
        yield required(f"{path}.target.averageUtilization", text)


def _scaling_policy(policy: Any, path: str) -> Iterator[FieldError]:
    yield from one_of(*_POLICY_TYPES)(policy.get("type"), f"{path}.type")
    yield from _ABOVE_ZERO(policy.get("value", 0), f"{path}.value")
    seconds = policy.get("periodSeconds", 0)
    yield from every(_ABOVE_ZERO, at_most(1800))(seconds, f"{path}.periodSeconds")


_V2, _V1 = "io.k8s.api.autoscaling.v2.", "io.k8s.api.autoscaling.v1."
_SCALER: Mapping[str, Check] = {
    "minReplicas": optional(at_least(1)),
    "maxReplicas": every(),
    "scaleTargetRef": every(),
    "": _bounds,
}
_REFERENCE: Mapping[str, Check] = {"kind": every(), "name": every(), "": _target}

SCALING: Mapping[str, Mapping[str, Check]] = {
    _V2 + "HorizontalPodAutoscalerSpec": _SCALER,
    _V1 + "HorizontalPodAutoscalerSpec": _SCALER,
    _V2 + "CrossVersionObjectReference": _REFERENCE,
    _V1 + "CrossVersionObjectReference": _REFERENCE,
    _V2 + "MetricSpec": {"type": every(), "": _metric},
    _V2 + "ResourceMetricSource": {
        "name": filled("must specify a resource name"),
        "target": every(),
        "": _resource_metric,
    },
    _V2 + "MetricTarget": {"type": every(), "": _metric_target},
    _V2 + "HPAScalingRules": {
        "stabilizationWindowSeconds": every(
            at_least(0, "must be greater than or equal to zero"), at_most(3600)
        ),
        "selectPolicy": optional(one_of("Disabled", "Max", "Min")),
        "policies": filled("must specify at least one Policy"),
    },
    _V2 + "HPAScalingPolicy": {
        "type": every(),
        "value": every(),
        "periodSeconds": every(),
        "": _scaling_policy,
    },
    "io.k8s.api.policy.v1.PodDisruptionBudgetSpec": {
        "minAvailable": NOT_NEGATIVE,
        "maxUnavailable": NOT_NEGATIVE,
        "unhealthyPodEvictionPolicy": optional(one_of("AlwaysAllow", "IfHealthyBudget")),
    },
}
