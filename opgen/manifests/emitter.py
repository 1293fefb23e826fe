"""Documents as YAML, laid out as controller-gen lays them out.

Keys are in the natural order of Go's yaml.v2, lists are not indented under their key, empty lists
and maps are `[]` and `{}`, and numbers are written as Go writes them. So a file that controller-gen
made can be compared line by line with one that opgen made.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from decimal import Decimal
from functools import cmp_to_key
from typing import Any

from opgen.manifests import scalars

# With these characters alone, the natural order is that of the characters.
_ORDINARY = re.compile(r"[A-Za-z$./-]*")
_NESTED = (Mapping, list, tuple)


def dump(document: Any) -> str:
    """One document, without a separator.

    Args:
        document: Dicts with string keys, lists, strings, numbers, booleans and None.

    Raises:
        TypeError: there is something else in it.
        ValueError: there is a number in it that JSON cannot express.
    """
    writer = _Writer(_repeated(document))
    writer.document(document)
    return "".join(writer.out)


def dump_all(documents: Iterable[Any]) -> str:
    """Several documents, each with a separator before it, as controller-gen writes its files."""
    return "".join(f"---\n{dump(document)}" for document in documents)


def _repeated(document: Any) -> frozenset[int]:
    """The ids of the maps and lists that stand in several places of a document."""
    seen: set[int] = set()
    again: set[int] = set()
    waiting = [document] if isinstance(document, _NESTED) else []
    while waiting:
        value = waiting.pop()
        if id(value) in seen:
            again.add(id(value))
            continue
        seen.add(id(value))
        parts = value.values() if isinstance(value, Mapping) else value
        waiting += [part for part in parts if isinstance(part, _NESTED)]
    return frozenset(again)


class _Writer:
    """Collects the text of one document. Every method starts where the last one stopped.

    What stands in several places is written once for each indentation.
    """

    def __init__(self, repeated: frozenset[int]) -> None:
        self.out: list[str] = []
        self.repeated = repeated
        self.written: dict[tuple[int, int], str] = {}
        self.keys: dict[str, str | None] = {}
        self.orders: dict[tuple[str, ...], list[str]] = {}

    def document(self, value: Any) -> None:
        if value and isinstance(value, _NESTED):
            self.nested(value, "", 0)
        else:
            self.out.append(f"{self.leaf(value, 0, 2)}\n")

    def nested(self, value: Any, head: str, indent: int) -> None:
        """A map or list with something in it; the arguments are those of `mapping`."""
        write = self.mapping if isinstance(value, Mapping) else self.sequence
        if id(value) not in self.repeated:
            write(value, head, indent)
            return
        text = self.written.get((id(value), indent))
        blanks = " " * indent
        if text is None:
            outer, self.out = self.out, []
            write(value, blanks, indent)
            text = self.written[id(value), indent] = "".join(self.out)
            self.out = outer
        self.out.append(text if head == blanks else f"{head}{text[indent:]}")

    def mapping(self, value: Mapping[str, Any], head: str, indent: int) -> None:
        """A map with entries.

        Args:
            value: The map.
            head: What goes before the first key, in its line.
            indent: The column of the keys.
        """
        blanks = " " * indent
        out = self.out
        for name in self.ordered(value):
            child = value[name]
            key = self.keys[name] if name in self.keys else self.key(name)
            if key is None:
                self.complex_entry(name, child, head, indent)
            elif type(child) is str:
                start = f"{head}{key}: "
                out.append(f"{start}{scalars.scalar(child, len(start), indent + 2)}\n")
            elif isinstance(child, Mapping) and child:
                out.append(f"{head}{key}:\n")
                self.nested(child, f"{blanks}  ", indent + 2)
            elif isinstance(child, list | tuple) and child:
                out.append(f"{head}{key}:\n")
                self.nested(child, blanks, indent)
            else:
                start = f"{head}{key}: "
                out.append(f"{start}{self.leaf(child, len(start), indent + 2)}\n")
            head = blanks

    def complex_entry(self, name: str, child: Any, head: str, indent: int) -> None:
        """An entry whose key is too long for one line or has several."""
        out = self.out
        out.append(f"{head}? {scalars.scalar(name, indent + 2, indent + 2)}\n")
        start = f"{' ' * indent}: "
        if child and isinstance(child, _NESTED):
            self.nested(child, start, indent + 2)
        else:
            out.append(f"{start}{self.leaf(child, indent + 2, indent + 2)}\n")

    def sequence(self, value: Iterable[Any], head: str, indent: int) -> None:
        """A list with items; the arguments are those of `mapping`."""
        blanks = " " * indent
        out = self.out
        for child in value:
            start = f"{head}- "
            if type(child) is str:
                out.append(f"{start}{scalars.scalar(child, indent + 2, indent + 2)}\n")
            elif child and isinstance(child, _NESTED):
                self.nested(child, start, indent + 2)
            else:
                out.append(f"{start}{self.leaf(child, indent + 2, indent + 2)}\n")
            head = blanks

    def leaf(self, value: Any, column: int, indent: int) -> str:
        """What has no lines of its own below it."""
        if value is None:
            return "null"
        if value is True:
            return "true"
        if value is False:
            return "false"
        if isinstance(value, str):
            return scalars.scalar(value, column, indent)
        if isinstance(value, int):
            return str(int(value))
        if isinstance(value, float):
            return number(value)
        if isinstance(value, Mapping):
            return "{}"
        if isinstance(value, list | tuple):
            return "[]"
        raise TypeError(f"a document cannot hold {value!r}, which is a {type(value).__name__}")

    def key(self, name: str) -> str | None:
        """A key on one line, or None if that is not possible."""
        key = self.keys[name] = scalars.key(name)
        return key

    def ordered(self, value: Mapping[str, Any]) -> list[str]:
        """The keys in order."""
        names = tuple(value)
        order = self.orders.get(names)
        if order is None:
            for name in names:
                if not isinstance(name, str):
                    raise TypeError(f"a key must be a string, not {name!r}")
            order = self.orders[names] = natural_order(names)
        return order


def natural_order(names: Iterable[str]) -> list[str]:
    """Keys as yaml.v2 sorts them: runs of digits by their number, other signs before letters.

    That order has cycles (`v01`, `v0a`, `v1`), where controller-gen's output changes from run to
    run; here it does not depend on the order in which the keys come.
    """
    plain = sorted(names)
    if _ORDINARY.fullmatch("".join(plain)):
        return plain
    return sorted(plain, key=cmp_to_key(_compare))


def _compare(one: str, other: str) -> int:
    """Negative if `one` comes first."""
    for index, (a, b) in enumerate(zip(one, other, strict=False)):
        if a == b:
            continue
        if a.isalpha() or b.isalpha():
            if a.isalpha() and b.isalpha():
                return -1 if a < b else 1
            return -1 if b.isalpha() else 1
        return _compare_from(one, other, index)
    return len(one) - len(other)


def _compare_from(one: str, other: str, index: int) -> int:
    """Compare where two signs that are no letters differ."""
    first, second = _digits(one, index), _digits(other, index)
    # A zero within a number counts as a digit of it, one at its start does not.
    lead = "1" if "0" in (one[index], other[index]) and _within_number(one, index) else ""
    numbers = int(f"0{lead}{first}"), int(f"0{lead}{second}")
    if numbers[0] != numbers[1]:
        return -1 if numbers[0] < numbers[1] else 1
    if len(first) != len(second):
        return len(first) - len(second)
    return -1 if one[index] < other[index] else 1


def _digits(text: str, start: int) -> str:
    end = start
    while end < len(text) and text[end].isdecimal():
        end += 1
    return text[start:end]


def _within_number(text: str, index: int) -> bool:
    """Whether a digit other than zero stands before `index` in the same number."""
    while index > 0 and text[index - 1].isdecimal():
        index -= 1
        if text[index] != "0":
            return True
    return False


def number(value: float) -> str:
    """A number as it is after Go has read it from JSON: whole ones are integers.

    Raises:
        ValueError: it is infinite or not a number.
    """
    if value != value or value in (float("inf"), float("-inf")):
        raise ValueError(f"JSON has no number {value}")
    if value.is_integer() and -(1 << 63) <= value < 1 << 64:
        return str(int(value))
    sign, digits, exponent = Decimal(repr(value)).normalize().as_tuple()
    assert isinstance(exponent, int)
    power = exponent + len(digits) - 1
    if -4 <= power < 6:
        return f"{Decimal(repr(value)).normalize():f}"
    text = "".join(map(str, digits))
    mantissa = f"{text[0]}.{text[1:]}" if len(text) > 1 else text
    return f"{'-' if sign else ''}{mantissa}e{'-' if power < 0 else '+'}{abs(power):02d}"
