"""Objects in other versions than the one they are stored in.

With the conversion strategy None only `apiVersion` changes, as in the real server.
"""

from __future__ import annotations

from opgen.testing.errors import Document
from opgen.testing.resources.registry import ResourceType


def at_version(document: Document, resource_type: ResourceType, version: str = "") -> Document:
    """The object in a version, by default that of the type; `document` is not changed."""
    group = resource_type.group
    wanted = version or resource_type.kind.version
    api_version = f"{group}/{wanted}" if group else wanted
    head = {"apiVersion": api_version, "kind": resource_type.kind.kind}
    return head | {key: value for key, value in document.items() if key not in head}
