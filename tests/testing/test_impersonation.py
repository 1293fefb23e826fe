"""Impersonation on the in-process server: whom one may act as, and with which rights."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from opgen.k8s import core_v1
from opgen.runtime.client import ApiError
from opgen.runtime.config import Impersonation
from opgen.testing import Cluster

RBAC = "rbac.authorization.k8s.io"


def acting(kube: Cluster, user: str, *groups: str, token: str = "") -> Cluster:
    config = dataclasses.replace(
        kube.config, impersonate=Impersonation(user=user, groups=groups), token=token or None
    )
    return Cluster(config)


def grant(kube: Cluster, user: str, role: str) -> None:
    document: dict[str, Any] = {
        "apiVersion": f"{RBAC}/v1",
        "kind": "ClusterRoleBinding",
        "metadata": {"name": f"{user}-{role}"},
        "roleRef": {"apiGroup": RBAC, "kind": "ClusterRole", "name": role},
        "subjects": [{"apiGroup": RBAC, "kind": "User", "name": user}],
    }
    kube.create(document)


def test_it_has_the_rights_of_the_other(kube: Cluster) -> None:
    with acting(kube, "ann") as ann:
        with pytest.raises(ApiError, match='User "ann" cannot list resource "pods"'):
            ann.list(core_v1.Pod)
        grant(kube, "ann", "view")
        assert ann.list(core_v1.Pod) == []
    assert kube.requests[-1].user == "ann"


def test_groups_count(kube: Cluster) -> None:
    with acting(kube, "ann", "system:masters") as ann:
        assert ann.list(core_v1.Secret) == []


def test_a_service_account_has_its_groups(kube: Cluster) -> None:
    body = {"apiVersion": "authentication.k8s.io/v1", "kind": "SelfSubjectReview"}
    with acting(kube, "system:serviceaccount:default:default") as account:
        path = "/apis/authentication.k8s.io/v1/selfsubjectreviews"
        who = account.request("POST", path, body=body)["status"]["userInfo"]
    assert who["groups"] == [
        "system:serviceaccounts",
        "system:serviceaccounts:default",
        "system:authenticated",
    ]


def test_it_needs_leave(kube: Cluster) -> None:
    path = "/api/v1/namespaces/default/serviceaccounts/default/token"
    body = {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": {}}
    token = kube.request("POST", path, body=body)["status"]["token"]
    with acting(kube, "ann", token=token) as robot, pytest.raises(ApiError) as raised:
        robot.list(core_v1.Pod)
    assert raised.value.code == 403
    assert 'users "ann" is forbidden' in raised.value.message
    assert 'cannot impersonate resource "users" in API group ""' in raised.value.message


def test_extras_come_along(kube: Cluster) -> None:
    extra = (("reason", "on call"), ("reason", "at night"), ("Scopes", "view"))
    impersonate = Impersonation(user="ann", groups=("system:masters",), extra=extra)
    body = {"apiVersion": "authentication.k8s.io/v1", "kind": "SelfSubjectReview"}
    with Cluster(dataclasses.replace(kube.config, impersonate=impersonate)) as ann:
        path = "/apis/authentication.k8s.io/v1/selfsubjectreviews"
        who = ann.request("POST", path, body=body)["status"]["userInfo"]
    # Names of headers have no case, so those of extras are in lower case.
    assert who["extra"] == {"reason": ["on call", "at night"], "scopes": ["view"]}


def test_extras_need_leave(kube: Cluster) -> None:
    path = "/api/v1/namespaces/default/serviceaccounts/default/token"
    request = {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": {}}
    token = kube.request("POST", path, body=request)["status"]["token"]
    role = {
        "apiVersion": f"{RBAC}/v1",
        "kind": "ClusterRole",
        "metadata": {"name": "acts"},
        "rules": [{"apiGroups": [""], "resources": ["users"], "verbs": ["impersonate"]}],
    }
    binding = {
        "apiVersion": f"{RBAC}/v1",
        "kind": "ClusterRoleBinding",
        "metadata": {"name": "acts"},
        "roleRef": {"apiGroup": RBAC, "kind": "ClusterRole", "name": "acts"},
        "subjects": [{"kind": "ServiceAccount", "name": "default", "namespace": "default"}],
    }
    kube.create(role)
    kube.create(binding)
    impersonate = Impersonation(user="ann", extra=(("reason", "x"),))
    config = dataclasses.replace(kube.config, impersonate=impersonate, token=token)
    with Cluster(config) as robot, pytest.raises(ApiError) as raised:
        robot.list(core_v1.Pod)
    assert raised.value.code == 403
    assert 'cannot impersonate resource "userextras/reason"' in raised.value.message
