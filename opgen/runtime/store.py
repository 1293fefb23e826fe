"""The cache of one kind: what the API server has, as far as the watch has told.

An entry keeps the JSON of its object beside the few metadata that everybody asks for. Objects are
decoded when they are read, so every reader gets one of its own that it may change freely, and ten
thousand objects cost little more than their JSON. Nothing in an entry can be part of a cycle, so
all is kept from the garbage collector (`gc=False`), which else would stop everything to search it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

import msgspec

from opgen.api.resources import ResourceKind

Key = tuple[str, str]
"""Namespace and name; the namespace of cluster-scoped objects is empty."""


class Owner(msgspec.Struct, rename="camel", frozen=True, gc=False):
    """What an owner reference says, as far as mapping needs it."""

    kind: str = ""
    name: str = ""
    uid: str = ""
    api_version: str = ""
    controller: bool = False


class Metadata(msgspec.Struct, rename="camel", frozen=True, gc=False):
    """The metadata that the runtime itself looks at."""

    name: str
    namespace: str = ""
    uid: str = ""
    resource_version: str = ""
    generation: int = 0
    deletion_timestamp: str | None = None
    labels: dict[str, str] | None = None
    owner_references: tuple[Owner, ...] | None = None


class _Partial(msgspec.Struct, frozen=True, gc=False):
    metadata: Metadata


_decode_partial = msgspec.json.Decoder(_Partial).decode
_decode_json = msgspec.json.Decoder().decode


class Entry(msgspec.Struct, frozen=True, eq=False, gc=False):
    """One object: its metadata, and its JSON."""

    json: bytes
    metadata: Metadata
    key: Key

    @classmethod
    def of(cls, json: bytes) -> Entry:
        """Read the metadata; raises msgspec.DecodeError if there are none."""
        metadata = _decode_partial(json).metadata
        return cls(json, metadata, (metadata.namespace, metadata.name))

    def document(self) -> dict[str, Any]:
        """The whole object, a fresh dict each time."""
        document: dict[str, Any] = _decode_json(self.json)
        return document

    @property
    def version(self) -> int:
        """The resourceVersion as a number; 0 if it is none."""
        return version_number(self.metadata.resource_version)


def version_number(resource_version: str) -> int:
    """A resourceVersion as a number, by which those of one kind can be ordered; 0 if it is none."""
    return int(resource_version) if resource_version.isdecimal() else 0


Handler = Callable[[Entry | None, Entry | None, bool], None]
"""Gets an object before (None: new), after (None: gone), and whether it was there at the start."""
Indexer = Callable[[Entry], Iterable[str]]


class Store:
    """The objects of one kind by key, with indexes, and those who want to know of changes.

    Args:
        kind: The kind.
        namespaces: Those that are watched one by one; none if one watch brings everything.
        metadata_only: Whether the objects consist of metadata only.
    """

    def __init__(
        self, kind: ResourceKind, namespaces: Iterable[str] = (), *, metadata_only: bool = False
    ) -> None:
        self.kind = kind
        self.metadata_only = metadata_only
        self._versions = dict.fromkeys(namespaces or ("",), 0)
        """The resourceVersion that each watch has come to."""
        self._unfilled = set(self._versions)
        self._entries: dict[Key, Entry] = {}
        self._written: dict[Key, Entry] = {}
        """Objects as our own writes returned them, until the watch has caught up."""
        self._handlers: list[Handler] = []
        self._indexers: dict[str, Indexer] = {}
        self._indexes: dict[str, dict[str, dict[Key, None]]] = {}
        self.add_index("owner", _owner_uids)

    def __len__(self) -> int:
        return len(self._entries)

    @property
    def synced(self) -> bool:
        """Whether everything has been listed once."""
        return not self._unfilled

    def version(self, namespace: str = "") -> int:
        """The resourceVersion up to which changes in a namespace have been told."""
        return self._versions.get(namespace, self._versions.get("", 0))

    @property
    def indexes(self) -> list[str]:
        """The names of all indexes."""
        return list(self._indexers)

    def subscribe(self, handler: Handler) -> None:
        """Tell a handler of every change from now on."""
        self._handlers.append(handler)

    def add_index(self, name: str, indexer: Indexer) -> None:
        """Keep objects findable by the values that a function finds in them."""
        self._indexers[name] = indexer
        self._indexes[name] = {}
        for entry in self._entries.values():
            self._index(name, entry)

    # What readers use

    def get(self, key: Key) -> Entry | None:
        """The newest known state of an object: that of our own write until the watch knows it."""
        return self._written.get(key) or self._entries.get(key)

    def keys(self) -> list[Key]:
        """All keys."""
        return list(self._entries)

    def entries(self, namespace: str | None = None) -> Iterator[Entry]:
        """All objects, or those of a namespace."""
        for key in list(self._entries.keys() | self._written.keys()):
            if (namespace is None or key[0] == namespace) and (entry := self.get(key)):
                yield entry

    def by_index(self, name: str, value: str) -> list[Entry]:
        """The objects in which an index has found a value.

        Raises:
            KeyError: there is no such index.
        """
        if name not in self._indexes:
            known = ", ".join(sorted(self._indexes))
            raise KeyError(f"{self.kind.kind} has no index {name!r}; there are: {known}")
        keys = dict.fromkeys(self._indexes[name].get(value, ()))
        for key, entry in self._written.items():
            keys.pop(key, None)
            if value in self._indexers[name](entry):
                keys[key] = None
        found = (self.get(key) for key in keys)
        return [entry for entry in found if entry is not None]

    # What the runtime's own writes tell

    def wrote(self, json: bytes) -> Entry | None:
        """Take in the answer to a write of ours, unless the watch is already past it.

        Returns:
            What the watch will tell of; None if it has done so.
        """
        entry = Entry.of(json)
        if entry.version <= self.version(entry.key[0]):
            return None
        self._written[entry.key] = entry
        return entry

    # What the reflector tells

    def put(self, entry: Entry) -> None:
        """An object was added or changed."""
        known = self._entries.get(entry.key)
        self._advance(entry)
        if known is not None and known.metadata.resource_version == entry.metadata.resource_version:
            return
        self._set(known, entry)
        self._notify(known, entry)

    def remove(self, entry: Entry) -> None:
        """An object was deleted."""
        self._advance(entry)
        known = self._entries.pop(entry.key, None)
        if known is not None:
            self._unindex(known)
            self._notify(entry, None)

    def replace(self, entries: Iterable[Entry], resource_version: str, namespace: str = "") -> None:
        """A watch has listed its part anew: what is not in the list has gone meanwhile.

        A lower version than ours is that of a server that was restored from a backup: whatever we
        know is of another time, even where the same numbers come again.
        """
        new = {entry.key: entry for entry in entries}
        before = self._versions[namespace]
        rolled_back = version_number(resource_version) < before
        self._versions[namespace] = 0
        self.reached(resource_version, namespace)
        part = [key for key in self._entries if not namespace or key[0] == namespace]
        if rolled_back:
            self._written = {
                k: e for k, e in self._written.items() if namespace and k[0] != namespace
            }
        initial = namespace in self._unfilled
        for key in part if rolled_back else [key for key in part if key not in new]:
            gone = self._entries.pop(key)
            self._unindex(gone)
            self._notify(gone, None)
        for key, entry in new.items():
            known = self._entries.get(key)
            if known is None or known.metadata.resource_version != entry.metadata.resource_version:
                self._set(known, entry)
                self._notify(known, entry, initial=initial)
        self._unfilled.discard(namespace)

    def reached(self, resource_version: str, namespace: str = "") -> None:
        """A watch has come to a resourceVersion without a change."""
        self._versions[namespace] = max(self._versions[namespace], version_number(resource_version))
        if self._written:
            self._written = {
                k: e for k, e in self._written.items() if e.version > self.version(k[0])
            }

    def _advance(self, entry: Entry) -> None:
        version, namespace = entry.version, entry.key[0]
        part = namespace if namespace in self._versions else ""
        self._versions[part] = max(self._versions[part], version)
        written = self._written.get(entry.key)
        if written is not None and written.version <= version:
            del self._written[entry.key]

    def _set(self, known: Entry | None, entry: Entry) -> None:
        if known is not None:
            self._unindex(known)
        self._entries[entry.key] = entry
        for name in self._indexes:
            self._index(name, entry)

    def _index(self, name: str, entry: Entry) -> None:
        for value in self._indexers[name](entry):
            self._indexes[name].setdefault(value, {})[entry.key] = None

    def _unindex(self, entry: Entry) -> None:
        for name, indexer in self._indexers.items():
            index = self._indexes[name]
            for value in indexer(entry):
                keys = index.get(value, {})
                keys.pop(entry.key, None)
                if not keys:
                    index.pop(value, None)

    def _notify(self, old: Entry | None, new: Entry | None, *, initial: bool = False) -> None:
        for handler in self._handlers:
            handler(old, new, initial)


def _owner_uids(entry: Entry) -> Iterable[str]:
    return [owner.uid for owner in entry.metadata.owner_references or ()]
