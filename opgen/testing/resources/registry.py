"""Resource types: what the server knows of each resource in each version."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from opgen.api.resources import ResourceKind
from opgen.k8s.kinds import ALL_VERBS, BUILT_IN, BuiltInKind
from opgen.testing.objects.rules import Rules
from opgen.testing.objects.schemas import Schema
from opgen.testing.storage import GroupResource


@dataclass(frozen=True, slots=True)
class Column:
    """A printer column."""

    name: str
    path: str
    type: str = "string"
    format: str = ""
    description: str = ""
    priority: int = 0


@dataclass(frozen=True, slots=True)
class ScalePaths:
    """Where a kind keeps its replicas."""

    spec: str = ".spec.replicas"
    status: str = ".status.replicas"
    selector: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class ResourceType:
    """One resource in one version."""

    kind: ResourceKind
    singular: str
    schema: Schema = field(repr=False)
    list_kind: str = ""
    short_names: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    verbs: tuple[str, ...] = ALL_VERBS
    has_status: bool = False
    scale: ScalePaths | None = None
    columns: tuple[Column, ...] = ()
    custom: bool = False
    storage_version: str = ""
    selectable: tuple[str, ...] = ()
    """JSON paths that a CRD lets field selectors use."""
    conversion: Mapping[str, Any] | None = None
    """The `clientConfig` of the conversion webhook, if there is one."""
    rules: Rules | None = field(default=None, repr=False)
    """The CEL rules of a custom kind."""
    warning: str = ""
    """What clients of a deprecated version or kind are told."""
    resource: GroupResource = field(init=False)
    """What it is stored under, and called in messages."""

    def __post_init__(self) -> None:
        own = (self.kind.group, self.kind.plural)
        object.__setattr__(self, "resource", _SHARED.get(own, own))

    @property
    def group(self) -> str:
        """The API group, empty for the core group."""
        return self.kind.group


# Resources that are views of another one's objects.
_SHARED: Mapping[GroupResource, GroupResource] = {("events.k8s.io", "events"): ("", "events")}


_WARNINGS: Mapping[tuple[str, str], str] = {
    ("", "ComponentStatus"): "v1 ComponentStatus is deprecated in v1.19+",
    ("", "Endpoints"): (
        "v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice"
    ),
}


def _built_in(kind: BuiltInKind) -> ResourceType:
    return ResourceType(
        kind=kind.kind,
        singular=kind.singular,
        schema={"$ref": kind.definition},
        list_kind=f"{kind.kind.kind}List",
        short_names=kind.short_names,
        categories=kind.categories,
        verbs=kind.verbs,
        has_status=kind.has_status,
        scale=ScalePaths() if kind.has_scale else None,
        storage_version=kind.kind.version,
        warning=_WARNINGS.get(kind.kind.group_kind, ""),
    )


@cache
def built_in_types() -> tuple[ResourceType, ...]:
    """The resource types of all built-in kinds, in the order of discovery."""
    return tuple(_built_in(kind) for kind in BUILT_IN)


class Registry:
    """All resource types of a server."""

    def __init__(self) -> None:
        self._types: dict[tuple[str, str, str], ResourceType] = {}
        self.generation = 0
        """Counts changes, so that documents made from the types can be cached."""
        self.add(built_in_types())

    def add(self, types: Iterable[ResourceType]) -> None:
        """Offer resource types."""
        for resource_type in types:
            kind = resource_type.kind
            self._types[kind.group, kind.version, kind.plural] = resource_type
        self.generation += 1

    def remove(self, resource: GroupResource) -> None:
        """Stop offering a resource in all its versions."""
        self._types = {
            key: value for key, value in self._types.items() if value.resource != resource
        }
        self.generation += 1

    def find(self, group: str, version: str, plural: str) -> ResourceType | None:
        """The type at a path, or None."""
        return self._types.get((group, version, plural))

    def of_resource(self, resource: GroupResource) -> ResourceType | None:
        """The type of a resource in its first version, or None."""
        return next((item for item in self if item.resource == resource), None)

    def of_kind(self, api_version: str, kind: str) -> ResourceType | None:
        """The type of a kind, or None."""
        group, _, version = api_version.rpartition("/")
        for item in self:
            if item.kind.group == group and item.kind.kind == kind and item.kind.version == version:
                return item
        return None

    def __iter__(self) -> Iterator[ResourceType]:
        return iter(self._types.values())

    def group_versions(self) -> dict[str, list[str]]:
        """The versions of each group; the preferred one comes first."""
        found: dict[str, list[str]] = {}
        for item in self:
            versions = found.setdefault(item.kind.group, [])
            if item.kind.version not in versions:
                versions.append(item.kind.version)
        return {
            group: sorted(versions, key=version_priority, reverse=True)
            for group, versions in found.items()
        }


def version_priority(version: str) -> tuple[int, int, int, str]:
    """A key by which versions sort upwards: v1alpha1 < v1beta1 < v1 < v2."""
    digits = version[1:]
    for stage, rank in (("alpha", 1), ("beta", 2)):
        major, found, minor = digits.partition(stage)
        if found and major.isdecimal() and minor.isdecimal():
            return (rank, int(major), int(minor), version)
    if version.startswith("v") and digits.isdecimal():
        return (3, int(digits), 0, version)
    return (0, 0, 0, version)
