"""Kubernetes' verbs: get, list, create, replace, patch, apply, delete and watch.

Every method takes a `ResourceKind` or a class that has one, and takes and returns plain dicts. An
answer of 429, or of 5xx with a Retry-After header, is retried as the server asks.

```python
async with Client(load_config()) as client:
    service = await client.get(core_v1.Service, "web", "default")
```
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import quote, urlsplit

import msgspec

from opgen.api.resources import ResourceKind, kind_of
from opgen.runtime.clock import SYSTEM_CLOCK, Clock
from opgen.runtime.config import ClusterConfig
from opgen.runtime.errors import ApiError
from opgen.runtime.metrics import Metrics
from opgen.runtime.rate_limit import RateLimit
from opgen.runtime.transport import Lines, Reply, Transport, in_lines

__all__ = ["APPLY", "JSON", "JSON_PATCH", "MERGE_PATCH", "ApiError", "Client"]

Json = dict[str, Any]
Objects = list[Json]
KindLike = Any
"""A `ResourceKind`, or a class that has one."""

JSON = "application/json"
JSON_PATCH = "application/json-patch+json"
MERGE_PATCH = "application/merge-patch+json"
APPLY = "application/apply-patch+yaml"
"""Server-side apply; JSON is YAML."""

TRUSTED = {"fieldValidation": "Ignore"}
"""Keeps the server from parsing an apply a second time, for duplicate keys, which our JSON cannot
have. Fields that are not in the schema are refused all the same: an apply always is strict there.
Source: the apply patcher of k8s.io/apiserver.
"""

PAGE_SIZE = 500
RETRIES = 5


class Client:
    """An API server's resources."""

    def __init__(
        self,
        config: ClusterConfig,
        *,
        user_agent: str = "opgen",
        clock: Clock = SYSTEM_CLOCK,
        rate_limit: RateLimit | None = None,
        fence: Callable[[], None] | None = None,
        metrics: Metrics | None = None,
    ) -> None:
        self.config = config
        self._metrics = metrics or Metrics()
        self._host = urlsplit(config.server).netloc.rpartition("@")[2]
        self._rate_limit = rate_limit
        self._fence = fence
        """Called at the last moment before a change is sent; raises if it must not be."""
        self._transport = Transport(config, user_agent=user_agent, clock=clock)
        self._clock = clock

    async def __aenter__(self) -> Client:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Close all connections."""
        await self._transport.close()

    def path(
        self, kind: KindLike, name: str = "", namespace: str | None = None, subresource: str = ""
    ) -> str:
        """The path of an object, or of a collection if there is no name.

        A namespaced object without a namespace is looked for in the configuration's own.
        """
        resource = as_kind(kind)
        parts = ["/apis", resource.group] if resource.group else ["/api"]
        parts.append(resource.version)
        if resource.namespaced and name and not namespace:
            namespace = self.config.namespace
        if resource.namespaced and namespace:
            parts += ["namespaces", _quoted(namespace)]
        parts.append(resource.plural)
        parts += [_quoted(part) for part in (name, subresource) if part]
        return "/".join(parts)

    def _path_of(self, kind: KindLike, body: Json, namespace: str | None, subresource: str) -> str:
        metadata = _metadata(body)
        where = namespace or metadata.get("namespace")
        return self.path(kind, metadata["name"], where, subresource)

    async def get(
        self,
        kind: KindLike,
        name: str,
        namespace: str | None = None,
        *,
        subresource: str = "",
    ) -> Json:
        """One object. Raises ApiError 404 if it does not exist."""
        return _object(await self.send("GET", self.path(kind, name, namespace, subresource)))

    async def list(
        self,
        kind: KindLike,
        namespace: str | None = None,
        *,
        label_selector: str = "",
        field_selector: str = "",
    ) -> Objects:
        """All objects of a kind, in one namespace or in all, read page by page."""
        resource = as_kind(kind)
        params = _selectors(label_selector, field_selector)
        items: Objects = []
        token = ""
        while True:
            page = await self.page(kind, namespace, params=params, token=token)
            document = _object(page)
            items.extend(document.get("items") or ())
            token = (document.get("metadata") or {}).get("continue") or ""
            if not token:
                break
        for item in items:
            item.setdefault("apiVersion", resource.api_version)
            item.setdefault("kind", resource.kind)
        return items

    async def page(
        self,
        kind: KindLike,
        namespace: str | None = None,
        *,
        params: Mapping[str, str] | None = None,
        token: str = "",
        accept: str = JSON,
    ) -> bytes:
        """One page of a list, as the server wrote it."""
        query = {**(params or {}), "limit": str(PAGE_SIZE)}
        if token:
            query["continue"] = token
        return await self.send("GET", self.path(kind, "", namespace), params=query, accept=accept)

    async def create(self, kind: KindLike, body: Json, namespace: str | None = None) -> Json:
        """Create an object. Raises ApiError 409 if it exists."""
        where = namespace or _metadata(body).get("namespace")
        if as_kind(kind).namespaced:
            where = where or self.config.namespace
        path = self.path(kind, "", where)
        return _object(await self.send("POST", path, body=_complete(kind, body)))

    async def replace(
        self, kind: KindLike, body: Json, namespace: str | None = None, *, subresource: str = ""
    ) -> Json:
        """Replace an object. With a resourceVersion in it, raises ApiError 409 if it is stale."""
        metadata = _metadata(body)
        path = self.path(
            kind, metadata["name"], namespace or metadata.get("namespace"), subresource
        )
        return _object(await self.send("PUT", path, body=_complete(kind, body)))

    async def patch(
        self,
        kind: KindLike,
        name: str,
        body: Json | Objects,
        namespace: str | None = None,
        *,
        subresource: str = "",
        content_type: str = MERGE_PATCH,
        field_manager: str = "",
    ) -> Json:
        """Patch an object; a JSON merge patch unless told otherwise."""
        return _object(
            await self.patch_bytes(
                kind,
                name,
                body,
                namespace,
                subresource=subresource,
                content_type=content_type,
                field_manager=field_manager,
            )
        )

    async def patch_bytes(
        self,
        kind: KindLike,
        name: str,
        body: Json | Objects,
        namespace: str | None = None,
        *,
        subresource: str = "",
        content_type: str = MERGE_PATCH,
        field_manager: str = "",
    ) -> bytes:
        """Like `patch`, with the answer as the server wrote it."""
        params = {"fieldManager": field_manager} if field_manager else None
        path = self.path(kind, name, namespace, subresource)
        return await self.send("PATCH", path, params=params, body=body, content_type=content_type)

    async def apply(
        self,
        kind: KindLike,
        body: Json,
        namespace: str | None = None,
        *,
        field_manager: str = "opgen",
        force: bool = True,
        subresource: str = "",
    ) -> Json:
        """Server-side apply: create the object, or make our fields of it what `body` says."""
        return _object(
            await self.apply_bytes(
                kind,
                body,
                namespace,
                field_manager=field_manager,
                force=force,
                subresource=subresource,
            )
        )

    async def apply_bytes(
        self,
        kind: KindLike,
        body: Json,
        namespace: str | None = None,
        *,
        field_manager: str,
        force: bool = True,
        subresource: str = "",
    ) -> bytes:
        """Like `apply`, with the answer as the server wrote it."""
        path = self._path_of(kind, body, namespace, subresource)
        params = {"fieldManager": field_manager, "force": "true" if force else "false"} | TRUSTED
        body = _complete(kind, body)
        return await self.send("PATCH", path, params=params, body=body, content_type=APPLY)

    async def delete(
        self,
        kind: KindLike,
        name: str,
        namespace: str | None = None,
        *,
        propagation: str = "Background",
        uid: str = "",
    ) -> Json:
        """Delete an object; with a uid, only that one. Raises ApiError 404 if it is not there."""
        options: Json = {
            "apiVersion": "v1",
            "kind": "DeleteOptions",
            "propagationPolicy": propagation,
        }
        if uid:
            options["preconditions"] = {"uid": uid}
        return _object(await self.send("DELETE", self.path(kind, name, namespace), body=options))

    async def watch(
        self,
        kind: KindLike,
        namespace: str | None = None,
        *,
        resource_version: str = "",
        label_selector: str = "",
        field_selector: str = "",
    ) -> AsyncIterator[Json]:
        """The events of one watch request, `{"type": ..., "object": ...}`, until it ends."""
        params = _selectors(label_selector, field_selector) | {"watch": "true"}
        if resource_version:
            params["resourceVersion"] = resource_version
        path = self.path(kind, "", namespace)
        async with self.stream(path, params=params) as batches:
            async for lines in batches:
                for line in lines:
                    yield msgspec.json.decode(line)

    async def request(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, str] | None = None,
        body: Any = None,
        content_type: str = JSON,
    ) -> Any:
        """Any request of one's own; JSON in, JSON out.

        Raises:
            ApiError: the server refused.
            Unreachable: the server did not answer.
        """
        answer = await self.send(method, path, params=params, body=body, content_type=content_type)
        return msgspec.json.decode(answer) if answer else None

    async def send(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, str] | None = None,
        body: Any = None,
        content_type: str = JSON,
        accept: str = JSON,
    ) -> bytes:
        """Like `request`, with the answer's bytes as they came."""
        data = msgspec.json.encode(body) if body is not None else None
        kind_of_data = content_type if data is not None else None
        attempt = 0
        while True:
            if self._rate_limit is not None:
                self._metrics.throttled(method, self._host, await self._rate_limit.take())
            began = self._clock.now()
            reply = await self._transport.send(
                method,
                path,
                params=params,
                body=data,
                content_type=kind_of_data,
                accept=accept,
                fence=self._fence if method != "GET" else None,
            )
            seconds = self._clock.now() - began
            self._metrics.answered(method, self._host, reply.status, seconds)
            if reply.status < 300:
                return reply.body
            await self._wait_or_raise(reply, last=attempt == RETRIES)
            self._metrics.retried(method, self._host, reply.status)
            attempt += 1

    async def _wait_or_raise(self, reply: Reply, *, last: bool) -> None:
        error = reply.error()
        asked = error.retry_after
        again = error.code == 429 or (error.code >= 500 and asked is not None)
        if last or not again:
            raise error
        await self._clock.sleep((asked if asked is not None else 1.0) + self._clock.random() / 10)

    @asynccontextmanager
    async def stream(
        self,
        path: str,
        *,
        params: Mapping[str, str],
        idle: float | None = None,
        accept: str = JSON,
    ) -> AsyncIterator[AsyncIterator[Lines]]:
        """A streaming GET as batches of complete lines."""
        async with self._transport.stream(path, params=params, idle=idle, accept=accept) as chunks:
            yield in_lines(chunks)


def as_kind(kind: KindLike) -> ResourceKind:
    """The `ResourceKind` itself, or that of a class.

    Raises:
        TypeError: it is neither.
    """
    return kind if isinstance(kind, ResourceKind) else kind_of(kind)


def _quoted(part: str) -> str:
    """A part of a path. Names of objects are seldom anything that needs quoting."""
    plain = part.isascii() and part.replace("-", "").replace(".", "").isalnum()
    return part if plain and part not in (".", "..") else quote(part, safe="").replace(".", "%2E")


def _object(answer: bytes) -> Json:
    document: Json = msgspec.json.decode(answer)
    return document


def _metadata(body: Json) -> Json:
    metadata: Json = body.get("metadata") or {}
    return metadata


def _complete(kind: KindLike, body: Json) -> Json:
    resource = as_kind(kind)
    return {"apiVersion": resource.api_version, "kind": resource.kind, **body}


def _selectors(label_selector: str, field_selector: str) -> dict[str, str]:
    pairs = {"labelSelector": label_selector, "fieldSelector": field_selector}
    return {key: value for key, value in pairs.items() if value}
