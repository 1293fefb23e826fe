"""Label selectors as queries have them: `a=b,c!=d,e in (f,g),h notin (i),j,!k,l>1`.

What is accepted, and what is said of the rest, is what apimachinery's labels.Parse accepts and
says.
"""

from __future__ import annotations

import re

from opgen.testing.errors import bad_request
from opgen.testing.objects.names import label_value_problems, qualified_name_problems
from opgen.testing.objects.selectors import Requirement, Selector, is_integer

_WORD = re.compile(r"[ \t\r\n]*(==|!=|[=!<>(),]|[^ \t\r\n=!<>(),]+)")
_SYMBOLS = frozenset(["", "=", "==", "!=", "!", "<", ">", "(", ")", ","])
_OPERATORS = {
    "=": "in",
    "==": "in",
    "in": "in",
    "!=": "notin",
    "notin": "notin",
    ">": "gt",
    "<": "lt",
}
_SETS = ("in", "notin")


class _Unfit(Exception):
    """A requirement that cannot be read; the message says why."""


class _Labels:
    """A reader of label selectors, one word ahead. The word after the last one is empty."""

    def __init__(self, text: str) -> None:
        self._words = _WORD.findall(text)
        self._at = 0

    def peek(self) -> str:
        return self._words[self._at] if self._at < len(self._words) else ""

    def take(self) -> str:
        word = self.peek()
        self._at += 1
        return word

    def requirement(self) -> Requirement:
        absent = self.peek() == "!"
        if absent:
            self.take()
        key = self.take()
        if key in _SYMBOLS:
            raise _Unfit(f"found '{key}', expected: identifier")
        problems = qualified_name_problems(key)
        if problems:
            raise _Unfit(f'<nil>: Invalid value: "{key}": {"; ".join(problems)}')
        if absent:
            return Requirement(key, "!")
        if self.peek() in ("", ","):
            return Requirement(key, "exists")
        word = self.take()
        if word not in _OPERATORS:
            raise _Unfit(f"found '{word}', expected: in, notin, =, ==, !=, gt, lt")
        values = self._values() if word in _SETS else (self._value(),)
        return _checked(Requirement(key, _OPERATORS[word], values))

    def _value(self) -> str:
        if self.peek() in ("", ","):
            return ""
        word = self.take()
        if word in _SYMBOLS:
            raise _Unfit(f"found '{word}', expected: identifier")
        return word

    def _values(self) -> tuple[str, ...]:
        word = self.take()
        if word != "(":
            raise _Unfit(f"found '{word}' expected: '('")
        word = self.peek()
        if word == ")":
            self.take()
            return ("",)
        if word in _SYMBOLS and word != ",":
            raise _Unfit(f"found '{word}', expected: ',', ')' or identifier")
        values = self._listed()
        self.take()
        return tuple(sorted(values))

    def _listed(self) -> set[str]:
        """The values up to the closing parenthesis; nothing between commas is a value, too."""
        values: set[str] = set()
        while True:
            word = self.take()
            if word == ",":
                values |= set() if values else {""}
                if self.peek() == ",":
                    self.take()
                    values.add("")
                elif self.peek() == ")":
                    values.add("")
            elif word in _SYMBOLS:
                raise _Unfit(f"found '{word}', expected: ',', or identifier")
            else:
                values.add(word)
                if self.peek() not in (",", ")"):
                    raise _Unfit(f"found '{self.peek()}', expected: ',' or ')'")
            if self.peek() == ")":
                return values


def _checked(requirement: Requirement) -> Requirement:
    found = []
    for index, value in enumerate(requirement.values):
        if requirement.operator in ("gt", "lt") and not is_integer(value):
            text = "for 'Gt', 'Lt' operators, the value must be an integer"
            found.append(f'values[{index}]: Invalid value: "{value}": {text}')
        problems = label_value_problems(value)
        if problems:
            where = f"values[{index}][{requirement.key}]"
            found.append(f'{where}: Invalid value: "{value}": {"; ".join(problems)}')
    if found:
        raise _Unfit(found[0] if len(found) == 1 else f"[{', '.join(found)}]")
    return requirement


def parse_labels(text: str) -> Selector:
    """Read a label selector.

    Raises:
        StatusError: it cannot be read.
    """
    reader = _Labels(text)
    found: list[Requirement] = []
    if not reader.peek():
        return ()
    if reader.peek() in _SYMBOLS - {"!"}:
        raise bad_request(f"found '{reader.peek()}', expected: !, identifier, or 'end of string'")
    while True:
        try:
            found.append(reader.requirement())
        except _Unfit as error:
            raise bad_request(f"unable to parse requirement: {error}") from None
        word = reader.take()
        if not word:
            return tuple(found)
        if word != ",":
            raise bad_request(f"found '{word}', expected: ',' or 'end of string'")
        if reader.peek() in _SYMBOLS - {"!"}:
            raise bad_request(f"found '{reader.peek()}', expected: identifier after ','")
