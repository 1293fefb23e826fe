"""What a field may be asked for. A check takes a value and its path and yields what is wrong."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from opgen.testing.errors import (
    FieldError,
    duplicate,
    invalid_value,
    not_supported,
    required,
)
from opgen.testing.objects.names import (
    label_problems,
    label_value_problems,
    port_name_problems,
    qualified_name_problems,
    subdomain_problems,
)
from opgen.testing.resources.addresses import address_problems, range_problems

Check = Callable[[Any, str], Iterator[FieldError]]
Texts = Callable[[str], Iterable[str]]


def at_least(least: int, text: str = "") -> Check:
    """A number that is not below another; percentages pass."""

    def check(value: Any, path: str) -> Iterator[FieldError]:
        if isinstance(value, int) and value < least:
            yield invalid_value(path, value, text or f"must be greater than or equal to {least}")

    return check


def at_most(most: int, text: str = "") -> Check:
    """A number that is not above another."""

    def check(value: Any, path: str) -> Iterator[FieldError]:
        if isinstance(value, int) and value > most:
            yield invalid_value(path, value, text or f"must be less than or equal to {most}")

    return check


def between(least: int, most: int, text: str = "") -> Check:
    """A number within bounds."""

    def check(value: Any, path: str) -> Iterator[FieldError]:
        if isinstance(value, int) and not least <= value <= most:
            detail = text or f"must be between {least} and {most}, inclusive"
            yield invalid_value(path, value, detail)

    return check


def one_of(*names: str) -> Check:
    """One of some names; a field that is missing is an empty one."""

    def check(value: Any, path: str) -> Iterator[FieldError]:
        if value not in names:
            yield not_supported(path, "" if value is None else value, names)

    return check


def optional(check: Check) -> Check:
    """The same, but for a field that is missing."""

    def checked(value: Any, path: str) -> Iterator[FieldError]:
        if value is not None:
            yield from check(value, path)

    return checked


def filled(text: str = "") -> Check:
    """Something must be there."""

    def check(value: Any, path: str) -> Iterator[FieldError]:
        if value in (None, "", [], {}, 0):
            yield required(path, text)

    return check


def worded(texts: Texts) -> Check:
    """A string, even if it is missing, of which a function knows what is wrong."""

    def check(value: Any, path: str) -> Iterator[FieldError]:
        for text in texts(value or ""):
            yield invalid_value(path, value or "", text)

    return check


def named(texts: Texts, text: str = "") -> Check:
    """A name must be there, and of the right form."""

    def check(value: Any, path: str) -> Iterator[FieldError]:
        if not value:
            yield required(path, text)
        else:
            yield from worded(texts)(value, path)

    return check


def unless_empty(check: Check) -> Check:
    """The same, but for an empty string or one that is missing."""

    def checked(value: Any, path: str) -> Iterator[FieldError]:
        if value:
            yield from check(value, path)

    return checked


def each(check: Check) -> Check:
    """All items of a list."""

    def checked(value: Any, path: str) -> Iterator[FieldError]:
        for index, item in enumerate(value or ()):
            yield from check(item, f"{path}[{index}]")

    return checked


def unique(name: str) -> Check:
    """The items of a list must differ in a field."""

    def check(value: Any, path: str) -> Iterator[FieldError]:
        seen = set()
        for index, item in enumerate(value or ()):
            key = item.get(name)
            if key and key in seen:
                yield duplicate(f"{path}[{index}].{name}", key)
            seen.add(key)

    return check


def every(*checks: Check) -> Check:
    """Several checks of one field."""

    def checked(value: Any, path: str) -> Iterator[FieldError]:
        for check in checks:
            yield from check(value, path)

    return checked


def labels(value: Any, path: str) -> Iterator[FieldError]:
    """Keys and values of labels."""
    for key, text in (value or {}).items():
        for problem in qualified_name_problems(key):
            yield invalid_value(path, key, problem)
        for problem in label_value_problems(text):
            yield invalid_value(path, text, problem)


def address(value: Any, path: str) -> Iterator[FieldError]:
    """An address, even if it is missing."""
    return address_problems(path, value or "")


def address_range(value: Any, path: str) -> Iterator[FieldError]:
    """A range of addresses."""
    return range_problems(path, value or "")


def port(value: Any, path: str) -> Iterator[FieldError]:
    """The number or the name of a port."""
    if isinstance(value, str):
        yield from worded(port_name_problems)(value, path)
    elif value is not None:
        yield from PORT(value, path)


PORT = between(1, 65535)
NOT_NEGATIVE = at_least(0)
PROTOCOL = one_of("TCP", "UDP", "SCTP")
A_SUBDOMAIN = worded(subdomain_problems)
A_LABEL = worded(label_problems)
