"""Roles of namespaces that are not the operator's: their names, bindings and what keeps them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from opgen.api import rbac
from opgen.manifests import elsewhere
from opgen.manifests.rbac import roles


def role(namespace: str = "", name: str = "") -> Any:
    """What a controller asks for."""
    return rbac(groups=[""], resources=["pods"], verbs=["get"], namespace=namespace, role=name)


def bound(*rules: Any) -> list[dict[str, Any]]:
    return elsewhere.bound(roles(rules, "manager-role"), "manager-role")


def named(documents: list[dict[str, Any]]) -> list[tuple[str, str, str]]:
    return [
        (one["kind"], one["metadata"].get("namespace", ""), one["metadata"]["name"])
        for one in documents
    ]


def test_the_operators_roles_elsewhere_have_names_of_their_own_and_are_bound():
    documents = bound(role(), role("b"), role("a"), role("a", "reader"), role("system"))
    assert named(documents) == [
        ("ClusterRole", "", "manager-role"),
        ("Role", "a", "manager-role-a"),
        ("RoleBinding", "a", "manager-role-a"),
        ("Role", "a", "reader"),
        ("Role", "b", "manager-role-b"),
        ("RoleBinding", "b", "manager-role-b"),
        ("Role", "system", "manager-role"),
    ]
    assert documents[2]["roleRef"]["name"] == "manager-role-a"
    assert documents[2]["subjects"] == [
        {"kind": "ServiceAccount", "name": "controller-manager", "namespace": "system"}
    ]


def test_nothing_is_to_be_kept_where_all_is_the_operators():
    assert elsewhere.transformers(bound(role(), role("system"))) == []


def test_a_role_that_somebody_else_binds_is_kept_without_a_binding():
    (back,) = elsewhere.transformers(bound(role("other", "reader")))
    assert back["kind"] == "PatchTransformer"
    assert back["target"] == {"kind": "Role|RoleBinding", "namespace": "other"}


@pytest.mark.parametrize(
    ("text", "warned"),
    [("resources: [a]\n", True), ("transformers: [role_namespaces.yaml]", False)],
)
def test_a_kustomization_that_does_not_keep_them_is_told_of(tmp_path: Path, text, warned):
    assert list(elsewhere.check(tmp_path, bound(role("other")))) == []
    kustomization = tmp_path / "config/default/kustomization.yaml"
    kustomization.parent.mkdir(parents=True)
    kustomization.write_text(text)
    assert list(elsewhere.check(tmp_path, bound(role()))) == []
    problems = list(elsewhere.check(tmp_path, bound(role("b"), role("a"))))
    assert [problem.message for problem in problems] == warned * [
        "config/default/kustomization.yaml does not name role_namespaces.yaml, so kustomize moves "
        "the roles for a, b into the operator's own namespace"
    ]
    for problem in problems:
        assert problem.severity == "warning"
        assert problem.hint == (
            "run opgen update, or add to it: transformers: [role_namespaces.yaml]"
        )


def test_two_roles_that_would_become_one_are_told_of(tmp_path: Path):
    (problem,) = elsewhere.check(tmp_path, bound(role("a", "reader"), role("b", "reader")))
    assert problem.message == (
        "two namespaces have a role 'reader', and kustomize would make one of them"
    )
    assert problem.hint == (
        "name them differently, as in rbac(..., role='reader-b', namespace='b')"
    )
    assert problem.severity == "warning"
