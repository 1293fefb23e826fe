"""Telling the API server which authorities sign our certificates: the caBundle of its webhooks.

Only caBundle is written, by server-side apply with a field manager of its own, so that applying the
manifests again does not take it away.
"""

from __future__ import annotations

import base64
import logging
from collections.abc import Callable, Iterator
from typing import Any

from opgen.api.resources import ResourceKind
from opgen.api.self_signed import ADMISSION, DEFINITIONS, WebhookNames
from opgen.runtime.client import Client
from opgen.runtime.errors import ApiError

log = logging.getLogger("opgen.webhooks")

Json = dict[str, Any]
FIELD_MANAGER = "opgen-webhook-certificates"

MUTATING = ResourceKind(
    ADMISSION,
    "v1",
    "MutatingWebhookConfiguration",
    "mutatingwebhookconfigurations",
    namespaced=False,
)
VALIDATING = ResourceKind(
    ADMISSION,
    "v1",
    "ValidatingWebhookConfiguration",
    "validatingwebhookconfigurations",
    namespaced=False,
)
DEFINITION = ResourceKind(
    DEFINITIONS, "v1", "CustomResourceDefinition", "customresourcedefinitions", namespaced=False
)


class Trust:
    """Keeps the caBundle of webhook configurations and of CRDs' conversion."""

    def __init__(self, client: Client, names: WebhookNames) -> None:
        self._client = client
        self._names = names
        self._missing: set[str] = set()

    async def ensure(self, authorities: bytes) -> bool:
        """Make all of them trust these authorities. Says whether all do now.

        Raises:
            ApiError: one could not be read or written.
            Unreachable: the API server does not answer.
        """
        bundle = base64.b64encode(authorities).decode()
        known = [
            await self._ensure(kind, name, wanted, bundle) for kind, name, wanted in self._targets()
        ]
        return all(known)

    def _targets(self) -> Iterator[tuple[ResourceKind, str, Callable[[Json, str], Json | None]]]:
        for name in self._names.mutating:
            yield MUTATING, name, _admission
        for name in self._names.validating:
            yield VALIDATING, name, _admission
        for name in self._names.definitions:
            yield DEFINITION, name, _conversion

    async def _ensure(
        self,
        kind: ResourceKind,
        name: str,
        wanted: Callable[[Json, str], Json | None],
        bundle: str,
    ) -> bool:
        try:
            live = await self._client.get(kind, name)
        except ApiError as error:
            if error.code != 404:
                raise
            return self._not_yet(kind, name, "it does not exist")
        change = wanted(live, bundle)
        if change is None:
            return self._not_yet(kind, name, "its conversion strategy is not Webhook")
        self._missing.discard(name)
        if change:
            # The uid keeps an object that is just being deleted from being made again.
            metadata = {"name": name, "uid": live["metadata"]["uid"]}
            await self._client.apply(
                kind, {"metadata": metadata, **change}, field_manager=FIELD_MANAGER
            )
            log.info("%s %s trusts the webhooks' certificate now", kind.kind, name)
        return True

    def _not_yet(self, kind: ResourceKind, name: str, why: str) -> bool:
        if name not in self._missing:
            self._missing.add(name)
            log.warning("%s %s cannot be told whom to trust: %s", kind.kind, name, why)
        return False


def _admission(live: Json, bundle: str) -> Json | None:
    webhooks = live.get("webhooks") or []
    if all((each.get("clientConfig") or {}).get("caBundle") == bundle for each in webhooks):
        return {}
    return {
        "webhooks": [
            {"name": each["name"], "clientConfig": {"caBundle": bundle}} for each in webhooks
        ]
    }


def _conversion(live: Json, bundle: str) -> Json | None:
    conversion = live["spec"].get("conversion") or {}
    if conversion.get("strategy") != "Webhook":
        return None
    client = (conversion.get("webhook") or {}).get("clientConfig") or {}
    if client.get("caBundle") == bundle:
        return {}
    return {"spec": {"conversion": {"webhook": {"clientConfig": {"caBundle": bundle}}}}}
