"""Admission: mutating webhooks one after the other, then validating ones.

Mutating webhooks that ask for it are called once more when a later one changed the object.
Source: apiserver's `admission/plugin/webhook/mutating` and `.../validating`, whose texts these are.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import copy
import logging
import uuid
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import msgspec

from opgen.testing.errors import Document, StatusError, bad_request
from opgen.testing.objects.patches import json_patch
from opgen.testing.resources.registry import Registry, ResourceType
from opgen.testing.storage import Change, Store
from opgen.testing.webhooks.calls import CallError, WebhookClient
from opgen.testing.webhooks.conditions import conditions_hold
from opgen.testing.webhooks.rules import (
    Attributes,
    Webhook,
    is_exempt,
    matching_type,
    selected,
)

log = logging.getLogger("opgen.testing")

GROUP = "admissionregistration.k8s.io"
MUTATING, VALIDATING = "mutatingwebhookconfigurations", "validatingwebhookconfigurations"
API_VERSION, KIND = "admission.k8s.io/v1", "AdmissionReview"

Convert = Callable[[Document, ResourceType], Awaitable[Document]]


class Admission:
    """Asks the webhooks that are configured in the store."""

    def __init__(
        self, store: Store, registry: Registry, client: WebhookClient, convert: Convert
    ) -> None:
        self._store = store
        self._registry = registry
        self._client = client
        self._convert = convert
        self._webhooks: dict[str, list[Webhook]] = {}
        store.listeners.append(self._on_change)

    def _on_change(self, change: Change) -> None:
        if change.resource[0] == GROUP:
            self._webhooks = {plural: self._read(plural) for plural in (MUTATING, VALIDATING)}

    def _read(self, plural: str) -> list[Webhook]:
        return [
            Webhook(revision.name, index, document)
            for revision in self._store.list((GROUP, plural))
            for index, document in enumerate(revision.document().get("webhooks") or ())
        ]

    @property
    def is_active(self) -> bool:
        """Whether any webhook is configured."""
        return any(self._webhooks.values())

    async def mutate(
        self, attributes: Attributes, new: Document | None, old: Document | None
    ) -> Document | None:
        """The object as the mutating webhooks want it; None for a deletion.

        Raises:
            StatusError: one refused, or could not be called and must be.
        """
        webhooks = self._webhooks.get(MUTATING)
        if not webhooks or is_exempt(attributes.type):
            return new
        called: list[Webhook] = []
        again: list[Webhook] = []
        for webhook in webhooks:
            before = copy.deepcopy(new)
            asked = await self._ask(webhook, attributes, new, old)
            if asked is None:
                continue
            new = asked[0]
            if new != before:
                again += [item for item in called if item.reinvoked and item not in again]
            called.append(webhook)
        for webhook in again:
            asked = await self._ask(webhook, attributes, new, old)
            new = asked[0] if asked is not None else new
        return new

    async def validate(
        self, attributes: Attributes, new: Document | None, old: Document | None
    ) -> None:
        """Ask the validating webhooks, all at once.

        Raises:
            StatusError: what the first of them, in their order, refused.
        """
        webhooks = self._webhooks.get(VALIDATING)
        if not webhooks or is_exempt(attributes.type):
            return
        answers = await asyncio.gather(
            *(self._ask(webhook, attributes, new, old) for webhook in webhooks),
            return_exceptions=True,
        )
        for answer in answers:
            if isinstance(answer, BaseException):
                raise answer

    async def _ask(
        self, webhook: Webhook, attributes: Attributes, new: Document | None, old: Document | None
    ) -> tuple[Document | None] | None:
        """The object after one webhook, in a tuple; None if it is not asked or does not count."""
        resource_type = matching_type(webhook, attributes, self._registry)
        if resource_type is None or not selected(webhook, attributes, new, old, self._store):
            return None
        shown = [
            await self._convert(item, resource_type) if item is not None else None
            for item in (new, old)
        ]
        review = _review(attributes, resource_type, shown)
        if not conditions_hold(webhook, attributes, review["request"]):
            return None
        if attributes.dry_run and not webhook.dry_runs:
            raise bad_request(f'admission webhook "{webhook.name}" does not support dry run')
        try:
            changed = await self._call(webhook, attributes, review)
        except CallError as error:
            if webhook.ignores_failure:
                log.warning("failed calling webhook %s, failing open: %s", webhook.name, error)
                return None
            text = f'Internal error occurred: failed calling webhook "{webhook.name}": {error}'
            cause = {"message": f'failed calling webhook "{webhook.name}": {error}'}
            raise StatusError(500, "InternalError", text, {"causes": [cause]}) from None
        if changed is None or new is None:
            return (new,)
        return (await self._convert(changed, attributes.type),)

    async def _call(
        self, webhook: Webhook, attributes: Attributes, review: Document
    ) -> Document | None:
        """The object as the webhook changed it, or None if it did not."""
        config = webhook.document.get("clientConfig") or {}
        try:
            answer = await self._client.post(config, review, webhook.timeout)
        except CallError as error:
            raise CallError(f"failed to call webhook: {error}") from None
        response = _response(answer, review["request"]["uid"])
        attributes.warnings.extend(str(text) for text in response.get("warnings") or ())
        if not response.get("allowed"):
            raise refusal(webhook.name, response.get("status") or response.get("result"))
        patch = _patch(response)
        new: Document | None = review["request"]["object"]
        if patch is None or new is None:
            return None
        try:
            return json_patch(copy.deepcopy(new), patch)
        except StatusError as error:
            notes = getattr(error, "__notes__", None) or [error.message]
            raise StatusError(
                500, "InternalError", f"Internal error occurred: {notes[0]}"
            ) from None


def _review(
    attributes: Attributes, resource_type: ResourceType, objects: Sequence[Document | None]
) -> Document:
    kind, asked, user = resource_type.kind, attributes.type.kind, attributes.user
    request: Document = {
        "uid": str(uuid.uuid4()),
        "kind": {"group": kind.group, "version": kind.version, "kind": kind.kind},
        "resource": {"group": kind.group, "version": kind.version, "resource": kind.plural},
        "requestKind": {"group": asked.group, "version": asked.version, "kind": asked.kind},
        "requestResource": {
            "group": asked.group,
            "version": asked.version,
            "resource": asked.plural,
        },
        "operation": attributes.operation,
        "userInfo": user.info(),
        "object": objects[0],
        "oldObject": objects[1],
        "dryRun": attributes.dry_run,
        "options": attributes.options,
    }
    optional = {
        "subResource": attributes.subresource,
        "requestSubResource": attributes.subresource,
        "name": attributes.name,
        "namespace": attributes.namespace,
    }
    request |= {key: value for key, value in optional.items() if value}
    return {"kind": KIND, "apiVersion": API_VERSION, "request": request}


def _response(answer: Document, uid: str) -> Document:
    """The response of a review.

    Raises:
        CallError: it does not answer what was asked.
    """
    response = answer.get("response")
    expected = f"{API_VERSION}, Kind={KIND}"
    # What says nothing of its kind is taken for what was expected.
    found = f"{answer.get('apiVersion') or API_VERSION}, Kind={answer.get('kind') or KIND}"
    if found != expected:
        raise CallError(f"expected webhook response of {expected}, got {found}")
    if not isinstance(response, dict):
        raise CallError("received invalid webhook response: webhook response was absent")
    if response.get("uid") != uid:
        raise CallError(
            f'received invalid webhook response: expected response.uid="{uid}", '
            f'got "{response.get("uid", "")}"'
        )
    return response


def _patch(response: Document) -> Any:
    encoded = response.get("patch")
    if not encoded:
        return None
    if not response.get("patchType"):
        text = "webhook returned response.patch but not response.patchType"
        raise CallError(f"received invalid webhook response: {text}")
    if response["patchType"] != "JSONPatch":
        raise CallError(f'unsupported patch type "{response["patchType"]}"')
    try:
        return msgspec.json.decode(base64.b64decode(encoded))
    except (binascii.Error, TypeError, msgspec.DecodeError) as error:
        raise CallError(f"received undecodable patch: {error}") from None


def refusal(name: str, result: Any) -> StatusError:
    """What the client is told when a webhook says no. Source: webhook/errors/statuserror.go."""
    status: Document = result if isinstance(result, dict) else {}
    text = f'admission webhook "{name}" denied the request'
    if status.get("message"):
        text += f": {status['message']}"
    elif status.get("reason"):
        text += f": {status['reason']}"
    else:
        text += " without explanation"
    code = status.get("code") or 0
    return StatusError(
        max(code, 400), status.get("reason") or "", text, status.get("details") or None
    )
