"""Contract: watches, from where they start to how they end."""

from __future__ import annotations

from typing import Any

import pytest

GROUP = "contract.example.com"
MERGE = "application/merge-patch+json"


def label(api: Any, name: str, **labels: str | None) -> None:
    patch = {"metadata": {"labels": labels}}
    assert api.send("PATCH", api.widgets(name), patch, content_type=MERGE).code == 200


def current(api: Any) -> str:
    version: str = api.send("GET", api.widgets()).metadata["resourceVersion"]
    return version


def test_a_watch_without_version_begins_with_what_is_there(api: Any) -> None:
    api.make("a")
    api.make("b")
    with api.watch(api.widgets()) as events:
        assert sorted(events.names(2)) == [("ADDED", "a"), ("ADDED", "b")]
        api.make("c")
        assert events.names(1) == [("ADDED", "c")]


def test_a_watch_from_a_version_goes_on_after_it(api: Any) -> None:
    api.make("a")
    version = current(api)
    api.make("b")
    with api.watch(api.widgets(), resourceVersion=version) as events:
        assert events.names(1) == [("ADDED", "b")]
        label(api, "a", x="y")
        api.send("DELETE", api.widgets("b"))
        assert events.names(2) == [("MODIFIED", "a"), ("DELETED", "b")]


def test_events_carry_whole_objects(api: Any) -> None:
    with api.watch(api.widgets(), resourceVersion=current(api)) as events:
        made = api.make(image="x")
        _, document = events.next()
        assert document == made.body


def test_a_deleted_object_has_the_version_of_its_deletion(api: Any) -> None:
    made = api.make()
    with api.watch(api.widgets(), resourceVersion=current(api)) as events:
        api.send("DELETE", api.widgets("a"))
        kind, document = events.next()
    assert kind == "DELETED"
    assert int(document["metadata"]["resourceVersion"]) > int(made.metadata["resourceVersion"])


def test_objects_enter_and_leave_a_selection(api: Any) -> None:
    api.make("a")
    query = {"labelSelector": "x=y", "resourceVersion": current(api)}
    with api.watch(api.widgets(), **query) as events:
        label(api, "a", x="y")
        assert events.names(1) == [("ADDED", "a")]
        label(api, "a", z="1")
        assert events.names(1) == [("MODIFIED", "a")]
        label(api, "a", x="n")
        kind, document = events.next()
        assert kind == "DELETED"
        assert document["metadata"]["labels"] == {"x": "y", "z": "1"}


def test_a_watch_of_one_object(api: Any) -> None:
    api.make("a")
    query = {"fieldSelector": "metadata.name=a", "resourceVersion": current(api)}
    with api.watch(api.widgets(), **query) as events:
        api.make("b")
        label(api, "a", x="y")
        assert events.names(1) == [("MODIFIED", "a")]


def test_a_selected_field(api: Any) -> None:
    query = {"fieldSelector": "spec.tier=gold", "resourceVersion": current(api)}
    with api.watch(api.widgets(), **query) as events:
        api.make("a", tier="silver")
        api.make("b", tier="gold")
        assert events.names(1) == [("ADDED", "b")]


def test_a_list_by_watch(api: Any) -> None:
    api.make("a")
    query = {
        "sendInitialEvents": "true",
        "allowWatchBookmarks": "true",
        "resourceVersionMatch": "NotOlderThan",
    }
    with api.watch(api.widgets(), **query) as events:
        assert events.names(1) == [("ADDED", "a")]
        kind, document = events.next()
        assert kind == "BOOKMARK"
        assert document["kind"] == "Widget"
        assert document["metadata"]["annotations"] == {"k8s.io/initial-events-end": "true"}
        assert int(document["metadata"]["resourceVersion"]) > 0
        api.make("b")
        assert events.names(1) == [("ADDED", "b")]


def test_initial_events_need_a_match(api: Any) -> None:
    answer = api.send("GET", api.widgets(), watch="true", sendInitialEvents="true")
    assert (answer.code, answer.reason) == (422, "Invalid")
    assert answer.message == (
        'ListOptions.meta.k8s.io "" is invalid: resourceVersionMatch: Forbidden: '
        "sendInitialEvents requires setting resourceVersionMatch to NotOlderThan"
    )


def test_a_watch_ends_after_its_timeout(api: Any) -> None:
    query = {"timeoutSeconds": "1", "resourceVersion": current(api)}
    with api.watch(api.widgets(), **query) as events:
        assert events.ended()


def test_a_watch_with_a_bad_selector(api: Any) -> None:
    answer = api.send("GET", api.widgets(), watch="true", labelSelector="a in b")
    assert answer.code == 400


def test_a_watch_of_all_namespaces(api: Any) -> None:
    version = current(api)
    path = f"/apis/{GROUP}/v1/widgets"
    with api.watch(path, resourceVersion=version) as events:
        api.make("a")
        own = [events.next()]
        # Namespaces of earlier tests may still be emptied by a real controller manager.
        while own[-1][1]["metadata"]["namespace"] != api.namespace:
            own.append(events.next())
        assert (own[-1][0], own[-1][1]["metadata"]["name"]) == ("ADDED", "a")


def test_no_event_for_a_write_that_changes_nothing(api: Any) -> None:
    made = api.make("a", image="x").body
    with api.watch(api.widgets(), resourceVersion=current(api)) as events:
        api.send("PUT", api.widgets("a"), made)
        api.make("b")
        assert events.names(1) == [("ADDED", "b")]


def test_bookmarks(api: Any) -> None:
    """One comes two seconds before the end.

    The real server's has no creationTimestamp, or one that is null; it may send none of a resource
    that it has just begun to watch itself, or one more.
    """
    version = current(api)
    query = {"timeoutSeconds": "3", "resourceVersion": version, "allowWatchBookmarks": "true"}
    with api.watch(api.widgets(), **query) as events:
        found = list(events.rest())
    assert len(found) == 1 or api.real
    for kind, document in found:
        told = document["metadata"]
        assert (kind, document["kind"]) == ("BOOKMARK", "Widget")
        assert told.pop("creationTimestamp", None) is None
        assert told.keys() == {"resourceVersion"}
        assert int(told["resourceVersion"]) >= int(version)


@pytest.mark.parametrize("name", ["", "/a"])
def test_a_watch_by_path(api: Any, name: str) -> None:
    api.make_map("a", x="1")
    path = f"/api/v1/watch/namespaces/{api.namespace}/configmaps{name}"
    query = {"timeoutSeconds": "1", "fieldSelector": "metadata.name=a"}
    # A server that is busy may send nothing within a second.
    event = api.cluster.eventually(lambda: api.send("GET", path, **query).body, timeout=120)
    assert (event["type"], event["object"]["data"]) == ("ADDED", {"x": "1"})


def test_a_path_of_a_watch_is_only_read(api: Any) -> None:
    path = f"/api/v1/watch/namespaces/{api.namespace}/configmaps"
    assert api.send("POST", path, api.config_map("a")).code == 405
    assert api.send("DELETE", path).code == 405


@pytest.mark.parametrize(
    "query", [{"timeoutSeconds": "abc"}, {"timeoutSeconds": "1.5"}, {"limit": "x"}]
)
def test_a_watch_with_what_is_no_number(api: Any, query: dict[str, str]) -> None:
    answer = api.send("GET", api.maps(), watch="true", **query)
    assert (answer.code, answer.reason) == (400, "BadRequest")
    value = next(iter(query.values()))
    assert answer.message == f'strconv.ParseInt: parsing "{value}": invalid syntax'
