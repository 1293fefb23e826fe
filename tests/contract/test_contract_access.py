"""Contract: who may do what: tokens, RBAC, reviews."""

from __future__ import annotations

import contextlib
import http.client
import json
import ssl
from typing import Any
from urllib.parse import urlsplit

import pytest

GROUP = "contract.example.com"
RBAC = "rbac.authorization.k8s.io/v1"


@pytest.fixture
def token(api: Any) -> str:
    """A token of a service account that has no rights yet."""
    account = {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "robot"}}
    assert api.send("POST", api.path("serviceaccounts"), account).code == 201
    request = {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": {}}
    answer = api.send("POST", api.path("serviceaccounts", "robot", "token"), request)
    assert answer.code == 201
    found: str = answer.body["status"]["token"]
    return found


def user(api: Any) -> str:
    return f"system:serviceaccount:{api.namespace}:robot"


def grant(api: Any, *rules: dict[str, Any]) -> None:
    role = {"apiVersion": RBAC, "kind": "Role", "metadata": {"name": "r"}, "rules": list(rules)}
    assert api.send("POST", api.path("roles", group=RBAC), role).code == 201
    binding = {
        "apiVersion": RBAC,
        "kind": "RoleBinding",
        "metadata": {"name": "r"},
        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": "r"},
        "subjects": [{"kind": "ServiceAccount", "name": "robot", "namespace": api.namespace}],
    }
    assert api.send("POST", api.path("rolebindings", group=RBAC), binding).code == 201


def rule(resource: str, *verbs: str, group: str = GROUP, **more: Any) -> dict[str, Any]:
    return {"apiGroups": [group], "resources": [resource], "verbs": list(verbs), **more}


def allowed(api: Any, token: str, verb: str, path: str, body: Any = None) -> None:
    """Wait until the server has taken in the rights."""

    def check() -> bool:
        return api.send(verb, path, body, token=token).code != 403

    api.cluster.eventually(check, timeout=120)


def test_a_list_without_rights(api: Any, token: str) -> None:
    answer = api.send("GET", api.widgets(), token=token)
    assert (answer.code, answer.reason) == (403, "Forbidden")
    assert answer.message == (
        f'widgets.{GROUP} is forbidden: User "{user(api)}" cannot list resource "widgets" in API '
        f'group "{GROUP}" in the namespace "{api.namespace}"'
    )
    assert answer.body["details"] == {"group": GROUP, "kind": "widgets"}


def test_a_get_without_rights(api: Any, token: str) -> None:
    answer = api.send("GET", api.widgets("a"), token=token)
    assert answer.message == (
        f'widgets.{GROUP} "a" is forbidden: User "{user(api)}" cannot get resource "widgets" in '
        f'API group "{GROUP}" in the namespace "{api.namespace}"'
    )
    assert answer.body["details"] == {"name": "a", "group": GROUP, "kind": "widgets"}


def test_the_core_group_without_rights(api: Any, token: str) -> None:
    answer = api.send("GET", api.maps(), token=token)
    assert answer.message == (
        f'configmaps is forbidden: User "{user(api)}" cannot list resource "configmaps" in API '
        f'group "" in the namespace "{api.namespace}"'
    )


def test_a_whole_cluster_without_rights(api: Any, token: str) -> None:
    answer = api.send("GET", "/api/v1/configmaps", token=token)
    assert answer.message == (
        f'configmaps is forbidden: User "{user(api)}" cannot list resource "configmaps" in API '
        'group "" at the cluster scope'
    )


def test_a_subresource_without_rights(api: Any, token: str) -> None:
    answer = api.send("PUT", api.widgets("a", "status"), api.widget(), token=token)
    assert answer.message == (
        f'widgets.{GROUP} "a" is forbidden: User "{user(api)}" cannot update resource '
        f'"widgets/status" in API group "{GROUP}" in the namespace "{api.namespace}"'
    )


def test_a_path_without_rights(api: Any, token: str) -> None:
    answer = api.send("GET", "/metrics", token=token)
    assert answer.message == f'forbidden: User "{user(api)}" cannot get path "/metrics"'


def test_rights_come_before_existence(api: Any, token: str) -> None:
    assert api.send("DELETE", api.widgets("nobody"), token=token).code == 403


def test_discovery_is_for_everybody(api: Any, token: str) -> None:
    assert api.send("GET", "/apis", token=token).code == 200
    assert api.send("GET", "/version", token=token).code == 200


def test_a_token_that_is_not_known(api: Any) -> None:
    answer = api.send("GET", api.widgets(), token="rubbish")
    assert (answer.code, answer.reason, answer.message) == (401, "Unauthorized", "Unauthorized")


def test_a_role_gives_its_verbs_and_no_others(api: Any, token: str) -> None:
    api.make()
    grant(api, rule("widgets", "get", "list"))
    allowed(api, token, "GET", api.widgets("a"))
    assert api.send("GET", api.widgets("a"), token=token).code == 200
    assert api.send("GET", api.widgets(), token=token).code == 200
    assert api.send("DELETE", api.widgets("a"), token=token).code == 403
    assert api.send("GET", api.widgets(), watch="true", token=token).code == 403


def test_a_role_for_names(api: Any, token: str) -> None:
    api.make("a")
    api.make("b")
    grant(api, rule("widgets", "get", resourceNames=["a"]))
    allowed(api, token, "GET", api.widgets("a"))
    assert api.send("GET", api.widgets("a"), token=token).code == 200
    assert api.send("GET", api.widgets("b"), token=token).code == 403


def test_a_subresource_needs_a_rule_of_its_own(api: Any, token: str) -> None:
    made = api.make().body
    grant(api, rule("widgets", "*"))
    allowed(api, token, "GET", api.widgets("a"))
    assert api.send("PUT", api.widgets("a", "status"), made, token=token).code == 403


def test_everything_below_a_resource(api: Any, token: str) -> None:
    made = api.make().body
    grant(api, rule("*", "*"))
    allowed(api, token, "GET", api.widgets("a"))
    assert api.send("PUT", api.widgets("a", "status"), made, token=token).code == 200


def test_apply_of_a_new_object_needs_create(api: Any, token: str) -> None:
    grant(api, rule("widgets", "patch", "get"))
    allowed(api, token, "GET", api.widgets("a"))
    content_type = "application/apply-patch+yaml"
    query = {"content_type": content_type, "fieldManager": "x", "token": token}
    answer = api.send("PATCH", api.widgets("a"), api.widget(), **query)
    assert answer.code == 403
    assert f'User "{user(api)}" cannot create resource "widgets"' in answer.message
    api.make()
    assert api.send("PATCH", api.widgets("a"), api.widget(), **query).code == 200


def test_a_review_of_ones_own_rights(api: Any, token: str) -> None:
    grant(api, rule("widgets", "get"))
    allowed(api, token, "GET", api.widgets("a"))
    path = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"
    for verb, wanted in (("get", True), ("delete", False)):
        review = {
            "apiVersion": "authorization.k8s.io/v1",
            "kind": "SelfSubjectAccessReview",
            "spec": {
                "resourceAttributes": {
                    "namespace": api.namespace,
                    "verb": verb,
                    "group": GROUP,
                    "resource": "widgets",
                }
            },
        }
        answer = api.send("POST", path, review, token=token)
        assert answer.code == 201
        assert answer.body["status"]["allowed"] is wanted


def test_a_review_of_a_token(api: Any, token: str) -> None:
    review = {
        "apiVersion": "authentication.k8s.io/v1",
        "kind": "TokenReview",
        "spec": {"token": token},
    }
    answer = api.send("POST", "/apis/authentication.k8s.io/v1/tokenreviews", review)
    assert answer.body["status"]["authenticated"] is True
    who = answer.body["status"]["user"]
    assert who["username"] == user(api)
    assert set(who["groups"]) == {
        "system:serviceaccounts",
        f"system:serviceaccounts:{api.namespace}",
        "system:authenticated",
    }


def test_a_token_for_an_account_that_is_not_there(api: Any) -> None:
    request = {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": {}}
    answer = api.send("POST", api.path("serviceaccounts", "nobody", "token"), request)
    assert answer.message == 'serviceaccounts "nobody" not found'


def test_a_review_of_anothers_rights(api: Any) -> None:
    review = {
        "apiVersion": "authorization.k8s.io/v1",
        "kind": "SubjectAccessReview",
        "spec": {
            "user": f"system:serviceaccount:{api.namespace}:default",
            "groups": ["system:serviceaccounts"],
            "resourceAttributes": {
                "namespace": api.namespace,
                "verb": "get",
                "resource": "configmaps",
            },
        },
    }
    path = "/apis/authorization.k8s.io/v1/subjectaccessreviews"
    answer = api.send("POST", path, review)
    assert (answer.code, answer.body["status"]) == (201, {"allowed": False})
    group = "rbac.authorization.k8s.io"
    role = {
        "apiVersion": f"{group}/v1",
        "kind": "Role",
        "metadata": {"name": "reader"},
        "rules": [{"apiGroups": [""], "resources": ["configmaps"], "verbs": ["get"]}],
    }
    binding = {
        "apiVersion": f"{group}/v1",
        "kind": "RoleBinding",
        "metadata": {"name": "reader"},
        "roleRef": {"apiGroup": group, "kind": "Role", "name": "reader"},
        "subjects": [{"kind": "ServiceAccount", "name": "default", "namespace": api.namespace}],
    }
    assert api.send("POST", api.path("roles", group=f"{group}/v1"), role).code == 201
    assert api.send("POST", api.path("rolebindings", group=f"{group}/v1"), binding).code == 201
    api.cluster.eventually(
        lambda: api.send("POST", path, review).body["status"]["allowed"], timeout=120
    )
    status = api.send("POST", path, review).body["status"]
    assert status["reason"].startswith('RBAC: allowed by RoleBinding "reader/')


@pytest.mark.parametrize(
    ("header", "code"), [("Basic YTpi", 403), ("Bearer ", 403), ("Bearer nobody", 401)]
)
def test_credentials_that_are_none(api: Any, header: str, code: int) -> None:
    answer = plain_request(api, api.path("secrets"), {"Authorization": header})
    assert answer["code"] == code


def test_groups_without_a_user(api: Any) -> None:
    answer = plain_request(api, api.path("secrets"), {"Impersonate-Group": "a"})
    assert (answer["code"], answer["reason"]) == (400, "BadRequest")
    assert answer["message"] == (
        'requested &user.DefaultInfo{Name:"", UID:"", Groups:[]string{"a"}, '
        "Extra:map[string][]string(nil)} without impersonating a user name"
    )


def plain_request(api: Any, path: str, headers: dict[str, str]) -> Any:
    """What a GET with headers of one's own is answered; the administrator's, if it has no token."""
    config = api.cluster.config
    address = urlsplit(config.server)
    if config.token:
        headers = {"Authorization": f"Bearer {config.token}"} | headers
    trust = ssl.create_default_context(cadata=config.ca.decode()) if config.ca else None
    connection = (
        http.client.HTTPSConnection(address.hostname, address.port, context=trust)
        if trust
        else http.client.HTTPConnection(address.hostname or "", address.port)
    )
    with contextlib.closing(connection):
        connection.request("GET", path, headers=headers)
        return json.loads(connection.getresponse().read())
