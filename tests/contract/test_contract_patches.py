"""Contract: JSON patch, merge patch, strategic merge patch, scale."""

from __future__ import annotations

from typing import Any

import pytest

GROUP = "contract.example.com"
JSON_PATCH = "application/json-patch+json"
MERGE = "application/merge-patch+json"
STRATEGIC = "application/strategic-merge-patch+json"


def deployment(**spec: Any) -> dict[str, Any]:
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "d"},
        "spec": {
            "replicas": 0,
            "selector": {"matchLabels": {"a": "b"}},
            "template": {
                "metadata": {"labels": {"a": "b"}},
                "spec": {
                    "containers": [
                        {"name": "one", "image": "one:1"},
                        {"name": "two", "image": "two:1", "env": [{"name": "A", "value": "1"}]},
                    ]
                },
            },
            **spec,
        },
    }


def make_deployment(api: Any) -> str:
    path = api.path("deployments", group="apps/v1")
    assert api.send("POST", path, deployment()).code == 201
    return f"{path}/d"


def containers(answer: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = answer.body["spec"]["template"]["spec"]["containers"]
    return found


def test_merge_patch(api: Any) -> None:
    api.make(image="one", tier="gold")
    patch = {"spec": {"image": "two", "tier": None}, "metadata": {"labels": {"a": "b"}}}
    answer = api.send("PATCH", api.widgets("a"), patch, content_type=MERGE)
    assert answer.code == 200
    assert answer.body["spec"] == {"image": "two", "replicas": 1}
    assert answer.metadata["labels"] == {"a": "b"}
    assert answer.metadata["generation"] == 2


def test_merge_patch_replaces_lists(api: Any) -> None:
    api.make(tags=["a", "b"])
    patch = {"spec": {"tags": ["c"]}}
    answer = api.send("PATCH", api.widgets("a"), patch, content_type=MERGE)
    assert answer.body["spec"]["tags"] == ["c"]


def test_merge_patch_with_an_old_resource_version(api: Any) -> None:
    api.make()
    patch = {"metadata": {"resourceVersion": "1"}, "spec": {"image": "x"}}
    answer = api.send("PATCH", api.widgets("a"), patch, content_type=MERGE)
    assert (answer.code, answer.reason) == (409, "Conflict")


def test_merge_patch_is_validated(api: Any) -> None:
    api.make()
    answer = api.send("PATCH", api.widgets("a"), {"spec": {"step": 3}}, content_type=MERGE)
    assert answer.code == 422


def test_a_patch_that_changes_nothing_is_no_write(api: Any) -> None:
    made = api.make(image="one")
    answer = api.send("PATCH", api.widgets("a"), {"spec": {"image": "one"}}, content_type=MERGE)
    assert answer.metadata["resourceVersion"] == made.metadata["resourceVersion"]


def test_patch_of_what_is_not_there(api: Any) -> None:
    assert api.send("PATCH", api.widgets("a"), {}, content_type=MERGE).code == 404


def test_merge_patch_of_status(api: Any) -> None:
    api.make(image="one")
    patch = {"status": {"phase": "Ready"}, "spec": {"image": "two"}}
    answer = api.send("PATCH", api.widgets("a", "status"), patch, content_type=MERGE)
    assert answer.body["status"] == {"phase": "Ready"}
    assert answer.body["spec"]["image"] == "one"


@pytest.mark.parametrize(
    ("operations", "spec"),
    [
        ([{"op": "replace", "path": "/spec/image", "value": "x"}], {"image": "x", "tags": ["a"]}),
        ([{"op": "add", "path": "/spec/tags/-", "value": "z"}], {"image": "i", "tags": ["a", "z"]}),
        ([{"op": "add", "path": "/spec/tags/0", "value": "z"}], {"image": "i", "tags": ["z", "a"]}),
        ([{"op": "remove", "path": "/spec/tags"}], {"image": "i"}),
        (
            [{"op": "copy", "from": "/spec/image", "path": "/spec/tier"}],
            {"image": "gold", "tier": "gold", "tags": ["a"]},
        ),
        (
            [
                {"op": "test", "path": "/spec/image", "value": "i"},
                {"op": "move", "from": "/spec/image", "path": "/spec/pattern"},
            ],
            {"pattern": "i", "tags": ["a"]},
        ),
    ],
    ids=["replace", "append", "insert", "remove", "copy", "test and move"],
)
def test_json_patch(api: Any, operations: list[dict[str, Any]], spec: dict[str, Any]) -> None:
    image = "gold" if operations[0]["op"] == "copy" else "i"
    api.make(image=image, tags=["a"])
    answer = api.send("PATCH", api.widgets("a"), operations, content_type=JSON_PATCH)
    assert answer.code == 200, answer.body
    assert answer.body["spec"] == {"replicas": 1, **spec}


@pytest.mark.parametrize(
    "operations",
    [
        [{"op": "test", "path": "/spec/image", "value": "x"}],
        [{"op": "remove", "path": "/spec/none"}],
        [{"op": "add", "path": "/spec/none/deep", "value": 1}],
    ],
    ids=["test", "remove", "add"],
)
def test_a_json_patch_that_does_not_apply(api: Any, operations: list[dict[str, Any]]) -> None:
    api.make(image="i")
    answer = api.send("PATCH", api.widgets("a"), operations, content_type=JSON_PATCH)
    assert (answer.code, answer.reason) == (422, "Invalid")
    assert answer.message == "the server rejected our request due to an error in our request"


def test_a_json_patch_may_replace_what_is_not_there(api: Any) -> None:
    api.make(image="i")
    operations = [{"op": "replace", "path": "/spec/tier", "value": "gold"}]
    answer = api.send("PATCH", api.widgets("a"), operations, content_type=JSON_PATCH)
    assert (answer.code, answer.body["spec"]["tier"]) == (200, "gold")


def test_a_json_patch_that_is_no_list(api: Any) -> None:
    api.make()
    answer = api.send("PATCH", api.widgets("a"), {"spec": {}}, content_type=JSON_PATCH)
    assert answer.code == 400


def test_strategic_merge_of_a_custom_kind_is_refused(api: Any) -> None:
    api.make()
    answer = api.send("PATCH", api.widgets("a"), {}, content_type=STRATEGIC)
    assert (answer.code, answer.reason) == (415, "UnsupportedMediaType")
    assert answer.message == (
        "the body of the request was in an unknown format - accepted media types include: "
        "application/json-patch+json, application/merge-patch+json, application/apply-patch+yaml"
    )


def test_strategic_merge_by_key(api: Any) -> None:
    path = make_deployment(api)
    patch = {"spec": {"template": {"spec": {"containers": [{"name": "two", "image": "two:2"}]}}}}
    answer = api.send("PATCH", path, patch, content_type=STRATEGIC)
    assert [item["image"] for item in containers(answer)] == ["one:1", "two:2"]
    assert containers(answer)[1]["env"] == [{"name": "A", "value": "1"}]


def test_strategic_merge_adds_items(api: Any) -> None:
    path = make_deployment(api)
    new = {"name": "three", "image": "three:1"}
    patch = {"spec": {"template": {"spec": {"containers": [new]}}}}
    answer = api.send("PATCH", path, patch, content_type=STRATEGIC)
    assert sorted(item["name"] for item in containers(answer)) == ["one", "three", "two"]


def test_strategic_merge_deletes_items(api: Any) -> None:
    path = make_deployment(api)
    patch = {"spec": {"template": {"spec": {"containers": [{"name": "one", "$patch": "delete"}]}}}}
    answer = api.send("PATCH", path, patch, content_type=STRATEGIC)
    assert [item["name"] for item in containers(answer)] == ["two"]


def test_strategic_merge_replaces_lists(api: Any) -> None:
    path = make_deployment(api)
    items = [{"$patch": "replace"}, {"name": "new", "image": "new:1"}]
    patch = {"spec": {"template": {"spec": {"containers": items}}}}
    answer = api.send("PATCH", path, patch, content_type=STRATEGIC)
    assert [item["name"] for item in containers(answer)] == ["new"]


def test_strategic_merge_orders_items(api: Any) -> None:
    path = make_deployment(api)
    patch = {
        "spec": {
            "template": {
                "spec": {
                    "$setElementOrder/containers": [{"name": "two"}, {"name": "one"}],
                    "containers": [{"name": "one", "image": "one:2"}],
                }
            }
        }
    }
    answer = api.send("PATCH", path, patch, content_type=STRATEGIC)
    assert [item["image"] for item in containers(answer)] == ["two:1", "one:2"]


def test_merge_patch_of_a_deployment_replaces_containers(api: Any) -> None:
    path = make_deployment(api)
    patch = {"spec": {"template": {"spec": {"containers": [{"name": "x", "image": "x:1"}]}}}}
    answer = api.send("PATCH", path, patch, content_type=MERGE)
    assert [item["name"] for item in containers(answer)] == ["x"]


def test_an_unknown_patch_type(api: Any) -> None:
    api.make_map()
    answer = api.send("PATCH", api.maps("a"), b"{}", content_type="application/x-patch")
    assert answer.code == 415


def test_scale_of_a_custom_kind(api: Any) -> None:
    made = api.make(replicas=3)
    answer = api.send("GET", api.widgets("a", "scale"))
    assert answer.body["kind"] == "Scale"
    assert answer.body["apiVersion"] == "autoscaling/v1"
    assert answer.body["spec"] == {"replicas": 3}
    assert answer.body["status"] == {"replicas": 0}
    assert answer.metadata["uid"] == made.metadata["uid"]


def test_scale_shows_status_and_selector(api: Any) -> None:
    api.make(replicas=3)
    patch = {"status": {"replicas": 2, "selector": "app=a"}}
    api.send("PATCH", api.widgets("a", "status"), patch, content_type=MERGE)
    answer = api.send("GET", api.widgets("a", "scale"))
    assert answer.body["status"] == {"replicas": 2, "selector": "app=a"}


def test_scaling_by_patch(api: Any) -> None:
    api.make(replicas=3)
    patch = {"spec": {"replicas": 5}}
    answer = api.send("PATCH", api.widgets("a", "scale"), patch, content_type=MERGE)
    assert (answer.code, answer.body["spec"]) == (200, {"replicas": 5})
    widget = api.send("GET", api.widgets("a"))
    assert widget.body["spec"]["replicas"] == 5
    assert widget.metadata["generation"] == 2


def test_scaling_by_update(api: Any) -> None:
    api.make(replicas=3)
    scale = api.send("GET", api.widgets("a", "scale")).body
    scale["spec"]["replicas"] = 0
    answer = api.send("PUT", api.widgets("a", "scale"), scale)
    assert (answer.code, answer.body["spec"]) == (200, {})
    assert api.send("GET", api.widgets("a")).body["spec"]["replicas"] == 0


def test_scaling_with_an_old_resource_version(api: Any) -> None:
    api.make(replicas=3)
    scale = api.send("GET", api.widgets("a", "scale")).body
    api.send("PATCH", api.widgets("a"), {"spec": {"image": "x"}}, content_type=MERGE)
    scale["spec"]["replicas"] = 1
    assert api.send("PUT", api.widgets("a", "scale"), scale).code == 409


def test_scaling_below_zero(api: Any) -> None:
    api.make()
    patch = {"spec": {"replicas": -1}}
    answer = api.send("PATCH", api.widgets("a", "scale"), patch, content_type=MERGE)
    assert answer.code == 422
    assert answer.message == (
        f'Widget.{GROUP} "a" is invalid: [spec.replicas: Invalid value: -1: spec.replicas in body '
        "should be greater than or equal to 0, "
        ".spec.replicas: Invalid value: -1: should be a non-negative integer]"
    )


def test_scaling_a_deployment_below_zero(api: Any) -> None:
    path = make_deployment(api)
    patch = {"spec": {"replicas": -1}}
    answer = api.send("PATCH", f"{path}/scale", patch, content_type=MERGE)
    assert answer.message == (
        'Scale.autoscaling "d" is invalid: spec.replicas: Invalid value: -1: '
        "must be greater than or equal to 0"
    )


def test_scale_of_a_deployment(api: Any) -> None:
    path = make_deployment(api)
    answer = api.send("GET", f"{path}/scale")
    assert answer.body["spec"] == {}
    assert answer.body["status"]["selector"] == "a=b"
    patch = {"spec": {"replicas": 2}}
    assert api.send("PATCH", f"{path}/scale", patch, content_type=MERGE).code == 200
    assert api.send("GET", path).body["spec"]["replicas"] == 2
