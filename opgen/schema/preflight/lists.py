"""Rules about lists and maps: what they say of merging fits together and to their items."""

from __future__ import annotations

from collections.abc import Iterator

from opgen.schema.preflight.base import Finding, Schema, SchemaRule, Spot, about, mapping

_LIST_TYPE = "x-kubernetes-list-type"
_LIST_KEYS = "x-kubernetes-list-map-keys"
_MAP_TYPE = "x-kubernetes-map-type"


def _map_type(spot: Spot) -> Iterator[Finding]:
    kind = spot.schema.get(_MAP_TYPE)
    if kind is None:
        return
    if kind not in ("atomic", "granular"):
        yield Finding(
            spot.path,
            f'{_MAP_TYPE}: Unsupported value: {kind!r}: supported values: "atomic", "granular"',
            "use MapAtomic or MapGranular",
        )
    if spot.schema.get("type") != "object":
        yield Finding(spot.path, f"type must be object if {_MAP_TYPE} is specified", "remove it")


def _list_type(spot: Spot) -> Iterator[Finding]:
    kind = spot.schema.get(_LIST_TYPE)
    if kind is not None and kind not in ("atomic", "map", "set"):
        yield Finding(
            spot.path,
            f'{_LIST_TYPE}: Unsupported value: {kind!r}: supported values: "atomic", "map", "set"',
            "use ListAtomic, ListMap or ListSet",
        )
    if kind is not None and spot.schema.get("type") != "array":
        yield Finding(spot.path, f"type must be array if {_LIST_TYPE} is specified", "remove it")


def _list_keys(spot: Spot) -> Iterator[Finding]:
    is_map = spot.schema.get(_LIST_TYPE) == "map"
    keys = spot.schema.get(_LIST_KEYS)
    if keys and not is_map:
        yield Finding(
            spot.path, f"{_LIST_TYPE} must be map if {_LIST_KEYS} is non-empty", "use ListMap"
        )
    if is_map and not keys:
        yield Finding(
            spot.path, f"{_LIST_KEYS} must not be empty if {_LIST_TYPE} is map", "name the keys"
        )


def _list_map(spot: Spot) -> Iterator[Finding]:
    if spot.schema.get(_LIST_TYPE) != "map":
        return
    items = mapping(spot.schema.get("items"))
    if items.get("type") != "object":
        yield Finding(
            spot.path, f"items: type must be object if {_LIST_TYPE} is map", "use ListSet"
        )
        return
    properties = mapping(items.get("properties"))
    keys = spot.schema.get(_LIST_KEYS) or []
    for key in keys:
        if key not in properties:
            yield Finding(
                spot.path,
                f"{_LIST_KEYS}: {key!r}: entries must all be names of item properties",
                f"use one of {', '.join(properties)}",
            )
            continue
        yield from _list_map_key(spot, str(key), mapping(properties[key]), items)
    if len(set(keys)) != len(keys):
        yield Finding(spot.path, f"{_LIST_KEYS} must not contain duplicate entries", "name once")


def _list_map_key(spot: Spot, key: str, schema: Schema, items: Schema) -> Iterator[Finding]:
    if schema.get("type") in ("array", "object"):
        yield Finding(
            spot.path,
            f"{key!r} must be a scalar type if parent array's {_LIST_TYPE} is map",
            "use a key that is a string or number",
        )
    if key not in (items.get("required") or ()) and "default" not in schema:
        yield Finding(
            spot.path,
            f"the key {key!r}: this property is in {_LIST_KEYS}, so it must have a default or be "
            "a required property",
            f"give {key} a default, or make it required",
        )
    if schema.get("nullable"):
        yield Finding(
            spot.path,
            f"the key {key!r} cannot be nullable when {_LIST_TYPE} is map",
            "remove Nullable",
        )


def _items(spot: Spot) -> Iterator[Finding]:
    kind = spot.schema.get(_LIST_TYPE)
    items = mapping(spot.schema.get("items"))
    if kind in ("set", "map") and items.get("nullable"):
        yield Finding(spot.path, f"items cannot be nullable when {_LIST_TYPE} is {kind}", "drop it")
    if kind != "set":
        return
    if items.get("type") == "object" and items.get(_MAP_TYPE) != "atomic":
        yield Finding(
            spot.path,
            f"items: {_MAP_TYPE} must be atomic as item of a list with {_LIST_TYPE}=set",
            "mark the items with MapAtomic, or use ListMap",
        )
    if items.get("type") == "array" and items.get(_LIST_TYPE, "atomic") != "atomic":
        yield Finding(
            spot.path,
            f"items: {_LIST_TYPE} must be atomic as item of a list with {_LIST_TYPE}=set",
            "mark the items with ListAtomic",
        )


RULES = (
    SchemaRule(
        "R35",
        "Map types are atomic or granular",
        _map_type,
        everywhere=True,
        keywords=about(_MAP_TYPE),
    ),
    SchemaRule(
        "R36",
        "List types are atomic, map or set",
        _list_type,
        everywhere=True,
        keywords=about(_LIST_TYPE),
    ),
    SchemaRule(
        "R37",
        "Lists of type map have keys",
        _list_keys,
        everywhere=True,
        keywords=about(_LIST_TYPE, _LIST_KEYS),
    ),
    SchemaRule(
        "R38",
        "List map keys are required scalars of the items",
        _list_map,
        everywhere=True,
        keywords=about(_LIST_TYPE),
    ),
    SchemaRule(
        "R40",
        "Items of sets are scalars or atomic",
        _items,
        everywhere=True,
        keywords=about(_LIST_TYPE),
    ),
)
