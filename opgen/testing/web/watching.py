"""watch: a stream of changes from a resource version on.

A watcher is a listener on one collection. Changes are filtered as they happen: an object that
begins to match is ADDED for the watcher, one that ceases to match DELETED. The frames wait in a
list that the HTTP handler drains, so a burst of writes goes out in few packets.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping
from functools import lru_cache
from typing import Any

import msgspec

from opgen.testing.errors import Document, StatusError, bad_request, expired, forbidden_field
from opgen.testing.errors import invalid as invalid_status
from opgen.testing.resources.operations import Operations
from opgen.testing.resources.registry import ResourceType
from opgen.testing.storage import LOG_LENGTH, Change, Revision
from opgen.testing.web.list_query import check_version, whole_number
from opgen.testing.web.reading import at_type, make_filter
from opgen.testing.web.requests import is_true

BOOKMARK_SECONDS = 60.0
LAST_BOOKMARK_SECONDS = 2.0
"""How long before the end of a watch there is a last bookmark."""
DEFAULT_SECONDS = 1800
"""How long a watch lasts that does not say so itself."""
CROWD = 32
"""With so many watchers of a resource, each gets the changes of a moment together."""
MOMENT_SECONDS = 0.02
MOST_WAITING = LOG_LENGTH
"""With so many changes that a watcher has not read, its watch ends, as kube-apiserver ends it."""
INITIAL_EVENTS_END = "k8s.io/initial-events-end"
Encode = Callable[[Revision], bytes]


class Watch:
    """One watch request.

    Changes wait in the order in which they came, until `frames` converts, filters and encodes them.
    """

    def __init__(
        self,
        operations: Operations,
        resource_type: ResourceType,
        namespace: str,
        query: Mapping[str, str],
        encode: Encode | None = None,
    ) -> None:
        self.resource_type = resource_type
        self.operations = operations
        self.bookmarks = is_true(query.get("allowWatchBookmarks", "false"))
        whole_number(query.get("limit") or "0")
        self.timeout = whole_number(query.get("timeoutSeconds") or "0") or DEFAULT_SECONDS
        self.content_type = "application/json"
        self._encode = encode
        self._head = b'{"apiVersion":"%b",' % resource_type.kind.api_version.encode()
        self._sent = 0.0
        self._namespace = namespace
        self._selects = bool(query.get("labelSelector") or query.get("fieldSelector"))
        self._passes = make_filter(resource_type, namespace, query)
        self._waiting: deque[Change | Revision | bytes] = deque()
        self._ready = asyncio.Event()
        self._closed = False
        self._collection = operations.store.collection(resource_type.resource)
        self._begin(query)
        self._most_waiting = len(self._waiting) + MOST_WAITING
        if not self._closed:
            self._collection.listeners.add(self._on_change)
            self._collection.when_dropped.add(self.close)

    def _begin(self, query: Mapping[str, str]) -> None:
        asked = query.get("resourceVersion", "")
        initial = is_true(query.get("sendInitialEvents", "false"))
        self._check_initial(query)
        store = self.operations.store
        if initial or asked in ("", "0"):
            if initial and asked:
                check_version(store.version, query)
            self._waiting.extend(self._collection.sorted())
            if initial and self.bookmarks:
                self.bookmark({INITIAL_EVENTS_END: "true"})
            return
        if not (asked.isascii() and asked.isdecimal()):
            raise bad_request(f'Invalid value: "{asked}"')
        version = int(asked)
        if version < self._collection.forgotten:
            self._error(expired(f"too old resource version: {version} ({store.version})"))
            return
        self._waiting.extend(self._collection.since(version))

    def _check_initial(self, query: Mapping[str, str]) -> None:
        if "sendInitialEvents" not in query:
            return
        if query.get("resourceVersionMatch") != "NotOlderThan":
            error = forbidden_field(
                "resourceVersionMatch",
                "sendInitialEvents requires setting resourceVersionMatch to NotOlderThan",
            )
            raise invalid_status("meta.k8s.io", "ListOptions", "", [error])

    def _on_change(self, change: Change) -> None:
        self._waiting.append(change)
        self._ready.set()
        if len(self._waiting) >= self._most_waiting:
            self.close()

    def _quick_frame(self, change: Change) -> bytes | None:
        """The frame of a change that is shown as it is stored; None if it is not so simple."""
        if self._selects or self._encode is not None or not change.last.body.startswith(self._head):
            return None
        if self._namespace and change.last.namespace != self._namespace:
            return b""
        return _shared_frame(change.type, change.last)

    async def _drain(self) -> AsyncIterator[bytes]:
        """The frames of all that waits, encoded."""
        while self._waiting:
            item = self._waiting.popleft()
            if isinstance(item, bytes):
                yield item
            elif isinstance(item, Revision):
                shown = (await at_type(self.operations, self.resource_type, [item]))[0]
                if self._passes(shown):
                    yield self._frame("ADDED", shown)
            else:
                frame = await self._change_frame(item)
                if frame:
                    yield frame

    def _is_shown(self, revision: Revision | None) -> bool:
        """Whether a revision is stored in the version that is watched."""
        return revision is None or revision.body.startswith(self._head)

    async def _change_frame(self, change: Change) -> bytes:
        """A change as this watcher sees it: what begins to match comes, what ceases to goes."""
        before, after = change.before, change.after
        if not self._is_shown(before) or not self._is_shown(after):
            present = [item for item in (before, after) if item is not None]
            shown = iter(await at_type(self.operations, self.resource_type, present))
            before = next(shown) if before is not None else None
            after = next(shown) if after is not None else None
        was = before is not None and self._passes(before)
        if after is not None and self._passes(after):
            return self._frame("MODIFIED" if was else "ADDED", after)
        if was and before is not None:
            return self._frame("DELETED", await self._departed(change, before))
        return b""

    async def _departed(self, change: Change, before: Revision) -> Revision:
        """What a watcher is shown of an object that left: its last state it could see."""
        if change.after is None:
            return (await at_type(self.operations, self.resource_type, [change.last]))[0]
        document = before.document()
        document["metadata"]["resourceVersion"] = str(change.version)
        body = msgspec.json.encode(document)
        return msgspec.structs.replace(before, version=change.version, body=body)

    def _frame(self, event: str, revision: Revision) -> bytes:
        if self._encode is None:
            return _shared_frame(event, revision)
        return _framed(event, self._encode(revision))

    def _push(self, event: str, body: bytes) -> None:
        self._waiting.append(_framed(event, body))
        self._ready.set()

    def bookmark(self, annotations: Mapping[str, str] | None = None) -> None:
        """Tell the watcher how far it has got."""
        kind = self.resource_type.kind
        metadata: dict[str, Any] = {
            "resourceVersion": str(self.operations.store.version),
            "creationTimestamp": None,
        }
        if annotations:
            metadata["annotations"] = dict(annotations)
        document: Document = {
            "kind": kind.kind,
            "apiVersion": kind.api_version,
            "metadata": metadata,
        }
        self._push("BOOKMARK", msgspec.json.encode(document))

    def _error(self, error: StatusError) -> None:
        self._push("ERROR", msgspec.json.encode(error.document()))
        self.close()

    def expire(self) -> None:
        """End the watch as the server does when it has lost track."""
        version = self.operations.store.version
        self._error(expired(f"too old resource version: {version} ({version})"))

    def close(self) -> None:
        """Send what is there and end."""
        self._closed = True
        self._collection.listeners.discard(self._on_change)
        self._collection.when_dropped.discard(self.close)
        self._ready.set()

    async def frames(self) -> AsyncGenerator[bytes, None]:
        """The stream, in pieces of one or more frames, until the watch ends."""
        loop = asyncio.get_running_loop()
        end = loop.time() + self.timeout
        ticking = loop.create_task(self._tick(end))
        try:
            while True:
                if self._waiting:
                    piece = await self._piece()
                    if piece:
                        yield piece
                    self._sent = loop.time()
                    continue
                if self._closed or loop.time() >= end:
                    return
                self._ready.clear()
                await self._ready.wait()
                if len(self._collection.listeners) >= CROWD:
                    await asyncio.sleep(max(0.0, self._sent + MOMENT_SECONDS - loop.time()))
        finally:
            ticking.cancel()
            self.close()

    async def _tick(self, end: float) -> None:
        """A bookmark now and then, and a last look when the time is over."""
        loop = asyncio.get_running_loop()
        last = end - LAST_BOOKMARK_SECONDS
        while (left := last - loop.time()) > 0:
            await asyncio.sleep(min(BOOKMARK_SECONDS, left))
            if self.bookmarks:
                self.bookmark()
        await asyncio.sleep(end - loop.time())
        self._ready.set()

    async def _piece(self) -> bytes:
        """The frames of what waits, in one; of a conversion that fails, its error."""
        frames: list[bytes] = []
        while self._waiting and isinstance(self._waiting[0], Change):
            frame = self._quick_frame(self._waiting[0])
            if frame is None:
                break
            self._waiting.popleft()
            frames.append(frame)
        try:
            frames.extend([frame async for frame in self._drain()])
        except StatusError as error:
            self._waiting.clear()
            self._error(error)
            frames.extend([frame async for frame in self._drain()])
        return b"".join(frames)


@lru_cache(maxsize=1024)
def _shared_frame(event: str, revision: Revision) -> bytes:
    """The frame of a revision as it is stored, made once for all watchers."""
    return _framed(event, revision.body)


def _framed(event: str, body: bytes) -> bytes:
    return b'{"type":"%b","object":%b}\n' % (event.encode(), body)
