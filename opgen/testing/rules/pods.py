"""The rules of Pods and of what is in them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from opgen.cel.functions.quantities import parse
from opgen.testing.errors import FieldError, duplicate, invalid_value, required
from opgen.testing.objects.names import (
    label_problems,
    label_value_problems,
    port_name_problems,
    qualified_name_problems,
    subdomain_problems,
)
from opgen.testing.rules.checks import (
    A_SUBDOMAIN,
    NOT_NEGATIVE,
    PORT,
    PROTOCOL,
    Check,
    address,
    at_least,
    between,
    each,
    every,
    filled,
    labels,
    named,
    one_of,
    optional,
    port,
    unique,
    unless_empty,
    worded,
)

_LARGEST = 2147483647
_ID = between(0, _LARGEST)
_HANDLERS = ("exec", "httpGet", "tcpSocket", "sleep")
_WITH_VALUES, _WITHOUT_VALUES, _COMPARING = (
    ("In", "NotIn"),
    ("Exists", "DoesNotExist"),
    ("Gt", "Lt"),
)


def _template_metadata(template: Any, path: str) -> Iterator[FieldError]:
    metadata = template.get("metadata") or {}
    yield from labels(metadata.get("labels"), f"{path}.labels")
    for key in metadata.get("annotations") or {}:
        yield from worded(qualified_name_problems)(key.lower(), f"{path}.annotations")


def _selector_requirement(item: Any, path: str) -> Iterator[FieldError]:
    """A requirement of a label selector."""
    operator, values = item.get("operator"), item.get("values")
    if operator in _WITH_VALUES:
        if not values:
            text = "must be specified when `operator` is 'In' or 'NotIn'"
            yield required(f"{path}.values", text)
    elif operator in _WITHOUT_VALUES:
        if values:
            text = "may not be specified when `operator` is 'Exists' or 'DoesNotExist'"
            yield FieldError("FieldValueForbidden", f"{path}.values", f"Forbidden: {text}")
    else:
        yield invalid_value(f"{path}.operator", operator or "", "not a valid selector operator")
    yield from worded(qualified_name_problems)(item.get("key"), f"{path}.key")
    for index, value in enumerate(values or ()):
        yield from worded(label_value_problems)(value, f"{path}.values[{index}]")


def _node_requirement(item: Any, path: str) -> Iterator[FieldError]:
    """A requirement of a node selector, which compares numbers, too."""
    if item.get("operator") not in _COMPARING:
        yield from _selector_requirement(item, path)
        return
    if len(item.get("values") or ()) != 1:
        text = "must be specified single value when `operator` is 'Lt' or 'Gt'"
        yield required(f"{path}.values", text)
    yield from worded(qualified_name_problems)(item.get("key"), f"{path}.key")


def _handler(handler: Any, path: str) -> Iterator[FieldError]:
    if not any(handler.get(name) is not None for name in _HANDLERS):
        yield required(path, "must specify a handler type")


def _environment_source(sources: Any, path: str) -> Iterator[FieldError]:
    for source in sources or ():
        if not source.get("configMapRef") and not source.get("secretRef"):
            kinds = "must specify one of: `configMapRef` or `secretRef`"
            if "configMapRef" in source or "secretRef" in source:
                continue
            yield invalid_value(path, "", kinds)


def _mounts(spec: Any, path: str) -> Iterator[FieldError]:
    """Volumes that are mounted must be there, each at a place of its own."""
    volumes = {volume.get("name") for volume in spec.get("volumes") or () if volume.get("name")}
    for kind in ("initContainers", "containers"):
        for at, container in enumerate(spec.get(kind) or ()):
            places = set()
            for index, mount in enumerate(container.get("volumeMounts") or ()):
                where = f"{path}.{kind}[{at}].volumeMounts[{index}]"
                name, place = mount.get("name") or "", mount.get("mountPath") or ""
                if not name:
                    yield required(f"{where}.name")
                if name not in volumes:
                    text = f'Not found: "{name}"'
                    yield FieldError("FieldValueNotFound", f"{where}.name", text)
                if not place:
                    yield required(f"{where}.mountPath")
                elif place in places:
                    yield invalid_value(f"{where}.mountPath", place, "must be unique")
                places.add(place)


def _port_names(ports: Any, path: str) -> Iterator[FieldError]:
    seen = set()
    for index, item in enumerate(ports or ()):
        name = item.get("name")
        if name:
            yield from worded(port_name_problems)(name, f"{path}[{index}].name")
            if name in seen:
                yield duplicate(f"{path}[{index}].name", name)
            seen.add(name)


def _resources(resources: Any, path: str) -> Iterator[FieldError]:
    """Kubernetes' own resources, or those with a domain; not below zero, requests not above."""
    limits = resources.get("limits") or {}
    for kind in ("limits", "requests"):
        for name, amount in (resources.get(kind) or {}).items():
            where = f"{path}.{kind}[{name}]"
            if "/" not in name and name not in _STANDARD and not name.startswith("hugepages-"):
                text = "must be a standard resource type or fully qualified"
                yield invalid_value(where, name, text)
                yield invalid_value(where, name, "must be a standard resource for containers")
            if amount.startswith("-"):
                yield invalid_value(where, amount, "must be greater than or equal to 0")
            elif kind == "requests" and name in limits and parse(amount) > parse(limits[name]):
                text = f"must be less than or equal to {name} limit of {limits[name]}"
                yield invalid_value(f"{path}.requests", amount, text)


_STANDARD = ("cpu", "memory", "ephemeral-storage")


def _toleration(item: Any, path: str) -> Iterator[FieldError]:
    key, operator = item.get("key"), item.get("operator")
    if key:
        yield from worded(qualified_name_problems)(key, f"{path}.key")
    elif operator != "Exists":
        text = (
            "operator must be Exists when `key` is empty, "
            'which means "match all values and all keys"'
        )
        yield invalid_value(f"{path}.operator", operator or "", text)
    if item.get("tolerationSeconds") is not None and item.get("effect") != "NoExecute":
        text = "effect must be 'NoExecute' when `tolerationSeconds` is set"
        yield invalid_value(f"{path}.effect", item.get("effect") or "", text)
    if operator == "Exists" and item.get("value"):
        text = "value must be empty when `operator` is 'Exists'"
        yield invalid_value(f"{path}.operator", item, text)


def _number_or_name(value: Any, path: str) -> Iterator[FieldError]:
    """A port, which is 0 if nobody says which."""
    return port(value or 0, path)


def _spreads(constraints: Any, path: str) -> Iterator[FieldError]:
    seen = set()
    for index, item in enumerate(constraints or ()):
        key = (item.get("topologyKey") or "", item.get("whenUnsatisfiable") or "")
        if key in seen and all(key):
            where = f"{path}[{index - 1}].{{topologyKey, whenUnsatisfiable}}"
            yield duplicate(where, f"{{{key[0]}, {key[1]}}}")
        seen.add(key)


_CORE = "io.k8s.api.core.v1."
_META = "io.k8s.apimachinery.pkg.apis.meta.v1."
_CONTAINER: Mapping[str, Check] = {
    "name": named(label_problems),
    "image": filled(),
    "ports": _port_names,
    "envFrom": _environment_source,
    "imagePullPolicy": optional(one_of("Always", "IfNotPresent", "Never")),
    "terminationMessagePolicy": optional(one_of("FallbackToLogsOnError", "File")),
}
_REFERENCE: Mapping[str, Check] = {"name": named(subdomain_problems)}

PODS: Mapping[str, Mapping[str, Check]] = {
    _CORE + "PodTemplateSpec": {"": _template_metadata},
    _CORE + "PodSpec": {
        "volumes": unique("name"),
        "containers": every(filled(), unique("name")),
        "initContainers": unique("name"),
        "": _mounts,
        "restartPolicy": optional(one_of("Always", "OnFailure", "Never")),
        "dnsPolicy": optional(one_of("ClusterFirstWithHostNet", "ClusterFirst", "Default", "None")),
        "nodeSelector": labels,
        "serviceAccountName": unless_empty(A_SUBDOMAIN),
        "activeDeadlineSeconds": optional(between(1, _LARGEST)),
        "hostname": unless_empty(worded(label_problems)),
        "subdomain": unless_empty(worded(label_problems)),
        "priorityClassName": unless_empty(A_SUBDOMAIN),
        "runtimeClassName": optional(A_SUBDOMAIN),
        "topologySpreadConstraints": _spreads,
    },
    _CORE + "Container": _CONTAINER,
    _CORE + "ResourceRequirements": {"": _resources},
    _CORE + "ContainerPort": {
        "protocol": PROTOCOL,
        "hostPort": unless_empty(PORT),
    },
    _CORE + "VolumeMount": {"name": every(), "mountPath": every()},
    _CORE + "Volume": {"name": named(label_problems)},
    _CORE + "EnvVar": {"name": filled()},
    _CORE + "ConfigMapEnvSource": _REFERENCE,
    _CORE + "SecretEnvSource": _REFERENCE,
    _CORE + "PersistentVolumeClaimVolumeSource": {"claimName": filled()},
    _CORE + "LifecycleHandler": {"": _handler},
    _CORE + "HTTPGetAction": {"port": _number_or_name},
    _CORE + "TCPSocketAction": {"port": _number_or_name},
    _CORE + "GRPCAction": {"port": _number_or_name},
    _CORE + "ExecAction": {"command": filled()},
    _CORE + "Probe": {
        name: optional(NOT_NEGATIVE)
        for name in ("initialDelaySeconds", "timeoutSeconds", "periodSeconds", "successThreshold")
    }
    | {"failureThreshold": optional(NOT_NEGATIVE)},
    _CORE + "SecurityContext": {"runAsUser": optional(_ID), "runAsGroup": optional(_ID)},
    _CORE + "PodSecurityContext": {
        name: optional(_ID) for name in ("runAsUser", "runAsGroup", "fsGroup")
    },
    _CORE + "Toleration": {
        "operator": unless_empty(one_of("Equal", "Exists")),
        "effect": unless_empty(one_of("NoSchedule", "PreferNoSchedule", "NoExecute")),
        "": _toleration,
    },
    _CORE + "NodeSelector": {
        "nodeSelectorTerms": filled("must have at least one node selector term")
    },
    _CORE + "NodeSelectorRequirement": {
        "key": every(),
        "operator": every(),
        "": _node_requirement,
    },
    _CORE + "PodAffinityTerm": {"topologyKey": filled("can not be empty")},
    _CORE + "HostAlias": {"ip": address, "hostnames": each(A_SUBDOMAIN)},
    _CORE + "TopologySpreadConstraint": {
        "maxSkew": lambda value, path: at_least(1, "must be greater than zero")(value or 0, path),
        "topologyKey": filled("can not be empty"),
        "whenUnsatisfiable": one_of("DoNotSchedule", "ScheduleAnyway"),
    },
    _META + "LabelSelector": {"matchLabels": labels},
    _META + "LabelSelectorRequirement": {
        "key": every(),
        "operator": every(),
        "": _selector_requirement,
    },
}
