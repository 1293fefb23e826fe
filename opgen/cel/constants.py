"""Constants that a program cannot be made with, because it works with them beforehand.

Such are regular expressions and constants that are converted to another type
(`interpreter/decorators.go` of cel-go). The API server then says "program instantiation failed".
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from opgen.cel.tree import Node, Tree, below
from opgen.regex import mistake

_PATTERNS = ("matches", "find", "findAll")
_GREATEST_INT = 2**63 - 1
_GREATEST_UINT = 2**64 - 1
_TRUTHS = frozenset(
    ["1", "t", "T", "TRUE", "true", "True", "0", "f", "F", "FALSE", "false", "False"]
)
_DOUBLE = (
    r"(?a)[+-]?(\d+\.?\d*([eE][+-]?\d+)?|\.\d+([eE][+-]?\d+)?|(?i:inf|infinity)"
    r"|0[xX]([0-9a-fA-F]+\.?[0-9a-fA-F]*|\.[0-9a-fA-F]+)[pP][+-]?\d+)|(?i:nan)"
)


def program_mistake(tree: Tree) -> str:
    """The first mistake, in cel-go's words; nothing if there is none."""
    return next(filter(None, _mistakes(tree.root, tree)), "")


def _mistakes(node: Node, tree: Tree) -> Iterator[str]:
    """The mistakes of a node and what is in it, in the order in which programs are made."""
    for inner in below(node):
        yield from _mistakes(inner, tree)
    if node.kind != "call":
        return
    arguments = [node.operand, *node.parts] if node.operand else node.parts
    if node.name in _PATTERNS and len(arguments) > 1:
        pattern = arguments[1]
        if pattern.kind == "constant" and isinstance(pattern.value, str):
            yield mistake(pattern.value)
    elif len(arguments) == 1 and arguments[0].kind == "constant":
        kind = tree.type_of(arguments[0]).kind
        convert = _CONVERSIONS.get((kind, node.name))
        if convert:
            yield convert(arguments[0].value)


def _reading(kind: str, is_readable: Callable[[str], bool]) -> Callable[[Any], str]:
    wrong = f"type conversion error from 'string' to '{kind}'"
    return lambda text: "" if is_readable(text) else wrong


def _fitting(word: str, fits: Callable[[Any], bool]) -> Callable[[Any], str]:
    return lambda number: "" if fits(number) else f"{word} overflow"


def _is_int(text: str) -> bool:
    return bool(re.fullmatch(r"(?a)[+-]?\d+", text)) and (
        -_GREATEST_INT - 1 <= int(text) <= _GREATEST_INT
    )


def _is_uint(text: str) -> bool:
    return bool(re.fullmatch(r"(?a)\d+", text)) and int(text) <= _GREATEST_UINT


def _is_double(text: str) -> bool:
    if not re.fullmatch(_DOUBLE, text):
        return False
    if re.match("[+-]?0[xX]", text):
        try:
            float.fromhex(text)
        except OverflowError:
            return False
        return True
    return not math.isinf(float(text)) or "inf" in text.lower()


def _is_utf8(data: bytes) -> bool:
    return data == data.decode(errors="ignore").encode()


_CONVERSIONS: Mapping[tuple[str, str], Callable[[Any], str]] = {
    ("string", "int"): _reading("int", _is_int),
    ("string", "uint"): _reading("uint", _is_uint),
    ("string", "double"): _reading("double", _is_double),
    ("string", "bool"): _reading("bool", _TRUTHS.__contains__),
    ("double", "int"): _fitting("integer", lambda number: abs(number) < 2**63),
    ("uint", "int"): _fitting("integer", lambda number: number <= _GREATEST_INT),
    ("int", "uint"): _fitting("unsigned integer", lambda number: number >= 0),
    ("double", "uint"): _fitting("unsigned integer", lambda number: 0 <= number < 2**64),
    ("bytes", "string"): lambda data: (
        "" if _is_utf8(data) else "invalid UTF-8 in bytes, cannot convert to string"
    ),
}
