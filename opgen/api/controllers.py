"""Controllers: the `controller` decorator and what a reconcile may return.

Like `resource`, the decorator only attaches a frozen record, `ControllerInfo`. The runtime builds
watches from it and `opgen.manifests` the RBAC rules, so the two cannot disagree.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

from opgen.api.errors import Location

if TYPE_CHECKING:
    from datetime import timedelta

Reconciler = TypeVar("Reconciler")
Predicate = Callable[[Any, Any], bool]
"""Decides on a change, from the object before (None: created) and after (None: deleted)."""


@dataclass(frozen=True, kw_only=True, slots=True)
class PolicyRule:
    """One rule of a role. Source: rbac/v1 PolicyRule. `namespace` puts it into a Role there."""

    verbs: tuple[str, ...]
    groups: tuple[str, ...] = ()
    resources: tuple[str, ...] = ()
    resource_names: tuple[str, ...] = ()
    urls: tuple[str, ...] = ()
    namespace: str = ""


def rbac(
    *,
    verbs: Iterable[str],
    groups: Iterable[str] = (),
    resources: Iterable[str] = (),
    resource_names: Iterable[str] = (),
    urls: Iterable[str] = (),
    namespace: str = "",
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
    )


def _strings(name: str, values: Iterable[str]) -> tuple[str, ...]:
    if isinstance(values, str):
        raise TypeError(f'{name} must be a list of strings, as in {name}=["{values}"]')
    return tuple(values)


@dataclass(frozen=True, slots=True)
class Watch:
    """Objects of another kind, each mapped to the keys to reconcile.

    `map` gets the changed object and returns (namespace, name) pairs of the controller's own kind.
    """

    kind: Any
    map: Callable[[Any], Iterable[tuple[str, str]]]
    predicates: tuple[Predicate, ...] = ()


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
    name: str
    location: Location = field(compare=False)


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
    name: str | None = None,
) -> Callable[[type[Reconciler]], type[Reconciler]]:
    """Declare a class to be the controller of a kind.

    The class has `async def reconcile(self, obj, ctx)`, which brings the world into the state that
    `obj` asks for, and, with a `finalizer`, `async def finalize(self, obj, ctx)`, which cleans up
    what owner references cannot.

    Args:
        resource: The kind, a `CustomResource` class or a built-in kind.
        owns: Kinds that the controller creates; a change of one reconciles its owner.
        watches: Other kinds, with a function from the changed object to the keys to reconcile.
        predicates: Decide which changes of `resource` matter; all must agree.
        rbac: Permissions beyond those that follow from `resource`, `owns` and `watches`.
        finalizer: The name of a finalizer, such as `my.domain/backups`.
        concurrency: How many objects are reconciled at once; one object never twice. Waiting costs
            nothing in a coroutine, and the API server is fair to all its clients by itself.
        name: For logs and metrics; the kind in lower case if left out.

    Raises:
        TypeError: the class has no `reconcile` method.
    """
    frame = sys._getframe(1)
    location = Location(frame.f_code.co_filename, frame.f_lineno)

    def decorate(cls: type[Reconciler]) -> type[Reconciler]:
        if not callable(getattr(cls, "reconcile", None)):
            raise TypeError(
                f"{cls.__qualname__} needs a method async def reconcile(self, obj, ctx)"
            )
        cls.__opgen_controller__ = ControllerInfo(  # type: ignore[attr-defined]
            resource=resource,
            owns=tuple(owns),
            watches=tuple(watches),
            predicates=tuple(predicates),
            rbac=tuple(rbac),
            finalizer=finalizer,
            concurrency=concurrency,
            name=name or getattr(resource, "__name__", cls.__name__).lower(),
            location=location,
        )
        return cls

    return decorate


def controller_info(cls: type) -> ControllerInfo | None:
    """What `@controller` was told about this very class, or None if it was not decorated."""
    info = cls.__dict__.get("__opgen_controller__")
    return info if isinstance(info, ControllerInfo) else None


@dataclass(frozen=True, slots=True)
class Result:
    """What a reconcile returns when it wants to be called again without a change.

    `requeue_after` is in seconds, or a timedelta.
    """

    requeue_after: float | timedelta | None = None

    @property
    def delay(self) -> float | None:
        """Seconds until the next call, or None."""
        after = self.requeue_after
        return after if after is None or isinstance(after, (int, float)) else after.total_seconds()


class TerminalError(Exception):
    """Raised by a reconcile when trying again is of no use until the object changes."""
