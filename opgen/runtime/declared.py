"""What the controllers of an operator have declared, checked against each other before it starts.

Everything that is wrong is told at once, and before the first request is sent.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from opgen.api.controllers import Cached, ControllerInfo, controller_info
from opgen.api.errors import Location, Problem, Problems
from opgen.api.indexes import Index
from opgen.api.resources import ResourceKind, kind_of
from opgen.api.runnables import RunnableInfo, runnable_info
from opgen.runtime.decoding import check
from opgen.runtime.index_uses import used_indexes


@dataclass(slots=True)
class CacheSpec:
    """How the objects of one kind are cached, for all controllers together."""

    kind: ResourceKind
    cls: Any
    label_selector: str = ""
    field_selector: str = ""
    metadata_only: bool = False
    indexes: dict[str, Index[Any]] = field(default_factory=dict)
    location: Location | None = None
    """Who said so first."""

    @property
    def selection(self) -> tuple[str, str, bool]:
        """What all controllers must agree on, as there is one cache for them."""
        return (self.label_selector, self.field_selector, self.metadata_only)


class Declared:
    """The controllers with their instances, the caches they need, and the other functions.

    Raises:
        Problems: the declarations do not fit together.
    """

    def __init__(
        self, controllers: Iterable[Any], runnables: Iterable[Any] = (), *, others: bool = False
    ) -> None:
        found = [(controller, _info(controller)) for controller in controllers]
        self.runnables: list[tuple[RunnableInfo, Callable[[Any], Any]]] = [
            (_runnable(function), function) for function in runnables
        ]
        self.caches: dict[ResourceKind, CacheSpec] = {}
        problems = list(_conflicts(found))
        for _, info in found:
            problems += self._add_caches(info)
        problems += self._unknown_indexes([controller for controller, _ in found])
        if not (found or self.runnables or others):
            hint = "decorate a class with @controller(...) in a module of <package>.controllers"
            problems.append(Problem("there is no controller to run", hint=hint))
        if problems:
            raise Problems(problems)
        self.controllers: list[tuple[ControllerInfo, Any]] = [
            (info, controller() if isinstance(controller, type) else controller)
            for controller, info in found
        ]

    def _unknown_indexes(self, controllers: Iterable[Any]) -> Iterator[Problem]:
        known = {id(index) for spec in self.caches.values() for index in spec.indexes.values()}
        classes = [c if isinstance(c, type) else type(c) for c in controllers]
        functions = [function for _, function in self.runnables]
        used = (index for declared in (*classes, *functions) for index in used_indexes(declared))
        for index in {id(index): index for index in used}.values():
            if id(index) not in known:
                yield Problem(
                    f"index {index.name!r} is looked up, but no controller has it",
                    location=index.location,
                    hint="declare it with indexes= of @controller, or of Cached for another kind",
                )

    def _add_caches(self, info: ControllerInfo) -> Iterator[Problem]:
        said = {id(cached.kind): cached for cached in info.cached}
        for cls in _kinds(info):
            if isinstance(cls, type) and dataclasses.is_dataclass(cls):
                try:
                    check(cls)
                except Problems as problems:
                    yield from problems.problems
                    continue
            yield from self._add_cache(said.get(id(cls)) or Cached(cls), info.location)

    def _add_cache(self, cached: Cached, location: Location) -> Iterator[Problem]:
        kind = kind_of(cached.kind)
        wanted = CacheSpec(
            kind,
            cached.kind,
            cached.label_selector,
            cached.field_selector,
            cached.metadata_only,
            {index.name: index for index in cached.indexes},
            location,
        )
        known = self.caches.setdefault(kind, wanted)
        if known.selection != wanted.selection:
            yield Problem(
                f"{kind.kind} is to be cached in two ways",
                location=location,
                hint=f"the other is at {known.location}; use the same label_selector, "
                "field_selector and metadata_only in both, as there is one cache for each kind",
            )
        for index in cached.indexes:
            if known.indexes.setdefault(index.name, index) is not index:
                yield Problem(
                    f"{kind.kind} has two indexes named {index.name!r}",
                    location=location,
                    hint=f"the other is at {known.location}; rename one of them",
                )


def _kinds(info: ControllerInfo) -> Iterator[Any]:
    yield info.resource
    yield from info.owns
    for watch in info.watches:
        yield watch.kind


def _conflicts(found: list[tuple[Any, ControllerInfo]]) -> Iterator[Problem]:
    names = dict[str, ControllerInfo]()
    for controller, info in found:
        if info.finalizer and not callable(getattr(controller, "finalize", None)):
            yield Problem(
                f"controller {info.name!r} has a finalizer but no method finalize",
                location=info.location,
                hint="add async def finalize(self, obj, ctx)",
            )
        other = names.setdefault(info.name, info)
        if other is info:
            continue
        same = kind_of(other.resource) == kind_of(info.resource)
        kind = kind_of(info.resource).kind
        yield Problem(
            f"two controllers reconcile {kind}"
            if same
            else f"two controllers are named {info.name!r}",
            location=info.location,
            hint=f"the other is at {other.location}; "
            + ("join them, or " if same else "")
            + "set name= of one of them",
        )


def _info(controller: Any) -> ControllerInfo:
    cls = controller if isinstance(controller, type) else type(controller)
    info = controller_info(cls)
    if info is None:
        raise TypeError(f"{cls.__qualname__} is no controller; decorate it with @controller(...)")
    return info


def _runnable(function: Any) -> RunnableInfo:
    info = runnable_info(function)
    if info is None:
        raise TypeError(
            f"{function!r} is no runnable; decorate it with @on_start or @periodic(...)"
        )
    return info
