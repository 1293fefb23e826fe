"""Contract: what the server has forgotten: pages, moments and watches that are too old."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

MERGE = "application/merge-patch+json"
TOO_OLD_PAGE = (
    "The provided continue parameter is too old to display a consistent list result. You can start "
    "a new list without the continue parameter, or use the continue token in this response to "
    "retrieve the remainder of the results. Continuing with the provided token results in an "
    "inconsistent list - objects that were created, modified, or deleted between the time the "
    "first chunk was returned and now may show up in the list."
)


@pytest.fixture
def forget(api: Any, request: pytest.FixtureRequest) -> Callable[[], None]:
    """Makes the server forget all that was before."""
    if not api.real:
        collection = api.cluster.server.machinery.store.collection(("", "configmaps"))
        forgotten: Callable[[], None] = collection.forget
        return forgotten
    plane = request.getfixturevalue("control_plane")

    def compact() -> None:
        found = api.send("GET", api.maps())
        plane.compact(int(found.metadata["resourceVersion"]))

    return compact


def names(answer: Any) -> list[str]:
    return [
        item["metadata"]["name"]
        for item in answer.body["items"]
        if item["metadata"]["name"] != "kube-root-ca.crt"
    ]


def refused(api: Any, **query: str) -> Any:
    """The refusal of a list, as soon as the server has forgotten."""
    return api.cluster.eventually(
        lambda: (answer := api.send("GET", api.maps(), **query)).code == 410 and answer, timeout=120
    )


def test_a_page_that_is_forgotten(api: Any, forget: Callable[[], None]) -> None:
    for name in "abc":
        api.make_map(name)
    first = api.send("GET", api.maps(), limit="1")
    assert names(first) == ["a"]
    api.send("DELETE", api.maps("b"))
    api.make_map("d")
    forget()
    answer = refused(api, limit="1", **{"continue": first.metadata["continue"]})
    assert (answer.code, answer.reason, answer.message) == (410, "Expired", TOO_OLD_PAGE)
    token = answer.metadata["continue"]
    rest = api.send("GET", api.maps(), **{"continue": token})
    assert (rest.code, names(rest)) == (200, ["c", "d"])


def test_a_moment_that_is_forgotten(api: Any, forget: Callable[[], None]) -> None:
    version = api.make_map("a").metadata["resourceVersion"]
    api.make_map("b")
    forget()
    answer = refused(api, resourceVersion=version, resourceVersionMatch="Exact")
    assert (answer.code, answer.reason) == (410, "Expired")
    assert answer.message == "The resourceVersion for the provided list is too old."
    query = {"resourceVersion": version, "resourceVersionMatch": "NotOlderThan"}
    assert names(api.send("GET", api.maps(), **query)) == ["a", "b"]


def test_a_watch_from_before_the_kind_was_there(api: Any) -> None:
    with api.watch(api.widgets(), resourceVersion="1") as events:
        kind, status = events.next()
        assert kind == "ERROR"
        assert (status["kind"], status["code"], status["reason"]) == ("Status", 410, "Expired")
        assert status["message"].startswith("too old resource version: 1 (")
        assert events.ended()


def test_a_watch_of_the_future_waits(api: Any) -> None:
    version = int(api.send("GET", api.maps()).metadata["resourceVersion"])
    query = {"resourceVersion": str(version), "fieldSelector": "metadata.name=late"}
    with api.watch(api.maps(), **query) as events:
        api.make_map("early")
        api.make_map("late")
        assert events.names(1) == [("ADDED", "late")]
