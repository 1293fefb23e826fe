"""Contract: lists, selectors, pages, tables."""

from __future__ import annotations

from typing import Any

import pytest

GROUP = "contract.example.com"
TABLE = "application/json;as=Table;v=v1;g=meta.k8s.io"


def names(answer: Any) -> list[str]:
    return [item["metadata"]["name"] for item in answer.body["items"]]


@pytest.fixture
def five(api: Any) -> Any:
    labels: dict[str, dict[str, str]] = {
        "a": {"tier": "front", "size": "1"},
        "b": {"tier": "back", "size": "2"},
        "c": {"tier": "back"},
        "d": {"other": "x"},
        "e": {},
    }
    for name, pairs in labels.items():
        document = api.widget(name, tier="gold" if name in "ab" else "silver")
        document["metadata"]["labels"] = pairs
        assert api.send("POST", api.widgets(), document).code == 201
    return api


def test_a_list(five: Any) -> None:
    answer = five.send("GET", five.widgets())
    assert answer.body["kind"] == "WidgetList"
    assert answer.body["apiVersion"] == f"{GROUP}/v1"
    assert int(answer.metadata["resourceVersion"]) > 0
    assert names(answer) == ["a", "b", "c", "d", "e"]


def test_items_of_a_custom_list_carry_their_kind(five: Any) -> None:
    item = five.send("GET", five.widgets()).body["items"][0]
    assert (item["apiVersion"], item["kind"]) == (f"{GROUP}/v1", "Widget")


def test_items_of_a_built_in_list_do_not(api: Any) -> None:
    api.make_map()
    item = api.send("GET", api.maps()).body["items"][0]
    assert "kind" not in item
    assert "apiVersion" not in item


def test_an_empty_list(api: Any) -> None:
    assert api.send("GET", api.widgets()).body["items"] == []


def test_a_list_of_all_namespaces(five: Any) -> None:
    answer = five.send("GET", f"/apis/{GROUP}/v1/widgets")
    mine = [
        item["metadata"]["name"]
        for item in answer.body["items"]
        if item["metadata"]["namespace"] == five.namespace
    ]
    assert mine == ["a", "b", "c", "d", "e"]


@pytest.mark.parametrize(
    ("selector", "found"),
    [
        ("tier=back", "bc"),
        ("tier==back", "bc"),
        ("tier!=back", "ade"),
        ("tier", "abc"),
        ("!tier", "de"),
        ("tier in (front,back)", "abc"),
        ("tier in (front, back),size=2", "b"),
        ("tier notin (back)", "ade"),
        ("size>1", "b"),
        ("size<2", "a"),
        ("tier=", ""),
        ("nothing", ""),
    ],
)
def test_label_selectors(five: Any, selector: str, found: str) -> None:
    assert names(five.send("GET", five.widgets(), labelSelector=selector)) == list(found)


@pytest.mark.parametrize("selector", ["tier in back", "=x", "a=b=c", "tier in (a", "a b"])
def test_bad_label_selectors(api: Any, selector: str) -> None:
    answer = api.send("GET", api.widgets(), labelSelector=selector)
    assert (answer.code, answer.reason) == (400, "BadRequest")


@pytest.mark.parametrize(
    ("selector", "found"),
    [
        ("metadata.name=b", "b"),
        ("metadata.name!=b", "acde"),
        ("spec.tier=gold", "ab"),
        ("spec.tier=silver,metadata.name=d", "d"),
    ],
)
def test_field_selectors(five: Any, selector: str, found: str) -> None:
    assert names(five.send("GET", five.widgets(), fieldSelector=selector)) == list(found)


def test_a_field_that_cannot_be_selected(api: Any) -> None:
    answer = api.send("GET", api.widgets(), fieldSelector="spec.image=x")
    assert (answer.code, answer.reason) == (400, "BadRequest")
    assert "field label not supported: spec.image" in answer.message


def test_both_selectors(five: Any) -> None:
    query = {"labelSelector": "tier=back", "fieldSelector": "spec.tier=gold"}
    assert names(five.send("GET", five.widgets(), **query)) == ["b"]


def test_pages(five: Any) -> None:
    first = five.send("GET", five.widgets(), limit="2")
    assert names(first) == ["a", "b"]
    assert first.metadata["remainingItemCount"] == 3
    query = {"limit": "2", "continue": first.metadata["continue"]}
    second = five.send("GET", five.widgets(), **query)
    assert names(second) == ["c", "d"]
    assert second.metadata["resourceVersion"] == first.metadata["resourceVersion"]
    query["continue"] = second.metadata["continue"]
    last = five.send("GET", five.widgets(), **query)
    assert names(last) == ["e"]
    assert last.metadata.get("continue", "") == ""
    assert "remainingItemCount" not in last.metadata


def test_pages_with_a_selector_do_not_count_the_rest(five: Any) -> None:
    answer = five.send("GET", five.widgets(), limit="1", labelSelector="tier")
    assert "remainingItemCount" not in answer.metadata
    assert answer.metadata["continue"]


def test_a_bad_continue_token(api: Any) -> None:
    answer = api.send("GET", api.widgets(), **{"limit": "2", "continue": "rubbish"})
    assert answer.code == 400
    assert answer.message.startswith("invalid continue token: continue key is not valid")


def test_a_resource_version_of_the_future(api: Any) -> None:
    answer = api.send("GET", api.widgets(), resourceVersion="999999999")
    assert (answer.code, answer.reason) == (504, "Timeout")
    assert "Too large resource version: 999999999" in answer.message
    assert answer.causes[0]["reason"] == "ResourceVersionTooLarge"


def test_a_resource_version_that_is_no_number(api: Any) -> None:
    assert api.send("GET", api.widgets(), resourceVersion="x").code == 400


def test_delete_collection(five: Any) -> None:
    answer = five.send("DELETE", five.widgets(), labelSelector="tier=back")
    assert answer.code == 200
    assert names(five.send("GET", five.widgets())) == ["a", "d", "e"]
