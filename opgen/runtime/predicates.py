"""Ready-made predicates: which changes of an object are worth a reconcile.

`@controller(WebServer, predicates=(any_of(generation_changed, labels_changed),))`

A predicate gets the object before (None: it is new) and after (None: it has gone). These agree
with every creation and deletion, so that no object is ever missed, and look at changes only.
"""

from __future__ import annotations

from typing import Any

from opgen.api.controllers import Predicate

__all__ = [
    "all_of",
    "annotations_changed",
    "any_of",
    "generation_changed",
    "labels_changed",
    "negated",
]


def generation_changed(before: Any, after: Any) -> bool:
    """The spec has changed, or deletion has begun; a change of status alone does not count."""
    return _changed(before, after, "generation")


def labels_changed(before: Any, after: Any) -> bool:
    """The labels have changed."""
    return _changed(before, after, "labels")


def annotations_changed(before: Any, after: Any) -> bool:
    """The annotations have changed."""
    return _changed(before, after, "annotations")


def all_of(*predicates: Predicate) -> Predicate:
    """Agrees if all of them do."""
    return lambda before, after: all(predicate(before, after) for predicate in predicates)


def any_of(*predicates: Predicate) -> Predicate:
    """Agrees if one of them does."""
    return lambda before, after: any(predicate(before, after) for predicate in predicates)


def negated(predicate: Predicate) -> Predicate:
    """Agrees if the other one does not."""
    return lambda before, after: not predicate(before, after)


def _changed(before: Any, after: Any, name: str) -> bool:
    if before is None or after is None:
        return True
    read = _from_mapping if isinstance(after, dict) else _from_metadata
    return bool(read(before, name) != read(after, name))


def _from_mapping(obj: dict[str, Any], name: str) -> Any:
    return obj["metadata"].get(name) or None


def _from_metadata(obj: Any, name: str) -> Any:
    return getattr(obj.metadata, name) or None
