"""Pages of a list, which all show the same moment, and resourceVersionMatch."""

from __future__ import annotations

from typing import Any

import pytest


def names(answer: Any) -> list[str]:
    return [item["metadata"]["name"] for item in answer.body["items"]]


def fill(api: Any, *wanted: str) -> None:
    for name in wanted:
        document = api.config_map(name)
        document["metadata"]["labels"] = {"paged": "yes"}
        assert api.send("POST", api.maps(), document).code == 201


def page(api: Any, **query: str) -> Any:
    return api.send("GET", api.maps(), labelSelector="paged=yes", **query)


def test_pages_show_the_moment_of_the_first(api: Any) -> None:
    fill(api, "a", "b", "c")
    first = page(api, limit="1")
    api.send("DELETE", api.maps("b"))
    fill(api, "d")
    rest = page(api, limit="5", **{"continue": first.metadata["continue"]})
    assert names(first) == ["a"]
    assert names(rest) == ["b", "c"]
    assert rest.metadata["resourceVersion"] == first.metadata["resourceVersion"]
    assert not rest.metadata.get("continue")


def test_an_exact_version(api: Any) -> None:
    fill(api, "a")
    then = page(api).metadata["resourceVersion"]
    fill(api, "b")
    answer = page(api, resourceVersion=then, resourceVersionMatch="Exact")
    assert names(answer) == ["a"]
    assert answer.metadata["resourceVersion"] == then


def test_not_older_than(api: Any) -> None:
    fill(api, "a")
    then = page(api).metadata["resourceVersion"]
    fill(api, "b")
    answer = page(api, resourceVersion=then, resourceVersionMatch="NotOlderThan")
    assert "a" in names(answer)


@pytest.mark.parametrize(
    ("query", "text"),
    [
        (
            {"resourceVersionMatch": "Exact"},
            "resourceVersionMatch: Forbidden: resourceVersionMatch is forbidden unless "
            "resourceVersion is provided",
        ),
        (
            {"resourceVersionMatch": "Exact", "resourceVersion": "0"},
            'resourceVersionMatch: Forbidden: resourceVersionMatch "exact" is forbidden for '
            'resourceVersion "0"',
        ),
        (
            {"resourceVersionMatch": "Odd", "resourceVersion": "1"},
            'resourceVersionMatch: Unsupported value: "Odd": supported values: "Exact", '
            '"NotOlderThan", ""',
        ),
    ],
    ids=["no version", "zero", "odd"],
)
def test_a_match_that_contradicts_itself(api: Any, query: Any, text: str) -> None:
    answer = api.send("GET", api.maps(), **query)
    assert (answer.code, answer.reason) == (422, "Invalid")
    assert text in answer.message


@pytest.mark.parametrize("token", ["x", "e30", "bm9wZQ"], ids=["text", "empty", "no json"])
def test_a_token_that_is_none(api: Any, token: str) -> None:
    answer = api.send("GET", api.maps(), limit="1", **{"continue": token})
    assert (answer.code, answer.reason) == (400, "BadRequest")
    assert "continue key is not valid" in answer.message


def test_a_token_with_a_version(api: Any) -> None:
    fill(api, "a", "b")
    token = page(api, limit="1").metadata["continue"]
    answer = page(api, limit="1", resourceVersion="1", **{"continue": token})
    assert answer.code == 400
    assert "specifying resource version is not allowed when using continue" in answer.message


def test_ten_updaters_and_the_ancient_changes(api: Any) -> None:
    api.make_map("a")
    kind = "application/merge-patch+json"
    for number in range(13):
        patch = {"data": {f"k{number}": "v"}}
        manager = f"m{number:02}"
        api.send("PATCH", api.maps("a"), patch, content_type=kind, fieldManager=manager)
    found = api.send("GET", api.maps("a"))
    # Nobody owned anything at first, so nobody is noted till somebody applies.
    assert "managedFields" not in found.metadata
    api.make_map("b", a="1")
    for number in range(13):
        patch = {"data": {f"k{number}": "v"}}
        manager = f"m{number:02}"
        api.send("PATCH", api.maps("b"), patch, content_type=kind, fieldManager=manager)
    owners = api.send("GET", api.maps("b")).owners
    assert len(owners) == 10
    assert set(owners[("ancient-changes", "Update")]["f:data"]) >= {"f:a", "f:k0", "f:k1"}


def test_kubectl_moves_to_server_side_apply(api: Any) -> None:
    import json

    annotation = "kubectl.kubernetes.io/last-applied-configuration"
    document = api.config_map("a", a="1")
    made = json.loads(json.dumps(document))
    made["metadata"]["annotations"] = {annotation: json.dumps(document)}
    answer = api.send("POST", api.maps(), made, fieldManager="kubectl-client-side-apply")
    assert answer.code == 201
    document["data"]["a"] = "2"
    assert api.apply(api.maps("a"), document, "other").code == 409
    answer = api.apply(api.maps("a"), document, "kubectl")
    assert answer.code == 200
    last = json.loads(answer.metadata["annotations"][annotation])
    assert last["data"] == {"a": "2"}


def test_any_version_knows_no_pages(api: Any) -> None:
    for name in "abc":
        api.make_map(name)
    everything = api.send("GET", api.maps()).body["items"]
    answer = api.send("GET", api.maps(), resourceVersion="0", limit="1")
    assert len(answer.body["items"]) == len(everything)
    assert "continue" not in answer.metadata


@pytest.mark.parametrize(("token", "place"), [("!!", 0), ("x", 0), ("abc!", 3)])
def test_a_token_that_is_no_base64(api: Any, token: str, place: int) -> None:
    query = {"continue": token, "resourceVersion": "1"}
    answer = api.send("GET", api.maps(), **query)
    assert answer.code == 400
    assert answer.message == (
        "invalid continue token: continue key is not valid: "
        f"illegal base64 data at input byte {place}"
    )
