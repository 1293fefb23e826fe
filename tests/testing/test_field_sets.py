"""Sets of fields and merging: what must hold for any object."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from opgen.testing.objects.field_sets import (
    compare,
    fields_of,
    from_fields_v1,
    remove,
    show_path,
    to_fields_v1,
)
from opgen.testing.objects.merging import merge
from opgen.testing.objects.patches import merge_patch

SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "name": {"type": "string"},
        "map": {"type": "object", "additionalProperties": {"type": "integer"}},
        "set": {
            "type": "array",
            "items": {"type": "string"},
            "x-kubernetes-list-type": "set",
        },
        "items": {
            "type": "array",
            "x-kubernetes-list-type": "map",
            "x-kubernetes-list-map-keys": ["id"],
            "items": {
                "type": "object",
                "properties": {"id": {"type": "integer"}, "value": {"type": "string"}},
            },
        },
    },
}
TEXT = st.text("ab", min_size=1, max_size=2)
ITEM = st.fixed_dictionaries({"id": st.integers(0, 4)}, optional={"value": TEXT})
OBJECT = st.fixed_dictionaries(
    {},
    optional={
        "name": TEXT,
        "map": st.dictionaries(TEXT, st.integers(0, 3), max_size=3),
        "set": st.lists(TEXT, unique=True, max_size=3),
        "items": st.lists(ITEM, unique_by=lambda item: item["id"], max_size=4),
    },
)


@given(OBJECT)
def test_fields_survive_being_written(value: dict[str, Any]) -> None:
    fields = fields_of(value, SCHEMA)
    assert from_fields_v1(to_fields_v1(fields)) == fields


@given(OBJECT)
def test_an_object_does_not_differ_from_itself(value: dict[str, Any]) -> None:
    changes = compare(value, value, SCHEMA)
    assert not (changes.added or changes.modified or changes.removed)


@given(OBJECT, OBJECT)
def test_merging_twice_is_merging_once(live: dict[str, Any], config: dict[str, Any]) -> None:
    merged = merge(live, config, SCHEMA)
    assert merge(merged, config, SCHEMA) == merged


@given(OBJECT, OBJECT)
def test_a_merge_holds_all_fields_of_both(live: dict[str, Any], config: dict[str, Any]) -> None:
    merged = fields_of(merge(live, config, SCHEMA), SCHEMA)
    leaves = {path for path in fields_of(live, SCHEMA) | fields_of(config, SCHEMA) if path}
    empty = {("f:map",)}
    assert leaves - empty <= merged


@given(OBJECT, OBJECT)
def test_what_the_configuration_says_is_so(live: dict[str, Any], config: dict[str, Any]) -> None:
    merged = merge(live, config, SCHEMA)
    changes = compare(config, merged, SCHEMA)
    assert not changes.modified
    assert not changes.removed


@given(OBJECT)
def test_removing_all_fields_leaves_nothing(value: dict[str, Any]) -> None:
    rest = remove(value, fields_of(value, SCHEMA), SCHEMA) or {}
    assert not fields_of({key: item for key, item in rest.items() if item}, SCHEMA)


@given(OBJECT, OBJECT)
def test_a_merge_patch_of_the_difference_gives_the_other(
    old: dict[str, Any], new: dict[str, Any]
) -> None:
    patch: dict[str, Any] = dict.fromkeys(old.keys() - new.keys())
    patch |= {key: value for key, value in new.items() if not isinstance(value, dict)}
    patch |= {
        key: dict.fromkeys(old.get(key, {}).keys() - value.keys()) | value
        for key, value in new.items()
        if isinstance(value, dict)
    }
    assert merge_patch(old, patch) == new


def test_paths_as_conflicts_print_them() -> None:
    path = ("f:spec", 'k:{"name":"a","port":80}', "f:image")
    assert show_path(path) == '.spec[name="a",port=80].image'
    assert show_path(("f:tags", 'v:"x"')) == '.tags[="x"]'


def test_the_order_of_merged_lists() -> None:
    def ids(*numbers: int) -> dict[str, Any]:
        return {"items": [{"id": number} for number in numbers]}

    assert merge(ids(1, 2, 3), ids(4, 2), SCHEMA) == ids(1, 4, 2, 3)
    assert merge(ids(1, 2, 3), ids(3, 1), SCHEMA) == ids(2, 3, 1)
    assert merge(ids(), ids(2, 1), SCHEMA) == ids(2, 1)
