"""Admission webhooks: who is asked what, in which order, and what a refusal reads like."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from typing import Any

import pytest

ROOT = "/apis/admissionregistration.k8s.io/v1"
KINDS = {
    "mutating": ("mutatingwebhookconfigurations", "MutatingWebhookConfiguration"),
    "validating": ("validatingwebhookconfigurations", "ValidatingWebhookConfiguration"),
}
MAPS = {"apiGroups": [""], "apiVersions": ["v1"], "operations": ["*"], "resources": ["configmaps"]}
WIDGETS = {
    "apiGroups": ["contract.example.com"],
    "apiVersions": ["v1"],
    "operations": ["*"],
    "resources": ["widgets", "widgets/status"],
}
MERGE = "application/merge-patch+json"


def allowed(_: Any) -> dict[str, Any]:
    return {"allowed": True}


def added(path: str, value: Any) -> Any:
    from controlplane.hooks import patched

    return lambda _: patched({"op": "add", "path": path, "value": value})


def denied(**status: Any) -> Any:
    return lambda _: {"allowed": False, "status": status}


OTHERS = {"matchExpressions": [{"key": "probe", "operator": "DoesNotExist"}]}


class Configurations:
    """Installs webhooks that are asked for the test's namespace only."""

    def __init__(self, api: Any, hooks: Any) -> None:
        self.api = api
        self.hooks = hooks
        self._made: list[str] = []

    def webhook(self, name: str, answer: Any = allowed, **more: Any) -> dict[str, Any]:
        label = {"kubernetes.io/metadata.name": self.api.namespace}
        return {
            "name": f"{name}.contract.example.com",
            "clientConfig": self.hooks.config(f"/{name}", answer),
            "rules": [MAPS],
            "sideEffects": "None",
            "admissionReviewVersions": ["v1"],
            "namespaceSelector": {"matchLabels": label},
            "timeoutSeconds": 5,
        } | more

    def install(self, kind: str, *webhooks: dict[str, Any]) -> None:
        """Install webhooks and wait until the server asks them.

        The object that is waited with is the probe's alone: of several refusals of validating
        webhooks the server tells the one that comes first.
        """
        plural, title = KINDS[kind]
        name = f"{kind}-{self.api.namespace}"
        probe = self.webhook("probe", denied(message="probe"), rules=[MAPS])
        probe["objectSelector"] = {"matchLabels": {"probe": "yes"}}
        answer = self.api.send(
            "POST",
            f"{ROOT}/{plural}",
            {
                "apiVersion": "admissionregistration.k8s.io/v1",
                "kind": title,
                "metadata": {"name": name},
                "webhooks": [probe, *({"objectSelector": OTHERS, **one} for one in webhooks)],
            },
        )
        assert answer.code == 201, answer.body
        self._made.append(f"{ROOT}/{plural}/{name}")
        document = self.api.config_map("probe")
        document["metadata"]["labels"] = {"probe": "yes"}

        def asked() -> bool:
            probe = self.api.send("POST", self.api.maps(), document, dryRun="All")
            return "denied the request: probe" in probe.message

        self.api.cluster.eventually(asked, timeout=30)
        self.hooks.reviews.clear()

    def close(self) -> None:
        for path in self._made:
            self.api.send("DELETE", path)


@pytest.fixture
def webhooks(api: Any) -> Iterator[Configurations]:
    from controlplane.hooks import Hooks

    with Hooks() as hooks:
        configurations = Configurations(api, hooks)
        yield configurations
        configurations.close()


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


def unreachable(webhooks: Any, **more: Any) -> dict[str, Any]:
    webhook: dict[str, Any] = webhooks.webhook("one", **more)
    webhook["clientConfig"] = {"url": "https://127.0.0.1:1/x"}
    return webhook


def test_a_webhook_that_is_not_there(api: Any, webhooks: Any) -> None:
    webhooks.install("validating", unreachable(webhooks))
    answer = api.send("POST", api.maps(), api.config_map())
    assert (answer.code, answer.reason) == (500, "InternalError")
    assert answer.message == (
        'Internal error occurred: failed calling webhook "one.contract.example.com": failed to '
        'call webhook: Post "https://127.0.0.1:1/x?timeout=5s": dial tcp 127.0.0.1:1: connect: '
        "connection refused"
    )


def test_failure_policy_ignore(api: Any, webhooks: Any) -> None:
    webhooks.install("validating", unreachable(webhooks, failurePolicy="Ignore"))
    assert api.send("POST", api.maps(), api.config_map()).code == 201


def test_a_service_that_is_not_there(api: Any, webhooks: Any) -> None:
    webhook = webhooks.webhook("one")
    service = {"name": "hook", "namespace": api.namespace, "path": "/x"}
    webhook["clientConfig"] = {"service": service}
    webhooks.install("validating", webhook)
    answer = api.send("POST", api.maps(), api.config_map())
    assert answer.message == (
        'Internal error occurred: failed calling webhook "one.contract.example.com": failed to '
        f'call webhook: Post "https://hook.{api.namespace}.svc:443/x?timeout=5s": service "hook" '
        "not found"
    )


def test_a_webhook_whose_certificate_is_not_known(api: Any, webhooks: Any) -> None:
    webhook = webhooks.webhook("one")
    del webhook["clientConfig"]["caBundle"]
    webhooks.install("validating", webhook)
    answer = api.send("POST", api.maps(), api.config_map())
    text = "tls: failed to verify certificate: x509: certificate signed by unknown authority"
    assert answer.message.endswith(text)


def test_a_webhook_that_takes_too_long(api: Any, webhooks: Any) -> None:
    import threading

    release = threading.Event()

    def slow(_: Any) -> dict[str, Any]:
        release.wait(30)
        return {"allowed": True}

    webhooks.install("validating", webhooks.webhook("one", slow, timeoutSeconds=1))
    try:
        answer = api.send("POST", api.maps(), api.config_map())
    finally:
        release.set()
    assert answer.code == 500
    assert answer.message.endswith('?timeout=1s": context deadline exceeded')


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (b"{}", "received invalid webhook response: webhook response was absent"),
        (
            b'{"kind":"AdmissionReview","apiVersion":"admission.k8s.io/v1"}',
            "received invalid webhook response: webhook response was absent",
        ),
        (
            b'{"kind":"AdmissionReview","apiVersion":"admission.k8s.io/v1","response":{"uid":"x"}}',
            "received invalid webhook response: expected response.uid=",
        ),
    ],
    ids=["no review", "no response", "wrong uid"],
)
def test_a_webhook_that_answers_nonsense(api: Any, webhooks: Any, body: bytes, text: str) -> None:
    webhooks.install("validating", webhooks.webhook("one", lambda _: body))
    answer = api.send("POST", api.maps(), api.config_map())
    assert answer.code == 500
    assert text in answer.message


@pytest.mark.parametrize(
    ("more", "text"),
    [
        (
            {},
            "received invalid webhook response: webhook returned response.patch but not "
            "response.patchType",
        ),
        ({"patchType": "Merge"}, 'unsupported patch type "Merge"'),
    ],
    ids=["no type", "wrong type"],
)
def test_a_patch_of_the_wrong_type(api: Any, webhooks: Any, more: Any, text: str) -> None:
    patch = base64.b64encode(json.dumps([{"op": "remove", "path": "/data"}]).encode()).decode()
    response = {"allowed": True, "patch": patch, **more}
    webhooks.install("mutating", webhooks.webhook("one", lambda _: response))
    answer = api.send("POST", api.maps(), api.config_map())
    assert answer.code == 500
    assert answer.message.endswith(text)


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
