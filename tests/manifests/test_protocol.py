"""What the child process says of documents: each part once."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from opgen.manifests.protocol import pack, unpack

LEAVES = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text()
JSON = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


def sent(value: Any) -> Any:
    return unpack(json.loads(json.dumps(pack(value))))


@settings(max_examples=300, deadline=None)
@given(st.lists(JSON, max_size=4))
def test_documents_come_out_as_they_went_in(documents: list[Any]) -> None:
    assert json.dumps(sent(documents)) == json.dumps(documents)


@pytest.mark.parametrize("value", [[], [[]], [[0]], {"a": [0]}, {"": {"": [1, [2]]}}], ids=str)
def test_lists_of_numbers_are_no_positions(value: Any) -> None:
    assert sent(value) == value


def test_what_is_one_object_is_sent_once_and_is_one_object_again() -> None:
    part = {"type": "object", "properties": {"size": {"type": "integer"}}}
    document = {"one": part, "two": [part, {"three": part}]}
    assert pack([document, document]) == [
        {"type": "integer"},
        {"size": [0]},
        {"type": "object", "properties": [1]},
        {"three": [2]},
        [[2], [3]],
        {"one": [2], "two": [4]},
        [[5], [5]],
    ]
    first, second = sent([document, document])
    assert first is second
    assert first["one"] is first["two"][0] is first["two"][1]["three"]
