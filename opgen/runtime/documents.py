"""Cached objects as users see them: an instance of their class, or a dict with kind and version."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from opgen.api.resources import ResourceKind, kind_of
from opgen.runtime.codec import decode

if TYPE_CHECKING:
    from opgen.runtime.store import Entry


def as_object(cls: Any, document: dict[str, Any]) -> Any:
    """A document as its class wants it; a plain dict for built-in kinds and a `ResourceKind`.

    Raises:
        DecodeError: it does not fit the class.
    """
    if isinstance(cls, type) and hasattr(cls, "__dataclass_fields__"):
        return decode(cls, document)
    kind: ResourceKind = kind_of(cls)
    return {"apiVersion": kind.api_version, "kind": kind.kind, **document}


def typed(cls: Any, entry: Entry, *, metadata_only: bool = False) -> Any:
    """A cached object; one of which there is nothing but metadata is a dict, whatever its kind.

    Raises:
        DecodeError: it does not fit the class.
    """
    if not metadata_only:
        return as_object(cls, entry.document())
    kind = kind_of(cls)
    metadata = entry.document()["metadata"]
    return {"apiVersion": kind.api_version, "kind": kind.kind, "metadata": metadata}
