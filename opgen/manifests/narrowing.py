"""From the rights of an operator that looks at all namespaces to one that looks at its own only.

The ClusterRole becomes a Role without a namespace; kustomize puts it into the operator's. Only the
right to have named webhooks trusted stays a ClusterRole: no namespace holds their configurations.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from opgen.api.errors import Problem
from opgen.k8s.kinds import by_plural
from opgen.manifests.request import TRUST_ROLE_NAME

Document = dict[str, Any]


def narrowed(roles: Iterable[Document]) -> tuple[list[Document], list[Problem]]:
    """The roles with a Role in place of the ClusterRole, and what cannot be had in a namespace."""
    result, problems = [], []
    for role in roles:
        if role["kind"] == "ClusterRole" and role["metadata"]["name"] != TRUST_ROLE_NAME:
            problems += [problem for rule in role["rules"] for problem in _cluster_wide(rule)]
            role = role | {"kind": "Role"}
        result.append(role)
    return result, problems


def _cluster_wide(rule: Document) -> Iterator[Problem]:
    hint = "leave it out of the controllers, or run: opgen edit --no-namespaced"
    for url in rule.get("nonResourceURLs", ()):
        yield Problem(f"a namespaced operator cannot have rights to the URL {url}", hint=hint)
    for group in rule.get("apiGroups", ()):
        for resource in rule.get("resources", ()):
            built_in = by_plural(group, resource.partition("/")[0])
            if built_in and not built_in.kind.namespaced:
                yield Problem(
                    f"a namespaced operator cannot have rights to {resource}, which belong to no "
                    "namespace",
                    hint=hint,
                )
