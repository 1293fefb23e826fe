"""Which fields a field selector may name, of each kind, and what it is told of others.

Kinds that have conversions of field labels in Kubernetes know them by a table here; of all other
built-in kinds only name and namespace can be selected, of custom kinds also what the CRD declares.
Source: the conversions and the SelectableFields functions of Kubernetes' core, events, batch,
certificates and resource groups.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from opgen.testing.errors import Document, bad_request
from opgen.testing.objects.paths import find
from opgen.testing.resources.registry import ResourceType

Value = Callable[[Document], str]
_NAME, _NAMESPACE = "metadata.name", "metadata.namespace"


def _at(path: str) -> Value:
    return lambda document: _text(find(document, path))


def _text(value: Any) -> str:
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _flag(path: str) -> Value:
    """A truth value, which is false where it is not set."""
    return lambda document: _text(find(document, path)) or "false"


def _count(path: str) -> Value:
    """A number, which is zero where it is not set."""
    return lambda document: _text(find(document, path)) or "0"


def _paths(*names: str) -> dict[str, Value]:
    return {name: _at(f".{name}") for name in names}


def _source(document: Document) -> str:
    """Who reported an event, in the old way or in the new."""
    return _at(".source.component")(document) or _at(".reportingComponent")(document)


_ABOUT = ("kind", "namespace", "name", "uid", "apiVersion", "resourceVersion", "fieldPath")

FIELDS: Mapping[tuple[str, str], Mapping[str, Value]] = {
    ("", "pods"): {
        **_paths("spec.nodeName", "spec.restartPolicy", "spec.schedulerName"),
        **_paths("spec.serviceAccountName", "status.phase", "status.podIP"),
        **_paths("status.nominatedNodeName"),
        "spec.host": _at(".spec.nodeName"),
        "spec.hostNetwork": _flag(".spec.hostNetwork"),
        # Accepted, but not among the fields that objects are compared by.
        "status.podIPs": lambda _: "",
    },
    ("", "events"): {
        **_paths(*(f"involvedObject.{name}" for name in _ABOUT)),
        **_paths("reason", "reportingComponent", "type"),
        "source": _source,
    },
    ("events.k8s.io", "events"): {
        **_paths(*(f"regarding.{name}" for name in _ABOUT)),
        **_paths("reason", "reportingController", "type"),
    },
    ("", "nodes"): {"spec.unschedulable": _flag(".spec.unschedulable")},
    ("", "namespaces"): _paths("status.phase"),
    ("", "secrets"): _paths("type"),
    ("", "services"): _paths("spec.clusterIP", "spec.type"),
    ("", "replicationcontrollers"): {"status.replicas": _count(".status.replicas")},
    ("batch", "jobs"): {"status.successful": _count(".status.succeeded")},
    ("certificates.k8s.io", "certificatesigningrequests"): _paths("spec.signerName"),
}

_UNKNOWN: Mapping[tuple[str, str], str] = {
    ("batch", "jobs"): 'field label "{}" not supported for Job',
}
_OF_OTHERS = '"{}" is not a known field selector: only "metadata.name", "metadata.namespace"'
_OF_TABLE = "field label not supported: {}"


def fields_of(resource_type: ResourceType, asked: Iterable[str]) -> Mapping[str, Value]:
    """What the fields that a selector names hold, for all but name and namespace.

    Raises:
        StatusError: 400, one of them cannot be selected.
    """
    own = (resource_type.kind.group, resource_type.kind.plural)
    if resource_type.custom:
        known: Mapping[str, Value] = {path[1:]: _at(path) for path in resource_type.selectable}
    else:
        known = FIELDS.get(own, {})
    always = {_NAME}
    if resource_type.kind.namespaced or (own not in FIELDS and not resource_type.custom):
        always.add(_NAMESPACE)
    text = _OF_TABLE if own in FIELDS or resource_type.custom else _OF_OTHERS
    for name in asked:
        if name not in known and name not in always:
            raise bad_request(_UNKNOWN.get(own, text).format(name))
    return known
