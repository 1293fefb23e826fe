"""Create, update, patch and delete: from a request's document to a stored revision.

The steps that all writes share are those of `writes.Writes`.

The methods are coroutines because of the webhooks. Without one they never wait, so a write is
complete before anybody else runs; with one, a write that finds the object changed meanwhile is
tried again.
"""

from __future__ import annotations

import copy
import dataclasses
from collections.abc import Awaitable, Callable
from typing import TypeVar

import msgspec

from opgen.testing.clock import timestamp
from opgen.testing.errors import (
    Document,
    StatusError,
    Undecodable,
    conflict,
    invalid,
    invalid_value,
    lost,
    not_found,
)
from opgen.testing.objects.typed import check_typed
from opgen.testing.resources import ownership
from opgen.testing.resources.deletion import DeleteOptions, delete, finish_if_done
from opgen.testing.resources.intake import (
    check_place,
    decode_config,
    in_order,
)
from opgen.testing.resources.options import Mutation, WriteOptions
from opgen.testing.resources.owner_duplicates import drop_duplicates
from opgen.testing.resources.preconditions import check_uid
from opgen.testing.resources.registry import ResourceType
from opgen.testing.resources.system_metadata import (
    count_generation,
)
from opgen.testing.resources.writes import Outdated, Writes
from opgen.testing.webhooks.rules import admission_attributes

T = TypeVar("T")
ATTEMPTS = 5


class Operations(Writes):
    """Writes to a store."""

    # Create

    async def create(
        self, resource_type: ResourceType, namespace: str, document: Document, options: WriteOptions
    ) -> Document:
        """Store a new object.

        Raises:
            StatusError: it cannot be stored.
        """
        new = self._admit(document, resource_type, namespace, "", options)
        drop_duplicates(new["metadata"], options.warnings, mutated=False)
        if new["metadata"].get("resourceVersion"):
            text = "resourceVersion should not be set on objects to be created"
            raise StatusError(500, "", text)
        now = timestamp(self.clock.now())
        managers = ownership.updated(resource_type, new, None, options.manager, "", now)
        return await self._create(resource_type, namespace, new, options, managers)

    # Update and patch

    async def update(
        self,
        resource_type: ResourceType,
        namespace: str,
        name: str,
        document: Document,
        options: WriteOptions,
        subresource: str = "",
    ) -> tuple[Document, bool]:
        """Replace an object, or its status.

        Returns:
            The object, and whether it was created.

        Raises:
            StatusError: it cannot be stored.
        """
        new = self._admit(document, resource_type, namespace, name, options)
        drop_duplicates(new["metadata"], options.warnings, mutated=False)
        strategy = self.strategy(resource_type)
        found = self.store.get(resource_type.resource, namespace, name)
        if found is None and strategy.create_on_update and subresource in ("", "status"):
            return await self._create_by_update(resource_type, namespace, new, options), True
        self.find(resource_type, namespace, name)
        asked = new["metadata"].get("resourceVersion")
        if not asked and not strategy.unconditional_update:
            error = invalid_value("metadata.resourceVersion", 0, "must be specified for an update")
            raise invalid(*resource_type.resource, name, [error])

        async def attempt() -> Document:
            revision = self.find(resource_type, namespace, name)
            # Only a write that waits for webhooks is tried again.
            waits = self.admission.is_active or resource_type.conversion is not None
            fresh = copy.deepcopy(new) if waits else new
            return await self._change(resource_type, revision, fresh, options, subresource)

        return await self._retry(resource_type, name, attempt), False

    async def _create_by_update(
        self, resource_type: ResourceType, namespace: str, new: Document, options: WriteOptions
    ) -> Document:
        metadata = new["metadata"]
        version = metadata.pop("resourceVersion", None)
        uid = metadata.get("uid")
        if uid:
            root = "" if options.dry_run else "/registry"
            raise lost(*resource_type.resource, namespace, metadata["name"], uid, "", root)
        created = await self.create(resource_type, namespace, new, options)
        if options.dry_run and version:
            created["metadata"]["resourceVersion"] = version
        return created

    async def patch(
        self,
        resource_type: ResourceType,
        namespace: str,
        name: str,
        mutation: Mutation,
        options: WriteOptions,
        subresource: str = "",
    ) -> Document:
        """Change an object by a function of its current state.

        Raises:
            StatusError: it does not exist, or the result cannot be stored.
        """

        async def attempt() -> Document:
            revision = self.find(resource_type, namespace, name)
            document = mutation(await self.read(resource_type, revision))
            document = in_order(document)
            try:
                new = self._admit(document, resource_type, namespace, name, options)
            except Undecodable as error:
                raise error.of_patch() from None
            return await self._change(resource_type, revision, new, options, subresource)

        return await self._retry(resource_type, name, attempt)

    @staticmethod
    async def _retry(
        resource_type: ResourceType, name: str, attempt: Callable[[], Awaitable[T]]
    ) -> T:
        for _ in range(ATTEMPTS):
            try:
                return await attempt()
            except Outdated:
                continue
        raise conflict(*resource_type.resource, name)

    async def apply(
        self,
        resource_type: ResourceType,
        namespace: str,
        name: str,
        config: Document,
        options: WriteOptions,
        subresource: str = "",
    ) -> tuple[Document, bool]:
        """Server-side apply.

        Returns:
            The object, and whether it was created.

        Raises:
            StatusError: it conflicts with other managers, or cannot be stored.
        """
        found = self.store.get(resource_type.resource, namespace, name)
        if found is None and not self._may_create(resource_type, subresource):
            raise not_found(*resource_type.resource, name)
        decode_config(config, resource_type)
        try:
            check_typed(config, resource_type.schema)
        except ValueError as error:
            raise self._untyped(resource_type, config, error) from None
        if found is not None:
            config["metadata"].setdefault("name", name)
        sent = config["metadata"].get("namespace") or ""
        check_place(config, resource_type, namespace, name)

        async def attempt() -> tuple[Document, bool]:
            try:
                return await self._apply(
                    resource_type, namespace, name, config, options, subresource
                )
            except Undecodable as error:
                raise error.of_apply(resource_type.kind, sent, name) from None

        return await self._retry(resource_type, name, attempt)

    async def _apply(
        self,
        resource_type: ResourceType,
        namespace: str,
        name: str,
        config: Document,
        options: WriteOptions,
        subresource: str,
    ) -> tuple[Document, bool]:
        found = self.store.get(resource_type.resource, namespace, name)
        if found is None and not self._may_create(resource_type, subresource):
            raise not_found(*resource_type.resource, name)
        live = None if found is None else await self.read(resource_type, found)
        # Which version it is of comes later, and does not matter to a new object.
        check_uid(resource_type, config, found)
        now = timestamp(self.clock.now())
        try:
            merged, managers = ownership.applied(
                resource_type,
                live,
                config,
                options.manager,
                subresource,
                now,
                force=options.force,
            )
        except ValueError as error:
            raise self._untyped(resource_type, config, error) from None
        merged = copy.deepcopy(merged)
        if resource_type.custom:
            metadata = merged["metadata"]
            options.unset = {name: value for name, value in metadata.items() if not value}
        # What was applied is not decoded again, which is when nulls go and fields are checked.
        decoded = dataclasses.replace(options, field_validation="Ignore")
        new = self._admit(merged, resource_type, namespace, name, decoded, nulls=True)
        options.emptied = decoded.emptied
        if found is None:
            version = new["metadata"].pop("resourceVersion", None)
            created = await self._create(resource_type, namespace, new, options, managers)
            if options.dry_run and version:
                created["metadata"]["resourceVersion"] = version
            return created, True
        changed = await self._change(resource_type, found, new, options, subresource, managers)
        return changed, False

    def _may_create(self, resource_type: ResourceType, subresource: str) -> bool:
        """Whether an apply to an endpoint makes what does not exist."""
        if not subresource:
            return True
        return subresource == "status" and self.strategy(resource_type).create_on_update

    @staticmethod
    def _untyped(resource_type: ResourceType, config: Document, error: ValueError) -> StatusError:
        kind, metadata = resource_type.kind, config["metadata"]
        name = f"{metadata.get('namespace', '')}/{metadata.get('name', '')}"
        where = f"{name}; {kind.group}/{kind.version}, Kind={kind.kind}"
        return StatusError(500, "", f"failed to create typed patch object ({where}): {error}")

    # Delete

    async def delete(
        self, resource_type: ResourceType, namespace: str, name: str, options: DeleteOptions
    ) -> tuple[Document, bool]:
        """Delete an object, or mark it until its finalizers are gone.

        Returns:
            The object's last state, and whether it is gone.

        Raises:
            StatusError: it does not exist, or a precondition fails.
        """
        revision = self.find(resource_type, namespace, name)
        if self.admission.is_active:
            old = await self.read(resource_type, revision)
            write = WriteOptions(dry_run=options.dry_run, user=options.user)
            attributes = admission_attributes("DELETE", resource_type, namespace, old, write)
            if options.of_collection:
                attributes = msgspec.structs.replace(attributes, name="")
            await self.admission.mutate(attributes, None, old)
            await self.admission.validate(attributes, None, old)
            revision = self.find(resource_type, namespace, name)
        return await delete(self, resource_type, revision, options)

    async def system_patch(
        self, resource_type: ResourceType, namespace: str, name: str, mutation: Mutation
    ) -> Document | None:
        """A change by the server's own controllers, of the whole object; None if it is gone."""
        revision = self.store.get(resource_type.resource, namespace, name)
        if revision is None:
            return None
        old = await self.read(resource_type, revision)
        new = mutation(copy.deepcopy(old))
        count_generation(resource_type, new, old, self.strategy(resource_type))
        if new == old:
            return old
        if await finish_if_done(self, resource_type, new):
            return new
        return await self._store(resource_type, new, WriteOptions())
