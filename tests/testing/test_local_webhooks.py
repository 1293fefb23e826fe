"""Webhooks of Services, served on this machine."""

from __future__ import annotations

from typing import Any

import pytest

from opgen.runtime.client import ApiError
from opgen.testing import Cluster


def test_webhooks_of_a_service_are_called_at_a_local_address() -> None:
    from controlplane.hooks import Hooks

    configuration: dict[str, Any] = {
        "apiVersion": "admissionregistration.k8s.io/v1",
        "kind": "ValidatingWebhookConfiguration",
        "metadata": {"name": "v"},
        "webhooks": [
            {
                "name": "v.example.com",
                "clientConfig": {
                    "service": {"name": "hook", "namespace": "system", "path": "/validate"}
                },
                "rules": [
                    {
                        "apiGroups": [""],
                        "apiVersions": ["v1"],
                        "operations": ["CREATE"],
                        "resources": ["secrets"],
                    }
                ],
                "sideEffects": "None",
                "admissionReviewVersions": ["v1"],
            }
        ],
    }
    refused = {"allowed": False, "status": {"message": "no secrets here"}}
    with Hooks() as hooks, Cluster.start() as cluster:
        hooks.config("/validate", lambda _: refused)
        cluster.install(
            configuration, webhook_address=hooks.address, webhook_ca=hooks.authority_pem
        )
        secret = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "s"}}
        with pytest.raises(ApiError, match="denied the request: no secrets here"):
            cluster.create(secret)


def test_webhooks_of_a_service_are_called_where_the_server_is_told() -> None:
    """The certificate must be that of the Service's name; here it is another's."""
    from controlplane.hooks import Hooks

    with Hooks() as hooks, Cluster.start() as cluster:
        configuration: dict[str, Any] = {
            "apiVersion": "admissionregistration.k8s.io/v1",
            "kind": "ValidatingWebhookConfiguration",
            "metadata": {"name": "v"},
            "webhooks": [
                {
                    "name": "v.example.com",
                    "clientConfig": {
                        **hooks.config("/validate", lambda _: {"allowed": True}),
                        "service": {"name": "hook", "namespace": "system", "path": "/validate"},
                    },
                    "rules": [
                        {
                            "apiGroups": [""],
                            "apiVersions": ["v1"],
                            "operations": ["CREATE"],
                            "resources": ["secrets"],
                        }
                    ],
                    "sideEffects": "None",
                    "admissionReviewVersions": ["v1"],
                }
            ],
        }
        del configuration["webhooks"][0]["clientConfig"]["url"]
        cluster.install(configuration)
        secret = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "s"}}
        with pytest.raises(ApiError, match='service "hook" not found'):
            cluster.create(secret)
        host, _, port = hooks.address.partition(":")
        cluster.server.webhook_services["system", "hook"] = (host, int(port))
        with pytest.raises(ApiError, match="failed to verify certificate: x509: Hostname mismatch"):
            cluster.create(secret)
