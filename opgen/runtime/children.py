"""Writing children: server-side apply, and only when it would change something.

The cached object tells whether an apply is needed (`opgen.runtime.ownership`), and the version at
which it was found to be as wanted is remembered. Where the server writes a value in another form
than it was sent (`1000m` becomes `1`), that comparison can never be satisfied; then the object as
the last apply left it is remembered, by digest.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import msgspec

from opgen.api.resources import ResourceKind
from opgen.runtime.client import JSON_PATCH, Client
from opgen.runtime.errors import ApiError
from opgen.runtime.metrics import Metrics
from opgen.runtime.ownership import (
    applied_entry,
    displaced,
    is_applied,
    kept_as_sent,
    projection,
    taken_over,
)
from opgen.runtime.store import Entry, Handler, Store

Json = dict[str, Any]
Wrote = Callable[[ResourceKind, bytes], None]


class _Settled(NamedTuple):
    """An object that was found, or made, as it should be."""

    desired: int
    """The digest of what was wanted."""
    version: str
    """The resourceVersion at which it was so: while that stays, nothing need be compared."""
    rewritten: int | None
    """The digest of what the server made of it, where it writes values in another form."""


class ChildWriter:
    """Applies objects as one field manager."""

    def __init__(
        self, client: Client, stores: Mapping[ResourceKind, Store], manager: str, metrics: Metrics
    ) -> None:
        self._client = client
        self._stores = stores
        self._manager = manager
        self._metrics = metrics
        self._settled: dict[tuple[ResourceKind, str, str], _Settled] = {}
        for store in stores.values():
            store.subscribe(self._forgetting(store.kind))

    async def apply(self, kind: ResourceKind, desired: Json, wrote: Wrote) -> Json:
        """Make the live object what `desired` says, and return it.

        Args:
            kind: The kind of the object.
            desired: The object with the fields that are ours.
            wrote: Told of the server's answer, if something had to be sent.

        Raises:
            ApiError: the server refused.
        """
        digest = _digest(desired)
        live = self._live(kind, desired)
        if live is not None and self._is_settled(kind, desired, digest, live):
            self._metrics.count("opgen_writes_skipped", kind=kind.kind)
            return live
        if live is not None and displaced(desired, live, self._manager):
            await self._take_over(kind, desired, live)
        return await self._send(kind, desired, digest, wrote)

    def _cached(self, kind: ResourceKind, desired: Json) -> Entry | None:
        store, metadata = self._stores.get(kind), desired["metadata"]
        if store is None or store.metadata_only:
            return None
        return store.get((metadata.get("namespace", ""), metadata["name"]))

    def _live(self, kind: ResourceKind, desired: Json) -> Json | None:
        entry = self._cached(kind, desired)
        if entry is None:
            return None
        return {"apiVersion": kind.api_version, "kind": kind.kind, **entry.document()}

    def _is_settled(self, kind: ResourceKind, desired: Json, digest: int, live: Json) -> bool:
        key, version = _key(kind, desired), live["metadata"]["resourceVersion"]
        known = self._settled.get(key)
        if known is not None and (known.desired, known.version) == (digest, version):
            return True
        rewritten = known.rewritten if known is not None and known.desired == digest else None
        if not is_applied(desired, live, self._manager) and (
            rewritten is None or rewritten != self._rewritten(desired, live)
        ):
            return False
        self._settled[key] = _Settled(digest, version, rewritten)
        return True

    async def _send(self, kind: ResourceKind, desired: Json, digest: int, wrote: Wrote) -> Json:
        self._metrics.count("opgen_writes", kind=kind.kind)
        answer = await self._client.apply_bytes(kind, desired, field_manager=self._manager)
        wrote(kind, answer)
        live: Json = msgspec.json.decode(answer)
        if self._cached(kind, desired) is None:
            return live  # not cached, or gone before the answer came: nothing would forget it
        applied = kept_as_sent(desired, live) or is_applied(desired, live, self._manager)
        rewritten = None if applied else self._rewritten(desired, live)
        version = live["metadata"]["resourceVersion"]
        self._settled[_key(kind, desired)] = _Settled(digest, version, rewritten)
        return live

    def _rewritten(self, desired: Json, live: Json) -> int:
        owned = (applied_entry(live, self._manager) or {}).get("fieldsV1")
        return _digest([projection(live, desired), owned])

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

    def _forgetting(self, kind: ResourceKind) -> Handler:
        """What forgets objects of a kind when they have gone."""

        def changed(old: Entry | None, new: Entry | None, initial: bool) -> None:
            if new is None and old is not None:
                self._settled.pop((kind, *old.key), None)

        return changed


def _key(kind: ResourceKind, desired: Json) -> tuple[ResourceKind, str, str]:
    metadata = desired["metadata"]
    return (kind, metadata.get("namespace", ""), metadata["name"])


def _digest(value: Any) -> int:
    return hash(msgspec.json.encode(value))
