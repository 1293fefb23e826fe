"""Names in Python for names in JSON."""

from __future__ import annotations

import builtins
import keyword
import re
from collections.abc import Sequence

import opgen.api
from opgen.api.fields import json_name

RESERVED = frozenset(
    {"Annotated", "Any", "Literal", "dataclass", "field", *opgen.api.__all__, *dir(builtins)}
)
"""What modules import, so that no field or class may hide it."""

_PLURALS = (("ies", "y"), ("sses", "ss"), ("shes", "sh"), ("ches", "ch"), ("xes", "x"))
_NO_PLURALS = ("ss", "us", "is", "ns")


def attribute(name: str, taken: set[str]) -> str:
    """The attribute for a JSON name; if `json_name` does not lead back, the field needs `Name`."""
    for candidate in (_snake(name), name, f"{name}_"):
        free = candidate not in taken and not keyword.iskeyword(candidate)
        plain = candidate.isidentifier() and not candidate.startswith("_") and candidate.isascii()
        if free and plain and candidate not in RESERVED and json_name(candidate) == name:
            return candidate
    stem = re.sub(r"\W|^(?=\d)", "_", name, flags=re.ASCII).strip("_") or "field"
    candidate = stem = f"n{stem}" if stem[0].isdigit() else stem
    number = 1
    while candidate in taken or keyword.iskeyword(candidate) or candidate in RESERVED:
        number += 1
        candidate = f"{stem}_{number}"
    return candidate


def _snake(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])([A-Z])", lambda found: f"_{found[1].lower()}", name)


def camel(segment: str) -> str:
    """A JSON name as the name of a class; an item of a list is one of what the list is called."""
    name = singular(segment[:-2]) if segment.endswith("[]") else segment
    words = re.split(r"[^A-Za-z0-9]+", name.replace("[]", ""))
    joined = "".join(word[:1].upper() + word[1:] for word in words)
    return f"N{joined}" if joined[:1].isdigit() else joined or "Field"


def singular(name: str) -> str:
    """What one of several is called, as far as simple rules tell."""
    for ending, replacement in _PLURALS:
        if name.endswith(ending) and len(name) > len(ending):
            return name[: -len(ending)] + replacement
    is_plural = name.endswith("s") and not name.endswith(_NO_PLURALS) and len(name) > 1
    return name[:-1] if is_plural else name


def class_names(paths: Sequence[tuple[str, ...]], kind: str) -> list[str]:
    """Names of classes, by the paths of fields that lead to them.

    A class is called like the last field; where that is not enough, those above come before it, and
    the kind before them all. What is still the same gets numbers.
    """
    lengths = [1] * len(paths)
    while True:
        names = [_joined(path, length, kind) for path, length in zip(paths, lengths, strict=True)]
        counts: dict[str, int] = {}
        for name in names:
            counts[name.lower()] = counts.get(name.lower(), 0) + 1
        grown = False
        for index, name in enumerate(names):
            taken = counts[name.lower()] > 1 or name in RESERVED or name == kind
            if taken and lengths[index] <= len(paths[index]):
                lengths[index] += 1
                grown = True
        if not grown:
            return _numbered(names, kind)


def _joined(path: tuple[str, ...], length: int, kind: str) -> str:
    if len(path) == 1:
        length = 2  # what belongs to the kind as a whole is called after it
    words = list(map(camel, path[-length:]))
    return "".join([kind, *words] if length > len(path) else words)


def _numbered(names: list[str], kind: str) -> list[str]:
    taken = {kind}
    found = []
    for name in names:
        candidate, number = name, 1
        while candidate in taken or candidate in RESERVED:
            number += 1
            candidate = f"{name}{number}"
        taken.add(candidate)
        found.append(candidate)
    return found
