"""Literals that the type checker lets pass and the API server does not (since 1.29).

Durations, timestamps and regular expressions that can never be read, lists or maps whose items have
different types, and arguments that a text does not format.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from opgen.cel import formatting, timing
from opgen.cel.tree import Node, Tree, Type, below
from opgen.regex import mistake

_FIRST_SECOND, _LAST_SECOND = -62135596800, 253402300799
"""The years 1 to 9999, in seconds since 1970."""
_DOTS = "\N{FULLWIDTH FULL STOP}."
_CARETS = "\N{FULLWIDTH CIRCUMFLEX ACCENT}^"
_NAMES = {"null": "null_type", "parameter": "dyn"}


def mistakes(tree: Tree, expression: str) -> str:
    """The mistakes in the literals of an expression, in cel-go's words; nothing if there are none.

    Positions are shown as in messages of the checker.
    """
    return told(_mistakes(tree.root, tree, False), tree, expression)


def told(found: Iterable[tuple[str, Node]], tree: Tree, expression: str) -> str:
    """Mistakes and their nodes as one message; nothing if there are none."""
    found = list(found)
    positions = tree.positions() if found else {}
    placed = [(positions.get(node.id, 0), message) for message, node in found]
    placed.sort(key=lambda entry: entry[0])
    shown = [_shown(message, position, expression) for position, message in placed]
    return "compilation failed: " + "\n".join(shown) if shown else ""


def _mistakes(node: Node, tree: Tree, in_format: bool) -> Iterator[tuple[str, Node]]:
    if node.kind == "call":
        yield from _argument(node)
        if node.name == "format":
            yield from formatting.mistakes(node, tree)
    elif node.kind in ("list", "map") and not in_format:
        step = 2 if node.kind == "map" else 1
        for start in range(step):
            yield from _mixed(node.parts[start::step], tree)
    in_format = in_format or (node.kind == "call" and node.name == "format")
    for inner in below(node):
        yield from _mistakes(inner, tree, in_format)


def _argument(node: Node) -> Iterator[tuple[str, Node]]:
    # The global function matches(text, pattern) has the pattern second; only the first argument
    # of a call is looked at, as the server does it.
    readable = _READABLE.get(node.name)
    if readable is None or not node.parts:
        return
    first = node.parts[0]
    if first.kind == "constant" and not readable(first.value):
        yield f"invalid {node.name} argument", first


def _mixed(parts: Sequence[Node], tree: Tree) -> Iterator[tuple[str, Node]]:
    expected: Type | None = None
    for part in parts:
        own = tree.type_of(part)
        if expected is None:
            expected = own
        elif own != expected:
            yield f"expected type '{_name(expected)}' but found '{_name(own)}'", part
            return


def _name(type_: Type) -> str:
    name = _NAMES.get(type_.kind, type_.kind)
    inner = ", ".join(_name(parameter) for parameter in type_.parameters)
    return f"{name}({inner})" if inner else name


def _shown(message: str, offset: int, expression: str) -> str:
    before = expression[:offset]
    line, column = before.count("\n") + 1, offset - before.rfind("\n")
    text = expression.split("\n")[line - 1]
    dots = "".join(_mark(letter, _DOTS) for letter in text[: column - 1])
    mark = _mark(text[column - 1 : column], _CARETS)
    return f"ERROR: <input>:{line}:{column}: {message}\n | {text}\n | {dots}{mark}"


def _mark(letter: str, marks: str) -> str:
    """What stands below a letter: the wide mark where cel-go takes the letter for wide."""
    return marks[letter.isascii()]


def _is_duration(value: object) -> bool:
    return isinstance(value, str) and timing.duration(value) is not None


def _is_timestamp(value: object) -> bool:
    if isinstance(value, int):
        return _FIRST_SECOND <= value <= _LAST_SECOND
    return isinstance(value, str) and timing.timestamp(value) is not None


_READABLE: Mapping[str, Callable[[object], bool]] = {
    "duration": _is_duration,
    "timestamp": _is_timestamp,
    "matches": lambda value: not mistake(str(value)),
}
