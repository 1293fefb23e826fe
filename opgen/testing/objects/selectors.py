"""Label and field selectors.

`parse_labels` reads the whole syntax of kubectl (`a=b,c!=d,e in (f,g),h notin (i),j,!k,l>1`), and
`parse_fields` the simple one of field selectors. Both give a list of requirements that
`matches` checks against a map of strings.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from opgen.testing.errors import bad_request
from opgen.testing.objects.names import label_value_problems, qualified_name_problems


@dataclass(frozen=True, slots=True)
class Requirement:
    """One condition: key, operator and values."""

    key: str
    operator: str
    values: tuple[str, ...] = ()

    def holds(self, fields: Mapping[str, str]) -> bool:
        """Whether a map of labels or fields meets the condition."""
        return _OPERATORS[self.operator](fields.get(self.key), self.values)


Selector = tuple[Requirement, ...]


def _compare(sign: int) -> Callable[[str | None, tuple[str, ...]], bool]:
    def check(value: str | None, values: tuple[str, ...]) -> bool:
        try:
            return value is not None and (int(value) - int(values[0])) * sign > 0
        except ValueError:
            return False

    return check


_OPERATORS: dict[str, Callable[[str | None, tuple[str, ...]], bool]] = {
    "in": lambda value, values: value in values,
    "notin": lambda value, values: value not in values,
    "exists": lambda value, _: value is not None,
    "!": lambda value, _: value is None,
    "gt": _compare(1),
    "lt": _compare(-1),
}


def matches(selector: Iterable[Requirement], fields: Mapping[str, str]) -> bool:
    """Whether all requirements hold."""
    return all(requirement.holds(fields) for requirement in selector)


_TOKEN = re.compile(r"\s*(==|!=|=|!|<|>|\(|\)|,|[^\s=!<>(),]+)")
_SYMBOLS = frozenset(["=", "==", "!=", "!", "<", ">", "(", ")", ","])


class _Labels:
    """A reader of label selectors, one word ahead."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.words = _TOKEN.findall(text)
        self.at = 0

    def peek(self) -> str:
        return self.words[self.at] if self.at < len(self.words) else ""

    def take(self) -> str:
        word = self.peek()
        self.at += 1
        return word

    def fail(self, found: str, expected: str) -> Exception:
        return bad_request(
            f'unable to parse requirement: found "{found}", expected: {expected}'
            if found
            else f"unable to parse requirement: found '', expected: {expected}"
        )

    def key(self) -> str:
        key = self.take()
        if not key or key in _SYMBOLS:
            raise self.fail(key, "!, identifier, or 'end of string'")
        problems = qualified_name_problems(key)
        if problems:
            raise bad_request(
                f'unable to parse requirement: <nil>: Invalid value: "{key}": {"; ".join(problems)}'
            )
        return key

    def values(self) -> tuple[str, ...]:
        if self.take() != "(":
            raise self.fail("", "'('")
        values: list[str] = []
        previous = ","
        while (word := self.take()) != ")":
            if not word:
                raise self.fail("", "',', or identifier")
            if word == "," and previous == ",":
                values.append("")
            elif word != ",":
                values.append(word)
            previous = word
        if previous == ",":
            values.append("")
        return tuple(values)

    def value(self) -> str:
        if self.peek() in ("", ","):
            return ""
        return self.take()

    def requirement(self) -> Requirement:
        if self.peek() == "!":
            self.take()
            return Requirement(self.key(), "!")
        key = self.key()
        word = self.peek()
        if word in ("", ","):
            return Requirement(key, "exists")
        operator = self.take()
        if operator in ("in", "notin"):
            return _checked(Requirement(key, operator, self.values()))
        if operator in ("=", "==", "!="):
            return _checked(
                Requirement(key, "notin" if operator == "!=" else "in", (self.value(),))
            )
        if operator in ("<", ">"):
            return Requirement(key, "gt" if operator == ">" else "lt", (self.value(),))
        raise self.fail(operator, "in, notin, =, ==, !=, gt, lt")


def _checked(requirement: Requirement) -> Requirement:
    for value in requirement.values:
        problems = label_value_problems(value)
        if problems:
            raise bad_request(
                f"unable to parse requirement: values[0][{requirement.key}]: "
                f'Invalid value: "{value}": {"; ".join(problems)}'
            )
    return requirement


def parse_labels(text: str) -> Selector:
    """Read a label selector.

    Raises:
        StatusError: it cannot be read.
    """
    if not text.strip():
        return ()
    reader = _Labels(text)
    found = [reader.requirement()]
    while reader.peek():
        word = reader.take()
        if word != ",":
            raise reader.fail(word, "',' or 'end of string'")
        found.append(reader.requirement())
    return tuple(found)


def parse_fields(text: str) -> Selector:
    """Read a field selector such as `metadata.name=x,status.phase!=Running`.

    Raises:
        StatusError: it cannot be read.
    """
    found = []
    for term in filter(None, (part.strip() for part in re.split(r"(?<!\\),", text))):
        match = re.fullmatch(r"([^=!]+)(!=|==|=)(.*)", term)
        if match is None:
            raise bad_request(f"invalid selector: '{text}'; can't understand '{term}'")
        key, operator, value = match.groups()
        plain = re.sub(r"\\([\\,=])", r"\1", value)
        found.append(Requirement(key, "notin" if operator == "!=" else "in", (plain,)))
    return tuple(found)


_EXPRESSIONS = {"In": "in", "NotIn": "notin", "Exists": "exists", "DoesNotExist": "!"}


def from_label_selector(selector: Mapping[str, Any] | None) -> Selector:
    """The requirements of a LabelSelector object, as in a Deployment's `spec.selector`."""
    selector = selector or {}
    labels = [
        Requirement(key, "in", (value,))
        for key, value in (selector.get("matchLabels") or {}).items()
    ]
    expressions = [
        Requirement(item["key"], _EXPRESSIONS[item["operator"]], tuple(item.get("values") or ()))
        for item in selector.get("matchExpressions") or ()
    ]
    return (*labels, *expressions)


def format_label_selector(selector: Mapping[str, Any] | None) -> str:
    """A LabelSelector object as text, as scale subresources show it."""
    texts = []
    for requirement in from_label_selector(selector):
        values = ",".join(sorted(requirement.values))
        texts.append(
            {
                "in": f"{requirement.key} in ({values})"
                if len(requirement.values) > 1
                else f"{requirement.key}={values}",
                "notin": f"{requirement.key} notin ({values})",
                "exists": requirement.key,
                "!": f"!{requirement.key}",
            }[requirement.operator]
        )
    return ",".join(sorted(texts))
