"""The rules of Services beyond their schema. Source: ValidateService of Kubernetes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from opgen.testing.errors import (
    Document,
    FieldError,
    duplicate,
    forbidden_field,
    invalid_value,
    not_supported,
    required,
)
from opgen.testing.objects.names import (
    label_problems,
    label_value_problems,
    port_name_problems,
    qualified_name_problems,
)

_TYPES = ("ClusterIP", "ExternalName", "LoadBalancer", "NodePort")
_PROTOCOLS = ("SCTP", "TCP", "UDP")
_AFFINITIES = ("ClientIP", "None")
EXPOSED = ("NodePort", "LoadBalancer")


def service_problems(service: Document) -> Iterator[FieldError]:
    """What is wrong with a Service."""
    spec = service.get("spec") or {}
    kind = spec.get("type")
    ports: list[Document] = spec.get("ports") or []
    headless = spec.get("clusterIP") == "None"
    if not ports and not headless and kind != "ExternalName":
        yield required("spec.ports")
    if headless and kind in EXPOSED:
        text = f"may not be set to 'None' for {kind} services"
        yield invalid_value("spec.clusterIPs[0]", "None", text)
    if kind == "ExternalName" and not spec.get("externalName"):
        yield required("spec.externalName")
    names = Counter[str]()
    for index, port in enumerate(ports):
        yield from _port_problems(port, f"spec.ports[{index}]", names, named=len(ports) > 1)
    for key, value in (spec.get("selector") or {}).items():
        for text in qualified_name_problems(key):
            yield invalid_value("spec.selector", key, text)
        for text in label_value_problems(value):
            yield invalid_value("spec.selector", value, text)
    yield from _policy_problems(spec)
    yield from _number_problems(ports, kind)


def _port_problems(
    port: Document, field: str, names: Counter[str], *, named: bool
) -> Iterator[FieldError]:
    name = port.get("name") or ""
    if name:
        for text in label_problems(name):
            yield invalid_value(f"{field}.name", name, text)
        if names[name]:
            yield duplicate(f"{field}.name", name)
        names[name] += 1
    elif named:
        yield required(f"{field}.name")
    yield from _range_problems(f"{field}.port", port.get("port", 0))
    protocol = port.get("protocol")
    if protocol not in _PROTOCOLS:
        yield not_supported(f"{field}.protocol", protocol, _PROTOCOLS)
    target = port.get("targetPort")
    if isinstance(target, str):
        for text in port_name_problems(target):
            yield invalid_value(f"{field}.targetPort", target, text)
    elif target is not None:
        yield from _range_problems(f"{field}.targetPort", target)


def _policy_problems(spec: Document) -> Iterator[FieldError]:
    affinity, kind = spec.get("sessionAffinity"), spec.get("type")
    if affinity not in _AFFINITIES:
        yield not_supported("spec.sessionAffinity", affinity, _AFFINITIES)
    elif affinity == "None" and spec.get("sessionAffinityConfig") is not None:
        text = "must not be set when session affinity is None"
        yield forbidden_field("spec.sessionAffinityConfig", text)
    if kind not in _TYPES:
        yield not_supported("spec.type", kind, _TYPES)
    only_balanced = ("allocateLoadBalancerNodePorts", "loadBalancerClass")
    for name in only_balanced:
        if spec.get(name) is not None and kind != "LoadBalancer":
            yield forbidden_field(f"spec.{name}", "may only be used when `type` is 'LoadBalancer'")


def _number_problems(ports: list[Document], kind: Any) -> Iterator[FieldError]:
    if kind == "ClusterIP":
        for index, port in enumerate(ports):
            if port.get("nodePort"):
                text = "may not be used when `type` is 'ClusterIP'"
                yield forbidden_field(f"spec.ports[{index}].nodePort", text)
    seen: set[tuple[str, Any, Any]] = set()
    for name in ("nodePort", "port"):
        for index, port in enumerate(ports):
            key = (name, port.get("protocol"), port.get(name))
            if key in seen and port.get(name):
                field = f"spec.ports[{index}]"
                yield (
                    duplicate(f"{field}.nodePort", port[name])
                    if name == "nodePort"
                    else FieldError("FieldValueDuplicate", field, _same_port(port))
                )
            seen.add(key)


def _same_port(port: Document) -> str:
    """A port as the server prints the struct that stands for it."""
    return (
        f'Duplicate value: {{"Name":"","Protocol":"{port.get("protocol")}","AppProtocol":null,'
        f'"Port":{port.get("port")},"TargetPort":0,"NodePort":0}}'
    )


def _range_problems(field: str, value: int) -> Iterator[FieldError]:
    if not 1 <= value <= 65535:
        yield invalid_value(field, value, "must be between 1 and 65535, inclusive")
