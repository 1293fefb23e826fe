"""Contract: questions about rights and tokens, and tokens for accounts."""

from __future__ import annotations

from typing import Any

import pytest

AUTHORIZATION = "/apis/authorization.k8s.io/v1"
AUTHENTICATION = "/apis/authentication.k8s.io/v1"
READ = {"verb": "get", "resource": "configmaps", "namespace": "default"}
MUST_SPECIFY = (
    "spec.resourceAttributes: Invalid value: null: exactly one of nonResourceAttributes or "
    "resourceAttributes must be specified"
)


def test_a_review_is_an_object(api: Any) -> None:
    spec = {"user": "jane", "resourceAttributes": READ}
    answer = api.send("POST", f"{AUTHORIZATION}/subjectaccessreviews", {"spec": spec})
    assert answer.code == 201
    assert answer.body["kind"] == "SubjectAccessReview"
    assert answer.body["apiVersion"] == "authorization.k8s.io/v1"
    assert answer.body["spec"] == spec
    [owner] = answer.metadata["managedFields"]
    assert owner["fieldsV1"]["f:spec"]["f:user"] == {}


@pytest.mark.parametrize(
    ("groups", "allowed"), [([], False), (["system:authenticated"], True), (["other"], False)]
)
def test_only_the_groups_that_are_named_count(api: Any, groups: list[str], allowed: bool) -> None:
    asked = {"verb": "create", "group": "authorization.k8s.io"}
    asked["resource"] = "selfsubjectaccessreviews"
    spec = {"user": "jane", "groups": groups, "resourceAttributes": asked}
    answer = api.send("POST", f"{AUTHORIZATION}/subjectaccessreviews", {"spec": spec})
    assert answer.body["status"]["allowed"] is allowed


@pytest.mark.parametrize(
    ("plural", "spec", "message"),
    [
        ("subjectaccessreviews", {"user": "x"}, MUST_SPECIFY),
        ("selfsubjectaccessreviews", {}, MUST_SPECIFY),
        (
            "subjectaccessreviews",
            {"resourceAttributes": READ},
            'spec.user: Invalid value: "": at least one of user or group must be specified',
        ),
        (
            "subjectaccessreviews",
            {
                "user": "x",
                "resourceAttributes": READ,
                "nonResourceAttributes": {"path": "/x", "verb": "get"},
            },
            'spec.nonResourceAttributes: Invalid value: {"Path":"/x","Verb":"get"}: cannot be '
            "specified in combination with resourceAttributes",
        ),
    ],
)
def test_questions_that_are_none(api: Any, plural: str, spec: dict[str, Any], message: str) -> None:
    answer = api.send("POST", f"{AUTHORIZATION}/{plural}", {"spec": spec})
    assert (answer.code, answer.reason) == (422, "Invalid")
    assert answer.message == f'.authorization.k8s.io "" is invalid: {message}'


def test_a_local_question_is_about_its_namespace(api: Any) -> None:
    path = f"{AUTHORIZATION}/namespaces/{api.namespace}/localsubjectaccessreviews"
    spec = {"user": "jane", "resourceAttributes": READ}
    answer = api.send("POST", path, {"spec": spec})
    assert answer.message.endswith('Invalid value: "default": must match metadata.namespace')


def test_rules_of_no_namespace(api: Any) -> None:
    answer = api.send("POST", f"{AUTHORIZATION}/selfsubjectrulesreviews", {"spec": {}})
    assert (answer.code, answer.message) == (400, "no namespace on request")


def test_tokens_that_are_none(api: Any) -> None:
    path = f"{AUTHENTICATION}/tokenreviews"
    answer = api.send("POST", path, {"spec": {"token": "x"}})
    assert answer.code == 201
    assert not answer.body["status"].get("authenticated")
    answer = api.send("POST", path, {"spec": {}})
    assert answer.code == 400
    assert answer.message == "token is required for TokenReview in authentication"


@pytest.mark.parametrize(
    ("spec", "code", "message"),
    [
        ({"expirationSeconds": 599}, 422, "may not specify a duration less than 10 minutes"),
        (
            {"expirationSeconds": 4294967297},
            422,
            "may not specify a duration larger than 2^32 seconds",
        ),
        (
            {"boundObjectRef": {"apiVersion": "v1", "kind": "Pod", "name": "none"}},
            404,
            'pods "none" not found',
        ),
        (
            {"boundObjectRef": {"kind": "X", "name": "none"}},
            400,
            "cannot bind token to object of type /, Kind=X",
        ),
    ],
)
def test_tokens_that_are_refused(api: Any, spec: dict[str, Any], code: int, message: str) -> None:
    path = api.path("serviceaccounts", "default", "token")
    answer = api.send("POST", path, {"spec": spec})
    assert answer.code == code
    assert answer.message.endswith(message)
