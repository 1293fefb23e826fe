"""Contexts of plain functions, which run in threads of their own and wait where others await.

They have what `Context` and `OperatorContext` have, with the same names and meanings. Everything is
done in the operator's event loop, and the thread waits for it.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Mapping
from typing import TYPE_CHECKING, Any, TypeVar, overload

from opgen.api.indexes import Index
from opgen.api.resources import ResourceKind
from opgen.runtime.context import Context
from opgen.runtime.reader import Reader

if TYPE_CHECKING:
    from asyncio import AbstractEventLoop

    from opgen.runtime.client import Client
    from opgen.runtime.logs import BoundLogger

T = TypeVar("T")
Json = dict[str, Any]
_Found = list
"""`list` is a method here."""


class SyncOperatorContext:
    """The operator as a whole, for plain functions of `on_start` and `periodic`.

    Attributes:
        client: For what nothing here does; call it with `wait`.
        log: A logger.
    """

    def __init__(self, context: Reader, loop: AbstractEventLoop) -> None:
        self.client: Client = context.client
        self.log: BoundLogger = context.log
        self._reader = context
        self._loop = loop

    def wait(self, work: Coroutine[Any, Any, T]) -> T:
        """Run a coroutine in the operator's event loop, and wait for what it returns.

        `ctx.wait(ctx.client.get(core_v1.Node, "n1"))`
        """
        import asyncio

        return asyncio.run_coroutine_threadsafe(work, self._loop).result()

    def _there(self, function: Callable[[], T]) -> T:
        """Call a function in the event loop, where everything lives."""

        async def called() -> T:
            return function()

        return self.wait(called())

    @overload
    def get(self, kind: ResourceKind, name: str, namespace: str | None = None) -> Json | None: ...
    @overload
    def get(self, kind: type[T], name: str, namespace: str | None = None) -> T | None: ...
    def get(self, kind: Any, name: str, namespace: str | None = None) -> Any:
        """An object by name, or None if there is none; see `Context.get`."""
        return self.wait(self._reader.get(kind, name, namespace))

    @overload
    def list(
        self,
        kind: ResourceKind,
        namespace: str | None = None,
        *,
        labels: Mapping[str, str] | None = None,
        owned: bool = False,
        index: tuple[Index[Json], str] | None = None,
    ) -> list[Json]: ...
    @overload
    def list(
        self,
        kind: type[T],
        namespace: str | None = None,
        *,
        labels: Mapping[str, str] | None = None,
        owned: bool = False,
        index: tuple[Index[T], str] | None = None,
    ) -> list[T]: ...
    def list(
        self,
        kind: Any,
        namespace: str | None = None,
        *,
        labels: Mapping[str, str] | None = None,
        owned: bool = False,
        index: tuple[Index[Any], str] | None = None,
    ) -> _Found[Any]:
        """Objects of a kind, in a namespace or in all; see `Context.list`."""
        listed = self._reader.list(kind, namespace, labels=labels, owned=owned, index=index)
        found: _Found[Any] = self.wait(listed)
        return found


class SyncContext(SyncOperatorContext):
    """What a plain `def reconcile` can do.

    Attributes:
        client: For what nothing here does; call it with `wait`.
        log: A logger whose lines carry the object and the reconcileID.
        namespace: The namespace of the object; empty if it has none.
        name: The name of the object.
    """

    def __init__(self, context: Context, loop: AbstractEventLoop) -> None:
        super().__init__(context, loop)
        self.namespace = context.namespace
        self.name = context.name
        self._context = context

    def apply(self, obj: T, *, own: bool = True) -> T:
        """Make an object what it is said to be here, and return it; see `Context.apply`."""
        return self.wait(self._context.apply(obj, own=own))

    def delete(self, kind: Any, name: str, namespace: str | None = None) -> bool:
        """Delete an object. Returns whether it was there."""
        return self.wait(self._context.delete(kind, name, namespace))

    def patch(self, kind: type[T], name: str, body: Json, namespace: str | None = None) -> T:
        """Send a JSON merge patch, for what `apply` cannot say; see `Context.patch`."""
        return self.wait(self._context.patch(kind, name, body, namespace))

    def owner_reference(self) -> Json:
        """A reference that makes the reconciled object the controller of another one."""
        return self._context.owner_reference()

    def event(
        self, reason: str, message: str, *, type: str = "Normal", action: str = "Reconcile"
    ) -> None:
        """Tell an Event about the reconciled object; see `Context.event`."""
        self._there(lambda: self._context.event(reason, message, type=type, action=action))

    def set_condition(
        self, obj: Any, type: str, status: bool | None, *, reason: str, message: str = ""
    ) -> bool:
        """Set a condition in the status of an object; see `Context.set_condition`."""
        return self._context.set_condition(obj, type, status, reason=reason, message=message)
