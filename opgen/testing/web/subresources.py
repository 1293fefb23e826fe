"""Which subresources a resource has, and what may be done with them, as discovery tells it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from opgen.testing.errors import Document
from opgen.testing.resources.registry import ResourceType


@dataclass(frozen=True, slots=True)
class Subresource:
    """A subresource.

    Attributes:
        name: The last part of its path.
        verbs: What may be done with it.
        group: The group of its kind.
        version: The version of its kind; empty for that of the object.
        kind: Its kind; empty for that of the object.
    """

    name: str
    verbs: tuple[str, ...] = ("get", "patch", "update")
    group: str = ""
    version: str = ""
    kind: str = ""

    def entry(self, resource_type: ResourceType) -> Document:
        """How discovery of a version lists it."""
        document: Document = {
            "name": f"{resource_type.kind.plural}/{self.name}",
            "singularName": "",
            "namespaced": resource_type.kind.namespaced,
            "kind": self.kind or resource_type.kind.kind,
            "verbs": list(self.verbs),
        }
        if self.version:
            document |= {"group": self.group, "version": self.version}
        return document


_STATUS = Subresource("status")
_SCALE = Subresource("scale", group="autoscaling", version="v1", kind="Scale")
_CONNECT = ("create", "get")

# Of built-in kinds, besides status and scale.
_MORE: Mapping[tuple[str, str], tuple[Subresource, ...]] = {
    ("", "namespaces"): (Subresource("finalize", ("update",)),),
    ("", "pods"): (
        Subresource("attach", _CONNECT, kind="PodAttachOptions"),
        Subresource("binding", ("create",), kind="Binding"),
        Subresource("eviction", ("create",), group="policy", version="v1", kind="Eviction"),
        Subresource("exec", _CONNECT, kind="PodExecOptions"),
        Subresource("log", ("get",)),
        Subresource("portforward", _CONNECT, kind="PodPortForwardOptions"),
    ),
    ("", "serviceaccounts"): (
        Subresource(
            "token", ("create",), group="authentication.k8s.io", version="v1", kind="TokenRequest"
        ),
    ),
}


def subresources_of(resource_type: ResourceType) -> tuple[Subresource, ...]:
    """The subresources of a resource, in the order of discovery."""
    found = (_STATUS,) * resource_type.has_status + (_SCALE,) * (resource_type.scale is not None)
    if resource_type.custom:
        return found
    more = _MORE.get(resource_type.resource, ())
    return tuple(sorted((*found, *more), key=lambda item: item.name))


def subresource_of(resource_type: ResourceType, name: str) -> Subresource | None:
    """The subresource of a name, or None."""
    return next((item for item in subresources_of(resource_type) if item.name == name), None)
