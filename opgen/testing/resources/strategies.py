"""What is particular to a kind: the server's hooks around writes.

A `Strategy` prepares an object before it is stored, checks it beyond its schema, and may react to
its deletion. Kinds without an entry in the server's table use the plain one, so adding a kind means
adding a class, not a branch.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator
from typing import ClassVar

from opgen.testing.errors import Document, FieldError, forbidden_field, invalid_value, too_long


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
    orphans_dependents = False
    """Whether a deletion that does not say what becomes of dependents leaves them."""

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

    def warnings(self, new: Document, old: Document | None) -> Iterator[str]:
        """What the client shall be told of an object that is accepted."""
        return iter(())

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


LARGEST_DATA = 1024 * 1024
"""Bytes that the values of a ConfigMap or Secret may have together."""


_DATA_KEY = re.compile(r"[-._a-zA-Z0-9]+")
_DATA_KEY_TEXT = (
    "a valid config key must consist of alphanumeric characters, '-', '_' or '.' "
    "(e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is "
    "'[-._a-zA-Z0-9]+')"
)


_IMMUTABLE = "field is immutable when `immutable` is set"


class Immutable(NoGeneration):
    """ConfigMaps and Secrets, which can be made immutable."""

    def __init__(self, *fields: str, of_bytes: str) -> None:
        self._fields = fields
        self._bytes = of_bytes

    def validate(self, new: Document, old: Document | None) -> Iterator[FieldError]:
        """What is immutable stays, and stays so; all values together have a limit."""
        size = sum(
            len(str(value).encode())
            for name in self._fields
            for value in (new.get(name) or {}).values()
        )
        if size > LARGEST_DATA:
            yield too_long("[]", LARGEST_DATA)
        for name in self._fields:
            for key in new.get(name) or {}:
                if not _DATA_KEY.fullmatch(key):
                    yield invalid_value(f"{name}[{key}]", key, _DATA_KEY_TEXT)
                if name == "data" and key in (new.get("binaryData") or ()):
                    text = "duplicate of key present in binaryData"
                    yield invalid_value(f"{name}[{key}]", key, text)
        if old is None or not old.get("immutable"):
            return
        if not new.get("immutable"):
            yield forbidden_field("immutable", _IMMUTABLE)
        for name in self._fields:
            if new.get(name) != old.get(name):
                yield forbidden_field(name, _IMMUTABLE)

    def emptied(self, old: Document, names: frozenset[str]) -> Iterator[FieldError]:
        """An empty map of bytes instead of none is a change."""
        if old.get("immutable") and self._bytes in names and self._bytes not in old:
            yield forbidden_field(self._bytes, _IMMUTABLE)


class SecretStrategy(Immutable):
    """Secrets take plain text in `stringData` and keep it encoded in `data`."""

    def __init__(self) -> None:
        super().__init__("data", of_bytes="data")

    def validate(self, new: Document, old: Document | None) -> Iterator[FieldError]:
        """The type stays, whatever else may change."""
        if old is not None and new.get("type") != old.get("type"):
            yield invalid_value("type", new.get("type"), "field is immutable")
        yield from super().validate(new, old)

    def default(self, new: Document) -> None:
        """Encode the plain text."""
        plain = new.pop("stringData", None) or {}
        if plain:
            encoded = {
                key: base64.b64encode(value.encode()).decode() for key, value in plain.items()
            }
            new["data"] = (new.get("data") or {}) | encoded


class Upsert(NoGeneration):
    """For kinds that PUT creates, such as Lease."""

    create_on_update = True


class LeaseStrategy(Upsert):
    """Leases last for some time."""

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
