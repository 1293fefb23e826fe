"""Create, update, patch and delete: from a request's document to a stored revision.

Every write goes the same way, that of kube-apiserver: the document is checked against the endpoint,
pruned and defaulted, the field owners are noted, mutating webhooks are asked, the kind's strategy
prepares and validates it, validating webhooks are asked, and it is stored. A write that changes
nothing stores nothing.

The methods are coroutines because of the webhooks. Without one they never wait, so a write is
complete before anybody else runs; with one, a write that finds the object changed meanwhile is
tried again.
"""

from __future__ import annotations

import copy
import dataclasses
from collections.abc import Awaitable, Callable
from typing import TypeVar

from opgen.testing.clock import timestamp
from opgen.testing.errors import (
    Document,
    StatusError,
    Undecodable,
    already_exists,
    conflict,
    invalid,
    invalid_value,
    lost,
    not_found,
)
from opgen.testing.objects.apply import Managers, same_but_for_times, write_managers
from opgen.testing.objects.names import generate_name, metadata_problems, update_problems
from opgen.testing.objects.typed import check_typed
from opgen.testing.resources import ownership
from opgen.testing.resources.conversion import at_version
from opgen.testing.resources.custom_rules import custom_problems, finalizer_warnings
from opgen.testing.resources.deletion import DeleteOptions, delete, finish_if_done
from opgen.testing.resources.intake import (
    admit,
    check_place,
    decode_config,
    in_order,
    missing_fields,
)
from opgen.testing.resources.options import Mutation, WriteOptions
from opgen.testing.resources.preconditions import check_namespace, check_version
from opgen.testing.resources.registry import ResourceType
from opgen.testing.resources.subresources import keep_foreign
from opgen.testing.resources.system_metadata import (
    count_generation,
    keep_system_metadata,
    set_creation_metadata,
)
from opgen.testing.resources.versions import Versions
from opgen.testing.storage import Revision
from opgen.testing.webhooks.rules import Attributes, admission_attributes

T = TypeVar("T")
ATTEMPTS = 5


class _Outdated(Exception):
    """The object changed while webhooks were asked."""


class Operations(Versions):
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
        if new["metadata"].get("resourceVersion"):
            text = "resourceVersion should not be set on objects to be created"
            raise StatusError(500, "", text)
        now = timestamp(self.clock.now())
        managers = ownership.updated(resource_type, new, None, options.manager, "", now)
        return await self._create(resource_type, namespace, new, options, managers)

    async def _create(
        self,
        resource_type: ResourceType,
        namespace: str,
        new: Document,
        options: WriteOptions,
        managers: Managers,
    ) -> Document:
        check_namespace(self.store, resource_type, namespace, new)
        write_managers(new, managers)
        attributes = admission_attributes("CREATE", resource_type, namespace, new, options)
        new = await self._mutated(attributes, new, None)
        metadata = new["metadata"]
        if not metadata.get("name") and metadata.get("generateName"):
            metadata["name"] = generate_name(metadata["generateName"])
        strategy = self.strategy(resource_type)
        if resource_type.has_status:
            new.pop("status", None)
        set_creation_metadata(metadata, strategy, self.clock)
        strategy.prepare_create(new)
        self._validate(resource_type, new, None, options)
        resource, name = resource_type.resource, metadata["name"]
        attributes = admission_attributes("CREATE", resource_type, namespace, new, options)
        await self.admission.validate(attributes, new, None)
        existing = self.store.get(resource, namespace, name)
        if existing is not None:
            raise already_exists(*resource, name, going=b'"deletionTimestamp"' in existing.body)
        return await self._store(resource_type, new, options)

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
        strategy = self.strategy(resource_type)
        found = self.store.get(resource_type.resource, namespace, name)
        if found is None and strategy.create_on_update and not subresource:
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
        metadata.pop("resourceVersion", None)
        uid = metadata.get("uid")
        if uid:
            raise lost(*resource_type.resource, namespace, metadata["name"], uid, "")
        return await self.create(resource_type, namespace, new, options)

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
            except _Outdated:
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
        decode_config(config, resource_type, name)
        try:
            check_typed(config, resource_type.schema)
        except ValueError as error:
            raise self._untyped(resource_type, config, error) from None
        check_place(config, resource_type, namespace, name)

        async def attempt() -> tuple[Document, bool]:
            return await self._apply(resource_type, namespace, name, config, options, subresource)

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
        if found is None and subresource:
            raise not_found(*resource_type.resource, name)
        live = None if found is None else await self.read(resource_type, found)
        check_version(resource_type, config, found)
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
        # What was applied is not decoded again, which is when nulls go.
        try:
            new = self._admit(merged, resource_type, namespace, name, options, nulls=True)
        except Undecodable as error:
            raise error.of_apply(resource_type.kind, namespace, name) from None
        if found is None:
            return await self._create(resource_type, namespace, new, options, managers), True
        changed = await self._change(resource_type, found, new, options, subresource, managers)
        return changed, False

    @staticmethod
    def _untyped(resource_type: ResourceType, config: Document, error: ValueError) -> StatusError:
        kind, metadata = resource_type.kind, config["metadata"]
        name = f"{metadata.get('namespace', '')}/{metadata['name']}"
        where = f"{name}; {kind.group}/{kind.version}, Kind={kind.kind}"
        return StatusError(500, "", f"failed to create typed patch object ({where}): {error}")

    async def _change(
        self,
        resource_type: ResourceType,
        revision: Revision,
        new: Document,
        options: WriteOptions,
        subresource: str,
        managers: Managers | None = None,
    ) -> Document:
        old = await self.read(resource_type, revision)
        if managers is None:
            now = timestamp(self.clock.now())
            managers = ownership.updated(resource_type, new, old, options.manager, subresource, now)
        write_managers(new, managers)
        attributes = admission_attributes(
            "UPDATE", resource_type, revision.namespace, old, options, subresource
        )
        new = await self._mutated(attributes, new, old)
        check_version(resource_type, new, revision)
        keep_foreign(resource_type, new, old, subresource)
        keep_system_metadata(new["metadata"], old["metadata"])
        strategy = self.strategy(resource_type)
        strategy.prepare_update(new, old)
        count_generation(resource_type, new, old, strategy)
        self._validate(resource_type, new, old, options, subresource)
        await self.admission.validate(attributes, new, old)
        if self.store.get(resource_type.resource, *revision.key) is not revision:
            raise _Outdated
        if same_but_for_times(new, old):
            return old
        if await finish_if_done(self, resource_type, new, dry_run=options.dry_run):
            return new
        return await self._store(resource_type, new, options)

    # The steps of every write

    def _admit(
        self,
        document: Document,
        resource_type: ResourceType,
        namespace: str,
        name: str,
        options: WriteOptions,
        *,
        nulls: bool = False,
    ) -> Document:
        new = admit(document, resource_type, namespace, name, options, nulls=nulls)
        self.strategy(resource_type).default(new)
        return new

    async def _mutated(
        self, attributes: Attributes, new: Document, old: Document | None
    ) -> Document:
        """The object after the mutating webhooks, pruned and defaulted again if they changed it."""
        changed = await self.admission.mutate(attributes, new, old)
        if changed is None or changed is new or changed == new:
            return new
        silent = WriteOptions(field_validation="Ignore")
        name = "" if old is None else attributes.name
        namespace = attributes.namespace if attributes.type.kind.namespaced else ""
        return self._admit(changed, attributes.type, namespace, name, silent)

    def _validate(
        self,
        resource_type: ResourceType,
        new: Document,
        old: Document | None,
        options: WriteOptions,
        subresource: str = "",
    ) -> None:
        if options.approval is not None:
            options.approval(new, old)
        kind, metadata = resource_type.kind, new["metadata"]
        errors = list(metadata_problems(kind.group, kind.kind, metadata))
        again = [] if old is None else list(update_problems(metadata, old["metadata"]))
        errors += again
        if resource_type.custom:
            errors += custom_problems(resource_type, new, old, subresource, options.warnings)
        errors += self.strategy(resource_type).validate(new, old)
        if not resource_type.custom:
            errors += missing_fields(new, resource_type)
        if errors:
            # Changes of metadata are looked at by the registry and by the kind's strategy.
            raise invalid(kind.group, kind.kind, metadata.get("name", ""), errors, again)
        if resource_type.custom:
            options.warnings += finalizer_warnings(new, old)
        options.warnings += self.strategy(resource_type).warnings(new, old)

    async def _store(
        self, resource_type: ResourceType, new: Document, options: WriteOptions
    ) -> Document:
        if options.dry_run:
            return new
        stored = await self.stored(new, resource_type)
        self.store.put(resource_type.resource, stored)
        new["metadata"]["resourceVersion"] = stored["metadata"]["resourceVersion"]
        return new if resource_type.conversion else at_version(stored, resource_type)

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
                attributes = dataclasses.replace(attributes, name="")
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
