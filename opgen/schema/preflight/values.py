"""Rules about the values that a schema lets through: patterns, bounds, what metadata holds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from opgen.regex import mistake
from opgen.schema.preflight.base import Finding, Schema, SchemaRule, Spot, about, mapping

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


def _pattern(spot: Spot) -> Iterator[Finding]:
    pattern = spot.schema.get("pattern")
    problem = mistake(str(pattern))
    if problem:
        yield Finding(
            spot.path,
            f"pattern: {pattern!r} must be a valid regular expression, but isn't: {problem}",
            "write it in Go's syntax (RE2): no look-ahead, look-behind or back references",
        )


def _root_metadata(spot: Spot) -> Iterator[Finding]:
    if spot.path[-1] not in _ROOT_FIELDS:
        return
    names = spot.path[5:]
    is_whole = spot.parent is not None and (
        spot.parent.is_root or bool(spot.parent.schema.get(_EMBEDDED))
    )
    if not is_whole or spot.path[-2] != "properties":
        return
    expected = "object" if names[-1] == "metadata" else "string"
    if spot.schema.get("type") != expected:
        yield Finding(spot.path, f"type: must be {expected}", f"leave {names[-1]} to the server")
    if len(names) == 2 and names[1] == "metadata" and not _only_names(spot.schema):
        yield Finding(
            spot.path,
            "must not specify anything other than name and generateName, but metadata is "
            "implicitly specified",
            "remove everything else",
        )


def _only_names(schema: Schema) -> bool:
    """Whether the schema of metadata says nothing but of the two names."""
    told = {
        keyword for keyword, value in schema.items() if value or keyword == "additionalProperties"
    }
    allowed = {"type", "default", "properties", "externalDocs", "example", "uniqueItems"}
    return told <= allowed and set(mapping(schema.get("properties"))) <= {"name", "generateName"}


def _inside_metadata(spot: Spot) -> Iterator[Finding]:
    if spot.schema.get(_EMBEDDED) and metadata_above(spot):
        yield Finding(
            spot.path, f"{_EMBEDDED} must not be used inside of resource meta", "remove it"
        )


def metadata_above(spot: Spot) -> Spot | None:
    """The schema of an object's own metadata, kind or apiVersion that a schema is or is within."""
    found: Spot | None = spot
    while found is not None and found.parent is not None:
        above = found.parent
        is_whole = above.is_root or bool(above.schema.get(_EMBEDDED))
        if is_whole and found.path[-2] == "properties" and found.path[-1] in _ROOT_FIELDS:
            return found
        found = above
    return None


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


def _null_in_enum(spot: Spot) -> Iterator[Finding]:
    """Not a rule of the server, which finds null in no enum, not even in one that lists it."""
    if spot.schema.get("nullable") and spot.schema.get("enum") and not spot.is_nested:
        yield Finding(
            spot.path,
            "the API server takes no null where there is an enum, although the field is nullable",
            "let the field be left out, as in X | None = None, or list an empty value",
        )


RULES = (
    SchemaRule("R30", "The root's own fields are as in every object", _root_metadata),
    SchemaRule("R29", "Metadata embeds no resources", _inside_metadata, keywords=about(_EMBEDDED)),
    SchemaRule(
        "R32",
        "Patterns are regular expressions of Go",
        _pattern,
        keywords=about("pattern"),
        everywhere=True,
    ),
    SchemaRule(
        "opgen", "Required fields exist", _required, severity="warning", keywords=about("required")
    ),
    SchemaRule(
        "opgen",
        "Enums are not nullable",
        _null_in_enum,
        severity="warning",
        keywords=about("enum"),
    ),
    SchemaRule(
        "opgen",
        "Bounds leave room for a value",
        _bounds,
        severity="warning",
        keywords=about(*(low for low, _ in _BOUNDS)),
    ),
)
