"""Keeping the cache of one kind like the API server: list, then watch, for ever.

A watch that ends is resumed where it stopped. When the server has forgotten that point (410, as an
HTTP status or as an event in the stream) everything is listed anew, and what has vanished meanwhile
is told as deleted. A stream that goes silent is given up, since the server sends a bookmark every
minute. No answer of the server ends the loop; only cancelling it does.
"""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Any

import msgspec

from opgen.api.errors import Problems
from opgen.runtime.client import JSON, Client
from opgen.runtime.clock import SYSTEM_CLOCK, Backoff, Clock
from opgen.runtime.diagnosis import explain
from opgen.runtime.errors import ApiError, Silent, Unreachable
from opgen.runtime.store import Entry, Store, version_number

log = logging.getLogger("opgen.reflector")

INITIAL_EVENTS_END = "k8s.io/initial-events-end"


@dataclass(frozen=True, kw_only=True, slots=True)
class Scope:
    """Which objects of a kind are cached. An empty namespace means all."""

    namespace: str = ""
    label_selector: str = ""
    field_selector: str = ""
    metadata_only: bool = False

    def accept(self, *, listing: bool) -> str:
        """The form to ask for. Source: PartialObjectMetadata of meta.k8s.io/v1."""
        if not self.metadata_only:
            return JSON
        kind = "PartialObjectMetadataList" if listing else "PartialObjectMetadata"
        return f"{JSON};as={kind};g=meta.k8s.io;v=v1"

    def params(self) -> dict[str, str]:
        """The selectors as a query."""
        pairs = {"labelSelector": self.label_selector, "fieldSelector": self.field_selector}
        return {key: value for key, value in pairs.items() if value}


@dataclass(frozen=True, kw_only=True, slots=True)
class Timing:
    """The reflector's times, in seconds.

    Attributes:
        watch_min: The shortest time after which the server is asked to end a watch.
        watch_max: The longest; the actual time is random, so that watches do not end together.
        stall: Silence after which a stream counts as broken; up to 5 seconds are added at random.
        initial: Silence during the initial events after which the server is taken not to know them.
        hasty: A stream that ends sooner than this without an event counts as a failure.
    """

    watch_min: float = 300.0
    watch_max: float = 600.0
    stall: float = 70.0
    initial: float = 10.0
    hasty: float = 1.0


class _Event(msgspec.Struct):
    type: str
    object: msgspec.Raw


class _ListMeta(msgspec.Struct, rename={"resource_version": "resourceVersion", "next": "continue"}):
    resource_version: str = ""
    next: str = ""


class _Page(msgspec.Struct):
    metadata: _ListMeta
    items: list[msgspec.Raw] | None = None


class _MarkMeta(msgspec.Struct, rename="camel"):
    resource_version: str = ""
    annotations: dict[str, str] | None = None


class _Bookmark(msgspec.Struct):
    """All that a bookmark has: it lacks everything that the kind requires."""

    metadata: _MarkMeta


_decode_event = msgspec.json.Decoder(_Event).decode
_decode_page = msgspec.json.Decoder(_Page).decode
_decode_bookmark = msgspec.json.Decoder(_Bookmark).decode


class _Unsupported(Exception):
    """The server does not know initial events."""


@dataclass(slots=True)
class Health:
    """What a reflector has been through."""

    lists: int = 0
    watches: int = 0
    events: int = 0
    undecodable: int = 0
    last_error: Exception | None = field(default=None)


class Reflector:
    """Fills a store. `run` goes on until it is cancelled."""

    def __init__(
        self,
        client: Client,
        store: Store,
        *,
        scope: Scope | None = None,
        timing: Timing | None = None,
        clock: Clock = SYSTEM_CLOCK,
        on_change: Callable[[], None] = lambda: None,
    ) -> None:
        self.store = store
        self.synced = False
        """Whether everything has been listed once."""
        self.health = Health()
        self._client = client
        self.scope = scope or Scope()
        self._timing = timing or Timing()
        self._clock = clock
        self._backoff = Backoff(clock=clock)
        self._on_change = on_change
        self._version: str | None = None
        self._doubtful = False
        """Whether the server has been away, and may not be what it was."""
        self._initial_events = True
        self._path = client.path(store.kind, "", self.scope.namespace)

    async def run(self) -> None:
        """List and watch until cancelled."""
        while True:
            try:
                if self._version is None:
                    await self._synchronise()
                else:
                    await self._verify(self._version)
                if self._version is not None:
                    await self._resume(self._version)
            except _Unsupported:
                self._initial_events = False
            except ApiError as error:
                await self._failed(error, error.retry_after, relist=_asks_for_a_list(error))
            except (Unreachable, Problems, msgspec.DecodeError) as error:
                await self._failed(error, None, relist=False)

    async def _failed(self, error: Exception, retry_after: float | None, *, relist: bool) -> None:
        if relist:
            self._version = None
        self._doubtful = True
        self.health.last_error = error
        delay = max(self._backoff.next(), retry_after or 0.0)
        for problem in explain(error, self.store.kind, ""):
            advice = f" ({problem.hint})" if problem.hint and not self.synced else ""
            log.warning("%s%s; trying again in %.1f s", problem.message, advice, delay)
        self._on_change()
        await self._clock.sleep(delay)

    async def _synchronise(self) -> None:
        self.health.lists += 1
        if self._initial_events:
            await self._watch_list()
        else:
            await self._list()

    async def _list(self) -> None:
        """Read all pages, then let the store have them at once."""
        entries: list[Entry] = []
        token = ""
        while True:
            body = await self._client.page(
                self.store.kind,
                self.scope.namespace,
                params=self.scope.params(),
                token=token,
                accept=self.scope.accept(listing=True),
            )
            page = _decode_page(body)
            entries.extend(
                entry for item in page.items or () if (entry := self._entry(bytes(item)))
            )
            token = page.metadata.next
            if not token:
                break
        self._synchronised(entries, page.metadata.resource_version)

    def _synchronised(self, entries: list[Entry], resource_version: str) -> None:
        self.store.replace(entries, resource_version, self.scope.namespace)
        self.synced = True
        self._version = resource_version
        self._doubtful = False
        self.health.last_error = None
        self._on_change()

    async def _watch_list(self) -> None:
        """One stream with the objects there are, a bookmark that says so, and then the changes."""
        params = self._watch_params() | {
            "sendInitialEvents": "true",
            "resourceVersionMatch": "NotOlderThan",
        }
        try:
            await self._watch_list_stream(params)
        except ApiError as error:
            if error.code in (400, 422) and self._version is None:
                raise _Unsupported from error
            raise
        except Silent as error:
            raise _Unsupported from error

    async def _watch_list_stream(self, params: dict[str, str]) -> None:
        collected: dict[Any, Entry] = {}
        accept = self.scope.accept(listing=False)
        async with self._client.stream(
            self._path, params=params, idle=self._timing.initial, accept=accept
        ) as batches:
            async for lines in batches:
                for position, line in enumerate(lines):
                    event = _decode_event(line)
                    if event.type == "BOOKMARK":
                        metadata = _decode_bookmark(event.object).metadata
                        if (metadata.annotations or {}).get(INITIAL_EVENTS_END) == "true":
                            entries = list(collected.values())
                            self._synchronised(entries, metadata.resource_version)
                            self._apply(lines[position + 1 :])
                            return
                    else:
                        self._collect(event, collected)
        raise _Unsupported

    def _collect(self, event: _Event, collected: dict[Any, Entry]) -> None:
        self._raise_if_error(event)
        entry = self._entry(bytes(event.object))
        if entry is None:
            return
        if event.type == "DELETED":
            collected.pop(entry.key, None)
        else:
            collected[entry.key] = entry

    async def _verify(self, version: str) -> None:
        """After an outage, see whether the server still knows what we know.

        One that was restored from a backup counts from a lower resourceVersion again. It would take
        a watch from a version that it has not reached yet, and keep silent about all events below.
        """
        if not self._doubtful:
            return
        params = self.scope.params() | {"limit": "1"}
        page = _decode_page(await self._client.send("GET", self._path, params=params))
        self._doubtful = False
        if version_number(page.metadata.resource_version) < version_number(version):
            log.warning("the server has gone back in time: %s are listed anew", self._path)
            self._version = None

    async def _resume(self, version: str) -> None:
        """Watch from where we are until the stream ends."""
        self.health.watches += 1
        before, began = self.health.events, self._clock.now()
        stall = self._timing.stall + 5 * self._clock.random()
        params = self._watch_params() | {"resourceVersion": version}
        accept = self.scope.accept(listing=False)
        async with self._client.stream(
            self._path, params=params, idle=stall, accept=accept
        ) as batches:
            await self._follow(batches)
        hasty = self._clock.now() - began < self._timing.hasty
        if hasty and self.health.events == before:
            await self._clock.sleep(self._backoff.next())

    async def _follow(self, batches: AsyncIterator[list[bytes]]) -> None:
        async for lines in batches:
            self._apply(lines)

    def _apply(self, lines: list[bytes]) -> None:
        """The hot path: no object is decoded beyond its metadata."""
        for line in lines:
            event = _decode_event(line)
            self.health.events += 1
            if event.type == "BOOKMARK":
                self._version = _decode_bookmark(event.object).metadata.resource_version
                self.store.reached(self._version, self.scope.namespace)
                continue
            self._raise_if_error(event)
            entry = self._entry(bytes(event.object))
            if entry is None:
                continue
            if event.type == "DELETED":
                self.store.remove(entry)
            else:
                self.store.put(entry)
            self._version = entry.metadata.resource_version or self._version

    def _raise_if_error(self, event: _Event) -> None:
        if event.type == "ERROR":
            raise ApiError.from_status(msgspec.json.decode(event.object))

    def _entry(self, json: bytes) -> Entry | None:
        """The object, or None if it has no metadata to go by; that one is kept out."""
        try:
            return Entry.of(json)
        except msgspec.DecodeError as error:
            self.health.undecodable += 1
            log.error("left out an object of %s: %s", self.store.kind.plural, error)
            return None

    def _watch_params(self) -> dict[str, str]:
        shortest, longest = self._timing.watch_min, self._timing.watch_max
        seconds = shortest + (longest - shortest) * self._clock.random()
        return self.scope.params() | {
            "watch": "true",
            "allowWatchBookmarks": "true",
            "timeoutSeconds": str(max(1, int(seconds))),
        }


def _asks_for_a_list(error: ApiError) -> bool:
    """Whether to list anew rather than to watch from the same point again."""
    return error.expired or (400 <= error.code < 500 and error.code not in (401, 403, 408, 429))
