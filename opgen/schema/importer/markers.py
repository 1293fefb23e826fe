"""The markers that write the keywords of a schema.

Keywords are taken out of a copy of the schema one by one; what is left at the end is written as raw
`Schema`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Keywords = dict[str, Any]
_FLAGS = {
    "nullable": "Nullable",
    "x-kubernetes-preserve-unknown-fields": "PreserveUnknown",
    "x-kubernetes-embedded-resource": "EmbeddedResource",
}
_VALUES = {
    "multipleOf": "MultipleOf",
    "pattern": "Pattern",
    "title": "Title",
    "example": "Example",
}
_LENGTHS = {"string": "Length", "array": "Items", "object": "Properties"}
_LIST_TYPES = {"set": "ListSet", "atomic": "ListAtomic"}
_MAP_TYPES = {"atomic": "MapAtomic", "granular": "MapGranular"}
_RULE = {
    "message": "message",
    "messageExpression": "message_expression",
    "reason": "reason",
    "fieldPath": "field_path",
    "optionalOldSelf": "optional_old_self",
}


def markers(schema: Keywords) -> list[str]:
    """Expressions of markers for all keywords, which are removed from `schema`."""
    kind = schema.get("type")
    found: list[str] = []
    if kind in ("integer", "number"):
        found += _bounds(schema)
    suffix = _LENGTHS.get(str(kind), "Length" if "x-kubernetes-int-or-string" in schema else "")
    if suffix:
        found += _each(schema, {f"min{suffix}": "MinLen", f"max{suffix}": "MaxLen"})
    if "pattern" in schema and suffix != "Length":
        found.append(_raw(schema, "pattern"))
    found += _each(schema, _VALUES)
    found += _structure(schema, str(kind))
    for keyword, name in _FLAGS.items():
        fits = keyword == "nullable" or kind in ("object", None)
        if schema.get(keyword) is True and fits:
            del schema[keyword]
            found.append(name)
    rules = schema.pop("x-kubernetes-validations", ())
    return [*found, *map(_rule, rules)]


def _each(schema: Keywords, names: Mapping[str, str]) -> list[str]:
    return [f"{name}({schema.pop(key)!r})" for key, name in names.items() if key in schema]


def _raw(schema: Keywords, keyword: str) -> str:
    return f"Schema({{{keyword!r}: {schema.pop(keyword)!r}}})"


def _bounds(schema: Keywords) -> list[str]:
    found = []
    for keyword, flag, closed, opened in (
        ("minimum", "exclusiveMinimum", "Ge", "Gt"),
        ("maximum", "exclusiveMaximum", "Le", "Lt"),
    ):
        if keyword in schema:
            name = opened if schema.pop(flag, False) else closed
            found.append(f"{name}({schema.pop(keyword)!r})")
    return found


def _structure(schema: Keywords, kind: str) -> list[str]:
    found = []
    list_type = schema.get("x-kubernetes-list-type")
    if list_type == "map" and kind == "array" and schema.get("x-kubernetes-list-map-keys"):
        keys = schema.pop("x-kubernetes-list-map-keys")
        found.append(f"ListMap({', '.join(map(repr, keys))})")
        del schema["x-kubernetes-list-type"]
    elif list_type in _LIST_TYPES and kind == "array":
        found.append(_LIST_TYPES[schema.pop("x-kubernetes-list-type")])
    if schema.get("x-kubernetes-map-type") in _MAP_TYPES and kind == "object":
        found.append(_MAP_TYPES[schema.pop("x-kubernetes-map-type")])
    return found


def _rule(rule: Mapping[str, Any]) -> str:
    arguments = [repr(rule.get("rule", ""))]
    arguments += [f"{_RULE[key]}={value!r}" for key, value in rule.items() if key in _RULE]
    return f"CEL({', '.join(arguments)})"
