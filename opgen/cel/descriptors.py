"""Declared types as protocol buffer descriptors, by which the library types `self`.

A field of a message can hold neither a list of lists nor a map of lists; items of an inner list or
map are then of any type to the checker, though not to the cost.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from opgen.cel.declared import Declared, find
from opgen.cel.wire import number, text

_FILE = "object.proto"
_PACKAGE = "object"
_OPTIONAL, _REPEATED = 1, 3
_MESSAGE = 11
_SCALARS = {"bool": 8, "int": 3, "double": 1, "string": 9, "bytes": 12}
_KNOWN = {
    "timestamp": ".google.protobuf.Timestamp",
    "duration": ".google.protobuf.Duration",
    "dyn": ".google.protobuf.Value",
    "list": ".google.protobuf.ListValue",
    "map": ".google.protobuf.Struct",
}
_IMPORTS = ("google/protobuf/timestamp.proto", "google/protobuf/duration.proto")
_STRUCT = "google/protobuf/struct.proto"


@dataclass(slots=True)
class Messages:
    """The messages of one declared type, as they are numbered while it is walked.

    Only fields with one of `wanted` names are declared: large schemas have thousands of others.
    """

    wanted: frozenset[str]
    bodies: list[bytes] = field(default_factory=list)
    names: dict[int, str] = field(default_factory=dict)

    def name_of(self, declared: Declared, hint: str = "root") -> str:
        """The full name of the message for an object, made on first use."""
        known = self.names.get(id(declared))
        if known is None:
            short = f"{hint}_{len(self.names)}" if self.names else hint
            known = self.names[id(declared)] = f"{_PACKAGE}.{short}"
            self.bodies.append(text(4, self._message(short, declared)))
        return known

    def file(self) -> bytes:
        """The serialized FileDescriptorProto with all messages."""
        imports = b"".join(text(3, name) for name in (*_IMPORTS, _STRUCT))
        return text(1, _FILE) + text(2, _PACKAGE) + imports + b"".join(self.bodies)

    def _message(self, short: str, declared: Declared) -> bytes:
        body = bytearray(text(1, short))
        known = {name: find(declared, name) for name in sorted(self.wanted)}
        for index, (name, inner) in enumerate(known.items(), 1):
            if inner is None:
                continue
            if inner.kind == "map" and inner.element and _fits(inner.element):
                entry = _entry_name(name)
                key = _field("key", 1, _OPTIONAL, _SCALARS["string"])
                value = self._typed(f"{name}_value", "value", 2, _OPTIONAL, inner.element)
                body += text(3, text(1, entry) + key + value + text(7, number(7, 1)))
                where = f".{_PACKAGE}.{short}.{entry}"
                body += _field(name, index, _REPEATED, _MESSAGE, where)
            elif inner.kind == "list" and inner.element and _fits(inner.element):
                body += self._typed(f"{name}_item", name, index, _REPEATED, inner.element)
            else:
                body += self._typed(name, name, index, _OPTIONAL, inner)
        return bytes(body)

    def _typed(self, hint: str, name: str, index: int, label: int, inner: Declared) -> bytes:
        if inner.kind == "object":
            return _field(name, index, label, _MESSAGE, f".{self.name_of(inner, hint)}")
        if inner.kind in _SCALARS:
            return _field(name, index, label, _SCALARS[inner.kind])
        return _field(name, index, label, _MESSAGE, _KNOWN[inner.kind])


class File:
    """What the library wants of a file: its serialized descriptor."""

    def __init__(self, data: bytes) -> None:
        self.serialized_pb = data


class Pool:
    """What the library wants of a descriptor pool: files by the names of their messages.

    Pools of the same messages are equal.
    """

    def __init__(self, messages: Messages) -> None:
        self._file = File(messages.file())
        self._names = frozenset(messages.names.values())

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Pool) and self._file.serialized_pb == other._file.serialized_pb

    def __hash__(self) -> int:
        return hash(self._file.serialized_pb)

    def FindFileByName(self, name: str) -> File:
        """The file of a name; KeyError if it is none of ours."""
        if name == _FILE:
            return self._file
        raise KeyError(name)

    def FindFileContainingSymbol(self, name: str) -> File:
        """The file with a message; KeyError if it is none of ours."""
        if name in self._names:
            return self._file
        raise KeyError(name)


def _fits(element: Declared) -> bool:
    return element.kind not in ("list", "map")


def _field(name: str, index: int, label: int, kind: int, message: str = "") -> bytes:
    body = text(1, name) + number(3, index) + number(4, label) + number(5, kind)
    return text(2, body + text(6, message) if message else body)


def _entry_name(name: str) -> str:
    """The name that a map's entries must have, by the rules of protocol buffers."""
    return "".join(part[:1].upper() + part[1:] for part in name.split("_")) + "Entry"
