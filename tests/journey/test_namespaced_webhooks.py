"""An operator of one namespace has its webhooks trusted, with no more rights than deployed."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import yaml

if TYPE_CHECKING:
    import pytest
    from conftest import Stage

NAMESPACE = "webserver-operator-system"
TRUSTING = "mutatingwebhookconfigurations,validatingwebhookconfigurations"


def test_it_makes_its_certificate_and_has_it_trusted(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    kind = ("--version", "v1", "--kind", "WebServer")
    stage.opgen("init", "--domain", "my.domain", "--namespaced")
    stage.opgen("create", "api", *kind)
    stage.opgen("create", "webhook", *kind, "--defaulting", "--validation")
    stage.kubectl("apply", "--server-side", "--kustomize", "config/default")
    kubeconfig = stage.kubeconfig_of_operator()
    document = yaml.safe_load(kubeconfig.read_text())
    document["contexts"][0]["context"]["namespace"] = NAMESPACE
    kubeconfig.write_text(yaml.safe_dump(document))
    monkeypatch.setenv("OPGEN_NAMESPACE", NAMESPACE)
    monkeypatch.setenv("OPGEN_WEBHOOK_SERVICE", "webserver-operator-webhook-service")
    monkeypatch.setenv("OPGEN_WEBHOOK_BIND_ADDRESS", "127.0.0.1:0")

    def trusted() -> bool:
        found = json.loads(stage.kubectl("get", TRUSTING, "--output", "json"))["items"]
        ours = [one for one in found if one["metadata"]["name"].startswith("webserver-")]
        webhooks = [one for item in ours for one in item["webhooks"]]
        return len(webhooks) == 2 and all("caBundle" in one["clientConfig"] for one in webhooks)

    with stage.running(kubeconfig):
        stage.eventually(trusted)
    stage.kubectl("delete", "--ignore-not-found", "--kustomize", "config/default")
