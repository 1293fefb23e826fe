"""Webhook configurations of a test, which the server asks in its namespace alone."""

from __future__ import annotations

from typing import Any

from .hooks import Hooks, patched

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


def allowed(_: Any) -> dict[str, Any]:
    """The answer that lets a request pass."""
    return {"allowed": True}


def added(path: str, value: Any) -> Any:
    """The answer that adds something to the object."""
    return lambda _: patched({"op": "add", "path": path, "value": value})


def denied(**status: Any) -> Any:
    """The answer that refuses a request, with a status."""
    return lambda _: {"allowed": False, "status": status}


OTHERS = {"matchExpressions": [{"key": "probe", "operator": "DoesNotExist"}]}


class Configurations:
    """Installs webhooks that are asked for the test's namespace only."""

    def __init__(self, api: Any, hooks: Hooks) -> None:
        self.api = api
        self.hooks = hooks
        self._made: list[str] = []

    def webhook(self, name: str, answer: Any = allowed, **more: Any) -> dict[str, Any]:
        """A webhook that is asked about config maps, and answers so."""
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

        self.api.cluster.eventually(asked, timeout=120)
        self.hooks.reviews.clear()

    def close(self) -> None:
        """Take everything away that was installed."""
        for path in self._made:
            self.api.send("DELETE", path)
