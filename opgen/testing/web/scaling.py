"""The scale subresource: an autoscaling/v1 Scale as a view of an object."""

from __future__ import annotations

from opgen.testing.errors import Document, invalid, invalid_value
from opgen.testing.objects.paths import find, put
from opgen.testing.objects.selectors import format_label_selector
from opgen.testing.resources.registry import ResourceType, ScalePaths


def _paths(resource_type: ResourceType) -> ScalePaths:
    assert resource_type.scale is not None
    return resource_type.scale


def scale_of(resource_type: ResourceType, document: Document) -> Document:
    """The Scale of an object."""
    paths = _paths(resource_type)
    names = ("name", "namespace", "uid", "resourceVersion", "creationTimestamp")
    metadata = document["metadata"]
    replicas = find(document, paths.spec)
    status: Document = {"replicas": find(document, paths.status) or 0}
    if resource_type.custom:
        selector = find(document, paths.selector) if paths.selector else ""
    else:
        selector = format_label_selector((document.get("spec") or {}).get("selector"))
    if selector:
        status["selector"] = selector
    return {
        "kind": "Scale",
        "apiVersion": "autoscaling/v1",
        "metadata": {name: metadata[name] for name in names if name in metadata},
        "spec": {"replicas": replicas} if replicas else {},
        "status": status,
    }


def apply_scale(resource_type: ResourceType, document: Document, scale: Document) -> Document:
    """The object with the replicas of a Scale.

    Raises:
        StatusError: the replicas are negative.
    """
    replicas = (scale.get("spec") or {}).get("replicas") or 0
    if replicas < 0 and not resource_type.custom:
        error = invalid_value("spec.replicas", replicas, "must be greater than or equal to 0")
        raise invalid("autoscaling", "Scale", document["metadata"]["name"], [error])
    version = (scale.get("metadata") or {}).get("resourceVersion")
    if version:
        document["metadata"]["resourceVersion"] = version
    put(document, _paths(resource_type).spec, replicas)
    return document
