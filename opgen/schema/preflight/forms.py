"""The rule that keywords of a schema have values of the right kind; else nothing else has sense."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from opgen.schema.preflight.base import Finding, SchemaRule, Spot

_TEXT = "$ref $schema description format id pattern title type"
_TEXT_OF_KUBERNETES = "x-kubernetes-list-type x-kubernetes-map-type"
_COUNT = "maxItems maxLength maxProperties minItems minLength minProperties"
_NUMBER = "maximum minimum multipleOf"
_FLAG = """
exclusiveMaximum exclusiveMinimum nullable uniqueItems x-kubernetes-embedded-resource
x-kubernetes-int-or-string x-kubernetes-preserve-unknown-fields
"""
_LIST = "allOf anyOf enum oneOf required x-kubernetes-list-map-keys x-kubernetes-validations"
_OBJECT = "definitions dependencies externalDocs not patternProperties properties"
_KINDS: dict[str, tuple[str, tuple[type, ...]]] = {
    **dict.fromkeys((_TEXT + " " + _TEXT_OF_KUBERNETES).split(), ("string", (str,))),
    **dict.fromkeys(_COUNT.split(), ("integer", (int,))),
    **dict.fromkeys(_NUMBER.split(), ("number", (int, float))),
    **dict.fromkeys(_FLAG.split(), ("boolean", (bool,))),
    **dict.fromkeys(_LIST.split(), ("array", (list,))),
    **dict.fromkeys(_OBJECT.split(), ("object", (dict,))),
    "items": ("object", (dict, list)),
    "additionalProperties": ("object", (dict, bool)),
}


def is_well_formed(spot: Spot) -> bool:
    """Whether all keywords of a schema have values of the right kind."""
    return not any(_has_wrong_kind(keyword, value) for keyword, value in spot.schema.items())


def _has_wrong_kind(keyword: str, value: Any) -> bool:
    kind = _KINDS.get(keyword)
    if kind is None or value is None:
        return False
    return not isinstance(value, kind[1]) or (isinstance(value, bool) and bool not in kind[1])


def _well_formed(spot: Spot) -> Iterator[Finding]:
    for keyword, value in spot.schema.items():
        if _has_wrong_kind(keyword, value):
            wanted = _KINDS[keyword][0]
            message = f"{keyword}: {value!r}: cannot unmarshal into a field of type {wanted}"
            yield Finding(spot.path, message, f"write a value of type {wanted}")


WELL_FORMED = SchemaRule(
    "R33", "Keywords have values that a validator can be built from", _well_formed, everywhere=True
)
