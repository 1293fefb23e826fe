"""Kubernetes' own types, recognised by their schemas.

A schema is compared with those definitions of `opgen.k8s` that have the same fields; descriptions
do not count. What another release of Kubernetes has written differently is not recognised:
exactness goes before brevity.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from opgen.k8s.schemas import definitions, schema

_MODULES = (
    "core",
    "meta",
    "apps",
    "batch",
    "networking",
    "autoscaling",
    "policy",
    "rbac",
    "storage",
)
_KIND = {"apiVersion", "kind", "metadata"}
_TELLING = 4
"""So many fields are no coincidence."""


def recognised(found: Mapping[str, Any], hint: str = "") -> str:
    """The definition that a schema is equal to, or an empty string.

    Args:
        found: A schema of an object; description, default and nullable at its top do not count.
        hint: What the field is called, which tells equal definitions apart.
    """
    names = _by_fields().get(frozenset(found["properties"]), ())
    equal = [name for name in names if alike(found, _schema(name))]
    if not equal:
        return ""
    words = f"{hint} {' '.join(_words(found))}".lower()
    best = max(equal, key=lambda name: _evidence(name, words))
    return best if _is_telling(_schema(best)) or _evidence(best, words) >= 0.5 else ""


def module_and_class(definition: str) -> tuple[str, str]:
    """Where the class of a definition is, such as `core_v1` and `EnvVar`."""
    *_, group, version, name = definition.split(".")
    return f"{group}_{version}", name


@cache
def _by_fields() -> Mapping[frozenset[str], tuple[str, ...]]:
    found: dict[frozenset[str], tuple[str, ...]] = {}
    table = definitions()
    for module in _MODULES:
        for name in table:
            if name.split(".")[-3] != module:
                continue
            fields = frozenset(table[name].get("properties", ()))
            if fields and not fields >= _KIND:
                found[fields] = (*found.get(fields, ()), name)
    return found


@cache
def _schema(name: str) -> dict[str, Any]:
    try:
        return schema(name)
    except ValueError:  # it contains itself, so no CRD has it
        return {}


_IGNORED = frozenset({"description"})
_OF_THE_FIELD = frozenset({"description", "default", "nullable"})


def alike(mine: Mapping[str, Any], theirs: Mapping[str, Any]) -> bool:
    """Whether two schemas differ in nothing but descriptions and what belongs to the field."""
    return _equal(mine, theirs, _OF_THE_FIELD)


def _equal(mine: Any, theirs: Any, ignored: frozenset[str] = _IGNORED) -> bool:
    if len(mine) - sum(key in mine for key in ignored) != len(theirs) - sum(
        key in theirs for key in ignored
    ):
        return False
    for key, value in theirs.items():
        if key in ignored:
            continue
        if key not in mine or not _EQUAL.get(key, _same)(mine[key], value):
            return False
    return True


def _same(mine: Any, theirs: Any) -> bool:
    return type(mine) is type(theirs) and bool(mine == theirs)


def _equal_parts(mine: Any, theirs: Any) -> bool:
    if not isinstance(mine, Mapping) or mine.keys() != theirs.keys():
        return False
    return all(_equal(mine[name], part) for name, part in theirs.items())


def _equal_part(mine: Any, theirs: Any) -> bool:
    return isinstance(mine, Mapping) and isinstance(theirs, Mapping) and _equal(mine, theirs)


def _equal_names(mine: Any, theirs: Any) -> bool:
    return isinstance(mine, list) and sorted(mine) == sorted(theirs)


_EQUAL = {
    "properties": _equal_parts,
    "items": _equal_part,
    "additionalProperties": _equal_part,
    "required": _equal_names,
}


def _is_telling(found: Mapping[str, Any]) -> bool:
    """Whether a schema is so much Kubernetes' own that nobody else has it by chance."""
    fields = found.get("properties", {})
    marked = any(key.startswith("x-kubernetes-") for key in found)
    marked = marked or any("default" in part for part in fields.values())
    return marked or len(fields) >= _TELLING


def _evidence(name: str, words: str) -> float:
    """Which part of the words in a definition's name occur."""
    parts = re.findall(r"[A-Z]+(?![a-z])|[A-Z][a-z0-9]*", name.rpartition(".")[2])
    return sum(part.lower() in words for part in parts) / max(len(parts), 1)


def _words(found: Mapping[str, Any]) -> Iterator[str]:
    yield found.get("description", "")
    for part in found["properties"].values():
        yield part.get("description", "")
