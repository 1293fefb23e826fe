"""Names in Python for names in JSON."""

from __future__ import annotations

import builtins
import keyword
import re

from opgen.api.fields import json_name

# Of these names the annotations of a module are made, so no field may hide them.
_TAKEN = frozenset({"field", "dataclass", "resource", "marked", *dir(builtins)})


def attribute(name: str, taken: set[str]) -> str:
    """The attribute for a JSON name; if `json_name` does not lead back, the field needs `Name`."""
    for candidate in (_snake(name), name, f"{name}_"):
        free = candidate not in taken and not keyword.iskeyword(candidate)
        plain = candidate.isidentifier() and not candidate.startswith("_")
        if free and plain and candidate not in _TAKEN and json_name(candidate) == name:
            return candidate
    stem = re.sub(r"\W|^(?=\d)", "_", name).strip("_") or "field"
    candidate = stem = f"n{stem}" if stem[0].isdigit() else stem
    number = 1
    while candidate in taken or keyword.iskeyword(candidate) or candidate in _TAKEN:
        number += 1
        candidate = f"{stem}_{number}"
    return candidate


def _snake(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])([A-Z])", lambda found: f"_{found[1].lower()}", name)


def class_name(parent: str, name: str, taken: set[str]) -> str:
    """A free name for the class of a field of another class."""
    words = "".join(word[:1].upper() + word[1:] for word in re.split(r"\W|_", name))
    candidate = f"{parent}{words}"
    number = 1
    while candidate in taken:
        number += 1
        candidate = f"{parent}{words}{number}"
    taken.add(candidate)
    return candidate
