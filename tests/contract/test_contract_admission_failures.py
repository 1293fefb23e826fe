"""Admission webhooks that cannot be asked, or answer what is no answer."""

from __future__ import annotations

import base64
import json
import threading
from typing import Any

import pytest


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
