"""Aggregated ClusterRoles: their rules are those of the ClusterRoles that they select."""

from __future__ import annotations

from collections.abc import Iterable

from opgen.testing.errors import Document
from opgen.testing.objects.selectors import from_label_selector, matches
from opgen.testing.resources.operations import Operations
from opgen.testing.storage import Change, Key

CLUSTER_ROLES = ("rbac.authorization.k8s.io", "clusterroles")


class AggregationController:
    """Writes the rules of aggregated ClusterRoles."""

    watched = (CLUSTER_ROLES,)

    def __init__(self, operations: Operations) -> None:
        self._operations = operations

    def keys(self, change: Change) -> Iterable[Key]:
        """Every aggregated ClusterRole, when any ClusterRole changed."""
        for revision in self._operations.store.list(CLUSTER_ROLES):
            if b'"aggregationRule":' in revision.body:
                yield revision.key

    async def reconcile(self, key: Key) -> None:
        """Gather the rules."""
        resource_type = self._operations.registry.of_resource(CLUSTER_ROLES)
        assert resource_type is not None
        await self._operations.system_patch(resource_type, *key, self._aggregate)

    def _aggregate(self, role: Document) -> Document:
        selectors = (role.get("aggregationRule") or {}).get("clusterRoleSelectors") or ()
        wanted = [from_label_selector(selector) for selector in selectors]
        if not wanted:
            return role
        rules: list[Document] = []
        for revision in self._operations.store.list(CLUSTER_ROLES):
            if revision.name != role["metadata"]["name"] and any(
                matches(selector, revision.labels) for selector in wanted
            ):
                found = revision.document().get("rules") or ()
                rules += [rule for rule in found if rule not in rules]
        return {**role, "rules": rules}
