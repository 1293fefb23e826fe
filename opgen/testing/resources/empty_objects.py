"""The object of a kind that nobody filled, as kube-apiserver writes it.

It makes an object of its internal type and converts that to the version of the request. Defaults
are for what is read, so there are none, but a few conversions write what the version leaves out.
Source: the `zz_generated.conversion.go` and `conversion.go` of the kinds.
"""

from __future__ import annotations

from opgen.testing.errors import Document
from opgen.testing.objects.go_form import empty_struct
from opgen.testing.resources.registry import ResourceType
from opgen.testing.storage import GroupResource

_SCALED: Document = {"spec": {"replicas": 0}}
_CONVERTED: dict[GroupResource, Document] = {
    ("apps", "deployments"): _SCALED,
    ("apps", "replicasets"): _SCALED,
    ("apps", "statefulsets"): _SCALED,
    ("apps", "daemonsets"): {
        "metadata": {"annotations": {"deprecated.daemonset.template.generation": "0"}}
    },
}
"""What the conversion from the internal type adds: fields that only there are no pointers."""


def empty_object(resource_type: ResourceType) -> Document:
    """An object of a kind that nobody filled."""
    kind = resource_type.kind
    filled = {} if resource_type.custom else empty_struct(resource_type.schema)
    for name, fields in _CONVERTED.get(resource_type.resource, {}).items():
        filled[name] = filled[name] | fields
    return {"kind": kind.kind, "apiVersion": kind.api_version, **filled}
