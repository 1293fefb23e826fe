"""The rules of roles. Source: ValidatePolicyRule of Kubernetes' RBAC validation."""

from __future__ import annotations

from collections.abc import Iterator

from opgen.testing.errors import Document, FieldError, invalid_value, required
from opgen.testing.resources.strategies import NoGeneration


class ClusterRoleStrategy(NoGeneration):
    """For roles of a whole cluster."""

    namespaced = False

    def prepare_create(self, new: Document) -> None:
        """Storing an empty list makes it none."""
        new["rules"] = new.get("rules") or None

    def prepare_update(self, new: Document, old: Document) -> None:
        """The same."""
        self.prepare_create(new)

    def validate(self, new: Document, old: Document | None) -> Iterator[FieldError]:
        """Every rule says what may be done to what."""
        for index, rule in enumerate(new.get("rules") or ()):
            yield from _rule_problems(rule, f"rules[{index}]", namespaced=self.namespaced)


class RoleStrategy(ClusterRoleStrategy):
    """For roles of a namespace."""

    namespaced = True


def _rule_problems(rule: Document, field: str, *, namespaced: bool) -> Iterator[FieldError]:
    if not rule.get("verbs"):
        yield required(f"{field}.verbs", "verbs must contain at least one value")
    paths = rule.get("nonResourceURLs")
    if paths:
        where = f"{field}.nonResourceURLs"
        if namespaced:
            yield invalid_value(where, paths, "namespaced rules cannot apply to non-resource URLs")
        if rule.get("apiGroups") or rule.get("resources") or rule.get("resourceNames"):
            text = "rules cannot apply to both regular resources and non-resource URLs"
            yield invalid_value(where, paths, text)
        return
    if not rule.get("apiGroups"):
        text = "resource rules must supply at least one api group"
        yield required(f"{field}.apiGroups", text)
    if not rule.get("resources"):
        text = "resource rules must supply at least one resource"
        yield required(f"{field}.resources", text)
