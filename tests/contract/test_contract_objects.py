"""Contract: create, read and replace objects."""

from __future__ import annotations

import re
from typing import Any

import pytest

GROUP = "contract.example.com"


def test_create_sets_system_metadata(api: Any) -> None:
    metadata = api.make().metadata
    assert re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", metadata["uid"])
    assert metadata["generation"] == 1
    assert metadata["namespace"] == api.namespace
    assert metadata["resourceVersion"].isdecimal()
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", metadata["creationTimestamp"])


def test_what_a_client_may_not_set_is_ignored_on_create(api: Any) -> None:
    document = api.widget()
    document["metadata"] |= {"uid": "mine", "generation": 7, "selfLink": "/x"}
    document["metadata"]["creationTimestamp"] = "2001-01-01T00:00:00Z"
    document["metadata"]["deletionTimestamp"] = "2001-01-01T00:00:00Z"
    metadata = api.send("POST", api.widgets(), document).metadata
    assert metadata["uid"] != "mine"
    assert metadata["generation"] == 1
    assert not metadata["creationTimestamp"].startswith("2001")
    assert "deletionTimestamp" not in metadata
    assert "selfLink" not in metadata


def test_create_with_a_resource_version_is_refused(api: Any) -> None:
    document = api.config_map()
    document["metadata"]["resourceVersion"] = "5"
    answer = api.send("POST", api.maps(), document)
    assert answer.code == 500
    assert answer.message == "resourceVersion should not be set on objects to be created"


def test_create_ignores_status(api: Any) -> None:
    document = api.widget() | {"status": {"phase": "Ready"}}
    assert "status" not in api.send("POST", api.widgets(), document).body


def test_defaults_are_filled_in(api: Any) -> None:
    assert api.make().body["spec"] == {"replicas": 1}


def test_nested_defaults_are_filled_in(api: Any) -> None:
    spec = api.make(nested={"must": "x"}, items=[{"name": "a"}]).body["spec"]
    assert spec["nested"] == {"must": "x", "also": "yes"}
    assert spec["items"] == [{"name": "a", "mode": "rw"}]


def test_null_for_a_field_with_a_default_takes_the_default(api: Any) -> None:
    assert api.make(replicas=None).body["spec"] == {"replicas": 1}


def test_null_for_a_field_that_is_not_nullable_is_dropped(api: Any) -> None:
    assert api.make(image=None).body["spec"] == {"replicas": 1}


def test_null_for_a_nullable_field_is_kept(api: Any) -> None:
    assert api.make(note=None).body["spec"] == {"replicas": 1, "note": None}


def test_unknown_fields_are_dropped(api: Any) -> None:
    answer = api.send("POST", api.widgets(), api.widget(foo=1, nested={"must": "x", "bar": 2}))
    assert "foo" not in answer.body["spec"]
    assert "bar" not in answer.body["spec"]["nested"]


def test_unknown_fields_are_warned_of(api: Any) -> None:
    answer = api.send("POST", api.widgets(), api.widget(foo=1))
    assert answer.headers["warning"] == '299 - "unknown field \\"spec.foo\\""'


def test_unknown_fields_are_refused_when_strict(api: Any) -> None:
    answer = api.send("POST", api.widgets(), api.widget(foo=1), fieldValidation="Strict")
    assert answer.code == 400
    assert answer.reason == "BadRequest"
    assert answer.message == (
        'Widget in version "v1" cannot be handled as a Widget: strict decoding error: '
        'unknown field "spec.foo"'
    )


def test_unknown_fields_are_dropped_silently_when_ignored(api: Any) -> None:
    answer = api.send("POST", api.widgets(), api.widget(foo=1), fieldValidation="Ignore")
    assert answer.code == 201
    assert "warning" not in answer.headers


def test_unknown_fields_of_built_in_kinds_are_refused_when_strict(api: Any) -> None:
    document = api.config_map() | {"foo": 1}
    answer = api.send("POST", api.maps(), document, fieldValidation="Strict")
    assert answer.message == (
        'ConfigMap in version "v1" cannot be handled as a ConfigMap: strict decoding error: '
        'unknown field "foo"'
    )


def test_preserved_fields_are_kept(api: Any) -> None:
    free = {"any": {"thing": [1, {"x": None}]}}
    assert api.make(free=free).body["spec"]["free"] == free


def test_generate_name(api: Any) -> None:
    document = api.config_map()
    document["metadata"] = {"generateName": "made-"}
    metadata = api.send("POST", api.maps(), document).metadata
    assert re.fullmatch(r"made-[bcdfghjklmnpqrstvwxz2456789]{5}", metadata["name"])
    assert metadata["generateName"] == "made-"


def test_a_name_wins_over_generate_name(api: Any) -> None:
    document = api.config_map("named")
    document["metadata"]["generateName"] = "made-"
    assert api.send("POST", api.maps(), document).metadata["name"] == "named"


def test_creating_twice_is_refused(api: Any) -> None:
    api.make()
    answer = api.send("POST", api.widgets(), api.widget())
    assert (answer.code, answer.reason) == (409, "AlreadyExists")
    assert answer.message == f'widgets.{GROUP} "a" already exists'
    assert answer.body["details"] == {"name": "a", "group": GROUP, "kind": "widgets"}


def test_create_needs_a_name(api: Any) -> None:
    document = api.config_map()
    document["metadata"] = {}
    answer = api.send("POST", api.maps(), document)
    assert (answer.code, answer.reason) == (422, "Invalid")
    assert answer.message == (
        'ConfigMap "" is invalid: metadata.name: Required value: name or generateName is required'
    )


def test_create_in_a_namespace_that_is_not_there(api: Any) -> None:
    path = "/api/v1/namespaces/nowhere-at-all/configmaps"
    answer = api.send("POST", path, api.config_map())
    assert answer.code == 404
    assert answer.message == 'namespaces "nowhere-at-all" not found'


def test_create_with_another_namespace(api: Any) -> None:
    document = api.config_map()
    document["metadata"]["namespace"] = "other"
    answer = api.send("POST", api.maps(), document)
    assert answer.code == 400
    assert answer.message == (
        "the namespace of the provided object does not match the namespace sent on the request"
    )


def test_get_of_what_is_not_there(api: Any) -> None:
    answer = api.send("GET", api.widgets("nobody"))
    assert answer.code == 404
    assert answer.body == {
        "kind": "Status",
        "apiVersion": "v1",
        "metadata": {},
        "status": "Failure",
        "message": f'widgets.{GROUP} "nobody" not found',
        "reason": "NotFound",
        "details": {"name": "nobody", "group": GROUP, "kind": "widgets"},
        "code": 404,
    }


def test_core_kinds_are_named_without_group(api: Any) -> None:
    answer = api.send("GET", api.maps("nobody"))
    assert answer.message == 'configmaps "nobody" not found'
    assert answer.body["details"] == {"name": "nobody", "kind": "configmaps"}


def test_a_resource_that_is_not_there(api: Any) -> None:
    answer = api.send("GET", f"/apis/{GROUP}/v1/namespaces/{api.namespace}/gadgets")
    assert answer.code == 404


def test_a_group_that_is_not_there(api: Any) -> None:
    answer = api.send("GET", "/apis/nothing.example.com/v1/things")
    assert answer.code == 404
    assert answer.body == "404 page not found\n"


def test_update_replaces(api: Any) -> None:
    made = api.make(image="one", tier="gold").body
    made["spec"] = {"image": "two"}
    answer = api.send("PUT", api.widgets("a"), made)
    assert answer.code == 200
    assert answer.body["spec"] == {"image": "two", "replicas": 1}
    assert answer.metadata["generation"] == 2
    assert answer.metadata["uid"] == made["metadata"]["uid"]


def test_update_with_an_old_resource_version(api: Any) -> None:
    made = api.make(image="one").body
    stale = made["metadata"]["resourceVersion"]
    made["spec"]["image"] = "two"
    api.send("PUT", api.widgets("a"), made)
    made["metadata"]["resourceVersion"] = stale
    made["spec"]["image"] = "three"
    answer = api.send("PUT", api.widgets("a"), made)
    assert (answer.code, answer.reason) == (409, "Conflict")
    assert answer.message == (
        f'Operation cannot be fulfilled on widgets.{GROUP} "a": the object has been modified; '
        "please apply your changes to the latest version and try again"
    )


def test_update_of_a_custom_kind_needs_a_resource_version(api: Any) -> None:
    api.make()
    answer = api.send("PUT", api.widgets("a"), api.widget())
    assert answer.code == 422
    assert answer.message == (
        f'widgets.{GROUP} "a" is invalid: metadata.resourceVersion: Invalid value: 0: '
        "must be specified for an update"
    )


def test_update_of_a_config_map_needs_none(api: Any) -> None:
    api.make_map(x="1")
    answer = api.send("PUT", api.maps("a"), api.config_map(x="2"))
    assert (answer.code, answer.body["data"]) == (200, {"x": "2"})


def test_update_with_another_uid(api: Any) -> None:
    made = api.make_map()
    document = made.body
    document["metadata"]["uid"] = "11111111-2222-3333-4444-555555555555"
    answer = api.send("PUT", api.maps("a"), document)
    assert answer.code == 409
    assert answer.message == (
        'Operation cannot be fulfilled on configmaps "a": StorageError: invalid object, Code: 4, '
        f"Key: /registry/configmaps/{api.namespace}/a, ResourceVersion: 0, AdditionalErrorMsg: "
        "Precondition failed: UID in precondition: 11111111-2222-3333-4444-555555555555, "
        f"UID in object meta: {api.send('GET', api.maps('a')).metadata['uid']}"
    )


def test_update_with_another_name(api: Any) -> None:
    api.make_map()
    answer = api.send("PUT", api.maps("a"), api.config_map("b"))
    assert answer.code == 400
    assert answer.message == ("the name of the object (b) does not match the name on the URL (a)")


def test_update_of_what_is_not_there(api: Any) -> None:
    answer = api.send("PUT", api.maps("nobody"), api.config_map("nobody"))
    assert answer.code == 404


def test_update_creates_a_lease(api: Any) -> None:
    group = "coordination.k8s.io/v1"
    lease = {"apiVersion": group, "kind": "Lease", "metadata": {"name": "a"}, "spec": {}}
    answer = api.send("PUT", api.path("leases", "a", group=group), lease)
    assert answer.code == 201


def test_an_update_that_changes_nothing_is_no_write(api: Any) -> None:
    made = api.make(image="one")
    again = api.send("PUT", api.widgets("a"), made.body)
    assert again.metadata["resourceVersion"] == made.metadata["resourceVersion"]


def test_metadata_does_not_count_as_generation(api: Any) -> None:
    made = api.make().body
    made["metadata"]["labels"] = {"a": "b"}
    made["metadata"]["annotations"] = {"c": "d"}
    answer = api.send("PUT", api.widgets("a"), made)
    assert answer.metadata["generation"] == 1
    assert answer.metadata["labels"] == {"a": "b"}


def test_a_config_map_has_no_generation(api: Any) -> None:
    assert "generation" not in api.make_map().metadata


def test_update_ignores_status(api: Any) -> None:
    made = api.make().body | {"status": {"phase": "Ready"}}
    answer = api.send("PUT", api.widgets("a"), made)
    assert "status" not in answer.body


def test_the_status_endpoint_changes_status_only(api: Any) -> None:
    made = api.make(image="one").body
    made["spec"]["image"] = "two"
    made["metadata"]["labels"] = {"x": "y"}
    made["status"] = {"phase": "Ready"}
    answer = api.send("PUT", api.widgets("a", "status"), made)
    assert answer.code == 200
    assert answer.body["status"] == {"phase": "Ready"}
    assert answer.body["spec"]["image"] == "one"
    assert "labels" not in answer.metadata
    assert answer.metadata["generation"] == 1


def test_the_status_endpoint_can_be_read(api: Any) -> None:
    api.make(image="one")
    answer = api.send("GET", api.widgets("a", "status"))
    assert answer.body["spec"]["image"] == "one"


def test_a_subresource_that_is_not_there(api: Any) -> None:
    api.make()
    assert api.send("GET", api.widgets("a", "nothing")).code == 404


def test_dry_run_stores_nothing(api: Any) -> None:
    answer = api.send("POST", api.widgets(), api.widget(), dryRun="All")
    assert answer.code == 201
    assert answer.metadata["uid"]
    assert api.send("GET", api.widgets("a")).code == 404


def test_dry_run_of_update_and_delete_change_nothing(api: Any) -> None:
    made = api.make(image="one").body
    made["spec"]["image"] = "two"
    assert api.send("PUT", api.widgets("a"), made, dryRun="All").body["spec"]["image"] == "two"
    assert api.send("DELETE", api.widgets("a"), dryRun="All").code == 200
    assert api.send("GET", api.widgets("a")).body["spec"]["image"] == "one"


@pytest.mark.parametrize(
    ("body", "content_type", "code"),
    [
        (b"{", "application/json", 400),
        (b"[]", "application/json", 400),
        (b"<x/>", "application/xml", 415),
    ],
)
def test_a_body_that_cannot_be_read(api: Any, body: bytes, content_type: str, code: int) -> None:
    assert api.send("POST", api.maps(), body, content_type=content_type).code == code


def test_yaml_is_read(api: Any) -> None:
    body = b"apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: yaml\ndata:\n  a: b\n"
    answer = api.send("POST", api.maps(), body, content_type="application/yaml")
    assert answer.code == 201


def test_another_version_in_the_document(api: Any) -> None:
    document = api.config_map() | {"apiVersion": "v2"}
    answer = api.send("POST", api.maps(), document)
    assert answer.code == 400


def test_post_to_an_object_is_not_allowed(api: Any) -> None:
    api.make_map()
    answer = api.send("POST", api.maps("a"), api.config_map())
    assert (answer.code, answer.reason) == (405, "MethodNotAllowed")
    assert answer.message == "the server does not allow this method on the requested resource"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("UPPER", "a lowercase RFC 1123 subdomain must consist of"),
        ("-dash", "a lowercase RFC 1123 subdomain must consist of"),
        ("x" * 254, "must be no more than 253 characters"),
    ],
)
def test_bad_names(api: Any, name: str, text: str) -> None:
    answer = api.send("POST", api.maps(), api.config_map(name))
    assert answer.code == 422
    assert answer.message.startswith(
        f'ConfigMap "{name}" is invalid: metadata.name: Invalid value: "{name}": {text}'
    )


@pytest.mark.parametrize(
    ("labels", "text"),
    [
        ({"a/b/c": "x"}, 'metadata.labels: Invalid value: "a/b/c": a valid label key must consist'),
        ({"a": "no spaces"}, 'metadata.labels: Invalid value: "no spaces": a valid label must be'),
        ({"a": "x" * 64}, f'metadata.labels: Invalid value: "{"x" * 64}": must be no more than 63'),
    ],
)
def test_bad_labels(api: Any, labels: dict[str, str], text: str) -> None:
    document = api.config_map()
    document["metadata"]["labels"] = labels
    answer = api.send("POST", api.maps(), document)
    assert answer.code == 422
    assert f'ConfigMap "a" is invalid: {text}' in answer.message
