"""The caches of an operator: one store for each kind, filled by a reflector for each namespace."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from opgen.api.indexes import Index
from opgen.api.resources import ResourceKind
from opgen.runtime.client import Client
from opgen.runtime.clock import Clock
from opgen.runtime.declared import CacheSpec
from opgen.runtime.documents import typed
from opgen.runtime.options import Options
from opgen.runtime.reflector import Reflector, Scope
from opgen.runtime.store import Entry, Indexer, Store

log = logging.getLogger("opgen.cache")

Stores = Mapping[ResourceKind, Store]


def build_caches(
    specs: Iterable[CacheSpec],
    client: Client,
    options: Options,
    clock: Clock,
    on_change: Callable[[], None],
) -> tuple[Stores, list[Reflector]]:
    """The stores, still empty, and the reflectors that will fill them."""
    stores: dict[ResourceKind, Store] = {}
    reflectors: list[Reflector] = []
    for spec in specs:
        namespaces = options.namespaces if spec.kind.namespaced else ()
        store = Store(spec.kind, namespaces, metadata_only=spec.metadata_only)
        for index in spec.indexes.values():
            store.add_index(index.name, _indexer(index, spec.cls, store))
        stores[spec.kind] = store
        for namespace in namespaces or ("",):
            scope = Scope(
                namespace=namespace,
                label_selector=spec.label_selector,
                field_selector=spec.field_selector,
                metadata_only=spec.metadata_only,
            )
            reflectors.append(
                Reflector(
                    client,
                    store,
                    scope=scope,
                    timing=options.watch,
                    clock=clock,
                    on_change=on_change,
                )
            )
    return stores, reflectors


def _indexer(index: Index[Any], cls: Any, store: Store) -> Indexer:
    """The user's function as the store wants it. An object it fails on is found by nothing."""

    def values(entry: Entry) -> Iterable[str]:
        try:
            return list(index.values(typed(cls, entry, metadata_only=store.metadata_only)))
        except Exception:
            log.exception("index %r of %s failed for %s", index.name, store.kind.kind, entry.key)
            return ()

    return values
