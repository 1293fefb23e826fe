"""The rules of Ingresses and NetworkPolicies. Services have a module of their own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from ipaddress import ip_address
from typing import Any

from opgen.testing.errors import (
    Document,
    FieldError,
    forbidden_field,
    invalid_value,
    mismatched,
    required,
)
from opgen.testing.objects.names import dns_1035_problems, label_problems, subdomain_problems
from opgen.testing.rules.checks import (
    A_SUBDOMAIN,
    PORT,
    PROTOCOL,
    Check,
    address_range,
    each,
    every,
    filled,
    named,
    one_of,
    optional,
    port,
    unless_empty,
)

_PATH_TYPES = one_of("Exact", "ImplementationSpecific", "Prefix")
_NOT_IN_PATHS = ("//", "/./", "/../", "%2f", "%2F")
_NOT_AT_ENDS = ("/..", "/.")


def _ingress(spec: Any, path: str) -> Iterator[FieldError]:
    if not spec.get("rules") and not spec.get("defaultBackend"):
        text = "either `defaultBackend` or `rules` must be specified"
        yield mismatched(path, spec.get("rules"), text)


def _host(value: Any, path: str) -> Iterator[FieldError]:
    if not value:
        return
    try:
        ip_address(value)
    except ValueError:
        pass
    else:
        yield invalid_value(path, value, "must be a DNS name, not an IP address")
        return
    # A star stands for one label at the beginning.
    plain = value.replace("*", "x", 1) if value.startswith("*.") else value
    for text in subdomain_problems(plain):
        yield invalid_value(path, value, text)


def _tls_host(value: Any, path: str) -> Iterator[FieldError]:
    yield from _host(value, path) if value else A_SUBDOMAIN(value, path)


def _path_type(value: Any, path: str) -> Iterator[FieldError]:
    if value is None:
        yield required(path, "pathType must be specified")
    else:
        yield from _PATH_TYPES(value, path)


def _ingress_path(item: Any, path: str) -> Iterator[FieldError]:
    value, kind = item.get("path") or "", item.get("pathType")
    if kind is None:
        return
    where = f"{path}.path"
    if kind in ("Exact", "Prefix"):
        if not value.startswith("/"):
            yield invalid_value(where, value, "must be an absolute path")
        if value:
            for part in _NOT_IN_PATHS:
                if part in value:
                    yield invalid_value(where, value, f"must not contain '{part}'")
            for end in _NOT_AT_ENDS:
                if value.endswith(end):
                    yield invalid_value(where, value, f"cannot end with '{end}'")
    elif kind == "ImplementationSpecific" and value and not value.startswith("/"):
        yield invalid_value(where, value, "must be an absolute path")
    yield from _backend(item.get("backend") or {}, f"{path}.backend")


def _backend(backend: Document, path: str) -> Iterator[FieldError]:
    service, resource = backend.get("service"), backend.get("resource")
    if service is not None and resource is not None:
        yield invalid_value(path, "", "cannot set both resource and service backends")
    elif service is None and resource is None:
        yield invalid_value(path, "", "resource or service backend is required")
    elif service is not None:
        yield from named(dns_1035_or_label)(service.get("name"), f"{path}.service.name")
        chosen = service.get("port") or {}
        name, number = chosen.get("name"), chosen.get("number")
        if name and number:
            yield invalid_value(path, "", "cannot set both port name & port number")
        elif name:
            yield from port(name, f"{path}.service.port.name")
        elif number:
            yield from PORT(number, f"{path}.service.port.number")
        else:
            yield required(path, "port name or number is required")


def dns_1035_or_label(value: str) -> list[str]:
    """What is wrong with the name of a Service; it may begin with a digit."""
    return label_problems(value) if dns_1035_problems(value) else []


def _policy_port(item: Any, path: str) -> Iterator[FieldError]:
    first, last = item.get("port"), item.get("endPort")
    if last is None:
        return
    where = f"{path}.endPort"
    if first is None:
        yield invalid_value(where, last, "may not be specified when `port` is not specified")
    elif isinstance(first, str):
        yield invalid_value(where, last, "may not be specified when `port` is non-numeric")
    else:
        if last < first:
            yield invalid_value(where, first, "must be greater than or equal to `port`")
        yield from PORT(last, where)


def _peer(item: Any, path: str) -> Iterator[FieldError]:
    count = sum(name in item for name in ("podSelector", "namespaceSelector"))
    if "ipBlock" in item and count:
        text = "may not specify both ipBlock and another peer"
        yield forbidden_field(path, text)
    elif not count and "ipBlock" not in item:
        yield required(path, "must specify a peer")


def _range(value: Any, path: str) -> Iterator[FieldError]:
    yield from address_range(value, path) if value else filled()(value, path)


_NETWORK = "io.k8s.api.networking.v1."

NETWORKING: Mapping[str, Mapping[str, Check]] = {
    _NETWORK + "Ingress": {"spec": lambda value, path: _ingress(value or {}, path)},
    _NETWORK + "IngressSpec": {
        "ingressClassName": optional(A_SUBDOMAIN),
        "defaultBackend": optional(_backend),
    },
    _NETWORK + "IngressTLS": {
        "hosts": each(_tls_host),
        "secretName": unless_empty(A_SUBDOMAIN),
    },
    _NETWORK + "IngressRule": {"host": _host},
    _NETWORK + "HTTPIngressRuleValue": {"paths": filled()},
    _NETWORK + "HTTPIngressPath": {
        "pathType": _path_type,
        "backend": every(),
        "": _ingress_path,
    },
    _NETWORK + "IngressServiceBackend": {"name": every()},
    _NETWORK + "NetworkPolicySpec": {
        "podSelector": every(),
        "policyTypes": each(one_of("Ingress", "Egress")),
    },
    _NETWORK + "NetworkPolicyPort": {"port": port, "protocol": PROTOCOL, "": _policy_port},
    _NETWORK + "NetworkPolicyPeer": {"": _peer},
    _NETWORK + "IPBlock": {"cidr": _range, "except": each(address_range)},
}
