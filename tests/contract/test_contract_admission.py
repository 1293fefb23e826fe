"""Admission webhooks: who is asked what, in which order, and what a refusal reads like."""

from __future__ import annotations

from typing import Any

import pytest
from controlplane.configurations import MAPS, ROOT, WIDGETS, added, denied

MERGE = "application/merge-patch+json"


def test_a_mutating_webhook_changes_a_new_object(api: Any, webhooks: Any) -> None:
    webhooks.install("mutating", webhooks.webhook("one", added("/data/b", "2")))
    answer = api.make_map("a", a="1")
    assert answer.body["data"] == {"a": "1", "b": "2"}
    assert api.send("GET", api.maps("a")).body["data"] == {"a": "1", "b": "2"}


def test_nobody_owns_what_a_webhook_added(api: Any, webhooks: Any) -> None:
    webhooks.install("mutating", webhooks.webhook("one", added("/data/b", "2")))
    answer = api.make_map("a", a="1")
    assert answer.owners[("contract", "Update")] == {"f:data": {".": {}, "f:a": {}}}


def test_the_review_of_a_create(api: Any, webhooks: Any) -> None:
    webhooks.install("validating", webhooks.webhook("one"))
    api.make_map("a", a="1")
    [(path, review)] = webhooks.hooks.reviews
    request = review["request"]
    shown = request["object"]
    assert (path, review["kind"], review["apiVersion"]) == (
        "/one",
        "AdmissionReview",
        "admission.k8s.io/v1",
    )
    assert request["operation"] == "CREATE"
    assert (request["name"], request["namespace"]) == ("a", api.namespace)
    assert request["kind"] == {"group": "", "version": "v1", "kind": "ConfigMap"}
    assert request["resource"] == {"group": "", "version": "v1", "resource": "configmaps"}
    assert request["requestKind"] == request["kind"]
    assert request["oldObject"] is None
    assert request["dryRun"] is False
    assert request["options"]["kind"] == "CreateOptions"
    assert "system:masters" in request["userInfo"]["groups"]
    assert (shown["kind"], shown["data"]) == ("ConfigMap", {"a": "1"})
    assert shown["metadata"]["uid"] and shown["metadata"]["creationTimestamp"]


def test_mutating_webhooks_see_no_uid_yet(api: Any, webhooks: Any) -> None:
    webhooks.install("mutating", webhooks.webhook("one"))
    document = api.config_map(a="1")
    document["metadata"] = {"generateName": "made-"}
    assert api.send("POST", api.maps(), document).code == 201
    [(_, review)] = webhooks.hooks.reviews
    assert "uid" not in review["request"]["object"]["metadata"]
    assert "name" not in review["request"]["object"]["metadata"]
    assert "name" not in review["request"]


def test_the_review_of_an_update_has_both_objects(api: Any, webhooks: Any) -> None:
    api.make_map("a", a="1")
    webhooks.install("validating", webhooks.webhook("one"))
    patch = {"data": {"a": "2"}}
    assert api.send("PATCH", api.maps("a"), patch, content_type=MERGE).code == 200
    [(_, review)] = webhooks.hooks.reviews
    request = review["request"]
    assert request["operation"] == "UPDATE"
    assert request["object"]["data"] == {"a": "2"}
    assert request["oldObject"]["data"] == {"a": "1"}
    assert request["options"]["kind"] == "UpdateOptions"


def test_the_review_of_a_delete_has_the_old_object(api: Any, webhooks: Any) -> None:
    api.make_map("a", a="1")
    webhooks.install("validating", webhooks.webhook("one"))
    assert api.send("DELETE", api.maps("a")).code == 200
    [(_, review)] = webhooks.hooks.reviews
    request = review["request"]
    assert request["operation"] == "DELETE"
    assert request["object"] is None
    assert request["oldObject"]["data"] == {"a": "1"}
    assert request["options"]["kind"] == "DeleteOptions"


def test_webhooks_run_one_after_the_other(api: Any, webhooks: Any) -> None:
    webhooks.install(
        "mutating",
        webhooks.webhook("one", added("/data/b", "1")),
        webhooks.webhook("two", added("/data/c", "2")),
    )
    assert api.make_map("a", a="1").body["data"] == {"a": "1", "b": "1", "c": "2"}
    (_, first), (_, second) = webhooks.hooks.reviews
    assert first["request"]["object"]["data"] == {"a": "1"}
    assert second["request"]["object"]["data"] == {"a": "1", "b": "1"}


def test_reinvocation(api: Any, webhooks: Any) -> None:
    webhooks.install(
        "mutating",
        webhooks.webhook("one", reinvocationPolicy="IfNeeded"),
        webhooks.webhook("two", added("/data/c", "2")),
        webhooks.webhook("three"),
    )
    api.make_map("a", a="1")
    assert [path for path, _ in webhooks.hooks.reviews] == ["/one", "/two", "/three", "/one"]


def test_no_reinvocation_without_a_change(api: Any, webhooks: Any) -> None:
    webhooks.install(
        "mutating",
        webhooks.webhook("one", reinvocationPolicy="IfNeeded"),
        webhooks.webhook("two"),
    )
    api.make_map("a", a="1")
    assert [path for path, _ in webhooks.hooks.reviews] == ["/one", "/two"]


@pytest.mark.parametrize(
    ("status", "code", "reason", "text"),
    [
        ({"message": "never"}, 400, "", "denied the request: never"),
        ({"reason": "Forbidden"}, 400, "Forbidden", "denied the request: Forbidden"),
        ({}, 400, "", "denied the request without explanation"),
        (
            {"message": "no", "reason": "Invalid", "code": 422},
            422,
            "Invalid",
            "denied the request: no",
        ),
        ({"message": "odd", "code": 200}, 400, "", "denied the request: odd"),
    ],
    ids=["message", "reason", "nothing", "code", "success"],
)
@pytest.mark.parametrize("kind", ["validating", "mutating"])
def test_refusal(
    api: Any, webhooks: Any, kind: str, status: Any, code: int, reason: str, text: str
) -> None:
    webhooks.install(kind, webhooks.webhook("one", denied(**status)))
    answer = api.send("POST", api.maps(), api.config_map())
    expected = f'admission webhook "one.contract.example.com" {text}'
    assert (answer.code, answer.reason, answer.message) == (code, reason, expected)
    assert api.send("GET", api.maps("a")).code == 404


def test_a_refused_delete(api: Any, webhooks: Any) -> None:
    api.make_map("a")
    webhooks.install("validating", webhooks.webhook("one", denied(message="keep it")))
    answer = api.send("DELETE", api.maps("a"))
    assert "denied the request: keep it" in answer.message
    assert api.send("GET", api.maps("a")).code == 200


def test_warnings(api: Any, webhooks: Any) -> None:
    answer = {"allowed": True, "warnings": ["mind the gap"]}
    webhooks.install("validating", webhooks.webhook("one", lambda _: answer))
    assert api.make_map().headers["warning"] == '299 - "mind the gap"'


def test_dry_run_with_side_effects(api: Any, webhooks: Any) -> None:
    webhooks.install("validating", webhooks.webhook("one", sideEffects="NoneOnDryRun"))
    assert api.send("POST", api.maps(), api.config_map(), dryRun="All").code == 201
    [(_, review)] = webhooks.hooks.reviews
    assert review["request"]["dryRun"] is True


def test_object_selector(api: Any, webhooks: Any) -> None:
    selector = {"matchLabels": {"app": "x"}}
    webhook = webhooks.webhook("one", denied(message="no"), objectSelector=selector)
    webhooks.install("validating", webhook)
    assert api.send("POST", api.maps(), api.config_map("a")).code == 201
    document = api.config_map("b")
    document["metadata"]["labels"] = {"app": "x"}
    assert api.send("POST", api.maps(), document).code == 400
    # Old or new: an object that had the label is asked about, too.


def test_rules_of_operations(api: Any, webhooks: Any) -> None:
    rule = MAPS | {"operations": ["DELETE"]}
    webhooks.install("validating", webhooks.webhook("one", rules=[rule]))
    api.make_map("a")
    api.send("DELETE", api.maps("a"))
    assert [review["request"]["operation"] for _, review in webhooks.hooks.reviews] == ["DELETE"]


def test_scope_of_rules(api: Any, webhooks: Any) -> None:
    webhooks.install("validating", webhooks.webhook("one", rules=[MAPS | {"scope": "Cluster"}]))
    api.make_map("a")
    assert webhooks.hooks.reviews == []


def test_status_is_a_resource_of_its_own(api: Any, webhooks: Any) -> None:
    only = WIDGETS | {"resources": ["widgets/status"]}
    webhooks.install("validating", webhooks.webhook("one", rules=[only]))
    api.make("a")
    patch = {"status": {"phase": "x"}}
    api.send("PATCH", api.widgets("a", "status"), patch, content_type=MERGE)
    [(_, review)] = webhooks.hooks.reviews
    assert review["request"]["subResource"] == "status"
    assert review["request"]["resource"]["resource"] == "widgets"


def test_a_custom_object_is_pruned_after_a_mutation(api: Any, webhooks: Any) -> None:
    answer = added("/spec/unknown", "x")
    webhooks.install("mutating", webhooks.webhook("one", answer, rules=[WIDGETS]))
    assert "unknown" not in api.make("a").body["spec"]


def test_a_custom_object_is_defaulted_after_a_mutation(api: Any, webhooks: Any) -> None:
    answer = added("/spec/nested", {"must": "x"})
    webhooks.install("mutating", webhooks.webhook("one", answer, rules=[WIDGETS]))
    assert api.make("a").body["spec"]["nested"] == {"must": "x", "also": "yes"}


def test_a_custom_object_is_validated_after_a_mutation(api: Any, webhooks: Any) -> None:
    answer = added("/spec/step", 3)
    webhooks.install("mutating", webhooks.webhook("one", answer, rules=[WIDGETS]))
    assert api.send("POST", api.widgets(), api.widget()).code == 422


def test_validating_webhooks_are_not_asked_about_invalid_objects(api: Any, webhooks: Any) -> None:
    webhooks.install("validating", webhooks.webhook("one", rules=[WIDGETS]))
    assert api.send("POST", api.widgets(), api.widget(step=3)).code == 422
    assert webhooks.hooks.reviews == []


def test_server_side_apply_asks_as_create_and_update(api: Any, webhooks: Any) -> None:
    webhooks.install("validating", webhooks.webhook("one"))
    api.apply(api.maps("a"), api.config_map("a", a="1"))
    api.apply(api.maps("a"), api.config_map("a", a="2"))
    operations = [review["request"]["operation"] for _, review in webhooks.hooks.reviews]
    assert operations == ["CREATE", "UPDATE"]


def test_a_delete_of_a_collection_asks_for_each(api: Any, webhooks: Any) -> None:
    for name in ("a", "b"):
        document = api.config_map(name)
        document["metadata"]["labels"] = {"drop": "yes"}
        api.send("POST", api.maps(), document)
    webhooks.install("validating", webhooks.webhook("one"))
    api.send("DELETE", api.maps(), labelSelector="drop=yes")
    requests = [review["request"] for _, review in webhooks.hooks.reviews]
    assert not any("name" in request for request in requests)
    names = sorted(request["oldObject"]["metadata"]["name"] for request in requests)
    assert names == ["a", "b"]


def test_webhook_configurations_are_defaulted(api: Any, webhooks: Any) -> None:
    webhook = webhooks.webhook("one")
    for name in ("timeoutSeconds", "namespaceSelector"):
        webhook.pop(name)
    webhook["objectSelector"] = {"matchLabels": {"never": api.namespace}}
    webhooks.install("mutating", webhook)
    path = f"{ROOT}/mutatingwebhookconfigurations/mutating-{api.namespace}"
    _, stored = api.send("GET", path).body["webhooks"]
    assert stored["failurePolicy"] == "Fail"
    assert stored["matchPolicy"] == "Equivalent"
    assert stored["reinvocationPolicy"] == "Never"
    assert stored["timeoutSeconds"] == 10
    assert stored["namespaceSelector"] == {}
    assert stored["rules"][0]["scope"] == "*"
