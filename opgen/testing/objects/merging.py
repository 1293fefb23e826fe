"""Merging an applied configuration into an object, along the schema.

What the configuration says wins; what it does not mention stays. Items of list maps and list sets
are merged one by one. Source: structured-merge-diff.
"""

from __future__ import annotations

from typing import Any

from opgen.testing.objects.field_sets import children, is_leaf, show_path
from opgen.testing.objects.schemas import Schema, field_schema, item_schema


def merge(live: Any, config: Any, schema: Schema) -> Any:
    """The object with the configuration laid over it; neither argument is changed.

    Raises:
        ValueError: a list item lacks its keys, or has those of another.
    """
    if config is None and live and not is_leaf(live, schema):
        return live
    if config is None or is_leaf(config, schema) or type(live) is not type(config):
        return check_keys(config, schema)
    if isinstance(config, dict):
        merged = dict(live)
        for key, value in config.items():
            child = field_schema(schema, key)
            merged[key] = (
                merge(live[key], value, child) if key in live else check_keys(value, child)
            )
        return merged
    return _merge_lists(live, config, schema)


def check_keys(config: Any, schema: Schema) -> Any:
    """The configuration itself, after a look at the keys of its lists.

    Raises:
        ValueError: a list item lacks its keys, or has those of another.
    """
    if not is_leaf(config, schema):
        if isinstance(config, list):
            _keyed(config, schema)
        for _, item, child in children(config, schema):
            check_keys(item, child)
    return config


def _keyed(items: list[Any], schema: Schema) -> dict[str, Any]:
    keyed: dict[str, Any] = {}
    for element, item, _ in children(items, schema):
        if element in keyed:
            raise ValueError(f"duplicate entries for key {show_path((element,))}")
        keyed[element] = item
    return keyed


def _merge_lists(live: list[Any], config: list[Any], schema: Schema) -> list[Any]:
    """Both lists in one, in the order of the configuration; other items keep their places."""
    ours = {element: item for element, item, _ in children(live, schema)}
    theirs = _keyed(config, schema)
    items = item_schema(schema)
    left = list(ours)
    right = list(theirs)
    shared = [element for element in right if element in ours]
    merged: list[Any] = []
    while left or right:
        if left and left[0] not in theirs:
            merged.append(ours[left.pop(0)])
        elif left and right and left[0] != right[0] and left[0] != (shared or [""])[0]:
            left.pop(0)
        elif right:
            element = right.pop(0)
            if element in ours:
                merged.append(merge(ours[element], theirs[element], items))
                shared.remove(element)
            else:
                merged.append(check_keys(theirs[element], items))
            if left and left[0] == element:
                left.pop(0)
        else:
            left.pop(0)
    return merged
