"""The rules of role bindings. Roles have a module of their own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from opgen.testing.errors import FieldError, not_supported, required
from opgen.testing.objects.names import path_problems, subdomain_problems
from opgen.testing.rules.checks import Check, each, every, named, one_of, worded

_GROUP = "rbac.authorization.k8s.io"
_KINDS = ("ServiceAccount", "User", "Group")


def _subject(subject: Any, path: str) -> Iterator[FieldError]:
    name, kind = subject.get("name") or "", subject.get("kind") or ""
    if not name:
        yield required(f"{path}.name")
    if kind not in _KINDS:
        yield not_supported(f"{path}.kind", kind, _KINDS)
    elif kind == "ServiceAccount":
        yield from worded(subdomain_problems if name else lambda _: ())(name, f"{path}.name")
        if subject.get("apiGroup"):
            yield not_supported(f"{path}.apiGroup", subject["apiGroup"], [""])
    elif subject.get("apiGroup", _GROUP) != _GROUP:
        yield not_supported(f"{path}.apiGroup", subject["apiGroup"], [_GROUP])


def _place(subject: Any, path: str) -> Iterator[FieldError]:
    """Accounts of a cluster's binding must say where they are."""
    if subject.get("kind") == "ServiceAccount" and not subject.get("namespace"):
        yield required(f"{path}.namespace")


_RBAC = "io.k8s.api.rbac.v1."

ROLES: Mapping[str, Mapping[str, Check]] = {
    _RBAC + "RoleRef": {"apiGroup": one_of(_GROUP), "kind": every(), "name": named(path_problems)},
    _RBAC + "RoleBinding": {
        "roleRef": lambda value, path: one_of("Role", "ClusterRole")(
            (value or {}).get("kind"), f"{path}.kind"
        )
    },
    _RBAC + "ClusterRoleBinding": {
        "subjects": each(_place),
        "roleRef": lambda value, path: one_of("ClusterRole")(
            (value or {}).get("kind"), f"{path}.kind"
        ),
    },
    _RBAC + "Subject": {"kind": every(), "name": every(), "": _subject},
}
