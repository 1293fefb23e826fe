"""What is wrong with the arguments of `@resource` before anything is made of them.

Only kinds of values are checked here, so that nothing later meets a value it does not understand;
what the API server has against a sound value is told by `opgen.schema.preflight`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

from opgen.api.conversion import ConversionWebhook
from opgen.api.errors import Problem
from opgen.api.markers import MarkerError, PrintColumn, SchemaMarker, is_text
from opgen.api.resources import ResourceInfo
from opgen.api.scale import Scale


class Kind(NamedTuple):
    """A kind of value: its name, whether a value is of it, and an example."""

    name: str
    fits: Callable[[Any], bool]
    example: str


def _strings(value: Any) -> bool:
    return isinstance(value, (tuple, list)) and all(map(is_text, value))


def _texts_by_name(value: Any) -> bool:
    return isinstance(value, Mapping) and all(
        is_text(one) for pair in value.items() for one in pair
    )


def _all(*classes: type) -> Callable[[Any], bool]:
    return lambda value: (
        isinstance(value, (tuple, list)) and all(isinstance(one, classes) for one in value)
    )


def _one(*classes: type) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, classes)


_TEXT = Kind("a string", is_text, '"webs"')
_YES_OR_NO = Kind("True or False", _one(bool), "True")
_NAMES = Kind("a list of strings", _strings, '["webs"]')
_LABELS = Kind("a dict of strings", _texts_by_name, '{"example.org/team": "web"}')

ARGUMENTS: Mapping[str, Kind] = {
    "group": _TEXT,
    "version": _TEXT,
    "plural": _TEXT,
    "singular": _TEXT,
    "scope": _TEXT,
    "list_kind": _TEXT,
    "short_names": _NAMES,
    "categories": _NAMES,
    "selectable": Kind("a list of paths", _strings, '[".spec.image"]'),
    "storage": Kind("True, False or None", _one(bool, type(None)), "True"),
    "status": Kind("True, False or None", _one(bool, type(None)), "True"),
    "served": _YES_OR_NO,
    "deprecated": Kind(
        "True, False or a warning",
        lambda value: isinstance(value, bool) or is_text(value),
        '"use v2"',
    ),
    "columns": Kind(
        "a list of PrintColumn", _all(PrintColumn), '[PrintColumn("Age", path=..., type="date")]'
    ),
    "rules": Kind("a list of rules", _all(SchemaMarker), '[CEL("self.spec.a < self.spec.b")]'),
    "annotations": _LABELS,
    "labels": _LABELS,
    "conversion": Kind(
        "a ConversionWebhook", _one(ConversionWebhook, type(None)), "ConversionWebhook()"
    ),
    "scale": Kind("a Scale", _one(Scale, type(None)), 'Scale(spec=".spec.replicas", status=...)'),
    "root": Kind("a dict of schemas", _one(Mapping), '{"kind": None}'),
}


def problems_of(info: ResourceInfo) -> Iterator[Problem]:
    """Arguments that are of another kind than they must be."""
    for name, kind in ARGUMENTS.items():
        holder = info.kind if hasattr(info.kind, name) else info
        value = getattr(holder, name)
        if not kind.fits(value):
            shown = list(value) if isinstance(value, tuple) else value
            yield Problem(
                f"{name} must be {kind.name}, not {shown!r}",
                info.location,
                info.kind.kind,
                f"write it as {name}={kind.example}",
            )
    yield from _wrong_columns(info)


def _wrong_columns(info: ResourceInfo) -> Iterator[Problem]:
    for column in info.columns:
        if not isinstance(column, PrintColumn):
            continue
        try:
            column.check()
        except MarkerError as error:
            hint = error.hint or f"write it as columns={ARGUMENTS['columns'].example}"
            yield Problem(error.message, info.location, info.kind.kind, hint)
