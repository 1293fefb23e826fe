"""Create, update, patch and delete: from a request's document to a stored revision.

Every write goes the same way: the document is checked against the endpoint, pruned, defaulted,
prepared by the kind's strategy, validated, given its system metadata and its field owners, and
stored. A write that changes nothing stores nothing.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from opgen.testing.clock import Clock, timestamp
from opgen.testing.errors import (
    Document,
    StatusError,
    already_exists,
    bad_request,
    invalid,
    invalid_value,
    not_found,
)
from opgen.testing.objects import apply as ownership
from opgen.testing.objects.names import generate_name, metadata_problems, update_problems
from opgen.testing.objects.typed import check_typed
from opgen.testing.resources.conversion import at_version, stored_form
from opgen.testing.resources.deletion import DeleteOptions, delete, finish_if_done
from opgen.testing.resources.intake import admit, check_place, decode_config
from opgen.testing.resources.preconditions import check_namespace, check_version
from opgen.testing.resources.registry import Registry, ResourceType
from opgen.testing.resources.strategies import Strategy
from opgen.testing.resources.subresources import keep_foreign, reset_fields
from opgen.testing.resources.system_metadata import (
    count_generation,
    keep_system_metadata,
    set_creation_metadata,
)
from opgen.testing.storage import Revision, Store


@dataclass(slots=True)
class WriteOptions:
    """The query of a write.

    `warnings` collects what the client shall be told. `approval` raises if this user may not write
    this object.
    """

    manager: str = "unknown"
    dry_run: bool = False
    field_validation: str = "Warn"
    force: bool = False
    warnings: list[str] = field(default_factory=list)
    approval: Callable[[Document, Document | None], None] | None = None


Mutation = Callable[[Document], Document]


class Operations:
    """Writes to a store."""

    def __init__(
        self,
        store: Store,
        registry: Registry,
        strategies: Callable[[ResourceType], Strategy],
        clock: Clock,
    ) -> None:
        self.store = store
        self.registry = registry
        self.strategy = strategies
        self.clock = clock

    def find(self, resource_type: ResourceType, namespace: str, name: str) -> Revision:
        """The current revision of an object.

        Raises:
            StatusError: 404.
        """
        found = self.store.get(resource_type.resource, namespace, name)
        if found is None:
            raise not_found(*resource_type.resource, name)
        return found

    def read(self, resource_type: ResourceType, revision: Revision) -> Document:
        """A revision as an object of the type's version."""
        return at_version(revision.document(), resource_type)

    # Create

    def create(
        self, resource_type: ResourceType, namespace: str, document: Document, options: WriteOptions
    ) -> Document:
        """Store a new object.

        Raises:
            StatusError: it cannot be stored.
        """
        new = admit(document, resource_type, namespace, "", options)
        if new["metadata"].get("resourceVersion"):
            text = "resourceVersion should not be set on objects to be created"
            raise StatusError(500, "", text)
        manager = ownership.Manager(options.manager, "Update", resource_type.kind.api_version)
        return self._create(resource_type, namespace, new, options, manager)

    def _create(
        self,
        resource_type: ResourceType,
        namespace: str,
        new: Document,
        options: WriteOptions,
        manager: ownership.Manager,
        managers: ownership.Managers | None = None,
    ) -> Document:
        check_namespace(self.store, resource_type, namespace, new)
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
        if self.store.get(resource, namespace, name) is not None:
            raise already_exists(*resource, name)
        if managers is None:
            empty: Document = {"metadata": {}}
            managers = ownership.track_update(
                empty,
                new,
                resource_type.schema,
                {},
                manager,
                reset=reset_fields(resource_type, ""),
                time=timestamp(self.clock.now()),
            )
        ownership.write_managers(new, managers)
        return self._store(resource_type, new, options)

    # Update and patch

    def update(
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
        new = admit(document, resource_type, namespace, name, options, subresource)
        strategy = self.strategy(resource_type)
        found = self.store.get(resource_type.resource, namespace, name)
        if found is None and strategy.create_on_update and not subresource:
            return self.create(resource_type, namespace, document, options), True
        revision = self.find(resource_type, namespace, name)
        asked = new["metadata"].get("resourceVersion")
        if not asked and not strategy.unconditional_update:
            error = invalid_value("metadata.resourceVersion", 0, "must be specified for an update")
            raise invalid(*resource_type.resource, name, [error])
        return self._change(resource_type, revision, new, options, subresource), False

    def patch(
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
        revision = self.find(resource_type, namespace, name)
        document = mutation(self.read(resource_type, revision))
        new = admit(document, resource_type, namespace, name, options, subresource)
        return self._change(resource_type, revision, new, options, subresource)

    def apply(
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
        found = self.store.get(resource_type.resource, namespace, name)
        if found is None and subresource:
            raise not_found(*resource_type.resource, name)
        live: Document = self.read(resource_type, found) if found else {"metadata": {"name": name}}
        check_version(resource_type, config, found)
        api_version = resource_type.kind.api_version
        manager = ownership.Manager(options.manager, "Apply", api_version, subresource)
        try:
            merged, managers = ownership.apply(
                live,
                config,
                resource_type.schema,
                ownership.read_managers(live),
                manager,
                force=options.force,
                reset=reset_fields(resource_type, subresource),
                time=timestamp(self.clock.now()),
            )
        except ValueError as error:
            raise self._untyped(resource_type, config, error) from None
        new = admit(copy.deepcopy(merged), resource_type, namespace, name, options, subresource)
        if found is None:
            return self._create(resource_type, namespace, new, options, manager, managers), True
        return self._change(resource_type, found, new, options, subresource, managers), False

    @staticmethod
    def _untyped(resource_type: ResourceType, config: Document, error: ValueError) -> StatusError:
        kind, metadata = resource_type.kind, config["metadata"]
        name = f"{metadata.get('namespace', '')}/{metadata['name']}"
        where = f"{name}; {kind.api_version}, Kind={kind.kind}"
        return StatusError(500, "", f"failed to create typed patch object ({where}): {error}")

    def _change(
        self,
        resource_type: ResourceType,
        revision: Revision,
        new: Document,
        options: WriteOptions,
        subresource: str,
        managers: ownership.Managers | None = None,
    ) -> Document:
        old = self.read(resource_type, revision)
        check_version(resource_type, new, revision)
        keep_foreign(resource_type, new, old, subresource)
        keep_system_metadata(new["metadata"], old["metadata"])
        strategy = self.strategy(resource_type)
        strategy.prepare_update(new, old)
        count_generation(resource_type, new, old, strategy)
        self._validate(resource_type, new, old, options)
        if managers is None:
            managers = self._track(resource_type, new, old, options, subresource)
        ownership.write_managers(new, managers)
        if new == old:
            return old
        if finish_if_done(self, resource_type, new, dry_run=options.dry_run):
            return new
        return self._store(resource_type, new, options)

    def _track(
        self,
        resource_type: ResourceType,
        new: Document,
        old: Document,
        options: WriteOptions,
        subresource: str,
    ) -> ownership.Managers:
        entries = new["metadata"].get("managedFields")
        held = old if entries is None else new
        if entries == [{}]:
            return {}
        return ownership.track_update(
            old,
            new,
            resource_type.schema,
            ownership.read_managers(held),
            ownership.Manager(
                options.manager, "Update", resource_type.kind.api_version, subresource
            ),
            reset=reset_fields(resource_type, subresource),
            time=timestamp(self.clock.now()),
        )

    def _validate(
        self,
        resource_type: ResourceType,
        new: Document,
        old: Document | None,
        options: WriteOptions,
    ) -> None:
        if options.approval is not None:
            options.approval(new, old)
        kind, metadata = resource_type.kind, new["metadata"]
        errors = list(metadata_problems(kind.group, kind.kind, metadata))
        if old is not None:
            errors += update_problems(metadata, old["metadata"])
        errors += self.strategy(resource_type).validate(new, old)
        if errors:
            raise invalid(kind.group, kind.kind, metadata.get("name", ""), errors)

    def _store(self, resource_type: ResourceType, new: Document, options: WriteOptions) -> Document:
        if options.dry_run:
            return new
        stored = stored_form(new, resource_type)
        self.store.put(resource_type.resource, stored)
        return at_version(stored, resource_type)

    # Delete

    def delete(
        self, resource_type: ResourceType, namespace: str, name: str, options: DeleteOptions
    ) -> tuple[Document, bool]:
        """Delete an object, or mark it until its finalizers are gone.

        Returns:
            The object's last state, and whether it is gone.

        Raises:
            StatusError: it does not exist, or a precondition fails.
        """
        revision = self.find(resource_type, namespace, name)
        return delete(self, resource_type, revision, options)

    def system_patch(
        self, resource_type: ResourceType, namespace: str, name: str, mutation: Mutation
    ) -> Document | None:
        """A change by the server's own controllers, of the whole object; None if it is gone."""
        revision = self.store.get(resource_type.resource, namespace, name)
        if revision is None:
            return None
        old = self.read(resource_type, revision)
        new = mutation(copy.deepcopy(old))
        count_generation(resource_type, new, old, self.strategy(resource_type))
        if new == old:
            return old
        if finish_if_done(self, resource_type, new):
            return new
        return self._store(resource_type, new, WriteOptions())


def require_object(document: Any) -> Document:
    """The document, if it is a JSON object.

    Raises:
        StatusError: it is something else.
    """
    if not isinstance(document, dict):
        raise bad_request("the object provided is unrecognized (must be of type object)")
    return document
