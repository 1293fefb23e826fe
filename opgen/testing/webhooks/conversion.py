"""Conversion webhooks: objects of a CRD in another version than the stored one.

Source: apiextensions-apiserver's `conversion/webhook_converter.go`, whose texts these are.
"""

from __future__ import annotations

import copy
import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from opgen.testing.errors import Document, StatusError
from opgen.testing.webhooks.calls import CallError, WebhookClient

API_VERSION = "apiextensions.k8s.io/v1"
SECONDS = 30.0
_FIXED_METADATA = ("name", "namespace", "uid")


class Conversions:
    """Asks conversion webhooks."""

    def __init__(self, client: WebhookClient) -> None:
        self._client = client

    async def convert(
        self, config: Mapping[str, Any], documents: Sequence[Document], api_version: str
    ) -> list[Document]:
        """The objects in a version, in their order; those that are in it already stay.

        Args:
            config: The `clientConfig` of the CRD's conversion webhook.
            documents: Objects of one kind.
            api_version: The version wanted.

        Raises:
            StatusError: 500, the webhook fails or answers badly.
        """
        asked = [item for item in documents if item["apiVersion"] != api_version]
        if not asked:
            return list(documents)
        kind = f"{asked[0]['apiVersion']}, Kind={asked[0]['kind']}"
        try:
            answered = await self._ask(config, asked, api_version)
        except CallError as error:
            raise _failure(f"conversion webhook for {kind} failed: {error}") from None
        if len(answered) != len(asked):
            text = f"returned {len(answered)} objects, expected {len(asked)}"
            raise _failure(f"conversion webhook for {kind} {text}")
        answers = iter(answered)
        what = "converted object" if len(documents) > 1 else "object"
        converted = []
        for index, item in enumerate(documents):
            if item["apiVersion"] == api_version:
                converted.append(item)
                continue
            answer = next(answers)
            problem = _problem(item, answer, api_version)
            if problem:
                text = f"returned invalid {what} at index {index}: {problem}"
                raise _failure(f"conversion webhook for {kind} {text}")
            converted.append(_with_fixed_metadata(item, answer))
        return converted

    async def _ask(
        self, config: Mapping[str, Any], documents: list[Document], api_version: str
    ) -> list[Document]:
        uid = str(uuid.uuid4())
        request = {"uid": uid, "desiredAPIVersion": api_version, "objects": documents}
        review = {"kind": "ConversionReview", "apiVersion": API_VERSION, "request": request}
        answer = await self._client.post(config, review, SECONDS)
        response = answer.get("response")
        if not isinstance(response, dict):
            raise CallError("no response provided")
        if response.get("uid") != uid:
            raise CallError(f'expected response.uid="{uid}", got "{response.get("uid", "")}"')
        result = response.get("result") or {}
        if result.get("status") != "Success":
            unexplained = f"response.result.status was '{result.get('status', '')}', not 'Success'"
            raise CallError(result.get("message") or unexplained)
        converted: list[Document] = response.get("convertedObjects") or []
        return converted


def _failure(text: str) -> StatusError:
    return StatusError(500, "", text)


def _problem(before: Document, after: Document, api_version: str) -> str:
    """What is wrong with a converted object: only its content may differ."""
    if after.get("apiVersion") != api_version:
        found = after.get("apiVersion", "")
        return f"invalid groupVersion (expected {api_version}, received {found})"
    if after.get("kind") != before["kind"]:
        return f"invalid kind (expected {before['kind']}, received {after.get('kind', '')})"
    old, new = before["metadata"], after.get("metadata") or {}
    for name in _FIXED_METADATA:
        if old.get(name) != new.get(name):
            return f"invalid metadata: {name} must not be changed"
    return ""


def _with_fixed_metadata(before: Document, after: Document) -> Document:
    """The answer; of the metadata only labels and annotations may have changed."""
    metadata = copy.deepcopy(before["metadata"])
    changed = after.get("metadata") or {}
    for name in ("labels", "annotations"):
        metadata.pop(name, None)
        if changed.get(name):
            metadata[name] = changed[name]
    return {**after, "metadata": metadata}
