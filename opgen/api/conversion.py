"""Conversion between the versions of a kind, which the API server asks a webhook for."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, kw_only=True, slots=True)
class ConversionWebhook:
    """The webhook that converts objects of a kind from one version to another.

    `@resource(..., conversion=ConversionWebhook())` names the webhook Service of the project; a
    kind whose versions differ in nothing needs none.

    Attributes:
        service: The name of the Service.
        namespace: The namespace of the Service; `system` is replaced when the project is deployed.
        path: The path below the host.
        port: The port of the Service; 443 if left out.
        url: An address outside of the cluster, instead of a Service.
        ca_bundle: Certificates in base64, if cert-manager does not inject them.
        review_versions: The versions of ConversionReview that the webhook understands.
    """

    service: str = "webhook-service"
    namespace: str = "system"
    path: str = "/convert"
    port: int | None = None
    url: str = ""
    ca_bundle: str = ""
    review_versions: Iterable[str] = ("v1",)

    def as_json(self) -> dict[str, Any]:
        """The `conversion` of a CRD."""
        client: dict[str, Any]
        if self.url:
            client = {"url": self.url}
        else:
            service: dict[str, Any] = {"name": self.service, "namespace": self.namespace}
            service |= {"path": self.path} if self.path else {}
            service |= {"port": self.port} if self.port is not None else {}
            client = {"service": service}
        if self.ca_bundle:
            client["caBundle"] = self.ca_bundle
        return {
            "strategy": "Webhook",
            "webhook": {
                "clientConfig": client,
                "conversionReviewVersions": list(self.review_versions),
            },
        }
