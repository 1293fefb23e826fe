"""What is particular to a kind: the server's hooks around writes.

A `Strategy` prepares an object before it is stored, checks it beyond its schema, and may react to
its deletion. Kinds without an entry in the server's table use the plain one, so adding a kind means
adding a class, not a branch.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import ClassVar

from opgen.testing.errors import Document, FieldError, invalid_value


class Strategy:
    """The hooks, doing nothing."""

    counts_generation = True
    """Whether metadata.generation goes up when anything but metadata and status changes."""
    counts_annotations = False
    """Whether the generation also goes up when annotations change."""
    unconditional_update = True
    """Whether PUT works without a resourceVersion."""
    create_on_update = False
    """Whether PUT makes an object that does not exist."""
    returns_deleted = False
    """Whether a deletion is answered with the object instead of a Status."""
    checks_metadata_again = True
    """Whether the kind's own check of a changed object looks at all of its metadata again."""
    compares_metadata_again = True
    """Whether it also compares the metadata with that of the object before."""
    orphans_dependents = False
    """Whether a deletion that does not say what becomes of dependents leaves them."""
    error_group: str | None = None
    """The group that errors name, if it is not that of the kind."""
    status: Document | None = None
    """The status of a new object."""
    finalizer = ""
    """Which finalizer the server gives to a new object."""

    def begin(self, new: Document) -> None:
        """Give a new object what all of its kind have from the beginning, in place."""
        if self.status is not None:
            new["status"] = copy.deepcopy(self.status)
        metadata = new["metadata"]
        if self.finalizer and self.finalizer not in (metadata.get("finalizers") or ()):
            metadata["finalizers"] = [*(metadata.get("finalizers") or ()), self.finalizer]

    def default(self, new: Document) -> None:
        """Fill in what a client's document leaves out, in place; it then is the client's."""

    def prepare_create(self, new: Document) -> None:
        """Complete a new object, in place."""

    def prepare_update(self, new: Document, old: Document) -> None:
        """Complete a changed object, in place."""

    def finished(self, new: Document, old: Document | None, *, stored: bool) -> None:
        """Settle what preparing took, when the object is stored or, after all, is not."""

    def validate(self, new: Document, old: Document | None) -> Iterator[FieldError]:
        """What is wrong with an object beyond its schema; `old` is None for a new one."""
        return iter(())

    def emptied(self, old: Document, names: frozenset[str]) -> Iterator[FieldError]:
        """What is wrong with fields of a changed object that are empty maps.

        Go tells such a map from none until the object is stored; `new` lacks both.
        """
        return iter(())

    def repeated(self, new: Document) -> Iterator[FieldError]:
        """What the server finds twice in a changed object."""
        return iter(())

    def warnings(self, new: Document, old: Document | None) -> Iterator[str]:
        """What the client shall be told of an object that is accepted."""
        return iter(())

    def prepare_store(self, new: Document) -> None:
        """Bring an object into the form in which it comes out of the store, in place."""

    def prepare_delete(self, new: Document) -> None:
        """Change an object that is about to be deleted, in place."""

    def deleted(self, old: Document) -> None:
        """Give back what the object held."""

    def restored(self, new: Document) -> None:
        """Take again what an object of a snapshot holds."""


class CustomResource(Strategy):
    """For objects of CustomResourceDefinitions."""

    unconditional_update = False
    checks_metadata_again = False
    INSTANCE: ClassVar[Strategy]


class NoGeneration(Strategy):
    """For built-in kinds whose generation the server does not count."""

    counts_generation = False
    INSTANCE: ClassVar[Strategy]


class Upsert(NoGeneration):
    """For kinds that PUT creates, such as Lease."""

    create_on_update = True


class LeaseStrategy(Upsert):
    """Leases last for some time."""

    def prepare_create(self, new: Document) -> None:
        """Drop what only coordinated leader election would use, which is off."""
        for name in ("strategy", "preferredHolder"):
            (new.get("spec") or {}).pop(name, None)

    def prepare_update(self, new: Document, old: Document) -> None:
        """The same."""
        self.prepare_create(new)

    def validate(self, new: Document, old: Document | None) -> Iterator[FieldError]:
        """Numbers must make sense."""
        spec = new.get("spec") or {}
        seconds, transitions = spec.get("leaseDurationSeconds"), spec.get("leaseTransitions")
        if seconds is not None and seconds <= 0:
            yield invalid_value("spec.leaseDurationSeconds", seconds, "must be greater than 0")
        if transitions is not None and transitions < 0:
            text = "must be greater than or equal to 0"
            yield invalid_value("spec.leaseTransitions", transitions, text)


CustomResource.INSTANCE = CustomResource()
NoGeneration.INSTANCE = NoGeneration()
