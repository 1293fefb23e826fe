"""Roles of namespaces that are not the operator's: bound to it, and kept where they are.

`config/default` moves everything into the operator's namespace, under the operator's prefix. Roles
that `rbac(..., namespace="other")` asks for would be moved along, and two of them would become one.
So each gets a name of its own and a RoleBinding beside it, and kustomize's transformers, which run
after that move, bring both back. They select by the namespace that an object had at first.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from opgen.api.errors import Location, Problem

Document = dict[str, Any]

OWN = "system"
"""The namespace in manifests that stands for the operator's own."""
ACCOUNT = "controller-manager"
"""The service account of the operator, without the prefix of the project."""
FILE = "role_namespaces.yaml"
KUSTOMIZATION = "config/default/kustomization.yaml"
PATH = f"config/default/{FILE}"
ABOUT = "# Keeps the Roles that rbac(..., namespace=...) asks for in their namespaces.\n"
_API = "rbac.authorization.k8s.io"


def bound(roles: Iterable[Document], name: str) -> list[Document]:
    """The roles, those of other namespaces with a name of their own and bound to the operator.

    Args:
        roles: The roles of a project.
        name: The name of those that are the operator's; somebody else binds all others.
    """
    result = []
    for role in roles:
        space = namespace_of(role)
        if space and role["metadata"]["name"] == name:
            role = role | {"metadata": {"name": f"{name}-{space}", "namespace": space}}
            result += [role, _binding(role)]
        else:
            result.append(role)
    return result


def namespace_of(role: Document) -> str:
    """The namespace of a role if it is not the operator's own, or else an empty string."""
    space: str = role["metadata"].get("namespace", "")
    return "" if space == OWN else space


def transformers(documents: Iterable[Document]) -> list[Document]:
    """What brings roles and bindings back into their namespaces."""
    documents = [document for document in documents if namespace_of(document)]
    spaces = sorted({namespace_of(document) for document in documents})
    bindings = [one["metadata"] for one in documents if one["kind"] == "RoleBinding"]
    return [*map(_back, spaces), *([_subjects(bindings)] if bindings else [])]


def check(root: Path, documents: Iterable[Document]) -> Iterator[Problem]:
    """What keeps roles from staying where they are."""
    roles = [document for document in documents if document["kind"] == "Role"]
    yield from _clashes(roles)
    spaces = ", ".join(sorted({namespace_of(role) for role in roles} - {""}))
    kustomization = root / KUSTOMIZATION
    if not spaces or not kustomization.is_file():
        return
    if FILE not in kustomization.read_text(encoding="utf-8", errors="replace"):
        yield Problem(
            f"{KUSTOMIZATION} does not name {FILE}, so kustomize moves the roles for {spaces} "
            "into the operator's own namespace",
            location=Location(KUSTOMIZATION),
            hint=f"run opgen update, or add to it: transformers: [{FILE}]",
            severity="warning",
        )


def _clashes(roles: Iterable[Document]) -> Iterator[Problem]:
    """Roles that meet in the operator's namespace before they are brought back."""
    seen: dict[str, str] = {}
    for role in roles:
        name, space = role["metadata"]["name"], namespace_of(role)
        if seen.setdefault(name, space) != space:
            yield Problem(
                f"two namespaces have a role {name!r}, and kustomize would make one of them",
                hint=f"name them differently, as in rbac(..., role={f'{name}-{space}'!r}, "
                f"namespace={space!r})",
                severity="warning",
            )


def _binding(role: Document) -> Document:
    name, space = role["metadata"]["name"], role["metadata"]["namespace"]
    return {
        "apiVersion": f"{_API}/v1",
        "kind": "RoleBinding",
        "metadata": {"name": name, "namespace": space},
        "roleRef": {"apiGroup": _API, "kind": role["kind"], "name": name},
        "subjects": [{"kind": "ServiceAccount", "name": ACCOUNT, "namespace": OWN}],
    }


def _back(space: str) -> Document:
    return {
        "apiVersion": "builtin",
        "kind": "PatchTransformer",
        "metadata": {"name": f"back-to-{space}"},
        "patch": f'[{{"op": "replace", "path": "/metadata/namespace", "value": "{space}"}}]',
        "target": {"kind": "Role|RoleBinding", "namespace": space},
    }


def _subjects(bindings: Iterable[Document]) -> Document:
    """Names the operator's account as the deployment does; kustomize has lost sight of it."""
    selected = [{"select": {"kind": "RoleBinding", **metadata}} for metadata in bindings]
    return {
        "apiVersion": "builtin",
        "kind": "ReplacementTransformer",
        "metadata": {"name": "subjects"},
        "replacements": [
            {
                "source": {
                    "fieldPath": f"metadata.{field}",
                    "kind": "ServiceAccount",
                    "name": ACCOUNT,
                },
                "targets": [one | {"fieldPaths": [f"subjects.0.{field}"]} for one in selected],
            }
            for field in ("name", "namespace")
        ],
    }
