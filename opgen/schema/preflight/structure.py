"""Rules about schemas: they are structural, and what lists and maps say fits together."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from opgen.schema.preflight.base import (
    AT_ROOT,
    NESTED,
    NO_TYPE,
    Finding,
    Path,
    Schema,
    SchemaRule,
    Spot,
    about,
    mapping,
)

_TYPES = ("array", "boolean", "integer", "number", "object", "string")
_FORBIDDEN = (
    *("id", "additionalItems", "patternProperties", "definitions", "dependencies", "$ref"),
    "$schema",
)
_FORBIDDEN_IF_EMPTY = ("additionalItems", "dependencies", "$ref")
_JUNCTORS = ("allOf", "anyOf", "oneOf")
_EMPTY, _UNDEFINED, _FALSE = "must be empty", "must be undefined", "must be false"
_INT_OR_STRING = [{"type": "integer"}, {"type": "string"}]
_PRESERVE = "x-kubernetes-preserve-unknown-fields"
_INT = "x-kubernetes-int-or-string"
_EMBEDDED = "x-kubernetes-embedded-resource"
_LIST_TYPE = "x-kubernetes-list-type"
_LIST_KEYS = "x-kubernetes-list-map-keys"
_MAP_TYPE = "x-kubernetes-map-type"
_STRUCTURAL = {
    "type": _EMPTY,
    "additionalProperties": _UNDEFINED,
    "default": _UNDEFINED,
    "title": _EMPTY,
    "description": _EMPTY,
    "nullable": _FALSE,
    _PRESERVE: _FALSE,
    _EMBEDDED: _FALSE,
    _INT: _FALSE,
    _LIST_KEYS: _EMPTY,
    _LIST_TYPE: _UNDEFINED,
    _MAP_TYPE: _UNDEFINED,
    "x-kubernetes-validations": _EMPTY,
}
_ROOT_KEYWORDS = """
description type format title maximum exclusiveMaximum minimum exclusiveMinimum maxLength minLength
pattern maxItems minItems uniqueItems multipleOf required items properties externalDocs example
x-kubernetes-preserve-unknown-fields x-kubernetes-validations
"""
_ROOT_WITH_STATUS = frozenset(_ROOT_KEYWORDS.split())
_STRING_FORMATS = """
bsonobjectid uri email hostname ipv4 ipv6 cidr mac uuid uuid3 uuid4 uuid5 isbn isbn10 isbn13
creditcard ssn hexcolor rgbcolor byte password date duration date-time datetime k8s-short-name
k8s-long-name
"""
_FORMATS = {
    "string": frozenset(_STRING_FORMATS.split()),
    "integer": frozenset({"int32", "int64"}),
    "number": frozenset({"float", "double"}),
}


def _root(spot: Spot) -> Iterator[Finding]:
    schema = spot.schema
    if not spot.is_root:
        return
    if schema.get("type") != "object" and not (schema.get(_PRESERVE) and "type" not in schema):
        yield Finding(spot.path, "must be object at the root", "set type: object")
    if schema.get("nullable"):
        yield Finding(spot.path, "nullable cannot be true at the root", "remove Nullable")
    if "additionalProperties" in schema:
        yield Finding(
            spot.path, "additionalProperties must not be used at the root", "use properties"
        )


def _root_with_status(spot: Spot) -> Iterator[Finding]:
    if spot.is_root and spot.has_status:
        told = {keyword for keyword, value in spot.schema.items() if value or value in ({}, 0)}
        told -= {keyword for keyword, value in spot.schema.items() if value is False}
        for keyword in sorted(told - _ROOT_WITH_STATUS):
            yield Finding(
                spot.path,
                f"{keyword} is not allowed at the root of the schema if the status subresource "
                "is enabled",
                f"put {keyword} on the spec",
            )


def _typed(spot: Spot) -> Iterator[Finding]:
    schema = spot.schema
    if schema.get("type") or schema.get(_INT) or schema.get(_PRESERVE) or spot.is_root:
        return
    which = "array items" if spot.is_item else "object fields"
    yield Finding(
        spot.path, f"type: must not be empty for specified {which}", "give the field a type"
    )


def _array(spot: Spot) -> Iterator[Finding]:
    items = spot.schema.get("items")
    if isinstance(items, list):
        yield Finding(spot.path, "items must be a schema object and not an array", "give one")
    elif spot.schema.get("type") == "array" and items is None:
        yield Finding(spot.path, "items: Required value: must be specified", "say what it holds")


def _known_type(spot: Spot) -> Iterator[Finding]:
    kind = spot.schema.get("type")
    if kind == "null":
        yield Finding(
            spot.path, "type cannot be set to null, use nullable as an alternative", "use Nullable"
        )
    elif kind == "":
        yield from _typed(spot)
    elif kind is not None and kind not in _TYPES:
        listed = ", ".join(f'"{name}"' for name in _TYPES)
        yield Finding(
            spot.path, f"Unsupported value: {kind!r}: supported values: {listed}", "correct it"
        )


def _forbidden(spot: Spot) -> Iterator[Finding]:
    for keyword in _FORBIDDEN:
        value = spot.schema.get(keyword)
        if value or (value is not None and keyword in _FORBIDDEN_IF_EMPTY):
            yield Finding(spot.path, f"{keyword} is not supported", f"remove {keyword}")


def _exclusive(spot: Spot) -> Iterator[Finding]:
    others = spot.schema.get("additionalProperties", True)
    if spot.schema.get("properties") and others is not True and others is not None:
        yield Finding(
            spot.path,
            "additionalProperties and properties are mutual exclusive",
            "use a dataclass or a map, not both",
        )


def _nested(spot: Spot) -> Iterator[Finding]:
    """What may not stand inside of allOf and its kin."""
    if not spot.is_nested or _is_int_or_string(spot):
        return
    for keyword, wording in _STRUCTURAL.items():
        value = spot.schema.get(keyword)
        # An empty value is as good as none, but for those keywords where it is a value.
        if value if wording != _UNDEFINED else value is not None:
            yield Finding(
                spot.path, f"{keyword} {wording} to be structural", f"move {keyword} outside"
            )
    if "metadata" in mapping(spot.schema.get("properties")):
        yield Finding(
            spot.path,
            "properties[metadata] must not be specified in a nested context",
            "remove it",
        )


def _is_int_or_string(spot: Spot) -> bool:
    """Whether a schema is one of the two in the anyOf by which int-or-string is written."""
    above = spot.parent
    if above is None or spot.path[-2] != "anyOf" or above.schema.get("anyOf") != _INT_OR_STRING:
        return False
    is_first = above.path[-2:] == ("allOf", 0) and not (above.parent and above.parent.is_nested)
    return not above.is_nested or is_first


def _complete(spot: Spot) -> Iterator[Finding]:
    """At the root, what is constrained inside of allOf and its kin must stand outside as well."""
    if spot.is_root:
        yield from _incomplete(spot)


def _complete_below(spot: Spot) -> Iterator[Finding]:
    """Not a rule of the server below the root; there it looks at nothing that is not declared."""
    if not spot.is_root:
        yield from _incomplete(spot)


def _incomplete(spot: Spot) -> Iterator[Finding]:
    for keyword in _JUNCTORS:
        parts = spot.schema.get(keyword)
        for index, part in enumerate(parts if isinstance(parts, list) else ()):
            yield from _missing(mapping(part), spot.schema, spot.path, f"{keyword}[{index}]")
    yield from _missing(mapping(spot.schema.get("not")), spot.schema, spot.path, "not")


def _missing(part: Schema, structural: Schema, path: Path, where: str) -> Iterator[Finding]:
    for keyword in _JUNCTORS:
        inner = part.get(keyword)
        for index, one in enumerate(inner if isinstance(inner, list) else ()):
            yield from _missing(mapping(one), structural, path, f"{where}.{keyword}[{index}]")
    if isinstance(part.get("not"), Mapping):
        yield from _missing(part["not"], structural, path, f"{where}.not")
    outside = mapping(structural.get("properties"))
    for name, one in mapping(part.get("properties")).items():
        steps = (*path, "properties", name)
        inside = f"{where}.properties[{name}]"
        if name in outside:
            yield from _missing(mapping(one), mapping(outside[name]), steps, inside)
        else:
            yield Finding(
                steps,
                f"properties[{name}] must be defined outside as well, because it is defined in "
                f"{inside}",
                f"add the field {name}",
            )
    if isinstance(part.get("items"), Mapping):
        if isinstance(structural.get("items"), Mapping):
            yield from _missing(
                part["items"], structural["items"], (*path, "items"), f"{where}.items"
            )
        else:
            yield Finding(
                (*path, "items"),
                f"items must be defined outside as well, because it is defined in {where}.items",
                "say what the list holds",
            )


def _int_or_string(spot: Spot) -> Iterator[Finding]:
    if spot.schema.get(_INT):
        for keyword in (_PRESERVE, _EMBEDDED):
            if spot.schema.get(keyword):
                yield Finding(
                    spot.path, f"{keyword} must be false if {_INT} is true", "remove one of the two"
                )


def _embedded(spot: Spot) -> Iterator[Finding]:
    schema = spot.schema
    if not schema.get(_EMBEDDED):
        return
    if schema.get("type") != "object":
        yield Finding(spot.path, f"type: must be object if {_EMBEDDED} is true", "correct the type")
    if "additionalProperties" in schema:
        yield Finding(
            spot.path, f"additionalProperties must not be used if {_EMBEDDED} is set", "use a class"
        )
    if not schema.get(_PRESERVE) and not schema.get("properties"):
        yield Finding(
            spot.path,
            f"properties must not be empty if {_EMBEDDED} is true without {_PRESERVE}",
            "add PreserveUnknown",
        )


def _preserving(spot: Spot) -> Iterator[Finding]:
    if spot.schema.get(_PRESERVE) is False:
        yield Finding(spot.path, f"{_PRESERVE} must be true or undefined", "remove it")


def _unique(spot: Spot) -> Iterator[Finding]:
    if spot.schema.get("uniqueItems"):
        yield Finding(
            spot.path,
            "uniqueItems cannot be set to true since the runtime complexity becomes quadratic",
            "use ListSet",
        )


def _formats(spot: Spot) -> Iterator[Finding]:
    form = spot.schema.get("format")
    known = _FORMATS.get(str(spot.schema.get("type")))
    if form and known is not None and form not in known:
        yield Finding(
            spot.path,
            f'unrecognized format "{form}"; it is shown to people and checks nothing',
            f"use one of {', '.join(sorted(known))}",
        )


RULES = (
    SchemaRule("R17", "Formats are known", _formats, severity="warning", keywords=about("format")),
    SchemaRule("R19", "The root is an object", _root, keywords=about(AT_ROOT)),
    SchemaRule(
        "R20",
        "With a status subresource the root has few keywords",
        _root_with_status,
        keywords=about(AT_ROOT),
    ),
    SchemaRule("R21", "Everything has a type", _typed, keywords=about(NO_TYPE)),
    SchemaRule("R22", "Arrays say what they hold", _array),
    SchemaRule("R23", "Types are those of JSON", _known_type, everywhere=True),
    SchemaRule(
        "R24",
        "Some keywords are not supported",
        _forbidden,
        everywhere=True,
        keywords=about(*_FORBIDDEN),
    ),
    SchemaRule(
        "R25",
        "Properties or additional properties",
        _exclusive,
        everywhere=True,
        keywords=about("additionalProperties"),
    ),
    SchemaRule(
        "R26", "allOf and its kin only constrain", _nested, keywords=about(NESTED), everywhere=True
    ),
    SchemaRule(
        "R27",
        "What allOf and its kin constrain at the root exists",
        _complete,
        keywords=about(*_JUNCTORS, "not"),
    ),
    SchemaRule(
        "opgen",
        "What they constrain elsewhere exists",
        _complete_below,
        "warning",
        about(*_JUNCTORS, "not"),
    ),
    SchemaRule(
        "R28", "Int-or-string excludes other extensions", _int_or_string, keywords=about(_INT)
    ),
    SchemaRule(
        "R29", "Embedded resources are objects with fields", _embedded, keywords=about(_EMBEDDED)
    ),
    SchemaRule(
        "R31",
        "Unknown fields are preserved or not mentioned",
        _preserving,
        everywhere=True,
        keywords=about(_PRESERVE),
    ),
    SchemaRule(
        "R34",
        "uniqueItems is not supported",
        _unique,
        everywhere=True,
        keywords=about("uniqueItems"),
    ),
)
