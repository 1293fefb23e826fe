"""Reading objects: from the cache if a controller asked for their kind, else from the server."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, overload

from opgen.api.errors import Problems
from opgen.api.indexes import Index
from opgen.api.resources import ResourceKind, kind_of
from opgen.runtime.documents import as_object
from opgen.runtime.errors import ApiError, DecodeError

if TYPE_CHECKING:
    from opgen.runtime.client import Client
    from opgen.runtime.logs import BoundLogger
    from opgen.runtime.store import Store

T = TypeVar("T")
Json = dict[str, Any]
_Found = list
"""`list` is a method here."""


class Reader:
    """Reads objects; those that it returns are the caller's own and may be changed freely.

    A kind that is cached in part, by a selector or a namespace, is read in that part.

    Attributes:
        client: For what nothing here does. It reads from the server, not from the cache.
        log: A logger.
        namespace: Where objects are looked for if no namespace is named; empty for none.
    """

    namespace: str = ""

    def __init__(
        self, client: Client, stores: Mapping[ResourceKind, Store], log: BoundLogger
    ) -> None:
        self.client = client
        self.log = log
        self._stores = stores

    @property
    def _uid(self) -> str:
        """The uid of the object that owns others; none here."""
        return ""

    def _store(self, kind: ResourceKind) -> Store | None:
        """The cache of a kind, if it holds whole objects."""
        store = self._stores.get(kind)
        return None if store is None or store.metadata_only else store

    @overload
    async def get(
        self, kind: ResourceKind, name: str, namespace: str | None = None
    ) -> Json | None: ...
    @overload
    async def get(self, kind: type[T], name: str, namespace: str | None = None) -> T | None: ...
    async def get(self, kind: Any, name: str, namespace: str | None = None) -> Any:
        """An object by name, or None if there is none.

        Kinds that a controller owns or watches are read from the cache, others from the server.
        The namespace is that of the reconciled object unless told otherwise.
        """
        resource = kind_of(kind)
        where = (namespace or self.namespace) if resource.namespaced else ""
        store = self._store(resource)
        if store is not None:
            entry = store.get((where, name))
            return None if entry is None else as_object(kind, entry.document())
        try:
            return as_object(kind, await self.client.get(resource, name, where or None))
        except ApiError as error:
            if error.code == 404:
                return None
            raise

    @overload
    async def list(
        self,
        kind: ResourceKind,
        namespace: str | None = None,
        *,
        labels: Mapping[str, str] | None = None,
        owned: bool = False,
        index: tuple[Index[Json], str] | None = None,
    ) -> list[Json]: ...
    @overload
    async def list(
        self,
        kind: type[T],
        namespace: str | None = None,
        *,
        labels: Mapping[str, str] | None = None,
        owned: bool = False,
        index: tuple[Index[T], str] | None = None,
    ) -> list[T]: ...
    async def list(
        self,
        kind: Any,
        namespace: str | None = None,
        *,
        labels: Mapping[str, str] | None = None,
        owned: bool = False,
        index: tuple[Index[Any], str] | None = None,
    ) -> Any:
        """Objects of a kind, in a namespace or in all.

        Args:
            kind: The kind.
            namespace: One namespace only.
            labels: Only objects that have these labels.
            owned: Only objects that the reconciled object owns.
            index: Only objects in which that index has found that value.

        Raises:
            Problems: there is no such index.
        """
        resource = kind_of(kind)
        store = self._store(resource)
        if index is not None:
            _check_index(resource, store, index[0].name)
        if store is None:
            return await self._list_from_server(kind, resource, namespace, labels, owned)
        if owned:
            entries = store.by_index("owner", self._uid)
            if index is not None:
                indexed = {entry.key for entry in store.by_index(index[0].name, index[1])}
                entries = [entry for entry in entries if entry.key in indexed]
        elif index is not None:
            entries = store.by_index(index[0].name, index[1])
        else:
            entries = [*store.entries(namespace)]
        wanted = (labels or {}).items()
        found: _Found[Any] = []
        for entry in entries:
            matches = wanted <= (entry.metadata.labels or {}).items()
            if matches and (namespace is None or entry.key[0] == namespace):
                self._add(found, kind, resource, entry.document())
        return found

    async def _list_from_server(
        self,
        kind: Any,
        resource: ResourceKind,
        namespace: str | None,
        labels: Mapping[str, str] | None,
        owned: bool,
    ) -> _Found[Any]:
        selector = ",".join(f"{key}={value}" for key, value in (labels or {}).items())
        documents = await self.client.list(resource, namespace, label_selector=selector)
        found: _Found[Any] = []
        for document in documents:
            owners = document["metadata"].get("ownerReferences") or ()
            if not owned or any(owner["uid"] == self._uid for owner in owners):
                self._add(found, kind, resource, document)
        return found

    def _add(self, found: _Found[Any], kind: Any, resource: ResourceKind, document: Json) -> None:
        try:
            found.append(as_object(kind, document))
        except DecodeError as error:
            self.log.error("left out %s %s: %s", resource.kind, document["metadata"]["name"], error)


def _check_index(kind: ResourceKind, store: Store | None, name: str) -> None:
    if store is None:
        raise Problems.of(
            f"{kind.kind} has no index {name!r}: its objects are not cached",
            hint="name the kind in owns= or watches= of @controller, with its metadata and spec",
        )
    known = store.indexes
    if name not in known:
        import difflib

        close = difflib.get_close_matches(name, known, 1)
        hint = f"did you mean {close[0]!r}? " if close else ""
        raise Problems.of(
            f"{kind.kind} has no index {name!r}; there are: {', '.join(sorted(known))}",
            hint=f"{hint}indexes are declared with indexes= of @controller and of Cached",
        )
