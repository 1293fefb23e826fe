"""The rules of workloads: how many pods, how they are replaced, and when they are given up."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from opgen.testing.errors import (
    FieldError,
    invalid_value,
    not_supported,
    required,
)
from opgen.testing.objects.names import label_problems
from opgen.testing.rules.checks import (
    NOT_NEGATIVE,
    Check,
    every,
    one_of,
    optional,
    unless_empty,
    worded,
)

_RETENTION = one_of("Retain", "Delete")
_UPDATES = ("RollingUpdate", "OnDelete")


def _is_zero(value: Any) -> bool:
    return value in (0, "0%")


def _deployment(spec: Any, path: str) -> Iterator[FieldError]:
    deadline, ready = spec.get("progressDeadlineSeconds"), spec.get("minReadySeconds", 0)
    if deadline is not None and deadline <= ready:
        yield invalid_value(
            f"{path}.progressDeadlineSeconds", deadline, "must be greater than minReadySeconds"
        )


def _rolling_deployment(rolling: Any, path: str) -> Iterator[FieldError]:
    if _is_zero(rolling.get("maxUnavailable")) and _is_zero(rolling.get("maxSurge")):
        text = "may not be 0 when `maxSurge` is 0"
        yield invalid_value(f"{path}.maxUnavailable", rolling["maxUnavailable"], text)


def _rolling_daemons(rolling: Any, path: str) -> Iterator[FieldError]:
    unavailable, surge = rolling.get("maxUnavailable"), rolling.get("maxSurge")
    if not _is_zero(surge) and not _is_zero(unavailable):
        text = "may not be set when maxUnavailable is non-zero"
        yield invalid_value(f"{path}.maxSurge", surge, text)
    elif _is_zero(surge) and _is_zero(unavailable):
        yield required(f"{path}.maxUnavailable", "cannot be 0 when maxSurge is 0")


def _stateful_strategy(strategy: Any, path: str) -> Iterator[FieldError]:
    if strategy.get("type") not in _UPDATES:
        shown = _shown(strategy, {"partition": "Partition", "maxUnavailable": "MaxUnavailable"})
        text = f"Invalid value: {shown}: must be 'RollingUpdate' or 'OnDelete'"
        yield FieldError("FieldValueInvalid", path, text)


def _daemon_strategy(strategy: Any, path: str) -> Iterator[FieldError]:
    if strategy.get("type") not in _UPDATES:
        shown = _shown(strategy, {"maxUnavailable": "MaxUnavailable", "maxSurge": "MaxSurge"})
        text = f'Unsupported value: {shown}: supported values: "RollingUpdate", "OnDelete"'
        yield FieldError("FieldValueNotSupported", path, text)


def _shown(strategy: Any, names: Mapping[str, str]) -> str:
    """A strategy as Go shows the struct that stands for it: with its own names, and nulls."""
    rolling = strategy.get("rollingUpdate")
    if rolling is not None:
        rolling = {shown: rolling.get(name) for name, shown in names.items()}
    struct = {"Type": strategy.get("type"), "RollingUpdate": rolling}
    return json.dumps(struct, separators=(",", ":"))


def _management(value: Any, path: str) -> Iterator[FieldError]:
    if value not in ("OrderedReady", "Parallel"):
        yield invalid_value(path, value, "must be 'OrderedReady' or 'Parallel'")


def _job(spec: Any, path: str) -> Iterator[FieldError]:
    if spec.get("completionMode") == "Indexed" and spec.get("completions") is None:
        yield required(f"{path}.completions", "when completion mode is Indexed")
    template = (spec.get("template") or {}).get("spec") or {}
    policy, where = template.get("restartPolicy"), f"{path}.template.spec.restartPolicy"
    if policy in (None, "", "Always"):
        text = 'Required value: valid values: "OnFailure", "Never"'
        yield FieldError("FieldValueRequired", where, text)
    elif policy not in ("OnFailure", "Never"):
        yield not_supported(where, policy, ("OnFailure", "Never"))


_APPS, _BATCH = "io.k8s.api.apps.v1.", "io.k8s.api.batch.v1."
_REPLICAS: Mapping[str, Check] = {
    "replicas": optional(NOT_NEGATIVE),
    "minReadySeconds": optional(NOT_NEGATIVE),
    "selector": every(),
}
_ROLLING: Mapping[str, Check] = {
    "maxUnavailable": optional(NOT_NEGATIVE),
    "maxSurge": optional(NOT_NEGATIVE),
}

WORKLOADS: Mapping[str, Mapping[str, Check]] = {
    _APPS + "DeploymentSpec": {
        **_REPLICAS,
        "revisionHistoryLimit": optional(NOT_NEGATIVE),
        "progressDeadlineSeconds": optional(NOT_NEGATIVE),
        "": _deployment,
    },
    _APPS + "RollingUpdateDeployment": {**_ROLLING, "": _rolling_deployment},
    _APPS + "ReplicaSetSpec": _REPLICAS,
    _APPS + "StatefulSetSpec": {
        "podManagementPolicy": _management,
        "updateStrategy": optional(_stateful_strategy),
        **_REPLICAS,
        "serviceName": unless_empty(worded(label_problems)),
    },
    _APPS + "RollingUpdateStatefulSetStrategy": {"partition": optional(NOT_NEGATIVE)},
    _APPS + "StatefulSetPersistentVolumeClaimRetentionPolicy": {
        "whenDeleted": _RETENTION,
        "whenScaled": _RETENTION,
    },
    _APPS + "StatefulSetOrdinals": {"start": optional(NOT_NEGATIVE)},
    _APPS + "DaemonSetSpec": {
        **_REPLICAS,
        "updateStrategy": optional(_daemon_strategy),
        "revisionHistoryLimit": optional(NOT_NEGATIVE),
    },
    _APPS + "RollingUpdateDaemonSet": {**_ROLLING, "": _rolling_daemons},
    _BATCH + "JobSpec": {
        **{
            name: optional(NOT_NEGATIVE)
            for name in (
                *("parallelism", "completions", "activeDeadlineSeconds", "backoffLimit"),
                *("ttlSecondsAfterFinished", "backoffLimitPerIndex", "maxFailedIndexes"),
            )
        },
        "completionMode": optional(one_of("NonIndexed", "Indexed")),
        "": _job,
    },
}
