"""Discovery: which groups, versions and resources there are, in the old and the aggregated form."""

from __future__ import annotations

from opgen.testing.errors import Document
from opgen.testing.resources.registry import Registry, ResourceType

_SCALE = {"group": "autoscaling", "version": "v1", "kind": "Scale"}


class Discovery:
    """Documents made from a registry."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry

    def core_versions(self) -> Document:
        """`/api`."""
        return {
            "kind": "APIVersions",
            "versions": ["v1"],
            "serverAddressByClientCIDRs": [],
        }

    def groups(self) -> Document:
        """`/apis`."""
        names = [name for name in self._registry.group_versions() if name]
        groups = [group for name in names if (group := self._group(name)) is not None]
        return {"kind": "APIGroupList", "apiVersion": "v1", "groups": groups}

    def group(self, name: str) -> Document | None:
        """`/apis/<group>`."""
        group = self._group(name)
        return {"kind": "APIGroup", "apiVersion": "v1", **group} if group else None

    def _group(self, name: str) -> Document | None:
        versions = self._registry.group_versions().get(name)
        if not versions or not name:
            return None
        listed = [{"groupVersion": f"{name}/{version}", "version": version} for version in versions]
        return {"name": name, "versions": listed, "preferredVersion": listed[0]}

    def _types(self, group: str, version: str) -> list[ResourceType]:
        return [
            item for item in self._registry if item.group == group and item.kind.version == version
        ]

    def resources(self, group: str, version: str) -> Document | None:
        """`/apis/<group>/<version>`."""
        types = self._types(group, version)
        if not types:
            return None
        resources: list[Document] = []
        for item in types:
            resources.append(_with_names(item, _resource(item)))
            resources += [_subresource(item, name) for name in item.subresources]
        return {
            "kind": "APIResourceList",
            "apiVersion": "v1",
            "groupVersion": types[0].kind.api_version,
            "resources": resources,
        }

    def aggregated(self, *, core: bool) -> Document:
        """`/api` or `/apis` as an APIGroupDiscoveryList."""
        groups = [
            self._aggregated_group(name, versions)
            for name, versions in self._registry.group_versions().items()
            if core == (not name)
        ]
        return {
            "kind": "APIGroupDiscoveryList",
            "apiVersion": "apidiscovery.k8s.io/v2",
            "metadata": {},
            "items": groups,
        }

    def _aggregated_group(self, name: str, versions: list[str]) -> Document:
        metadata = {"name": name} if name else {}
        return {
            "metadata": {**metadata, "creationTimestamp": None},
            "versions": [
                {
                    "version": version,
                    "freshness": "Current",
                    "resources": [_aggregated(item) for item in self._types(name, version)],
                }
                for version in versions
            ],
        }


def _resource(item: ResourceType) -> Document:
    return {
        "name": item.kind.plural,
        "singularName": item.singular,
        "namespaced": item.kind.namespaced,
        "kind": item.kind.kind,
        "verbs": list(item.verbs),
    }


def _with_names(item: ResourceType, document: Document) -> Document:
    if item.short_names:
        document["shortNames"] = list(item.short_names)
    if item.categories:
        document["categories"] = list(item.categories)
    return document


_SUBRESOURCE_VERBS = ["get", "patch", "update"]


def _subresource(item: ResourceType, name: str) -> Document:
    document = {
        "name": f"{item.kind.plural}/{name}",
        "singularName": "",
        "namespaced": item.kind.namespaced,
        "kind": item.kind.kind,
        "verbs": _SUBRESOURCE_VERBS,
    }
    return document | _SCALE if name == "scale" else document


def _aggregated(item: ResourceType) -> Document:
    kind = {"group": item.group, "version": item.kind.version, "kind": item.kind.kind}
    document: Document = {
        "resource": item.kind.plural,
        "responseKind": kind,
        "scope": "Namespaced" if item.kind.namespaced else "Cluster",
        "singularResource": item.singular,
        "verbs": list(item.verbs),
    }
    if item.subresources:
        document["subresources"] = [
            {
                "subresource": name,
                "responseKind": _SCALE if name == "scale" else kind,
                "verbs": _SUBRESOURCE_VERBS,
            }
            for name in item.subresources
        ]
    return _with_names(item, document)
