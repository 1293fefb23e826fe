"""Rights that nobody may grant who lacks them, aggregated roles and impersonation."""

from __future__ import annotations

from typing import Any

import pytest

RBAC = "/apis/rbac.authorization.k8s.io/v1"
GROUP = "rbac.authorization.k8s.io"
MANAGES_ROLES = {
    "apiGroups": [GROUP],
    "resources": ["roles", "rolebindings"],
    "verbs": ["create", "update", "patch", "get"],
}
READS_PODS = {"apiGroups": [""], "resources": ["pods"], "verbs": ["get", "list"]}


def role(name: str, *rules: Any, kind: str = "Role", **more: Any) -> dict[str, Any]:
    head = {"apiVersion": f"{GROUP}/v1", "kind": kind, "metadata": {"name": name}}
    return head | {"rules": list(rules)} | more


def binding(name: str, of: str, account: str, namespace: str) -> dict[str, Any]:
    subject = {"kind": "ServiceAccount", "name": account, "namespace": namespace}
    return {
        "apiVersion": f"{GROUP}/v1",
        "kind": "RoleBinding",
        "metadata": {"name": name},
        "roleRef": {"apiGroup": GROUP, "kind": "Role", "name": of},
        "subjects": [subject],
    }


def roles(api: Any, plural: str = "roles") -> str:
    return f"{RBAC}/namespaces/{api.namespace}/{plural}"


@pytest.fixture
def token(api: Any) -> str:
    """The token of an account that manages roles and reads pods."""
    namespace = api.namespace
    assert api.send("POST", roles(api), role("mine", MANAGES_ROLES, READS_PODS)).code == 201
    bound = api.send(
        "POST", roles(api, "rolebindings"), binding("mine", "mine", "default", namespace)
    )
    assert bound.code == 201
    body = {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": {}}
    path = api.path("serviceaccounts", "default", "token")
    made: str = api.send("POST", path, body).body["status"]["token"]
    api.cluster.eventually(
        lambda: api.send("GET", roles(api) + "/mine", token=made).code == 200, timeout=120
    )
    return made


def test_what_one_has_can_be_granted(api: Any, token: str) -> None:
    assert api.send("POST", roles(api), role("same", READS_PODS), token=token).code == 201


@pytest.mark.parametrize(
    ("rule", "shown"),
    [
        (
            {"apiGroups": [""], "resources": ["secrets"], "verbs": ["get", "list"]},
            '{APIGroups:[""], Resources:["secrets"], Verbs:["get" "list"]}',
        ),
        (
            {"apiGroups": [""], "resources": ["pods"], "verbs": ["get", "delete"]},
            '{APIGroups:[""], Resources:["pods"], Verbs:["delete"]}',
        ),
        (
            {
                "apiGroups": ["apps"],
                "resources": ["deployments"],
                "resourceNames": ["a"],
                "verbs": ["get"],
            },
            '{APIGroups:["apps"], Resources:["deployments"], ResourceNames:["a"], Verbs:["get"]}',
        ),
    ],
)
def test_what_one_lacks_cannot_be_granted(
    api: Any, token: str, rule: dict[str, Any], shown: str
) -> None:
    answer = api.send("POST", roles(api), role("more", rule), token=token)
    user = f"system:serviceaccount:{api.namespace}:default"
    assert (answer.code, answer.reason) == (403, "Forbidden")
    assert answer.message.startswith(
        f'roles.rbac.authorization.k8s.io "more" is forbidden: user "{user}" (groups=["system:'
    )
    assert answer.message.endswith(
        f"is attempting to grant RBAC permissions not currently held:\n{shown}"
    )


def test_an_update_cannot_grant_more(api: Any, token: str) -> None:
    api.send("POST", roles(api), role("same", READS_PODS), token=token)
    wider = role("same", {**READS_PODS, "verbs": ["*"]})
    assert api.send("PUT", roles(api) + "/same", wider, token=token).code == 403
    labelled = role("same", READS_PODS)
    labelled["metadata"]["labels"] = {"a": "b"}
    assert api.send("PUT", roles(api) + "/same", labelled, token=token).code == 200


def test_a_binding_cannot_grant_more(api: Any, token: str) -> None:
    secrets = {"apiGroups": [""], "resources": ["secrets"], "verbs": ["get"]}
    api.send("POST", roles(api), role("strong", secrets))
    bound = binding("strong", "strong", "default", api.namespace)
    answer = api.send("POST", roles(api, "rolebindings"), bound, token=token)
    assert answer.code == 403
    assert answer.message.endswith('{APIGroups:[""], Resources:["secrets"], Verbs:["get"]}')


def test_a_binding_to_no_role_needs_to_be_allowed(api: Any, token: str) -> None:
    bound = binding("no-role", "none", "default", api.namespace)
    answer = api.send("POST", roles(api, "rolebindings"), bound, token=token)
    assert answer.code == 404
    assert answer.message == 'rolebindings.rbac.authorization.k8s.io "none" not found'
    assert api.send("POST", roles(api, "rolebindings"), bound).code == 201


def test_aggregated_rules_come_and_go(api: Any) -> None:
    prefix = api.namespace
    selector = {"matchLabels": {"aggregate-to": prefix}}
    rule = {"clusterRoleSelectors": [selector]}
    path = f"{RBAC}/clusterroles"
    whole = role(f"{prefix}-all", kind="ClusterRole", aggregationRule=rule)
    assert api.send("POST", path, whole).code == 201
    part = role(f"{prefix}-part", READS_PODS, kind="ClusterRole")
    part["metadata"]["labels"] = {"aggregate-to": prefix}
    assert api.send("POST", path, part).code == 201

    def rules() -> Any:
        return api.send("GET", f"{path}/{prefix}-all").body.get("rules")

    api.cluster.eventually(lambda: rules() == [READS_PODS], timeout=120)
    api.send("DELETE", f"{path}/{prefix}-part")
    api.cluster.eventually(lambda: not rules(), timeout=120)
    api.send("DELETE", f"{path}/{prefix}-all")
