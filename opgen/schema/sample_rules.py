"""Samples changed until the CEL rules of their schema hold, as far as small changes do it.

A rule names what it is about: a field that is missing or too much, a value among its own literals.
A change is kept if fewer rules are broken after it, and the schema still takes the value. Needs the
extra `opgen[cel]`; without it, rules are obeyed by luck only.
"""

from __future__ import annotations

import copy
import itertools
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

from opgen.schema.values import violations

Schema = Mapping[str, Any]
Path = tuple[str | int, ...]
_RULES = "x-kubernetes-validations"
_EMBEDDED = "x-kubernetes-embedded-resource"
_ROUNDS = 12
_TRIED = 600
_DEEPEST = 5
_LITERAL = r"""(?s)'((?:\\.|[^'\\])*)'|"((?:\\.|[^"\\])*)\""""
_TEXTS = (
    "registry.example.com/group/example:v1.0.0",
    f"registry.example.com/group/example@sha256:{'0' * 64}",
    "v1.0.0",
    "1.0.0",
    "https://example.com",
    "example.com",
    "/path",
    "10.0.0.1",
)
_OBJECT_NAME = {"type": "string", "pattern": r"^[a-z0-9]([-a-z0-9]*[a-z0-9])?$"}
_Edit = Callable[[Any], None]


class _Broken(NamedTuple):
    """A rule that does not hold: the value it is about, and the text of the rule."""

    path: Path
    schema: Schema
    text: str


class _Spot(NamedTuple):
    """A field that a rule names."""

    path: Path
    schema: Schema
    value: Any
    is_required: bool


_ABSENT: Any = object()


def obeying(value: Any, schema: Schema, make: Callable[[Schema], Any]) -> Any:
    """A value that breaks fewer rules, none if possible.

    Args:
        value: A value that the schema takes, but for its rules.
        schema: A structural schema.
        make: Makes a value of a part of the schema.
    """
    from opgen.cel import installed

    return _Search(schema, make).mend(value) if installed() else value


class _Search:
    def __init__(self, schema: Schema, make: Callable[[Schema], Any], depth: int = 0) -> None:
        self._schema = schema
        self._make = make
        self._depth = depth
        self._programs: dict[tuple[int, str], Any] = {}

    def mend(self, value: Any) -> Any:
        """The value after all changes that help."""
        broken = self._broken(value)
        for _ in range(_ROUNDS):
            better = self._better(value, broken) if broken else None
            if better is None:
                break
            value, broken = better
        return value

    def _better(self, value: Any, broken: list[_Broken]) -> tuple[Any, list[_Broken]] | None:
        """The first change that helps, and what is broken after it."""
        known = set(violations(value, self._schema))
        for edits in itertools.islice(self._choices(value, broken), _TRIED):
            changed = copy.deepcopy(value)
            for edit in edits:
                edit(changed)
            left = self._broken(changed)
            if len(left) < len(broken) and known.issuperset(violations(changed, self._schema)):
                return changed, left
        return None

    def _choices(self, value: Any, broken: list[_Broken]) -> Iterator[tuple[_Edit, ...]]:
        """Single changes, all missing fields at once, and pairs of changes."""
        singles: list[_Edit] = []
        for one in broken:
            spots = list(_named(_at(value, one.path), one))
            for spot in spots:
                found = list(self._edits(spot, one, spots))
                singles += found
                yield from ((edit,) for edit in found)
            missing = [spot for spot in spots if spot.value is _ABSENT]
            first = [next(iter(self._edits(spot, one, spots)), None) for spot in missing]
            yield tuple(edit for edit in first if edit)
        yield from itertools.combinations(singles, 2)

    def _edits(self, spot: _Spot, rule: _Broken, spots: list[_Spot]) -> Iterator[_Edit]:
        """The changes of one field."""
        if spot.value is _ABSENT:
            yield self._setting(spot, self._made(spot.schema))
        for text in _alternatives(spot.schema, rule.text, spots):
            if text != spot.value and not any(violations(text, spot.schema)):
                yield self._setting(spot, text)
        kind = spot.schema.get("type")
        if kind == "array" and isinstance(spot.schema.get("items"), Mapping):
            yield self._setting(spot, [self._made(spot.schema["items"])])
        values = spot.schema.get("additionalProperties")
        if kind == "object" and isinstance(values, Mapping):
            yield self._setting(spot, {"key": self._made(values)})
        if spot.value is not _ABSENT and not spot.is_required:
            yield lambda value: _at(value, spot.path[:-1]).pop(spot.path[-1], None)

    def _setting(self, spot: _Spot, new: Any) -> _Edit:
        def edit(value: Any) -> None:
            here, schema = value, self._schema
            for step in spot.path[:-1]:
                schema = _below(schema, step)
                if isinstance(here, dict) and step not in here:
                    here[step] = self._made(schema)
                here = here[step]
            if isinstance(here, dict):
                here[spot.path[-1]] = copy.deepcopy(new)

        return edit

    def _made(self, schema: Schema) -> Any:
        value = self._make(schema)
        if self._depth >= _DEEPEST:
            return value
        return _Search(schema, self._make, self._depth + 1).mend(value)

    def _broken(self, value: Any) -> list[_Broken]:
        return list(self._walk(value, self._schema, ()))

    def _walk(self, value: Any, schema: Schema, path: Path) -> Iterator[_Broken]:
        is_resource = bool(schema.get(_EMBEDDED)) or (not path and self._depth == 0)
        for rule in schema.get(_RULES) or ():
            if not self._holds(rule, value, schema, is_resource):
                yield _Broken(path, schema, str(rule["rule"]))
        if isinstance(value, dict):
            for name, item in value.items():
                yield from self._walk(item, _below(schema, name), (*path, name))
        elif isinstance(value, list):
            for index, item in enumerate(value):
                yield from self._walk(item, _below(schema, index), (*path, index))

    def _holds(
        self, rule: Mapping[str, Any], value: Any, schema: Schema, is_resource: bool
    ) -> bool:
        """Whether a rule holds for something new; True as well if it cannot be told."""
        from opgen.cel import EvaluationError, Program

        text, is_optional = str(rule.get("rule") or ""), bool(rule.get("optionalOldSelf"))
        key = (id(schema), text)
        if key not in self._programs:
            try:
                self._programs[key] = Program(
                    text, schema, is_resource=is_resource, optional_old_self=is_optional
                )
            except EvaluationError:
                self._programs[key] = None
        program = self._programs[key]
        if program is None or (program.uses_old_self and not is_optional):
            return True
        try:
            return bool(program.is_true(value))
        except EvaluationError:
            return False


def _below(schema: Schema, step: str | int) -> Schema:
    """The schema of a field, an item or a value."""
    inner = schema.get("items") if isinstance(step, int) else None
    if isinstance(step, str):
        others = schema.get("additionalProperties")
        inner = (schema.get("properties") or {}).get(step, others)
    return inner if isinstance(inner, Mapping) else {}


def _at(value: Any, path: Path) -> Any:
    for step in path:
        value = value[step]
    return value


def _named(value: Any, rule: _Broken) -> Iterator[_Spot]:
    """The fields that a rule names, outer ones first; the value itself where it is no object."""
    from opgen.cel.names import escape

    words = set(re.findall(r"\w+", re.sub(_LITERAL, "", rule.text)))
    if not isinstance(value, dict) and rule.path:
        yield _Spot(rule.path, rule.schema, value, True)
    waiting: list[tuple[Any, Schema, Path]] = [(value, rule.schema, rule.path)]
    while waiting:
        here, schema, path = waiting.pop(0)
        properties: Mapping[str, Schema] = schema.get("properties") or {}
        if not path and {"metadata", "name"} <= words and "metadata" in here:
            yield _Spot(("metadata", "name"), _OBJECT_NAME, here["metadata"]["name"], True)
        for name, part in properties.items():
            if (escape(name) or name) in words and len(path) < 12:
                own = here.get(name, _ABSENT) if isinstance(here, dict) else _ABSENT
                is_required = name in (schema.get("required") or ())
                yield _Spot((*path, name), part, own, is_required)
                waiting.append((own, part, (*path, name)))
        if isinstance(here, list) and here:
            waiting.append((here[0], _below(schema, 0), (*path, 0)))


def _alternatives(schema: Schema, rule: str, spots: list[_Spot]) -> Iterator[Any]:
    """Other values of a scalar: those that its schema and the rule tell, and common ones."""
    if schema.get("enum"):
        yield from schema["enum"]
        return
    kind = schema.get("type")
    if kind == "boolean":
        yield from (True, False)
    elif kind == "integer":
        for number in re.findall(r"\d+", rule):
            yield from (int(number), int(number) + 1, int(number) - 1)
    elif kind == "string":
        for single, double in re.findall(_LITERAL, rule):
            yield from (single or double, f"{single or double}example")
        yield from (spot.value for spot in spots if isinstance(spot.value, str))
        yield from _TEXTS
