"""The markers that write the keywords of a schema.

Keywords are taken out of a copy of the schema one by one; what is left at the end is written as raw
`Schema`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from opgen.schema.importer.layout import Code, call
from opgen.schema.importer.literals import text, value

Keywords = dict[str, Any]
_FLAGS = {
    "x-kubernetes-preserve-unknown-fields": "PreserveUnknown",
    "x-kubernetes-embedded-resource": "EmbeddedResource",
}
_VALUES = {
    "multipleOf": "MultipleOf",
    "format": "Format",
    "pattern": "Pattern",
    "title": "Title",
    "example": "Example",
}
_LENGTHS = {"string": "Length", "array": "Items", "object": "Properties"}
_ENUMERATED = ("string", "integer")
_NUMBERS = ("integer", "number")
_LIST_TYPES = {"set": "ListSet", "atomic": "ListAtomic"}
_MAP_TYPES = {"atomic": "MapAtomic", "granular": "MapGranular"}
_RULE = {
    "message": "message",
    "messageExpression": "message_expression",
    "reason": "reason",
    "fieldPath": "field_path",
    "optionalOldSelf": "optional_old_self",
}
RULES = "x-kubernetes-validations"


def markers(schema: Keywords, *, either: bool = False) -> list[Code]:
    """Markers for all keywords, which are removed from `schema`; the rest as raw `Schema`.

    Args:
        schema: The keywords.
        either: Whether the value is an integer or a string.
    """
    kind = str(schema.get("type"))
    found: list[Code] = [
        *_bounds(schema, kind),
        *_lengths(schema, "string" if either else kind),
        *_values(schema, kind, either),
        *_enum(schema, kind),
        *_structure(schema, kind),
        *rules(schema),
    ]
    schema.pop("type", None)
    return [*found, call("Schema", value(schema))] if schema else found


def rules(schema: Keywords) -> list[Code]:
    """The CEL rules, which are removed from `schema` if all of them can be written as markers."""
    said = schema.get(RULES)
    if not isinstance(said, list) or not all(map(_is_plain_rule, said)):
        return []
    del schema[RULES]
    return [_rule(rule) for rule in said]


def _is_plain_rule(rule: Any) -> bool:
    return (
        isinstance(rule, Mapping)
        and "rule" in rule
        and rule.keys() <= {"rule", *_RULE}
        and all(value or key == "optionalOldSelf" for key, value in rule.items())
    )


def _rule(rule: Mapping[str, Any]) -> Code:
    keywords = {_RULE[key]: value(said) for key, said in rule.items() if key in _RULE}
    return call("CEL", text(rule["rule"]), **keywords)


def _each(schema: Keywords, names: Mapping[str, str]) -> Iterator[Code]:
    for key, name in names.items():
        if key in schema:
            yield call(name, value(schema.pop(key)))


def _bounds(schema: Keywords, kind: str) -> Iterator[Code]:
    if kind not in _NUMBERS:
        return
    for keyword, flag, closed, opened in (
        ("minimum", "exclusiveMinimum", "Ge", "Gt"),
        ("maximum", "exclusiveMaximum", "Le", "Lt"),
    ):
        if keyword in schema:
            name = opened if schema.pop(flag, False) else closed
            yield call(name, value(schema.pop(keyword)))


def _lengths(schema: Keywords, kind: str) -> Iterator[Code]:
    suffix = _LENGTHS.get(kind)
    if suffix:
        yield from _each(schema, {f"min{suffix}": "MinLen", f"max{suffix}": "MaxLen"})


def _values(schema: Keywords, kind: str, either: bool) -> Iterator[Code]:
    unfit = {
        "multipleOf": kind not in _NUMBERS,
        "format": kind not in ("string", *_NUMBERS),
        "pattern": kind != "string" and not either,
    }
    yield from _each(schema, {key: name for key, name in _VALUES.items() if not unfit.get(key)})


def _enum(schema: Keywords, kind: str) -> Iterator[Code]:
    values = schema.get("enum")
    if kind in _ENUMERATED and isinstance(values, list) and all(map(_is_simple, values)):
        yield call("Enum", *map(value, schema.pop("enum")))


def _is_simple(one: Any) -> bool:
    return isinstance(one, (str, int)) and not isinstance(one, bool)


def _structure(schema: Keywords, kind: str) -> Iterator[Code]:
    list_type = schema.get("x-kubernetes-list-type")
    if list_type == "map" and kind == "array" and schema.get("x-kubernetes-list-map-keys"):
        keys = schema.pop("x-kubernetes-list-map-keys")
        del schema["x-kubernetes-list-type"]
        yield call("ListMap", *map(text, keys))
    elif list_type in _LIST_TYPES and kind == "array":
        yield _LIST_TYPES[schema.pop("x-kubernetes-list-type")]
    if schema.get("x-kubernetes-map-type") in _MAP_TYPES and kind == "object":
        yield _MAP_TYPES[schema.pop("x-kubernetes-map-type")]
    for keyword, name in _FLAGS.items():
        if schema.get(keyword) is True and kind in ("object", "None"):
            del schema[keyword]
            yield name
