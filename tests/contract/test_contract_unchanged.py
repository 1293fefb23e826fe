"""Contract: which writes change nothing, and so make no version."""

from __future__ import annotations

from typing import Any

import pytest

MERGE = "application/merge-patch+json"


def version_after_a_patch(api: Any) -> str:
    answer = api.send("PATCH", api.widgets("a"), {}, content_type=MERGE)
    assert answer.code == 200
    version: str = answer.metadata["resourceVersion"]
    return version


@pytest.mark.parametrize(
    ("metadata", "changes"),
    [
        ({}, False),
        ({"creationTimestamp": None, "resourceVersion": ""}, False),
        ({"labels": {}}, True),
        ({"annotations": {}}, True),
        ({"generateName": ""}, True),
    ],
    ids=["nothing", "the server's own", "labels", "annotations", "base of a name"],
)
def test_metadata_that_is_applied_empty_goes_with_the_next_write(
    api: Any, metadata: dict[str, Any], changes: bool
) -> None:
    document = api.widget(image="x")
    document["metadata"] |= metadata
    first = api.apply(api.widgets("a"), document).metadata["resourceVersion"]
    second = version_after_a_patch(api)
    assert (second != first) == changes
    assert version_after_a_patch(api) == second


def test_one_is_not_true(api: Any) -> None:
    """Neither in what is unchanged, nor for who owns a field."""
    api.apply(api.widgets("a"), api.widget(free={"x": True, "y": [True]}), manager="red")
    first = api.send("GET", api.widgets("a")).metadata
    patch = {"spec": {"free": {"x": 1, "y": [1]}}}
    answer = api.send("PATCH", api.widgets("a"), patch, content_type=MERGE, fieldManager="blue")
    assert answer.body["spec"]["free"] == {"x": 1, "y": [1]}
    assert answer.body["spec"]["free"]["x"] is not True
    assert answer.metadata["resourceVersion"] != first["resourceVersion"]
    assert answer.metadata["generation"] == first["generation"] + 1
    owners = [entry["manager"] for entry in answer.metadata["managedFields"]]
    assert sorted(owners) == ["blue"]
