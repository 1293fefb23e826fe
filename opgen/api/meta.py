"""Metadata that every object carries, as dataclasses."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(kw_only=True)
class OwnerReference:
    """A reference to the object that owns this one. Source: meta/v1 OwnerReference."""

    api_version: str
    kind: str
    name: str
    uid: str
    controller: bool | None = None
    block_owner_deletion: bool | None = None


@dataclass(kw_only=True)
class ObjectMeta:
    """Metadata of an object, the fields an operator has a use for. Source: meta/v1 ObjectMeta.

    The API server sets `uid`, `resource_version`, `generation` and the timestamps (RFC 3339).
    """

    name: str = ""
    generate_name: str | None = None
    namespace: str | None = None
    uid: str | None = None
    resource_version: str | None = None
    generation: int | None = None
    creation_timestamp: str | None = None
    deletion_timestamp: str | None = None
    labels: dict[str, str] = field(default_factory=dict)
    annotations: dict[str, str] = field(default_factory=dict)
    finalizers: list[str] = field(default_factory=list)
    owner_references: list[OwnerReference] = field(default_factory=list)
