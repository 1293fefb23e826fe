"""Texts with `%d` and the like, and whether their arguments fit (cel-go's `ext/formatting.go`).

Only constant texts with a list of arguments written out are looked at, as the API server does it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from opgen.cel.tree import Node, Tree


class _Clause(NamedTuple):
    """What a letter after `%` formats; `wants` is how cel-go says it."""

    kinds: frozenset[str]
    wants: str


_INTEGERS = frozenset(["int", "uint"])
_DOUBLES = frozenset(["double", "string"])
_ANYTHING = frozenset(
    [
        *("bool", "bytes", "double", "duration", "int", "list", "map", "null"),
        *("string", "timestamp", "type", "uint"),
    ]
)
_HEX = _Clause(
    _INTEGERS | {"bytes", "string"},
    "only integers, byte buffers, and strings can be formatted as hex",
)
_CLAUSES: Mapping[str, _Clause] = {
    "b": _Clause(_INTEGERS | {"bool"}, "only integers and bools can be formatted as binary"),
    "d": _Clause(_INTEGERS, "decimal clause can only be used on integers"),
    "e": _Clause(_DOUBLES, "scientific clause can only be used on doubles"),
    "f": _Clause(_DOUBLES, "fixed-point clause can only be used on doubles"),
    "o": _Clause(_INTEGERS, "octal clause can only be used on integers"),
    "s": _Clause(
        _ANYTHING,
        "string clause can only be used on strings, bools, bytes, ints, doubles, maps, lists, "
        "types, durations, and timestamps",
    ),
    "x": _HEX,
    "X": _HEX,
}
_NAMES = {
    "duration": "google.protobuf.Duration",
    "null": "null_type",
    "timestamp": "google.protobuf.Timestamp",
}
_PRECISION = "could not parse formatting clause: error while parsing precision: "
_GREATEST = 2**63 - 1


class _FormatError(ValueError):
    """A mistake in a text; the node is the argument to blame, if it is one."""

    def __init__(self, message: str, node: Node | None = None) -> None:
        super().__init__(message)
        self.node = node


def mistakes(node: Node, tree: Tree) -> Iterator[tuple[str, Node]]:
    """What is wrong with a call of `format`, in cel-go's words, and where."""
    text = node.operand
    if text is None or text.kind != "constant" or not isinstance(text.value, str):
        return
    if len(node.parts) != 1 or node.parts[0].kind != "list":
        return
    arguments = node.parts[0].parts
    try:
        wanted = _fill(text.value, arguments, tree)
    except _FormatError as error:
        yield str(error), error.node or node
        return
    if len(arguments) > wanted:
        given = f"(expected {wanted}, got {len(arguments)})"
        yield f"too many arguments supplied to string.format {given}", node


def _fill(text: str, arguments: list[Node], tree: Tree) -> int:
    """Go through the clauses of a text; the number of arguments that it takes."""
    data = text.encode().decode("latin-1")  # byte by byte, as Go reads it
    position = wanted = 0
    while (position := data.find("%", position)) >= 0:
        position += 1
        if data.startswith("%", position):
            position += 1
            continue
        if position >= len(data):
            raise _FormatError("unexpected end of string")
        if wanted >= len(arguments):
            raise _FormatError(f"index {wanted} out of range")
        clause, position = _clause(data, position)
        _check(clause, arguments[wanted], tree, is_text=clause is _CLAUSES["s"])
        wanted += 1
    return wanted


def _clause(data: str, position: int) -> tuple[_Clause, int]:
    """The clause after a percent sign, and where the text goes on."""
    precision = re.compile(r"\.(\d*)", re.ASCII).match(data, position)
    if precision:
        position = precision.end()
        if position >= len(data):
            raise _FormatError(f"{_PRECISION}could not find end of precision specifier")
        _check_precision(precision[1])
    clause = _CLAUSES.get(data[position])
    if clause is None:
        raise _FormatError(
            f'could not parse formatting clause: unrecognized formatting clause "{data[position]}"'
        )
    return clause, position + 1


def _check_precision(digits: str) -> None:
    wrong = "" if digits else "invalid syntax"
    if digits and int(digits) > _GREATEST:
        wrong = "value out of range"
    if wrong:
        raise _FormatError(
            f"{_PRECISION}error while converting precision to integer: "
            f'strconv.Atoi: parsing "{digits}": {wrong}'
        )


def _check(clause: _Clause, argument: Node, tree: Tree, is_text: bool) -> None:
    kind = tree.type_of(argument).kind
    if kind != "dyn" and kind not in clause.kinds:
        given = _NAMES.get(kind, kind)
        raise _FormatError(f"error during formatting: {clause.wants}, was given {given}", argument)
    if is_text and argument.kind in ("list", "map"):
        for part in argument.parts:
            _check(clause, part, tree, is_text)
