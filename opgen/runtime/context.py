"""What a reconcile can do: read from the cache, write to the API server, tell and log.

A `Context` belongs to one reconcile of one object. Objects it returns are the caller's own and may
be changed freely. This module is imported by every project's controllers, so it imports nothing
heavy.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from opgen.api.errors import Problems
from opgen.api.resources import ResourceKind, kind_of
from opgen.runtime.codec import encode_object, from_json
from opgen.runtime.documents import as_object
from opgen.runtime.errors import ApiError
from opgen.runtime.reader import Reader
from opgen.runtime.status import set_condition

if TYPE_CHECKING:
    from opgen.runtime.children import ChildWriter
    from opgen.runtime.client import Client
    from opgen.runtime.clock import Clock
    from opgen.runtime.events import EventRecorder
    from opgen.runtime.logs import BoundLogger
    from opgen.runtime.store import Entry, Key, Store

T = TypeVar("T")
_SERVER_SET = ("uid", "resourceVersion", "generation", "creationTimestamp", "managedFields")
"""Metadata that only the server sets; an apply must not send them."""


@dataclass(frozen=True, slots=True)
class Services:
    """What the contexts of one controller share."""

    client: Client
    stores: Mapping[ResourceKind, Store]
    children: ChildWriter
    recorder: EventRecorder
    clock: Clock
    manager: str
    """The name of the field manager."""
    wrote: Callable[[Key, ResourceKind, bytes], None] = lambda key, kind, answer: None
    """Told of every write of a reconcile: its key, the kind written and the server's answer."""


class Context(Reader):
    """What a reconcile can do.

    Attributes:
        log: A logger whose lines carry the object and the reconcileID.
        namespace: The namespace of the object; empty if it has none.
        name: The name of the object.
    """

    def __init__(
        self, services: Services, obj: Any, kind: ResourceKind, entry: Entry, log: BoundLogger
    ) -> None:
        super().__init__(services.client, services.stores, log)
        self.namespace = entry.metadata.namespace
        self.name = entry.metadata.name
        self._services = services
        self._obj = obj
        self._kind = kind
        self._metadata = entry.metadata

    @property
    def _uid(self) -> str:
        return self._metadata.uid

    async def apply(self, obj: T, *, own: bool = True) -> T:
        """Make an object what it is said to be here, and return it as it then is.

        It is created if need be. Fields that were applied before and are left out now are removed;
        fields of others stay. Nothing is sent when the cache shows that nothing would change.

        Args:
            obj: The object, with the fields that this controller decides on and no others.
            own: Make the reconciled object its owner, so that it goes when its owner goes and a
                change of it reconciles its owner.

        Raises:
            ApiError: the server refused.
            Problems: kind or name is missing, or the object cannot be owned.
            TypeError: it is no object, or a value in it has no form in JSON.
        """
        document = encode_object(obj)
        kind = self._known_kind(document)
        given = document.get("metadata") or {}
        if not (isinstance(given.get("name"), str) and given["name"]):
            raise Problems.of(
                f"cannot apply a {kind.kind} without a name",
                field="metadata.name",
                hint="set it to a text, such as ctx.name; server-side apply knows no generateName",
            )
        metadata = {k: v for k, v in given.items() if k not in _SERVER_SET}
        document["metadata"] = metadata
        document.pop("status", None)
        if not kind.namespaced:
            metadata.pop("namespace", None)
        elif not metadata.get("namespace"):
            metadata["namespace"] = self.namespace or self.client.config.namespace
        if own:
            self._add_owner(kind, metadata)
        live = await self._services.children.apply(kind, document, self.wrote)
        result: T = as_object(type(obj) if type(obj) is not dict else kind, live)
        return result

    def wrote(self, kind: ResourceKind, answer: bytes) -> None:
        """Let the cache know what a write of this reconcile has led to."""
        self._services.wrote((self.namespace, self.name), kind, answer)

    def _known_kind(self, document: Mapping[str, Any]) -> ResourceKind:
        version, name = document.get("apiVersion"), document.get("kind")
        for kind in self._services.stores:
            if kind.kind == name and kind.api_version == version:
                return kind
        if (built_in := _built_in(version, name)) is not None:
            return built_in
        raise Problems.of(
            f"cannot apply an object of apiVersion {version!r} and kind {name!r}",
            hint="set both, and name the kind in owns= of @controller",
        )

    def _add_owner(self, kind: ResourceKind, metadata: dict[str, Any]) -> None:
        if self.namespace and metadata.get("namespace") != self.namespace:
            where = f"in namespace {metadata['namespace']!r}" if kind.namespaced else "without one"
            raise Problems.of(
                f"{kind.kind} {metadata.get('name')!r} {where} cannot be owned by "
                f"{self._kind.kind} {self.name!r} in namespace {self.namespace!r}",
                hint="call ctx.apply(..., own=False) and delete it in finalize()",
            )
        others = [o for o in metadata.get("ownerReferences", ()) if o["uid"] != self._metadata.uid]
        metadata["ownerReferences"] = [*others, self.owner_reference()]

    def owner_reference(self) -> dict[str, Any]:
        """A reference that makes the reconciled object the controller of another one."""
        return {
            "apiVersion": self._kind.api_version,
            "kind": self._kind.kind,
            "name": self.name,
            "uid": self._metadata.uid,
            "controller": True,
            "blockOwnerDeletion": True,
        }

    async def delete(self, kind: Any, name: str, namespace: str | None = None) -> bool:
        """Delete an object. Returns whether it was there."""
        resource = kind_of(kind)
        where = (namespace or self.namespace) if resource.namespaced else ""
        try:
            await self.client.delete(resource, name, where or None)
        except ApiError as error:
            if error.code == 404:
                return False
            raise
        return True

    async def patch(
        self, kind: type[T], name: str, body: dict[str, Any], namespace: str | None = None
    ) -> T:
        """Send a JSON merge patch, for what `apply` cannot say. Raises ApiError if refused."""
        resource = kind_of(kind)
        where = (namespace or self.namespace) if resource.namespaced else ""
        manager = self._services.manager
        answer = await self.client.patch_bytes(
            resource, name, body, where or None, field_manager=manager
        )
        self.wrote(resource, answer)
        result: T = as_object(kind, from_json(answer))
        return result

    def event(
        self, reason: str, message: str, *, type: str = "Normal", action: str = "Reconcile"
    ) -> None:
        """Tell an Event about the reconciled object.

        Args:
            reason: Why, as one word in CamelCase for programs.
            message: What happened, as a sentence for people; cut after 1024 bytes.
            type: `Normal` or `Warning`.
            action: What was being done, as one word.
        """
        regarding = {
            "apiVersion": self._kind.api_version,
            "kind": self._kind.kind,
            "name": self.name,
            "uid": self._metadata.uid,
            "resourceVersion": self._metadata.resource_version,
        }
        if self.namespace:
            regarding["namespace"] = self.namespace
        self._services.recorder.tell(
            regarding, reason, message, type=type, action=action, controller=self._services.manager
        )

    def set_condition(
        self, obj: Any, type: str, status: bool | None, *, reason: str, message: str = ""
    ) -> bool:
        """Set a condition in the status of an object; None means Unknown.

        Returns whether it is new or has another status or reason than before, which is when one
        may want to tell an event.

        Raises:
            TypeError: the status has no list of conditions.
        """
        target = obj.setdefault("status", {}) if isinstance(obj, dict) else obj.status
        now, generation = self._services.clock.wall(), self._metadata.generation
        return set_condition(
            target, type, status, reason=reason, message=message, generation=generation, now=now
        )


@functools.cache
def _built_in(version: str | None, name: str | None) -> ResourceKind | None:
    from opgen.k8s.kinds import BUILT_IN

    kinds = (built_in.kind for built_in in BUILT_IN)
    return next((k for k in kinds if (k.api_version, k.kind) == (version, name)), None)
