"""Rules about the values that a schema lets through: defaults, patterns, bounds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from opgen.schema.patterns import mistake
from opgen.schema.preflight.base import Finding, Schema, SchemaRule, Spot, about, mapping
from opgen.schema.values import violations

_EMBEDDED = "x-kubernetes-embedded-resource"
_PRESERVE = "x-kubernetes-preserve-unknown-fields"
_BOUNDS = (
    ("minimum", "maximum"),
    ("minLength", "maxLength"),
    ("minItems", "maxItems"),
    ("minProperties", "maxProperties"),
)
_OPEN = ("exclusiveMinimum", "exclusiveMaximum")
_ROOT_FIELDS = ("apiVersion", "kind", "metadata")
_JUNCTORS = ("allOf", "anyOf", "oneOf", "not")


def _default_place(spot: Spot) -> Iterator[Finding]:
    names = spot.path[5:]
    if "default" in spot.schema and names[:1] == ("properties",) and names[1] in _ROOT_FIELDS:
        yield Finding(spot.path, "must not be set in top-level metadata", "remove the default")


def _default_value(spot: Spot) -> Iterator[Finding]:
    default = spot.schema.get("default")
    if default is None:
        return
    for violation in violations(default, spot.schema):
        message = f"default: {default!r}: {violation}"
        yield Finding(spot.path, message, "change the default or the rule")


def _default_metadata(spot: Spot) -> Iterator[Finding]:
    for path, message in _bad_resources(spot.schema.get("default"), spot.schema, ""):
        yield Finding(
            spot.path,
            f"default{path}: must result in valid metadata: {message}",
            "give the whole object, with apiVersion and kind",
        )


def _bad_resources(value: Any, schema: Schema, path: str) -> Iterator[tuple[str, str]]:
    """Whole objects inside of a default that do not say what they are."""
    if isinstance(value, list):
        for index, item in enumerate(value):
            yield from _bad_resources(item, mapping(schema.get("items")), f"{path}[{index}]")
    if not isinstance(value, dict):
        return
    if schema.get(_EMBEDDED):
        for field in ("apiVersion", "kind"):
            if not isinstance(value.get(field), str) or not value[field]:
                yield path, f"{field}: Required value"
        if not isinstance(value.get("metadata", {}), dict):
            yield path, "metadata: must be an object"
    properties = mapping(schema.get("properties"))
    others = mapping(schema.get("additionalProperties"))
    for name, item in value.items():
        yield from _bad_resources(item, mapping(properties.get(name, others)), f"{path}.{name}")


def _pattern(spot: Spot) -> Iterator[Finding]:
    for schema in _with_junctors(spot.schema):
        pattern = schema.get("pattern")
        problem = mistake(pattern) if isinstance(pattern, str) else ""
        if problem:
            yield Finding(
                spot.path,
                f"pattern: {pattern!r} must be a valid regular expression, but isn't: {problem}",
                "write it in Go's syntax (RE2): no look-ahead, look-behind or back references",
            )


def _with_junctors(schema: Schema) -> Iterator[Schema]:
    """A schema and those in its allOf and the like."""
    yield schema
    for keyword in _JUNCTORS:
        parts = schema.get(keyword) or []
        for part in parts if isinstance(parts, list) else [parts]:
            yield from _with_junctors(mapping(part))


def _root_metadata(spot: Spot) -> Iterator[Finding]:
    names = spot.path[5:]
    if len(names) != 2 or names[0] != "properties" or names[1] not in _ROOT_FIELDS:
        return
    expected = "object" if names[1] == "metadata" else "string"
    if spot.schema.get("type") != expected:
        yield Finding(spot.path, f"type: must be {expected}", f"leave {names[1]} to the server")
    allowed = {"name", "generateName"}
    if names[1] == "metadata" and not set(mapping(spot.schema.get("properties"))) <= allowed:
        yield Finding(
            spot.path,
            "must not specify anything other than name and generateName, but metadata is "
            "implicitly specified",
            "remove the other properties",
        )


def _bounds(spot: Spot) -> Iterator[Finding]:
    """Not a rule of the server, which accepts it; no value could ever satisfy it."""
    for low, high in _BOUNDS:
        least, most = spot.schema.get(low), spot.schema.get(high)
        if not isinstance(least, (int, float)) or not isinstance(most, (int, float)):
            continue
        is_open = low == "minimum" and any(spot.schema.get(keyword) for keyword in _OPEN)
        if least > most or (is_open and least == most):
            message = f"{low} is {least} and {high} is {most}, so that no value fits"
            yield Finding(spot.path, message, "widen the bounds")


def _required(spot: Spot) -> Iterator[Finding]:
    """Not a rule of the server, which accepts it; no value could ever satisfy it."""
    properties = spot.schema.get("properties")
    if not isinstance(properties, Mapping) or spot.schema.get(_PRESERVE):
        return
    for name in spot.schema.get("required") or ():
        if name not in properties and "additionalProperties" not in spot.schema:
            yield Finding(spot.path, f"{name} is required but no property", f"add {name}")


RULES = (
    SchemaRule("R30", "The root's own fields are as in every object", _root_metadata),
    SchemaRule(
        "R32",
        "Patterns are regular expressions of Go",
        _pattern,
        keywords=about("pattern", *_JUNCTORS),
    ),
    SchemaRule("R41", "Metadata has no defaults", _default_place, keywords=about("default")),
    SchemaRule(
        "R43",
        "Defaults satisfy their schema and have no unknown fields",
        _default_value,
        keywords=about("default"),
    ),
    SchemaRule(
        "R44",
        "Whole objects in defaults say what they are",
        _default_metadata,
        keywords=about("default"),
    ),
    SchemaRule(
        "opgen", "Required fields exist", _required, severity="warning", keywords=about("required")
    ),
    SchemaRule(
        "opgen",
        "Bounds leave room for a value",
        _bounds,
        severity="warning",
        keywords=about(*(low for low, _ in _BOUNDS)),
    ),
)
