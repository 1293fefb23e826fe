"""The rule that keywords of a schema have values of the right kind; else nothing else has sense."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from opgen.schema.preflight.base import Finding, Path, SchemaRule, Spot
from opgen.schema.preflight.shapes import (
    ANY_NAME,
    ARRAY,
    FLAG,
    OBJECT,
    TEXT,
    Kind,
    Shape,
    fits,
    misshapen,
)


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


_COUNT = Kind(
    "integer of 64 bits",
    lambda value: type(value) is int and -(2**63) <= value < 2**63,
    "write a whole number, no quotes",
)
_NUMBER = Kind("number", _is_number, "write a number, no quotes")
_ITEMS = Kind("object", lambda value: isinstance(value, (dict, list)), "write a schema")
_OTHERS = Kind("object", lambda value: isinstance(value, (dict, bool)), "write a schema")
_RULE: Shape = {
    **dict.fromkeys(("rule", "message", "messageExpression", "reason", "fieldPath"), TEXT),
    "optionalOldSelf": FLAG,
}
_TEXTS = "$ref $schema description format id pattern title type"
_TEXTS_OF_KUBERNETES = "x-kubernetes-list-type x-kubernetes-map-type"
_COUNTS = "maxItems maxLength maxProperties minItems minLength minProperties"
_FLAGS = """
exclusiveMaximum exclusiveMinimum nullable uniqueItems x-kubernetes-embedded-resource
x-kubernetes-int-or-string x-kubernetes-preserve-unknown-fields
"""
_SHAPES: dict[str, Shape] = {
    **dict.fromkeys(f"{_TEXTS} {_TEXTS_OF_KUBERNETES}".split(), TEXT),
    **dict.fromkeys(_COUNTS.split(), _COUNT),
    **dict.fromkeys(("maximum", "minimum", "multipleOf"), _NUMBER),
    **dict.fromkeys(_FLAGS.split(), FLAG),
    **{key: [OBJECT] for key in ("allOf", "anyOf", "oneOf")},
    **{key: [TEXT] for key in ("required", "x-kubernetes-list-map-keys")},
    **{key: {ANY_NAME: OBJECT} for key in ("definitions", "patternProperties", "properties")},
    **dict.fromkeys(("dependencies", "not"), OBJECT),
    "enum": ARRAY,
    "externalDocs": {"url": TEXT, "description": TEXT},
    "items": _ITEMS,
    "additionalProperties": _OTHERS,
    "x-kubernetes-validations": [_RULE],
}
"""Source: apiextensions/v1 JSONSchemaProps."""


def is_well_formed(spot: Spot) -> bool:
    """Whether all keywords of a schema have values of the right kind."""
    return all(
        keyword not in _SHAPES or fits(value, _SHAPES[keyword])
        for keyword, value in spot.schema.items()
    )


def _well_formed(spot: Spot) -> Iterator[Finding]:
    for keyword, value in spot.schema.items():
        if keyword in _SHAPES:
            for found in misshapen(value, _SHAPES[keyword], ()):
                where = _written((keyword, *found.path))
                yield Finding(spot.path, f"{where}: {found.message}", found.hint)


def _written(path: Path) -> str:
    return "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path)[1:]


WELL_FORMED = SchemaRule(
    "R33", "Keywords have values that a validator can be built from", _well_formed, everywhere=True
)
