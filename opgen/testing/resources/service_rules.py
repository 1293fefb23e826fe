"""The rules of Services beyond their schema. Source: ValidateService of Kubernetes."""

from __future__ import annotations

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
    subdomain_problems,
)
from opgen.testing.resources.addresses import (
    address_problems,
    address_warnings,
    endpoint_problems,
    range_problems,
)
from opgen.testing.resources.service_families import is_headless

_TYPES = ("ClusterIP", "ExternalName", "LoadBalancer", "NodePort")
_PROTOCOLS = ("SCTP", "TCP", "UDP")
_AFFINITIES = ("ClientIP", "None")
_POLICIES = ("Cluster", "Local")
_DISTRIBUTIONS = ("PreferClose", "PreferSameZone", "PreferSameNode")
_LONGEST_AFFINITY = 86400
EXPOSED = ("NodePort", "LoadBalancer")
ONLY_BALANCED = "may only be used when `type` is 'LoadBalancer'"


def is_reachable(spec: Document) -> bool:
    """Whether a Service is for clients outside the cluster."""
    kind = spec.get("type")
    return kind in EXPOSED or (kind == "ClusterIP" and bool(spec.get("externalIPs")))


def needs_health_check(spec: Document) -> bool:
    """Whether a load balancer asks nodes whether they serve a Service."""
    local = spec.get("externalTrafficPolicy") == "Local"
    return spec.get("type") == "LoadBalancer" and local


def service_problems(spec: Document, before: Document) -> Iterator[FieldError]:
    """What is wrong with the spec of a Service; `before` is the one it replaces, or empty."""
    kind, ports = spec.get("type"), spec.get("ports") or []
    if not ports and not is_headless(spec) and kind != "ExternalName":
        yield required("spec.ports")
    yield from _type_problems(spec)
    names: set[str] = set()
    for index, port in enumerate(ports):
        yield from _port_problems(port, f"spec.ports[{index}]", names, named=len(ports) > 1)
    for key, value in (spec.get("selector") or {}).items():
        for text in qualified_name_problems(key):
            yield invalid_value("spec.selector", key, text)
        for text in label_value_problems(value):
            yield invalid_value("spec.selector", value, text)
    yield from _affinity_problems(spec)
    yield from _external_address_problems(spec, before)
    if kind not in _TYPES:
        yield not_supported("spec.type", kind, _TYPES)
    yield from _number_problems(ports, kind)
    yield from _balancer_problems(spec, before)
    yield from _policy_problems(spec, before)


def _type_problems(spec: Document) -> Iterator[FieldError]:
    kind = spec.get("type")
    if kind in EXPOSED and is_headless(spec):
        text = f"may not be set to 'None' for {kind} services"
        yield invalid_value("spec.clusterIPs[0]", "None", text)
    if kind != "ExternalName":
        return
    for name in ("clusterIPs", "ipFamilies", "ipFamilyPolicy"):
        if spec.get(name):
            yield forbidden_field(f"spec.{name}", "may not be set for ExternalName services")
    target = (spec.get("externalName") or "").removesuffix(".")
    if not target:
        yield required("spec.externalName")
    for text in subdomain_problems(target) if target else ():
        yield invalid_value("spec.externalName", target, text)


def _port_problems(
    port: Document, field: str, names: set[str], *, named: bool
) -> Iterator[FieldError]:
    name = port.get("name") or ""
    if name:
        for text in label_problems(name):
            yield invalid_value(f"{field}.name", name, text)
        if name in names:
            yield duplicate(f"{field}.name", name)
        names.add(name)
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
    application = port.get("appProtocol")
    for text in qualified_name_problems(application) if application is not None else ():
        yield invalid_value(f"{field}.appProtocol", application, text)


def _range_problems(field: str, value: int) -> Iterator[FieldError]:
    if not 1 <= value <= 65535:
        yield invalid_value(field, value, "must be between 1 and 65535, inclusive")


def _affinity_problems(spec: Document) -> Iterator[FieldError]:
    affinity, field = spec.get("sessionAffinity"), "spec.sessionAffinityConfig"
    config = spec.get("sessionAffinityConfig")
    if affinity not in _AFFINITIES:
        yield not_supported("spec.sessionAffinity", affinity, _AFFINITIES)
    elif affinity == "None" and config is not None:
        yield forbidden_field(field, "must not be set when session affinity is None")
    elif affinity == "ClientIP":
        seconds = ((config or {}).get("clientIP") or {}).get("timeoutSeconds")
        if seconds is None:
            text = "when session affinity type is ClientIP"
            yield required(f"{field}.clientIP.timeoutSeconds", text)
        elif not 0 < seconds <= _LONGEST_AFFINITY:
            text = f"must be greater than 0 and less than {_LONGEST_AFFINITY}"
            yield invalid_value(f"{field}.clientIP.timeoutSeconds", seconds, text)


def _external_address_problems(spec: Document, before: Document) -> Iterator[FieldError]:
    for index, address in enumerate(spec.get("externalIPs") or ()):
        field = f"spec.externalIPs[{index}]"
        found = list(address_problems(field, address, before.get("externalIPs") or ()))
        yield from found or endpoint_problems(field, address)


def _number_problems(ports: list[Document], kind: Any) -> Iterator[FieldError]:
    if kind == "ClusterIP":
        for index, port in enumerate(ports):
            if port.get("nodePort"):
                text = "may not be used when `type` is 'ClusterIP'"
                yield forbidden_field(f"spec.ports[{index}].nodePort", text)
    seen: set[tuple[str, Any, Any]] = set()
    for name in ("nodePort", "port"):
        for index, port in enumerate(ports):
            number = port.get(name) or 0
            key = (name, port.get("protocol"), number)
            if key in seen and name == "port":
                yield FieldError("FieldValueDuplicate", f"spec.ports[{index}]", _same_port(port))
            elif key in seen and number:
                yield duplicate(f"spec.ports[{index}].nodePort", number)
            seen.add(key)


def _same_port(port: Document) -> str:
    """A port as the server prints the struct that stands for it."""
    return (
        f'Duplicate value: {{"Name":"","Protocol":"{port.get("protocol", "")}","AppProtocol":null,'
        f'"Port":{port.get("port", 0)},"TargetPort":0,"NodePort":0}}'
    )


def _balancer_problems(spec: Document, before: Document) -> Iterator[FieldError]:
    balanced = spec.get("type") == "LoadBalancer"
    ranges = [text.strip() for text in spec.get("loadBalancerSourceRanges") or ()]
    known = [text.strip() for text in before.get("loadBalancerSourceRanges") or ()]
    if ranges and not balanced:
        yield forbidden_field("spec.LoadBalancerSourceRanges", ONLY_BALANCED)
    for index, text in enumerate(ranges):
        yield from range_problems(f"spec.LoadBalancerSourceRanges[{index}]", text, known)
    if spec.get("allocateLoadBalancerNodePorts") is not None and not balanced:
        yield forbidden_field("spec.allocateLoadBalancerNodePorts", ONLY_BALANCED)
    chosen = spec.get("loadBalancerClass")
    was_balanced = balanced and before.get("type") == "LoadBalancer"
    if was_balanced and chosen != before.get("loadBalancerClass"):
        yield invalid_value("spec.loadBalancerClass", chosen, "may not change once set")
    yield from class_problems(spec)


def class_problems(spec: Document) -> Iterator[FieldError]:
    """What is wrong with the class of a load balancer."""
    field, chosen = "spec.loadBalancerClass", spec.get("loadBalancerClass")
    if chosen is None:
        return
    if spec.get("type") != "LoadBalancer":
        yield forbidden_field(field, ONLY_BALANCED)
        return
    for text in qualified_name_problems(chosen):
        yield invalid_value(field, chosen, text)


def _policy_problems(spec: Document, before: Document) -> Iterator[FieldError]:
    outer, inner = spec.get("externalTrafficPolicy"), spec.get("internalTrafficPolicy")
    if outer and not is_reachable(spec):
        text = "may only be set for externally-accessible services"
        yield invalid_value("spec.externalTrafficPolicy", outer, text)
    elif outer and outer not in _POLICIES:
        yield not_supported("spec.externalTrafficPolicy", outer, _POLICIES)
    number, field = spec.get("healthCheckNodePort") or 0, "spec.healthCheckNodePort"
    if not needs_health_check(spec):
        if number:
            text = (
                "may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is "
                "'Local'"
            )
            yield invalid_value(field, number, text)
    elif needs_health_check(before) and number != before.get("healthCheckNodePort"):
        yield forbidden_field(field, "field is immutable")
    if inner is not None and inner not in _POLICIES:
        yield not_supported("spec.internalTrafficPolicy", inner, _POLICIES)
    spread = spec.get("trafficDistribution")
    if spread is not None and spread not in _DISTRIBUTIONS:
        yield not_supported("spec.trafficDistribution", spread, _DISTRIBUTIONS)


def service_warnings(spec: Document) -> Iterator[str]:
    """What the client shall be told of a Service that is accepted."""
    headless, kind = is_headless(spec), spec.get("type")
    external = spec.get("externalIPs") or []
    ignored = {
        "spec.loadBalancerIP": bool(spec.get("loadBalancerIP")),
        "spec.externalIPs": bool(external),
        "spec.SessionAffinity": spec.get("sessionAffinity") != "None",
    }
    for name, is_set in ignored.items():
        if headless and is_set:
            yield f"{name} is ignored for headless services"
    for index, address in enumerate(external):
        yield from address_warnings(f"spec.externalIPs[{index}]", address)
    if external and not headless and kind != "ExternalName":
        yield "spec.externalIPs is deprecated and may no longer be implemented in some clusters"
    if kind == "ExternalName" and external:
        yield 'spec.externalIPs is ignored when spec.type is "ExternalName"'
    if kind != "ExternalName" and spec.get("externalName"):
        yield 'spec.externalName is ignored when spec.type is not "ExternalName"'
    if spec.get("trafficDistribution") == "PreferClose":
        yield 'spec.trafficDistribution: "PreferClose" is deprecated; use "PreferSameZone"'
