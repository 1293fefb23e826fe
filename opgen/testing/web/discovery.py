"""Discovery: which groups, versions and resources there are, in the old and the aggregated form."""

from __future__ import annotations

from opgen.testing.errors import Document
from opgen.testing.resources.registry import Registry, ResourceType
from opgen.testing.web.subresources import Subresource, subresources_of

# Those that are found first when a resource is named without its group. Then come custom ones.
_ORDER = (
    "",
    "apiregistration.k8s.io",
    "apps",
    "events.k8s.io",
    "authentication.k8s.io",
    "authorization.k8s.io",
    "autoscaling",
    "batch",
    "certificates.k8s.io",
    "networking.k8s.io",
    "policy",
    "rbac.authorization.k8s.io",
    "storage.k8s.io",
    "admissionregistration.k8s.io",
    "apiextensions.k8s.io",
    "scheduling.k8s.io",
    "coordination.k8s.io",
    "node.k8s.io",
    "discovery.k8s.io",
    "resource.k8s.io",
    "flowcontrol.apiserver.k8s.io",
)


def _rank(group: str) -> tuple[int, str]:
    return (_ORDER.index(group) if group in _ORDER else len(_ORDER), group)


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
        names = sorted(filter(None, self._registry.group_versions()), key=_rank)
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
            resources += [found.entry(item) for found in subresources_of(item)]
        return {
            "kind": "APIResourceList",
            "apiVersion": "v1",
            "groupVersion": types[0].kind.api_version,
            "resources": resources,
        }

    def aggregated(self, *, core: bool) -> Document:
        """`/api` or `/apis` as an APIGroupDiscoveryList."""
        found = self._registry.group_versions()
        groups = [
            self._aggregated_group(name, found[name])
            for name in sorted(found, key=_rank)
            if core == (not name)
        ]
        return {
            "kind": "APIGroupDiscoveryList",
            "apiVersion": "apidiscovery.k8s.io/v2",
            "metadata": {},
            "items": groups,
        }

    def _aggregated_group(self, name: str, versions: list[str]) -> Document:
        return {
            "metadata": {"name": name} if name else {},
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


def _aggregated(item: ResourceType) -> Document:
    document: Document = {
        "resource": item.kind.plural,
        "responseKind": _response_kind(item),
        "scope": "Namespaced" if item.kind.namespaced else "Cluster",
        "singularResource": item.singular,
        "verbs": list(item.verbs),
    }
    subresources = subresources_of(item)
    if subresources:
        document["subresources"] = [
            {
                "subresource": found.name,
                "responseKind": _response_kind(item, found),
                "verbs": list(found.verbs),
            }
            for found in subresources
        ]
    return _with_names(item, document)


def _response_kind(item: ResourceType, found: Subresource | None = None) -> Document:
    """What requests are answered with; the group's own version goes without saying."""
    if found is not None and found.kind:
        return {"group": found.group, "version": found.version, "kind": found.kind}
    if not item.custom:
        return {"group": "", "version": "", "kind": item.kind.kind}
    return {"group": item.group, "version": item.kind.version, "kind": item.kind.kind}
