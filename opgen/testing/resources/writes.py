"""One write, from a document that a request made to a stored revision.

Every write goes the same way, that of kube-apiserver: the document is checked against the endpoint,
pruned and defaulted, the field owners are noted, mutating webhooks are asked, the kind's strategy
prepares and validates it, validating webhooks are asked, and it is stored. A write that changes
nothing stores nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from opgen.testing.clock import timestamp
from opgen.testing.errors import Document, FieldError, already_exists, invalid
from opgen.testing.objects.apply import Managers, same_but_for_times, write_managers
from opgen.testing.objects.names import generate_name, metadata_problems, update_problems
from opgen.testing.resources import ownership
from opgen.testing.resources.conversion import at_version
from opgen.testing.resources.custom_rules import custom_problems, finalizer_warnings
from opgen.testing.resources.deletion import finish_if_done
from opgen.testing.resources.intake import admit
from opgen.testing.resources.options import WriteOptions
from opgen.testing.resources.owner_duplicates import drop_duplicates
from opgen.testing.resources.preconditions import check_definition, check_namespace, check_version
from opgen.testing.resources.registry import ResourceType
from opgen.testing.resources.strategies import Strategy
from opgen.testing.resources.subresources import keep_foreign
from opgen.testing.resources.system_metadata import (
    count_generation,
    keep_system_metadata,
    set_creation_metadata,
)
from opgen.testing.resources.versions import Versions
from opgen.testing.rules.walk import field_problems
from opgen.testing.storage import Revision
from opgen.testing.webhooks.rules import Attributes, admission_attributes

_COMMON = {"metadata.labels", "metadata.annotations"} | {
    f"metadata.ownerReferences{name}" for name in ("", ".apiVersion", ".kind", ".name", ".uid")
}
"""Metadata that every registry checks once more when an object changes."""


_NEVER_STORED = {"selfLink", "resourceVersion"}


def _looked_at(errors: list[FieldError], subresource: str) -> list[FieldError]:
    """Those of the parts of a built-in object that a write is about: of the spec, or the status."""
    other = "spec" if subresource == "status" else "status"
    return [item for item in errors if not item.field.startswith(other)]


def _unset(new: Document, options: WriteOptions) -> bool:
    """Whether an applied custom object is stored with metadata that is empty."""
    return bool(options.unset.keys() - new["metadata"].keys() - _NEVER_STORED)


class Outdated(Exception):
    """The object changed while webhooks were asked."""


@contextmanager
def _finishing(
    strategy: Strategy, new: Document, old: Document | None, options: WriteOptions
) -> Iterator[None]:
    """Tell the strategy, which prepares the object within, whether it was stored."""
    stored = False
    try:
        yield
        stored = not options.dry_run
    finally:
        strategy.finished(new, old, stored=stored)


class Writes(Versions):
    """The steps of a write; what a request means is `operations.Operations`' matter."""

    async def _create(
        self,
        resource_type: ResourceType,
        namespace: str,
        new: Document,
        options: WriteOptions,
        managers: Managers,
    ) -> Document:
        check_namespace(self.store, resource_type, namespace, new)
        check_definition(self.store, resource_type, new)
        write_managers(new, managers)
        attributes = admission_attributes("CREATE", resource_type, namespace, new, options)
        new = await self._mutated(attributes, new, None)
        metadata = new["metadata"]
        drop_duplicates(metadata, options.warnings, mutated=True)
        if not metadata.get("name") and metadata.get("generateName"):
            metadata["name"] = generate_name(metadata["generateName"])
        strategy = self.strategy(resource_type)
        if resource_type.has_status:
            new.pop("status", None)
        set_creation_metadata(metadata, strategy, self.clock)
        with _finishing(strategy, new, None, options):
            strategy.begin(new)
            strategy.prepare_create(new)
            self._validate(resource_type, new, None, options)
            resource, name = resource_type.resource, metadata["name"]
            attributes = admission_attributes("CREATE", resource_type, namespace, new, options)
            await self.admission.validate(attributes, new, None)
            existing = self.store.get(resource, namespace, name)
            if existing is not None:
                raise already_exists(*resource, name, going=b'"deletionTimestamp"' in existing.body)
            return await self._store(resource_type, new, options)

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
        drop_duplicates(new["metadata"], options.warnings, mutated=True)
        check_version(resource_type, new, revision)
        keep_foreign(resource_type, new, old, subresource)
        keep_system_metadata(new["metadata"], old["metadata"])
        strategy = self.strategy(resource_type)
        with _finishing(strategy, new, old, options):
            strategy.prepare_update(new, old)
            count_generation(resource_type, new, old, strategy, annotations=not subresource)
            self._validate(resource_type, new, old, options, subresource)
            await self.admission.validate(attributes, new, old)
            if self.store.get(resource_type.resource, *revision.key) is not revision:
                raise Outdated
            empty = self._stores_empty(revision) or _unset(new, options)
            if not empty and same_but_for_times(new, old):
                return old
            if await finish_if_done(self, resource_type, new, dry_run=options.dry_run):
                new["metadata"] = options.unset | new["metadata"]
                return new
            return await self._store(resource_type, new, options)

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
        again: list[FieldError] = []
        strategy = self.strategy(resource_type)
        if old is not None:
            changes = list(update_problems(metadata, old["metadata"]))
            # The registry looks at an object and at its change; so do the strategies of most kinds.
            common = [item for item in errors if item.field in _COMMON]
            again = [*common, *strategy.repeated(new)]
            if strategy.compares_metadata_again:
                again += changes + common
            if strategy.checks_metadata_again and not subresource:
                again += errors
            errors += changes
            errors += strategy.emptied(old, options.emptied)
        if resource_type.custom:
            errors += custom_problems(resource_type, new, old, subresource, options.warnings)
        errors += strategy.validate(new, old)
        if not resource_type.custom:
            errors += field_problems(new, resource_type)
            errors, again = _looked_at(errors, subresource), _looked_at(again, subresource)
        if errors:
            group = kind.group if strategy.error_group is None else strategy.error_group
            raise invalid(group, kind.kind, metadata.get("name", ""), errors, again)
        if resource_type.custom:
            options.warnings += finalizer_warnings(new, old)
        if subresource != "status":
            options.warnings += strategy.warnings(new, old)

    def _stores_empty(self, revision: Revision) -> bool:
        """Whether metadata of an object is stored empty, so that the next write is a change."""
        return self._empty.get(revision.uid) == revision.version

    async def _store(
        self, resource_type: ResourceType, new: Document, options: WriteOptions
    ) -> Document:
        self.strategy(resource_type).prepare_store(new)
        if options.dry_run:
            return new
        stored = await self.stored(new, resource_type)
        revision = self.store.put(resource_type.resource, stored)
        if _unset(new, options):
            self._empty[revision.uid] = revision.version
        new["metadata"]["resourceVersion"] = stored["metadata"]["resourceVersion"]
        return new if resource_type.conversion else at_version(stored, resource_type)
