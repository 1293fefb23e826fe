"""Contract: server-side apply and the ownership of fields."""

from __future__ import annotations

from typing import Any

import pytest

GROUP = "contract.example.com"
MERGE = "application/merge-patch+json"


def owned(answer: Any, manager: str, operation: str = "Apply") -> Any:
    return answer.owners.get((manager, operation))


def test_apply_creates(api: Any) -> None:
    answer = api.apply(api.widgets("a"), api.widget(image="x"))
    assert answer.code == 201
    assert answer.body["spec"] == {"image": "x", "replicas": 1}
    (entry,) = answer.metadata["managedFields"]
    assert entry.pop("time")
    assert entry == {
        "manager": "one",
        "operation": "Apply",
        "apiVersion": f"{GROUP}/v1",
        "fieldsType": "FieldsV1",
        "fieldsV1": {"f:spec": {"f:image": {}}},
    }


def test_apply_updates(api: Any) -> None:
    api.apply(api.widgets("a"), api.widget(image="x"))
    answer = api.apply(api.widgets("a"), api.widget(image="y"))
    assert (answer.code, answer.body["spec"]["image"]) == (200, "y")
    assert answer.metadata["generation"] == 2


def test_applying_the_same_again_is_no_write(api: Any) -> None:
    first = api.apply(api.widgets("a"), api.widget(image="x"))
    again = api.apply(api.widgets("a"), api.widget(image="x"))
    assert again.metadata["resourceVersion"] == first.metadata["resourceVersion"]


def test_what_is_no_longer_applied_goes(api: Any) -> None:
    api.apply(api.widgets("a"), api.widget(image="x", tier="gold"))
    answer = api.apply(api.widgets("a"), api.widget(image="x"))
    assert answer.body["spec"] == {"image": "x", "replicas": 1}
    assert owned(answer, "one") == {"f:spec": {"f:image": {}}}


def test_a_default_comes_back_when_its_field_is_no_longer_applied(api: Any) -> None:
    api.apply(api.widgets("a"), api.widget(replicas=7))
    answer = api.apply(api.widgets("a"), api.widget(image="x"))
    assert answer.body["spec"] == {"image": "x", "replicas": 1}


def test_two_managers_with_fields_of_their_own(api: Any) -> None:
    api.apply(api.widgets("a"), api.widget(image="x"), "one")
    answer = api.apply(api.widgets("a"), api.widget(tier="gold"), "two")
    assert answer.body["spec"] == {"image": "x", "tier": "gold", "replicas": 1}
    assert owned(answer, "one") == {"f:spec": {"f:image": {}}}
    assert owned(answer, "two") == {"f:spec": {"f:tier": {}}}


def test_a_conflict_with_an_applier(api: Any) -> None:
    api.apply(api.widgets("a"), api.widget(image="x"), "one")
    answer = api.apply(api.widgets("a"), api.widget(image="y"), "two")
    assert (answer.code, answer.reason) == (409, "Conflict")
    assert answer.message == 'Apply failed with 1 conflict: conflict with "one": .spec.image'
    assert answer.causes == [
        {
            "reason": "FieldManagerConflict",
            "message": 'conflict with "one"',
            "field": ".spec.image",
        }
    ]


def test_conflicts_with_several_fields(api: Any) -> None:
    api.apply(api.widgets("a"), api.widget(image="x", tier="gold"), "one")
    answer = api.apply(api.widgets("a"), api.widget(image="y", tier="silver"), "two")
    assert answer.message == (
        'Apply failed with 2 conflicts: conflicts with "one":\n- .spec.image\n- .spec.tier'
    )


def test_conflicts_with_several_managers(api: Any) -> None:
    api.apply(api.widgets("a"), api.widget(image="x"), "one")
    api.apply(api.widgets("a"), api.widget(tier="gold"), "two")
    answer = api.apply(api.widgets("a"), api.widget(image="y", tier="silver"), "three")
    assert answer.message == (
        'Apply failed with 2 conflicts: conflicts with "one":\n- .spec.image\n'
        'conflicts with "two":\n- .spec.tier'
    )


def test_a_conflict_with_an_updater(api: Any) -> None:
    api.send("POST", api.widgets(), api.widget(image="x"), fieldManager="maker")
    answer = api.apply(api.widgets("a"), api.widget(image="y"))
    assert answer.message == (
        f'Apply failed with 1 conflict: conflict with "maker" using {GROUP}/v1: .spec.image'
    )


def test_force_takes_over(api: Any) -> None:
    api.apply(api.widgets("a"), api.widget(image="x", tier="gold"), "one")
    answer = api.apply(api.widgets("a"), api.widget(image="y"), "two", force=True)
    assert answer.body["spec"]["image"] == "y"
    assert owned(answer, "one") == {"f:spec": {"f:tier": {}}}
    assert owned(answer, "two") == {"f:spec": {"f:image": {}}}


def test_equal_values_are_shared(api: Any) -> None:
    api.apply(api.widgets("a"), api.widget(image="x"), "one")
    answer = api.apply(api.widgets("a"), api.widget(image="x"), "two")
    assert answer.code == 200
    assert owned(answer, "one") == owned(answer, "two") == {"f:spec": {"f:image": {}}}


def test_a_shared_field_stays_until_the_last_lets_go(api: Any) -> None:
    api.apply(api.widgets("a"), api.widget(image="x"), "one")
    api.apply(api.widgets("a"), api.widget(image="x"), "two")
    kept = api.apply(api.widgets("a"), api.widget(), "one")
    assert kept.body["spec"]["image"] == "x"
    gone = api.apply(api.widgets("a"), api.widget(), "two")
    assert "image" not in gone.body["spec"]


def test_items_of_a_list_map_have_owners(api: Any) -> None:
    first = api.widget(items=[{"name": "a", "value": "1"}])
    second = api.widget(items=[{"name": "b", "value": "2"}])
    api.apply(api.widgets("a"), first, "one")
    answer = api.apply(api.widgets("a"), second, "two")
    names = [(item["name"], item["value"]) for item in answer.body["spec"]["items"]]
    assert names == [("a", "1"), ("b", "2")]
    assert owned(answer, "two") == {
        "f:spec": {"f:items": {'k:{"name":"b"}': {".": {}, "f:name": {}, "f:value": {}}}}
    }


def test_an_item_that_is_no_longer_applied_goes(api: Any) -> None:
    api.apply(api.widgets("a"), api.widget(items=[{"name": "a"}, {"name": "b"}]))
    answer = api.apply(api.widgets("a"), api.widget(items=[{"name": "b"}]))
    assert [item["name"] for item in answer.body["spec"]["items"]] == ["b"]


def test_a_field_of_an_item_that_is_no_longer_applied_goes(api: Any) -> None:
    api.apply(api.widgets("a"), api.widget(items=[{"name": "a", "value": "1"}]))
    answer = api.apply(api.widgets("a"), api.widget(items=[{"name": "a"}]))
    assert answer.body["spec"]["items"] == [{"name": "a", "mode": "rw"}]


def test_an_item_twice_is_refused(api: Any) -> None:
    answer = api.apply(api.widgets("a"), api.widget(items=[{"name": "a"}, {"name": "a"}]))
    assert answer.code == 500
    assert 'duplicate entries for key [name="a"]' in answer.message


def test_members_of_a_set_have_owners(api: Any) -> None:
    api.apply(api.widgets("a"), api.widget(tags=["x"]), "one")
    answer = api.apply(api.widgets("a"), api.widget(tags=["y"]), "two")
    assert answer.body["spec"]["tags"] == ["x", "y"]
    assert owned(answer, "two") == {"f:spec": {"f:tags": {'v:"y"': {}}}}
    answer = api.apply(api.widgets("a"), api.widget(), "one")
    assert answer.body["spec"]["tags"] == ["y"]


def test_a_list_without_type_is_atomic(api: Any) -> None:
    api.apply(api.widgets("a"), api.widget(plain=[1, 2]), "one")
    answer = api.apply(api.widgets("a"), api.widget(plain=[3]), "two")
    assert answer.message == 'Apply failed with 1 conflict: conflict with "one": .spec.plain'
    answer = api.apply(api.widgets("a"), api.widget(plain=[3]), "one")
    assert answer.body["spec"]["plain"] == [3]
    assert owned(answer, "one") == {"f:spec": {"f:plain": {}}}


def test_an_atomic_map(api: Any) -> None:
    api.apply(api.widgets("a"), api.widget(atomic={"a": "1"}), "one")
    answer = api.apply(api.widgets("a"), api.widget(atomic={"b": "2"}), "two", force=True)
    assert answer.body["spec"]["atomic"] == {"b": "2"}
    assert owned(answer, "two") == {"f:spec": {"f:atomic": {}}}
    assert owned(answer, "one") is None


def test_entries_of_a_map_have_owners(api: Any) -> None:
    api.apply(api.widgets("a"), api.widget(labels={"a": "1"}), "one")
    answer = api.apply(api.widgets("a"), api.widget(labels={"b": "2"}), "two")
    assert answer.body["spec"]["labels"] == {"a": "1", "b": "2"}
    assert owned(answer, "two") == {"f:spec": {"f:labels": {"f:b": {}}}}


def test_labels_and_finalizers_have_owners(api: Any) -> None:
    document = api.widget()
    document["metadata"] |= {"labels": {"a": "b"}, "finalizers": [f"{GROUP}/f"]}
    answer = api.apply(api.widgets("a"), document)
    assert owned(answer, "one")["f:metadata"] == {
        "f:finalizers": {f'v:"{GROUP}/f"': {}},
        "f:labels": {"f:a": {}},
    }
    api.send("PATCH", api.widgets("a"), {"metadata": {"finalizers": None}}, content_type=MERGE)


def test_an_update_takes_ownership(api: Any) -> None:
    api.apply(api.widgets("a"), api.widget(image="x", tier="gold"))
    patch = {"spec": {"image": "y"}}
    answer = api.send("PATCH", api.widgets("a"), patch, content_type=MERGE, fieldManager="editor")
    assert owned(answer, "one") == {"f:spec": {"f:tier": {}}}
    assert owned(answer, "editor", "Update") == {"f:spec": {"f:image": {}}}


def test_create_owns_what_it_sets_and_what_is_defaulted(api: Any) -> None:
    answer = api.send("POST", api.widgets(), api.widget(image="x"), fieldManager="maker")
    assert owned(answer, "maker", "Update") == {
        "f:spec": {".": {}, "f:image": {}, "f:replicas": {}}
    }


def test_the_user_agent_names_the_manager(api: Any) -> None:
    assert owned(api.make_map(x="1"), "contract", "Update") == {"f:data": {".": {}, "f:x": {}}}


def test_status_has_an_owner_of_its_own(api: Any) -> None:
    api.apply(api.widgets("a"), api.widget(image="x"))
    patch = {"status": {"phase": "Ready"}}
    path = api.widgets("a", "status")
    answer = api.send("PATCH", path, patch, content_type=MERGE, fieldManager="one")
    entries = {
        (entry["manager"], entry["operation"], entry.get("subresource", ""))
        for entry in answer.metadata["managedFields"]
    }
    assert entries == {("one", "Apply", ""), ("one", "Update", "status")}


def test_applying_status(api: Any) -> None:
    api.make(image="x")
    document = api.widget(image="ignored") | {"status": {"phase": "Ready"}}
    answer = api.apply(api.widgets("a", "status"), document)
    assert answer.code == 200
    assert answer.body["spec"]["image"] == "x"
    assert owned(answer, "one") == {"f:status": {"f:phase": {}}}


def test_applying_conditions(api: Any) -> None:
    api.make()
    for manager, kind in (("one", "Ready"), ("two", "Healthy")):
        status = {"conditions": [{"type": kind, "status": "True"}]}
        document = api.widget() | {"status": status}
        del document["spec"]
        answer = api.apply(api.widgets("a", "status"), document, manager)
    conditions = answer.body["status"]["conditions"]
    assert [item["type"] for item in conditions] == ["Ready", "Healthy"]


def test_status_in_an_ordinary_apply_is_ignored(api: Any) -> None:
    document = api.widget(image="x") | {"status": {"phase": "Ready"}}
    answer = api.apply(api.widgets("a"), document)
    assert "status" not in answer.body
    assert owned(answer, "one") == {"f:spec": {"f:image": {}}}


def test_apply_needs_a_field_manager(api: Any) -> None:
    content_type = "application/apply-patch+yaml"
    answer = api.send("PATCH", api.widgets("a"), api.widget(), content_type=content_type)
    assert answer.code == 422
    assert answer.message == (
        'PatchOptions.meta.k8s.io "" is invalid: fieldManager: Required value: '
        "is required for apply patch"
    )


def test_apply_with_managed_fields_is_refused(api: Any) -> None:
    document = api.widget()
    document["metadata"]["managedFields"] = [{"manager": "x"}]
    answer = api.apply(api.widgets("a"), document)
    assert answer.code == 400
    assert answer.message == "metadata.managedFields must be nil"


@pytest.mark.parametrize("missing", ["kind", "apiVersion"])
def test_apply_needs_kind_and_version(api: Any, missing: str) -> None:
    document = api.widget()
    del document[missing]
    assert api.apply(api.widgets("a"), document).code == 400


def test_apply_with_an_old_resource_version(api: Any) -> None:
    api.make()
    document = api.widget(image="x")
    document["metadata"]["resourceVersion"] = "1"
    answer = api.apply(api.widgets("a"), document)
    assert (answer.code, answer.reason) == (409, "Conflict")


def test_apply_with_a_uid_of_what_is_not_there(api: Any) -> None:
    document = api.widget()
    document["metadata"]["uid"] = "11111111-2222-3333-4444-555555555555"
    answer = api.apply(api.widgets("a"), document)
    assert (answer.code, answer.reason) == (409, "Conflict")
    assert answer.message == (
        f'Operation cannot be fulfilled on widgets.{GROUP} "a": uid mismatch: the provided object '
        "specified uid 11111111-2222-3333-4444-555555555555, and no existing object was found"
    )


def test_apply_of_an_undeclared_field(api: Any) -> None:
    answer = api.apply(api.widgets("a"), api.widget(foo=1))
    assert answer.code == 500
    assert answer.message == (
        f"failed to create typed patch object (/a; {GROUP}/v1, Kind=Widget): "
        ".spec.foo: field not declared in schema"
    )


def test_apply_is_validated(api: Any) -> None:
    assert api.apply(api.widgets("a"), api.widget(step=3)).code == 422


def test_apply_of_a_deployment_leaves_defaults_without_owner(api: Any) -> None:
    document = {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "d"},
        "spec": {
            "replicas": 0,
            "selector": {"matchLabels": {"a": "b"}},
            "template": {
                "metadata": {"labels": {"a": "b"}},
                "spec": {
                    "containers": [{"name": "c", "image": "i", "ports": [{"containerPort": 80}]}]
                },
            },
        },
    }
    answer = api.apply(api.path("deployments", "d", group="apps/v1"), document)
    assert answer.code == 201
    port = 'k:{"containerPort":80,"protocol":"TCP"}'
    container = {
        ".": {},
        "f:image": {},
        "f:name": {},
        "f:ports": {port: {".": {}, "f:containerPort": {}}},
    }
    assert owned(answer, "one") == {
        "f:spec": {
            "f:replicas": {},
            "f:selector": {},
            "f:template": {
                "f:metadata": {"f:labels": {"f:a": {}}},
                "f:spec": {"f:containers": {'k:{"name":"c"}': container}},
            },
        }
    }


def test_scaling_takes_the_replicas_from_the_applier(api: Any) -> None:
    api.apply(api.widgets("a"), api.widget(replicas=2, image="x"))
    patch = {"spec": {"replicas": 5}}
    path = api.widgets("a", "scale")
    api.send("PATCH", path, patch, content_type=MERGE, fieldManager="scaler")
    answer = api.send("GET", api.widgets("a"))
    assert owned(answer, "one") == {"f:spec": {"f:image": {}}}
    assert owned(answer, "scaler", "Update") == {"f:spec": {"f:replicas": {}}}
    conflict = api.apply(api.widgets("a"), api.widget(replicas=2, image="x"))
    assert conflict.message == (
        'Apply failed with 1 conflict: conflict with "scaler" with subresource "scale" using '
        f"{GROUP}/v1: .spec.replicas"
    )


def test_a_new_object_needs_its_name_in_the_configuration(api: Any) -> None:
    answer = api.apply(api.maps("new"), {"apiVersion": "v1", "kind": "ConfigMap"})
    assert (answer.code, answer.message) == (
        400,
        "the name of the object (new based on URL) was undeterminable: name must be provided",
    )
    api.make_map("old")
    assert api.apply(api.maps("old"), {"apiVersion": "v1", "kind": "ConfigMap"}).code == 200


def test_a_configuration_of_another_kind(api: Any) -> None:
    secret = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "a"}}
    answer = api.apply(api.maps("a"), secret)
    assert (answer.code, answer.message) == (400, "invalid object type: /v1, Kind=Secret")


def test_a_configuration_says_nothing_of_owners(api: Any) -> None:
    document = api.config_map("a")
    document["metadata"]["managedFields"] = []
    answer = api.apply(api.maps("a"), document)
    assert (answer.code, answer.message) == (400, "metadata.managedFields must be nil")
