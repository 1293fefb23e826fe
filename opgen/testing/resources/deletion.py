"""Deletion: preconditions, grace, finalizers and what happens to dependents.

An object without finalizers goes at once. Otherwise it gets a deletionTimestamp, and the write that
takes the last finalizer away removes it. Foreground and orphan deletion are finalizers that the
garbage collector takes away when the dependents are dealt with.
"""

from __future__ import annotations

import copy
from dataclasses import dataclass
from typing import TYPE_CHECKING

from opgen.testing.clock import timestamp
from opgen.testing.errors import Document, conflict, outdated
from opgen.testing.resources.empty_objects import empty_object
from opgen.testing.resources.options import CONTROLLER_MANAGER
from opgen.testing.resources.rbac import User
from opgen.testing.resources.registry import ResourceType
from opgen.testing.storage import Revision

if TYPE_CHECKING:
    from opgen.testing.resources.versions import Versions

NAMESPACES = ("", "namespaces")
FOREGROUND, ORPHAN = "foregroundDeletion", "orphan"
_POLICIES = {"Foreground": FOREGROUND, "Background": "", "Orphan": ORPHAN}


@dataclass(frozen=True, slots=True)
class DeleteOptions:
    """What a deletion asks for."""

    propagation: str = ""
    uid: str = ""
    resource_version: str = ""
    grace_period: int | None = None
    dry_run: bool = False
    user: User = CONTROLLER_MANAGER
    of_collection: bool = False
    """Whether a whole collection is deleted; webhooks then are not told the names."""


async def delete(
    operations: Versions, resource_type: ResourceType, revision: Revision, options: DeleteOptions
) -> tuple[Document, bool]:
    """Delete an object, or mark it.

    Returns:
        The object's last state, and whether it is gone.

    Raises:
        StatusError: a precondition fails.
    """
    _check_preconditions(resource_type, revision, options)
    old = await operations.read(resource_type, revision)
    if old["metadata"].get("deletionTimestamp") and _has_spec_finalizers(resource_type, old):
        return old, False
    new = copy.deepcopy(old)
    metadata = new["metadata"]
    strategy = operations.strategy(resource_type)
    strategy.prepare_delete(new)
    _set_policy(metadata, options.propagation, orphan=strategy.orphans_dependents)
    grace = _grace_seconds(resource_type, new, options)
    held = metadata.get("finalizers") or _has_spec_finalizers(resource_type, new)
    if not held and not grace:
        released = old["metadata"].get("finalizers") and not options.dry_run
        if options.resource_version and released:
            # The policy takes the last finalizer away first, and then the version is an old one.
            raise outdated(*resource_type.resource, *revision.key, str(revision.version))
        return await _remove_at_once(operations, resource_type, new, old, options)
    if not metadata.get("deletionTimestamp"):
        metadata["deletionTimestamp"] = timestamp(operations.clock.now() + grace)
        if resource_type.resource != NAMESPACES:
            metadata["deletionGracePeriodSeconds"] = grace
        if "generation" in metadata:
            metadata["generation"] += 1
    elif grace < metadata.get("deletionGracePeriodSeconds", 0):
        metadata["deletionTimestamp"] = timestamp(operations.clock.now() + grace)
        metadata["deletionGracePeriodSeconds"] = grace
    if new != old and not options.dry_run:
        operations.store.put(resource_type.resource, await operations.stored(new, resource_type))
    return new, False


async def _remove_at_once(
    operations: Versions,
    resource_type: ResourceType,
    new: Document,
    old: Document,
    options: DeleteOptions,
) -> tuple[Document, bool]:
    """Remove an object that nothing holds; if the policy saw to that, the real answer is odd."""
    released = bool(old["metadata"].get("finalizers"))
    if options.dry_run:
        return (empty_object(resource_type), False) if released else (new, True)
    await remove(operations, resource_type, new)
    return old if released else new, True


def _check_preconditions(
    resource_type: ResourceType, revision: Revision, options: DeleteOptions
) -> None:
    version = str(revision.version)
    if resource_type.resource == NAMESPACES:
        _check_namespace(resource_type, revision, options)
    if options.uid and options.uid != revision.uid:
        text = (
            f"the UID in the precondition ({options.uid}) does not match the UID in record "
            f"({revision.uid}). The object might have been deleted and then recreated"
        )
        raise conflict(*resource_type.kind.group_kind, revision.name, text)
    if options.resource_version and options.resource_version != version:
        text = (
            f"the ResourceVersion in the precondition ({options.resource_version}) does not match "
            f"the ResourceVersion in record ({version}). The object might have been modified"
        )
        raise conflict(*resource_type.kind.group_kind, revision.name, text)


def _check_namespace(
    resource_type: ResourceType, revision: Revision, options: DeleteOptions
) -> None:
    """Namespaces have their own words for preconditions."""
    version = str(revision.version)
    for name, asked, found in (
        ("UID", options.uid, revision.uid),
        ("ResourceVersion", options.resource_version, version),
    ):
        if asked and asked != found:
            text = (
                f"Precondition failed: {name} in precondition: {asked}, "
                f"{name} in object meta: {found}"
            )
            raise conflict(*resource_type.resource, revision.name, text)


def _set_policy(metadata: Document, propagation: str, *, orphan: bool) -> None:
    if not propagation:
        if not orphan or FOREGROUND in (metadata.get("finalizers") or ()):
            return
        propagation = "Orphan"
    finalizers = [
        item for item in metadata.get("finalizers") or [] if item not in (FOREGROUND, ORPHAN)
    ]
    wanted = _POLICIES[propagation]
    metadata["finalizers"] = [*finalizers, wanted] if wanted else finalizers
    if not metadata["finalizers"]:
        del metadata["finalizers"]


def _grace_seconds(resource_type: ResourceType, document: Document, options: DeleteOptions) -> int:
    """Pods on a node end gracefully, everything else at once."""
    if resource_type.resource != ("", "pods"):
        return 0
    spec = document.get("spec") or {}
    if not spec.get("nodeName") or document.get("status", {}).get("phase") in (
        "Succeeded",
        "Failed",
    ):
        return 0
    if options.grace_period is not None:
        return max(options.grace_period, 0)
    grace: int = spec.get("terminationGracePeriodSeconds", 30)
    return grace


async def finish_if_done(
    operations: Versions, resource_type: ResourceType, new: Document, *, dry_run: bool = False
) -> bool:
    """Remove an object that waits for deletion and has no finalizers left."""
    metadata = new["metadata"]
    if not metadata.get("deletionTimestamp") or metadata.get("finalizers"):
        return False
    if metadata.get("deletionGracePeriodSeconds") or _has_spec_finalizers(resource_type, new):
        return False
    if not dry_run:
        await remove(operations, resource_type, new)
    return True


def _has_spec_finalizers(resource_type: ResourceType, document: Document) -> bool:
    """Namespaces have finalizers of their own in their spec."""
    return resource_type.resource == ("", "namespaces") and bool(
        (document.get("spec") or {}).get("finalizers")
    )


async def remove(operations: Versions, resource_type: ResourceType, document: Document) -> None:
    """Remove an object from the store."""
    operations.strategy(resource_type).deleted(document)
    operations.store.remove(
        resource_type.resource, await operations.stored(document, resource_type)
    )
