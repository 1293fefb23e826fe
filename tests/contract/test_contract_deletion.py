"""Contract: deletion, finalizers, owners, namespaces."""

from __future__ import annotations

from typing import Any

import pytest

GROUP = "contract.example.com"
MERGE = "application/merge-patch+json"
FINALIZER = f"{GROUP}/hold"
NOBODY = "11111111-2222-3333-4444-555555555555"


def held(api: Any, name: str = "a") -> Any:
    document = api.widget(name)
    document["metadata"]["finalizers"] = [FINALIZER]
    return api.send("POST", api.widgets(), document)


def release(api: Any, name: str = "a") -> Any:
    patch = {"metadata": {"finalizers": None}}
    return api.send("PATCH", api.widgets(name), patch, content_type=MERGE)


def child(api: Any, owner: Any, name: str = "child", **more: Any) -> Any:
    document = api.config_map(name)
    document["metadata"]["ownerReferences"] = [
        {
            "apiVersion": f"{GROUP}/v1",
            "kind": "Widget",
            "name": owner.metadata["name"],
            "uid": owner.metadata["uid"],
            **more,
        }
    ]
    answer = api.send("POST", api.maps(), document)
    assert answer.code == 201, answer.body
    return answer


def collector_has_seen_children(api: Any, owner: Any) -> None:
    """Wait until a younger child is gone, whose owner never was.

    Whom the garbage collector does not know yet when the owner goes, it does not orphan.
    """
    child(api, owner, "younger", uid=NOBODY)
    api.eventually(api.maps("younger"), 404)


def options(**fields: Any) -> dict[str, Any]:
    return {"apiVersion": "v1", "kind": "DeleteOptions", **fields}


def test_delete_answers_with_a_status(api: Any) -> None:
    made = api.make()
    answer = api.send("DELETE", api.widgets("a"))
    assert answer.code == 200
    assert answer.body == {
        "kind": "Status",
        "apiVersion": "v1",
        "metadata": {},
        "status": "Success",
        "details": {"name": "a", "group": GROUP, "kind": "widgets", "uid": made.metadata["uid"]},
    }
    assert api.send("GET", api.widgets("a")).code == 404


def test_delete_of_what_is_not_there(api: Any) -> None:
    assert api.send("DELETE", api.widgets("a")).code == 404


def test_a_finalizer_holds_the_object(api: Any) -> None:
    held(api)
    answer = api.send("DELETE", api.widgets("a"))
    assert answer.code == 200
    assert answer.body["kind"] == "Widget"
    assert answer.metadata["deletionTimestamp"]
    assert answer.metadata["deletionGracePeriodSeconds"] == 0
    assert answer.metadata["generation"] == 2
    assert release(api).code == 200
    assert api.send("GET", api.widgets("a")).code == 404


def test_deleting_twice_changes_nothing(api: Any) -> None:
    held(api)
    first = api.send("DELETE", api.widgets("a"))
    again = api.send("DELETE", api.widgets("a"))
    assert again.metadata["resourceVersion"] == first.metadata["resourceVersion"]
    release(api)


def test_no_new_finalizer_while_being_deleted(api: Any) -> None:
    held(api)
    api.send("DELETE", api.widgets("a"))
    patch = {"metadata": {"finalizers": [FINALIZER, f"{GROUP}/more"]}}
    answer = api.send("PATCH", api.widgets("a"), patch, content_type=MERGE)
    assert answer.code == 422
    assert answer.message == (
        f'Widget.{GROUP} "a" is invalid: metadata.finalizers: Forbidden: no new finalizers can be '
        f'added if the object is being deleted, found new finalizers []string{{"{GROUP}/more"}}'
    )
    release(api)


def test_an_object_being_deleted_can_be_changed(api: Any) -> None:
    held(api)
    api.send("DELETE", api.widgets("a"))
    patch = {"spec": {"image": "x"}}
    answer = api.send("PATCH", api.widgets("a"), patch, content_type=MERGE)
    assert (answer.code, answer.body["spec"]["image"]) == (200, "x")
    release(api)


def test_a_deletion_timestamp_cannot_be_taken_away(api: Any) -> None:
    held(api)
    api.send("DELETE", api.widgets("a"))
    patch = {"metadata": {"deletionTimestamp": None}}
    answer = api.send("PATCH", api.widgets("a"), patch, content_type=MERGE)
    assert answer.metadata["deletionTimestamp"]
    release(api)


def test_an_apply_that_lets_an_object_go_shows_what_it_leaves_empty(api: Any) -> None:
    document = api.widget(image="x")
    document["metadata"] |= {"finalizers": [FINALIZER], "labels": {"a": "b"}}
    api.apply(api.widgets("a"), document)
    api.send("DELETE", api.widgets("a"))
    empty = {"labels": {}, "annotations": {}, "ownerReferences": [], "generateName": ""}
    document["metadata"] = {"name": "a", **empty}
    answer = api.apply(api.widgets("a"), document)
    assert answer.code == 200
    # What was there before and is applied without anything is null.
    assert answer.metadata.items() >= (empty | {"labels": None}).items()
    assert api.send("GET", api.widgets("a")).code == 404


def test_a_finalizer_must_be_qualified(api: Any) -> None:
    document = api.config_map()
    document["metadata"]["finalizers"] = ["simple"]
    answer = api.send("POST", api.maps(), document)
    assert answer.message == (
        'ConfigMap "a" is invalid: metadata.finalizers[0]: Invalid value: "simple": name is '
        "neither a standard finalizer name nor is it fully qualified"
    )


def test_a_precondition_of_uid(api: Any) -> None:
    made = api.make()
    answer = api.send("DELETE", api.widgets("a"), options(preconditions={"uid": NOBODY}))
    assert (answer.code, answer.reason) == (409, "Conflict")
    uid = made.metadata["uid"]
    assert answer.message == (
        f'Operation cannot be fulfilled on Widget.{GROUP} "a": the UID in the precondition '
        f"({NOBODY}) does not match the UID in record ({uid}). The object might have been deleted "
        "and then recreated"
    )
    assert api.send("DELETE", api.widgets("a"), options(preconditions={"uid": uid})).code == 200


def test_a_precondition_of_version(api: Any) -> None:
    version = api.make().metadata["resourceVersion"]
    preconditions = {"resourceVersion": "1"}
    answer = api.send("DELETE", api.widgets("a"), options(preconditions=preconditions))
    assert (answer.code, answer.reason) == (409, "Conflict")
    assert answer.message == (
        f'Operation cannot be fulfilled on Widget.{GROUP} "a": the ResourceVersion in the '
        f"precondition (1) does not match the ResourceVersion in record ({version}). "
        "The object might have been modified"
    )


def test_dependents_go_in_the_background(api: Any) -> None:
    owner = api.make()
    child(api, owner)
    api.send("DELETE", api.widgets("a"), options(propagationPolicy="Background"))
    api.eventually(api.maps("child"), 404)


def test_dependents_go_by_default(api: Any) -> None:
    owner = api.make()
    child(api, owner)
    api.send("DELETE", api.widgets("a"))
    api.eventually(api.maps("child"), 404)


def test_orphans_stay(api: Any) -> None:
    owner = api.make()
    child(api, owner)
    collector_has_seen_children(api, owner)
    api.send("DELETE", api.widgets("a"), options(propagationPolicy="Orphan"))
    api.eventually(api.widgets("a"), 404)
    orphan = api.send("GET", api.maps("child"))
    assert orphan.code == 200
    assert "ownerReferences" not in orphan.metadata


def test_foreground_waits_for_dependents(api: Any) -> None:
    owner = api.make()
    document = api.widget("child")
    document["metadata"] |= {
        "finalizers": [FINALIZER],
        "ownerReferences": [
            {
                "apiVersion": f"{GROUP}/v1",
                "kind": "Widget",
                "name": "a",
                "uid": owner.metadata["uid"],
                "blockOwnerDeletion": True,
            }
        ],
    }
    assert api.send("POST", api.widgets(), document).code == 201
    answer = api.send("DELETE", api.widgets("a"), options(propagationPolicy="Foreground"))
    assert answer.metadata["finalizers"] == ["foregroundDeletion"]

    def going() -> bool:
        return "deletionTimestamp" in api.send("GET", api.widgets("child")).metadata

    api.cluster.eventually(going, timeout=120)
    assert api.send("GET", api.widgets("a")).code == 200
    release(api, "child")
    api.eventually(api.widgets("a"), 404)


def test_a_dependent_with_another_owner_stays(api: Any) -> None:
    first, second = api.make("a"), api.make("b")
    made = child(api, first)
    owners = [
        {
            "apiVersion": f"{GROUP}/v1",
            "kind": "Widget",
            "name": owner.metadata["name"],
            "uid": owner.metadata["uid"],
        }
        for owner in (first, second)
    ]
    patch = {"metadata": {"ownerReferences": owners}}
    api.send("PATCH", api.maps("child"), patch, content_type=MERGE)
    api.send("DELETE", api.widgets("a"))

    def one_owner() -> bool:
        found = api.send("GET", api.maps("child")).metadata["ownerReferences"]
        return [owner["name"] for owner in found] == ["b"]

    api.cluster.eventually(one_owner, timeout=120)
    assert made.metadata["uid"] == api.send("GET", api.maps("child")).metadata["uid"]


def test_an_owner_that_never_was(api: Any) -> None:
    owner = api.make()
    document = api.config_map("child")
    document["metadata"]["ownerReferences"] = [
        {
            "apiVersion": f"{GROUP}/v1",
            "kind": "Widget",
            "name": owner.metadata["name"],
            "uid": NOBODY,
        }
    ]
    api.send("POST", api.maps(), document)
    api.eventually(api.maps("child"), 404)


def test_two_controllers_are_refused(api: Any) -> None:
    document = api.config_map()
    document["metadata"]["ownerReferences"] = [
        {"apiVersion": "v1", "kind": "X", "name": name, "uid": name, "controller": True}
        for name in ("x", "y")
    ]
    answer = api.send("POST", api.maps(), document)
    assert answer.code == 422
    assert "Only one reference can have Controller set to true" in answer.message


def test_an_unknown_propagation_policy(api: Any) -> None:
    api.make()
    answer = api.send("DELETE", api.widgets("a"), options(propagationPolicy="Sideways"))
    assert answer.message == (
        'DeleteOptions.meta.k8s.io "" is invalid: propagationPolicy: Unsupported value: '
        '"Sideways": supported values: "Foreground", "Background", "Orphan", "nil"'
    )


@pytest.fixture
def other(api: Any) -> str:
    name = f"{api.namespace}-x"
    namespace = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}
    answer = api.send("POST", "/api/v1/namespaces", namespace)
    assert answer.code == 201
    assert answer.body["spec"] == {"finalizers": ["kubernetes"]}
    assert answer.body["status"] == {"phase": "Active"}
    assert answer.metadata["labels"] == {"kubernetes.io/metadata.name": name}
    return name


def test_a_namespace_takes_its_objects_with_it(api: Any, other: str) -> None:
    path = f"/apis/{GROUP}/v1/namespaces/{other}/widgets"
    assert api.send("POST", path, api.widget()).code == 201
    answer = api.send("DELETE", f"/api/v1/namespaces/{other}")
    assert answer.body["kind"] == "Namespace"
    api.eventually(f"/api/v1/namespaces/{other}", 404)
    assert api.send("GET", f"{path}/a").code == 404


def test_a_namespace_that_ends_takes_nothing_new(api: Any, other: str) -> None:
    path = f"/apis/{GROUP}/v1/namespaces/{other}/widgets"
    document = api.widget()
    document["metadata"]["finalizers"] = [FINALIZER]
    api.send("POST", path, document)
    api.send("DELETE", f"/api/v1/namespaces/{other}")
    answer = api.send("POST", f"/api/v1/namespaces/{other}/configmaps", api.config_map("new"))
    assert (answer.code, answer.reason) == (403, "Forbidden")
    assert answer.message == (
        f'configmaps "new" is forbidden: unable to create new content in namespace {other} '
        "because it is being terminated"
    )
    assert api.send("GET", f"/api/v1/namespaces/{other}").body["status"]["phase"] == "Terminating"
    patch = {"metadata": {"finalizers": None}}
    api.send("PATCH", f"{path}/a", patch, content_type=MERGE)
    api.eventually(f"/api/v1/namespaces/{other}", 404)
