"""Objects in other forms than the one they are stored in.

With the conversion strategy None only `apiVersion` changes, as in the real server, and what the
version does not declare is not shown. Events have two
groups with different names for the same fields; they are stored as those of the core group.
"""

from __future__ import annotations

from copy import deepcopy

from opgen.testing.errors import Document
from opgen.testing.objects.pruning import prune
from opgen.testing.resources.registry import ResourceType

_CORE_FIELDS = {
    "note": "message",
    "regarding": "involvedObject",
    "reportingController": "reportingComponent",
    "deprecatedSource": "source",
    "deprecatedFirstTimestamp": "firstTimestamp",
    "deprecatedLastTimestamp": "lastTimestamp",
    "deprecatedCount": "count",
}
_EVENT_FIELDS = {core: name for name, core in _CORE_FIELDS.items()}


def at_version(document: Document, resource_type: ResourceType) -> Document:
    """A stored object in the form of a type; `document` is not changed."""
    if resource_type.group != resource_type.resource[0]:
        document = {_EVENT_FIELDS.get(key, key): value for key, value in document.items()}
    found = _headed(document, resource_type.kind.api_version, resource_type.kind.kind)
    if resource_type.custom and resource_type.kind.version != resource_type.storage_version:
        found = deepcopy(found)
        prune(found, resource_type.schema)
    return found


def stored_form(document: Document, resource_type: ResourceType) -> Document:
    """An object of a type in the form in which it is stored; `document` is not changed."""
    group, version = resource_type.resource[0], resource_type.storage_version
    if resource_type.group != group:
        document = {_CORE_FIELDS.get(key, key): value for key, value in document.items()}
    return _headed(document, f"{group}/{version}" if group else version, resource_type.kind.kind)


def _headed(document: Document, api_version: str, kind: str) -> Document:
    head = {"apiVersion": api_version, "kind": kind}
    return head | {key: value for key, value in document.items() if key not in head}
