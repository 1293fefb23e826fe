"""Writing children: server-side apply, and only when it would change something.

The cached object tells whether an apply is needed (`opgen.runtime.ownership`). Where the server
writes a value in another form than it was sent (`1000m` becomes `1`), that comparison can never be
satisfied; then the object as the last apply left it is remembered, by digest.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from opgen.api.resources import ResourceKind
from opgen.runtime.client import JSON_PATCH, Client
from opgen.runtime.errors import ApiError
from opgen.runtime.metrics import Metrics
from opgen.runtime.ownership import (
    applied_entry,
    displaced,
    is_applied,
    projection,
    taken_over,
)
from opgen.runtime.store import Store

Json = dict[str, Any]


class ChildWriter:
    """Applies objects as one field manager."""

    def __init__(
        self, client: Client, stores: Mapping[ResourceKind, Store], manager: str, metrics: Metrics
    ) -> None:
        self._client = client
        self._stores = stores
        self._manager = manager
        self._metrics = metrics
        self._settled: dict[tuple[ResourceKind, str, str], tuple[int, int]] = {}
        """Digests of what was applied and of what came of it, where they differ in form."""

    async def apply(self, kind: ResourceKind, desired: Json) -> Json:
        """Make the live object what `desired` says, and return it.

        Raises:
            ApiError: the server refused.
        """
        live = self._live(kind, desired)
        if live is not None and self._is_settled(kind, desired, live):
            self._metrics.count("opgen_writes_skipped", kind=kind.kind)
            return live
        if live is not None and displaced(desired, live, self._manager):
            await self._take_over(kind, desired, live)
        return await self._send(kind, desired)

    def _live(self, kind: ResourceKind, desired: Json) -> Json | None:
        store = self._stores.get(kind)
        metadata = desired["metadata"]
        entry = store.get((metadata.get("namespace", ""), metadata["name"])) if store else None
        if entry is None:
            return None
        return {"apiVersion": kind.api_version, "kind": kind.kind, **entry.document()}

    def _is_settled(self, kind: ResourceKind, desired: Json, live: Json) -> bool:
        if is_applied(desired, live, self._manager):
            return True
        known = self._settled.get(_key(kind, desired))
        return known is not None and known == self._digests(desired, live)

    async def _send(self, kind: ResourceKind, desired: Json) -> Json:
        self._metrics.count("opgen_writes", kind=kind.kind)
        answer = await self._client.apply_bytes(kind, desired, field_manager=self._manager)
        store = self._stores.get(kind)
        if store is not None:
            store.wrote(answer)
        live: Json = msgspec.json.decode(answer)
        if is_applied(desired, live, self._manager):
            self._settled.pop(_key(kind, desired), None)
        else:
            self._settled[_key(kind, desired)] = self._digests(desired, live)
        return live

    def _digests(self, desired: Json, live: Json) -> tuple[int, int]:
        owned = (applied_entry(live, self._manager) or {}).get("fieldsV1")
        return _digest(desired), _digest([projection(live, desired), owned])

    async def _take_over(self, kind: ResourceKind, desired: Json, live: Json) -> None:
        """Make list items ours that somebody put in the place of ours, so that they can go."""
        metadata = live["metadata"]
        version = metadata["resourceVersion"]
        fields = taken_over(desired, live, self._manager)
        operations = [
            {"op": "test", "path": "/metadata/resourceVersion", "value": version},
            {"op": "replace", "path": "/metadata/managedFields", "value": fields},
        ]
        self._metrics.count("opgen_writes", kind=kind.kind)
        try:
            await self._client.patch(
                kind,
                metadata["name"],
                operations,
                metadata.get("namespace"),
                content_type=JSON_PATCH,
                field_manager=self._manager,
            )
        except ApiError as error:
            if error.code != 422:
                raise
            conflict = f"{kind.plural} {metadata['name']!r} has changed meanwhile"
            raise ApiError(409, "Conflict", conflict, error.body) from error

    def forget(self, kind: ResourceKind, namespace: str, name: str) -> None:
        """An object has gone."""
        self._settled.pop((kind, namespace, name), None)


def _key(kind: ResourceKind, desired: Json) -> tuple[ResourceKind, str, str]:
    metadata = desired["metadata"]
    return (kind, metadata.get("namespace", ""), metadata["name"])


def _digest(value: Any) -> int:
    return hash(msgspec.json.encode(value, order="sorted"))
