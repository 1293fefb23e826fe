"""Which part of an object an endpoint may change.

With a status subresource the main endpoint ignores `status`, and `/status` ignores everything else.
"""

from __future__ import annotations

from opgen.testing.errors import Document
from opgen.testing.objects.field_sets import Path
from opgen.testing.resources.registry import ResourceType

DEPLOYMENTS = ("apps", "deployments")
"""Alone among built-in kinds, their status endpoint keeps the labels, too."""


def reset_fields(resource_type: ResourceType, subresource: str) -> tuple[Path, ...]:
    """The fields that writes to an endpoint ignore, for field ownership."""
    if subresource == "status":
        if resource_type.resource == DEPLOYMENTS:
            return (("f:spec",), ("f:metadata", "f:labels"))
        return (("f:spec",), ("f:metadata",)) if resource_type.custom else (("f:spec",),)
    return (("f:status",),) if resource_type.has_status else ()


def keep_foreign(
    resource_type: ResourceType, new: Document, old: Document, subresource: str
) -> None:
    """Put back, in place, what the endpoint may not change."""
    if subresource == "status":
        _keep_all_but_status(resource_type, new, old)
    elif resource_type.has_status:
        new.pop("status", None)
        if "status" in old:
            new["status"] = old["status"]


def _keep_all_but_status(resource_type: ResourceType, new: Document, old: Document) -> None:
    for name in new.keys() | old.keys():
        if name == "metadata":
            metadata = old["metadata"] if resource_type.custom else new["metadata"]
            entries = new["metadata"].get("managedFields")
            new["metadata"] = dict(metadata)
            if resource_type.resource == DEPLOYMENTS:
                _keep_labels(new["metadata"], old["metadata"])
            new["metadata"].pop("managedFields", None)
            if entries is not None:
                new["metadata"]["managedFields"] = entries
        elif name != "status":
            if name in old:
                new[name] = old[name]
            else:
                new.pop(name)


def _keep_labels(new: Document, old: Document) -> None:
    new.pop("labels", None)
    if "labels" in old:
        new["labels"] = old["labels"]
