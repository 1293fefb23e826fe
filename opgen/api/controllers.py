"""Controllers: the `controller` decorator and what a reconcile may return.

Like `resource`, the decorator only attaches a frozen record, `ControllerInfo`. The runtime builds
watches from it and `opgen.manifests` the RBAC rules, so the two cannot disagree.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from inspect import CO_ASYNC_GENERATOR, CO_GENERATOR, CO_VARARGS
from typing import TYPE_CHECKING, Any, TypeVar

from opgen.api.callables import check_context, refuse_coroutine
from opgen.api.errors import Location
from opgen.api.indexes import Index

if TYPE_CHECKING:
    from datetime import timedelta

Reconciler = TypeVar("Reconciler")
Predicate = Callable[[Any, Any], bool]
"""Decides on a change, from the object before (None: created) and after (None: deleted)."""


@dataclass(frozen=True, kw_only=True, slots=True)
class PolicyRule:
    """One rule of a role. Source: rbac/v1 PolicyRule.

    `namespace` puts it into a Role there, and `role` into one of another name than the operator's
    own, which somebody has to bind.
    """

    verbs: tuple[str, ...]
    groups: tuple[str, ...] = ()
    resources: tuple[str, ...] = ()
    resource_names: tuple[str, ...] = ()
    urls: tuple[str, ...] = ()
    namespace: str = ""
    role: str = ""


def rbac(
    *,
    verbs: Iterable[str],
    groups: Iterable[str] = (),
    resources: Iterable[str] = (),
    resource_names: Iterable[str] = (),
    urls: Iterable[str] = (),
    namespace: str = "",
    role: str = "",
) -> PolicyRule:
    """A permission that a controller needs beyond what follows from its declaration.

    `rbac(groups=[""], resources=["secrets"], verbs=["get"])`
    """
    return PolicyRule(
        verbs=_strings("verbs", verbs),
        groups=_strings("groups", groups),
        resources=_strings("resources", resources),
        resource_names=_strings("resource_names", resource_names),
        urls=_strings("urls", urls),
        namespace=namespace,
        role=role,
    )


def _strings(name: str, values: Iterable[str]) -> tuple[str, ...]:
    if isinstance(values, str):
        raise TypeError(f'{name} must be a list of strings, as in {name}=["{values}"]')
    return tuple(values)


@dataclass(frozen=True, slots=True)
class Cached:
    """A kind, and which objects of it are cached how. Goes where a kind goes.

    `owns=(Cached(apps_v1.Deployment, label_selector="app=web"),)`

    Attributes:
        kind: A `CustomResource` class, a built-in kind, or a `ResourceKind` for plain dicts.
        label_selector: Only objects with these labels, such as `tier=web,env!=test`.
        field_selector: Only objects with these fields; the server knows few but `metadata.name`.
        metadata_only: Keep nothing but metadata. Map functions and predicates then get dicts with
            nothing else, and what `Context` reads comes from the server.
        indexes: By what its objects can be found.
    """

    kind: Any
    label_selector: str = ""
    field_selector: str = ""
    metadata_only: bool = False
    indexes: tuple[Index[Any], ...] = ()


@dataclass(frozen=True, slots=True)
class Watch:
    """Objects of another kind, each mapped to the keys to reconcile.

    `map` gets the changed object and returns (namespace, name) pairs of the controller's own kind.
    The kind may be a `Cached` one.
    """

    kind: Any
    map: Callable[[Any], Iterable[tuple[str, str]]]
    predicates: tuple[Predicate, ...] = ()

    def __post_init__(self) -> None:
        for function in (self.map, *self.predicates):
            refuse_coroutine(function, "runs while a change is taken in")


@dataclass(frozen=True, kw_only=True, slots=True)
class ControllerInfo:
    """What `@controller` was told."""

    resource: Any
    """The kind that is reconciled."""
    owns: tuple[Any, ...] = ()
    watches: tuple[Watch, ...] = ()
    predicates: tuple[Predicate, ...] = ()
    rbac: tuple[PolicyRule, ...] = ()
    finalizer: str | None = None
    concurrency: int = 16
    timeout: float | None = None
    name: str
    location: Location = field(compare=False)
    cached: tuple[Cached, ...] = ()
    """How the kinds are cached: an entry for each that has something to say about it."""


def controller(
    resource: Any,
    /,
    *,
    owns: Iterable[Any] = (),
    watches: Iterable[Watch] = (),
    predicates: Iterable[Predicate] = (),
    rbac: Iterable[PolicyRule] = (),
    finalizer: str | None = None,
    concurrency: int = 16,
    timeout: float | timedelta | None = None,
    name: str | None = None,
    indexes: Iterable[Index[Any]] = (),
    label_selector: str = "",
    field_selector: str = "",
) -> Callable[[type[Reconciler]], type[Reconciler]]:
    """Declare a class to be the controller of a kind.

    The class has `async def reconcile(self, obj, ctx)`, which brings the world into the state that
    `obj` asks for, and, with a `finalizer`, `async def finalize(self, obj, ctx)`, which cleans up
    what owner references cannot. Both may be plain functions too; their context is a `SyncContext`.

    Every kind may be a `CustomResource` class, a built-in kind, or a `ResourceKind`, whose objects
    are plain dicts; `owns` and `watches` take `Cached(kind, ...)` too.

    Args:
        resource: The kind.
        owns: Kinds that the controller creates; a change of one reconciles its owner.
        watches: Other kinds, with a function from the changed object to the keys to reconcile.
        predicates: Decide which changes of `resource` matter; all must agree.
        rbac: Permissions beyond those that follow from `resource`, `owns` and `watches`.
        finalizer: The name of a finalizer, such as `my.domain/backups`.
        concurrency: How many objects are reconciled at once; one object never twice. Waiting costs
            nothing in a coroutine, and the API server is fair to all its clients by itself.
        timeout: How long one reconcile may take, in seconds or as a timedelta; as long as it likes
            if left out. A coroutine is cancelled then and tried again; a thread, which cannot be
            ended, keeps its object until it has returned.
        name: For logs and metrics; the kind in lower case if left out.
        indexes: By what objects of `resource` can be found with `Context.list(index=...)`.
        label_selector: Only look at objects of `resource` with these labels.
        field_selector: Only look at objects of `resource` with these fields.

    Raises:
        TypeError: the class has no `reconcile` method that can be called, a function is
            asynchronous that cannot be, or a context is one for functions of the other kind.
        ValueError: `concurrency` is less than 1, or `timeout` is not positive.
    """
    frame = sys._getframe(1)
    location = Location(frame.f_code.co_filename, frame.f_lineno)
    if concurrency < 1:
        raise ValueError(f"concurrency must be 1 or more, not {concurrency}")
    limit = _seconds("timeout", timeout)
    if limit is not None and limit <= 0:
        raise ValueError(f"timeout must be positive, not {limit:g} seconds")
    own = Cached(resource, label_selector, field_selector, False, tuple(indexes))
    owned, watched = list(owns), list(watches)
    cached = [own, *(c for c in (*owned, *(w.kind for w in watched)) if isinstance(c, Cached))]
    chosen = tuple(predicates)
    for function in chosen:
        refuse_coroutine(function, "runs while a change is taken in")

    def decorate(cls: type[Reconciler]) -> type[Reconciler]:
        _check_method(cls, "reconcile")
        if hasattr(cls, "finalize"):
            _check_method(cls, "finalize")
        cls.__opgen_controller__ = ControllerInfo(  # type: ignore[attr-defined]
            resource=resource,
            owns=tuple(_kind(kind) for kind in owned),
            watches=tuple(Watch(_kind(w.kind), w.map, w.predicates) for w in watched),
            predicates=chosen,
            rbac=tuple(rbac),
            finalizer=finalizer,
            concurrency=concurrency,
            timeout=limit,
            name=name or _name(resource, cls),
            location=location,
            cached=tuple(cached),
        )
        return cls

    return decorate


def _kind(kind: Any) -> Any:
    return kind.kind if isinstance(kind, Cached) else kind


def _name(resource: Any, cls: type) -> str:
    kind = getattr(resource, "__opgen_kind__", None)
    return str(getattr(resource, "__name__", getattr(kind, "kind", cls.__name__))).lower()


def _check_method(cls: type, name: str) -> None:
    method = getattr(cls, name, None)
    if not callable(method):
        raise TypeError(f"{cls.__qualname__} needs a method async def {name}(self, obj, ctx)")
    code = getattr(method, "__code__", None)
    if code is None:
        return
    if code.co_flags & (CO_GENERATOR | CO_ASYNC_GENERATOR):
        raise TypeError(f"{method.__qualname__} must return its result and not yield")
    if code.co_argcount != 3 and not code.co_flags & CO_VARARGS:
        raise TypeError(f"{method.__qualname__} must take (self, obj, ctx)")
    check_context(method)


def controller_info(cls: type) -> ControllerInfo | None:
    """What `@controller` was told about this very class, or None if it was not decorated."""
    info = cls.__dict__.get("__opgen_controller__")
    return info if isinstance(info, ControllerInfo) else None


def _seconds(name: str, value: Any) -> float | None:
    """Seconds or a timedelta as seconds; None as it is."""
    if value is None:
        return None
    if hasattr(value, "total_seconds"):
        return float(value.total_seconds())
    if not isinstance(value, (int, float)):
        raise TypeError(f"{name} must be seconds or a timedelta, not {type(value).__name__}")
    if not abs(value) < float("inf"):
        raise ValueError(f"{name} must be a finite number, not {value}")
    return value


@dataclass(frozen=True, slots=True)
class Result:
    """What a reconcile returns when it wants to be called again without a change.

    `requeue_after` is in seconds, or a timedelta. 0 or less means at once, and while it stays so
    after growing delays, as after failures.

    Raises:
        TypeError: it is neither.
        ValueError: it is no finite number.
    """

    requeue_after: float | timedelta | None = None

    def __post_init__(self) -> None:
        _seconds("requeue_after", self.requeue_after)

    @property
    def delay(self) -> float | None:
        """Seconds until the next call, or None."""
        return _seconds("requeue_after", self.requeue_after)


class TerminalError(Exception):
    """Raised by a reconcile when trying again is of no use until the object changes."""
