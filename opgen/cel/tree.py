"""A checked expression as a tree, read from the bytes that the library gives.

The messages are those of `cel/expr/checked.proto` and `cel/expr/syntax.proto`.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, NamedTuple

from opgen.cel.wire import fields

_PRIMITIVES = ("", "bool", "int", "uint", "double", "string", "bytes")
_WELL_KNOWN = ("", "any", "timestamp", "duration")


class Type(NamedTuple):
    """The type of an expression: its kind and, for lists, maps and optionals, its parameters."""

    kind: str
    parameters: tuple[Type, ...] = ()


DYN = Type("dyn")


@dataclass(slots=True)
class Node:
    """An expression. `kind` says which of the other attributes count.

    constant: `value`. ident: `name`. select: `operand`, `name`, `is_test`. call: `name`, `operand`
    (the receiver, or None), `parts` (the arguments). list: `parts`. map, struct: `parts` (for maps
    keys and values in turn). comprehension: `loop`.
    """

    id: int = 0
    kind: str = "constant"
    name: str = ""
    value: Any = None
    operand: Node | None = None
    is_test: bool = False
    parts: list[Node] = field(default_factory=list)
    loop: Loop | None = None


@dataclass(slots=True)
class Loop:
    """What a comprehension is made of; `second` is the second variable, if there are two."""

    variable: str = ""
    second: str = ""
    over: Node = field(default_factory=Node)
    result_variable: str = ""
    start: Node = field(default_factory=Node)
    condition: Node = field(default_factory=Node)
    step: Node = field(default_factory=Node)
    result: Node = field(default_factory=Node)


class Tree(NamedTuple):
    """A whole expression, with what the checker found out about its nodes."""

    root: Node
    types: Mapping[int, Type]
    overloads: Mapping[int, tuple[str, ...]]
    names: frozenset[str]
    """What identifiers refer to, such as `oldSelf`."""
    source: bytes
    """The message about where the nodes stand, which only mistakes need."""

    def positions(self) -> dict[int, int]:
        """Offsets of nodes in the expression, in characters."""
        found = [value for number, value in fields(self.source) if number == 4]
        entries = [dict(fields(_bytes(value))) for value in found]
        return {_int(entry[1]): _int(entry.get(2, 0)) for entry in entries}

    def type_of(self, node: Node) -> Type:
        """The type of a node; dyn if the checker has told none."""
        return self.types.get(node.id, DYN)


def below(node: Node) -> Iterator[Node]:
    """The nodes right below a node."""
    if node.operand:
        yield node.operand
    yield from node.parts
    if node.loop:
        loop = node.loop
        yield from (loop.over, loop.start, loop.condition, loop.step, loop.result)


def read(data: bytes) -> Tree:
    """The tree in what `Expression.serialize()` of the library returns."""
    checked = _bytes(dict(fields(data))[2])
    types: dict[int, Type] = {}
    overloads: dict[int, tuple[str, ...]] = {}
    names: set[str] = set()
    source = b""
    root = Node()
    for number, value in fields(checked):
        if number == 2:
            _reference(_bytes(value), overloads, names)
        elif number == 3:
            entry = dict(fields(_bytes(value)))
            types[_int(entry[1])] = _type(_bytes(entry.get(2, b"")))
        elif number == 4:
            root = _node(_bytes(value))
        elif number == 5:
            source = _bytes(value)
    return Tree(root, types, overloads, frozenset(names), source)


def _bytes(value: int | bytes) -> bytes:
    assert isinstance(value, bytes)
    return value


def _int(value: int | bytes) -> int:
    assert isinstance(value, int)
    return value


def _text(value: int | bytes) -> str:
    return _bytes(value).decode()


def _reference(data: bytes, overloads: dict[int, tuple[str, ...]], names: set[str]) -> None:
    entry = dict(fields(data))
    name, found = _referred(_bytes(entry.get(2, b"")))
    names.update(name)
    if found:
        overloads[_int(entry[1])] = found


@lru_cache(maxsize=1024)
def _referred(data: bytes) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Names and overloads in what is said of a node."""
    said = fields(data)
    return (
        tuple(_text(value) for number, value in said if number == 1),
        tuple(_text(value) for number, value in said if number == 3),
    )


@lru_cache(maxsize=1024)
def _type(data: bytes) -> Type:
    """A type; most expressions have few, each at many nodes."""
    for number, value in fields(data):
        if number == 3:
            return Type(_PRIMITIVES[_int(value)])
        if number == 5:
            return Type(_WELL_KNOWN[_int(value)])
        if number in (6, 7):
            kind = "list" if number == 6 else "map"
            return Type(kind, tuple(_type(_bytes(inner)) for _, inner in fields(_bytes(value))))
        if number == 9:
            return Type(_text(value))
        if number == 14:
            parts = list(fields(_bytes(value)))
            name = next(_text(part) for which, part in parts if which == 1)
            inner = tuple(_type(_bytes(part)) for which, part in parts if which == 2)
            return Type(name, inner)
        return Type({1: "dyn", 2: "null", 10: "parameter", 11: "type"}.get(number, "error"))
    return DYN


def _node(data: bytes) -> Node:
    node = Node()
    for number, value in fields(data):
        if number == 2:
            node.id = _int(value)
        elif number in _READERS:
            node.kind, reader = _READERS[number]
            reader(node, _bytes(value))
    return node


def _constant(node: Node, data: bytes) -> None:
    for number, value in fields(data):
        node.value = _CONSTANTS[number](value)


def _double(value: int | bytes) -> float:
    return float(struct.unpack("<d", _bytes(value))[0])


_CONSTANTS: Mapping[int, Callable[[int | bytes], Any]] = {
    1: lambda _: None,
    2: bool,
    3: lambda value: _int(value) - (1 << 64 if _int(value) >> 63 else 0),
    4: _int,
    5: _double,
    6: _text,
    7: _bytes,
}


def _ident(node: Node, data: bytes) -> None:
    node.name = _text(dict(fields(data))[1])


def _select(node: Node, data: bytes) -> None:
    entry = dict(fields(data))
    node.operand = _node(_bytes(entry[1]))
    node.name = _text(entry[2])
    node.is_test = bool(entry.get(3))


def _call(node: Node, data: bytes) -> None:
    for number, value in fields(data):
        if number == 1:
            node.operand = _node(_bytes(value))
        elif number == 2:
            node.name = _text(value)
        elif number == 3:
            node.parts.append(_node(_bytes(value)))


def _list(node: Node, data: bytes) -> None:
    node.parts = [_node(_bytes(value)) for number, value in fields(data) if number == 1]


def _struct(node: Node, data: bytes) -> None:
    for number, value in fields(data):
        if number == 1:
            node.kind = "struct"
        elif number == 2:
            entry = dict(fields(_bytes(value)))
            node.parts += [_node(_bytes(entry[key])) for key in (3, 4) if key in entry]


def _comprehension(node: Node, data: bytes) -> None:
    node.loop = loop = Loop()
    for number, value in fields(data):
        name = _LOOP[number]
        is_name = name in ("variable", "second", "result_variable")
        setattr(loop, name, _text(value) if is_name else _node(_bytes(value)))


_LOOP = {
    1: "variable",
    2: "over",
    3: "result_variable",
    4: "start",
    5: "condition",
    6: "step",
    7: "result",
    8: "second",
}
_READERS: Mapping[int, tuple[str, Callable[[Node, bytes], None]]] = {
    3: ("constant", _constant),
    4: ("ident", _ident),
    5: ("select", _select),
    6: ("call", _call),
    7: ("list", _list),
    8: ("map", _struct),
    9: ("comprehension", _comprehension),
}
