"""The debug page: what the queues hold, how the caches are, what went wrong last.

It is JSON, served on loopback only and only if asked for, as it names objects of the cluster. It
holds no object's content.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from opgen.runtime.manager import Manager
    from opgen.runtime.reconciler import Reconciler
    from opgen.runtime.reflector import Reflector

SHOWN_KEYS = 100


def report(manager: Manager) -> dict[str, Any]:
    """The state of a manager as JSON values."""
    return {
        "caches": [_cache(reflector) for reflector in manager.reflectors],
        "controllers": {c.info.name: _controller(c) for c in manager.controllers},
    }


def _cache(reflector: Reflector) -> dict[str, Any]:
    store, health, scope = reflector.store, reflector.health, reflector.scope
    return {
        "kind": store.kind.kind,
        "apiVersion": store.kind.api_version,
        "namespace": scope.namespace,
        "labelSelector": scope.label_selector,
        "fieldSelector": scope.field_selector,
        "metadataOnly": scope.metadata_only,
        "synced": reflector.synced,
        "objects": len(store),
        "resourceVersion": str(store.version(scope.namespace)),
        "indexes": store.indexes,
        "lists": health.lists,
        "watches": health.watches,
        "events": health.events,
        "undecodable": health.undecodable,
        "lastError": str(health.last_error) if health.last_error is not None else None,
    }


def _controller(controller: Reconciler) -> dict[str, Any]:
    queue = controller.queue
    return {
        "concurrency": controller.info.concurrency,
        "waiting": {"count": len(queue), "keys": _keys(queue.waiting)},
        "delayed": queue.delayed,
        "running": _keys(queue.processing),
        "resting": len(controller.settling) - len(queue.processing),
        "adds": queue.adds,
        "retries": queue.retries,
        "lastErrors": {"/".join(key): told for key, told in controller.last_errors.items()},
    }


def _keys(keys: Any) -> list[str]:
    return ["/".join(key) for key in list(keys)[:SHOWN_KEYS]]
