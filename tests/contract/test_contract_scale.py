"""Contract: Scales, and tables."""

from __future__ import annotations

from typing import Any

import pytest

GROUP = "contract.example.com"
MERGE = "application/merge-patch+json"
APPLY = "application/apply-patch+yaml"
SCALE = {"apiVersion": "autoscaling/v1", "kind": "Scale"}


def deployment(name: str = "d") -> dict[str, Any]:
    labels = {"app": "x"}
    pod = {"containers": [{"name": "c", "image": "i"}]}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": name},
        "spec": {
            "replicas": 0,
            "selector": {"matchLabels": labels},
            "template": {"metadata": {"labels": labels}, "spec": pod},
        },
    }


def apply(api: Any, path: str, document: dict[str, Any], **query: str) -> Any:
    return api.send("PATCH", path, document, content_type=APPLY, fieldManager="one", **query)


def test_an_applied_scale_conflicts_in_its_own_version(api: Any) -> None:
    document = deployment()
    document["spec"]["replicas"] = 1
    api.send("POST", api.path("deployments", group="apps/v1"), document)
    path = api.path("deployments", "d", "scale", group="apps/v1")
    answer = apply(api, path, SCALE | {"spec": {"replicas": 3}})
    assert answer.code == 409
    assert answer.message == (
        'Apply failed with 1 conflict: conflict with "contract" using autoscaling/v1: '
        ".spec.replicas"
    )
    answer = apply(api, path, SCALE | {"spec": {"replicas": 3}}, force="true")
    assert (answer.code, answer.body["spec"]) == (200, {"replicas": 3})


def test_a_scale_of_a_custom_object_cannot_be_applied(api: Any) -> None:
    api.make(replicas=1)
    path = api.widgets("a", "scale")
    answer = apply(api, path, SCALE | {"spec": {"replicas": 3}}, force="true")
    assert (answer.code, answer.message) == (
        500,
        "failed to convert new object (/; autoscaling/v1, Kind=Scale) to proper version: request "
        "to convert CR to an invalid group/version: autoscaling/v1",
    )


@pytest.mark.parametrize(
    ("body", "query", "code", "text"),
    [
        ({"spec": {"replicas": "x"}}, {}, 422, "cannot unmarshal string into Go struct field"),
        ({"spec": {"x": 1}}, {"fieldValidation": "Strict"}, 422, 'unknown field "spec.x"'),
        ({"spec": {"replicas": -1}}, {}, 422, "should be a non-negative integer"),
    ],
)
def test_a_patch_that_makes_no_scale(
    api: Any, body: dict[str, Any], query: dict[str, str], code: int, text: str
) -> None:
    api.make(replicas=1)
    answer = api.send("PATCH", api.widgets("a", "scale"), body, content_type=MERGE, **query)
    assert answer.code == code
    assert text in answer.message


def test_a_scale_has_the_name_of_its_object(api: Any) -> None:
    api.make(replicas=1)
    scale = SCALE | {"metadata": {"name": "b"}, "spec": {"replicas": 1}}
    answer = api.send("PUT", api.widgets("a", "scale"), scale)
    assert answer.code == 400
    assert answer.message == ("the name of the object (b) does not match the name on the URL (a)")


def test_who_scales_to_zero_owns_nothing(api: Any) -> None:
    api.make(replicas=3)
    patch = {"spec": {"replicas": 0}}
    path = api.widgets("a", "scale")
    api.send("PATCH", path, patch, content_type=MERGE, fieldManager="scaler")
    owners = api.send("GET", api.widgets("a")).owners
    assert ("scaler", "Update") not in owners
    assert all("f:replicas" not in fields.get("f:spec", {}) for fields in owners.values())


NAME, AGE = ("Name", "string", "name", 0), ("Age", "string", "", 0)


def plain(name: str, kind: str = "string", priority: int = 0) -> tuple[str, str, str, int]:
    return (name, kind, "", priority)


@pytest.mark.parametrize(
    ("path", "columns"),
    [
        ("/api/v1/configmaps", [NAME, plain("Data"), AGE]),
        ("/api/v1/serviceaccounts", [NAME, AGE]),
        ("/api/v1/namespaces", [NAME, plain("Status"), AGE]),
        (
            "/api/v1/nodes",
            [
                NAME,
                *map(plain, ("Status", "Roles")),
                AGE,
                plain("Version"),
                *(plain(name, priority=1) for name in ("Internal-IP", "External-IP", "OS-Image")),
                *(plain(name, priority=1) for name in ("Kernel-Version", "Container-Runtime")),
            ],
        ),
        (
            "/apis/apps/v1/deployments",
            [
                NAME,
                *map(plain, ("Ready", "Up-to-date", "Available")),
                AGE,
                *(plain(name, priority=1) for name in ("Containers", "Images", "Selector")),
            ],
        ),
        (
            "/apis/batch/v1/cronjobs",
            [
                NAME,
                plain("Schedule"),
                plain("Timezone"),
                plain("Suspend", "boolean"),
                plain("Active", "integer"),
                plain("Last Schedule"),
                AGE,
                *(plain(name, priority=1) for name in ("Containers", "Images", "Selector")),
            ],
        ),
        (
            "/apis/batch/v1/jobs",
            [
                NAME,
                *map(plain, ("Status", "Completions", "Duration")),
                AGE,
                *(plain(name, priority=1) for name in ("Containers", "Images", "Selector")),
            ],
        ),
        (
            "/apis/networking.k8s.io/v1/ingresses",
            [NAME, *map(plain, ("Class", "Hosts", "Address", "Ports")), AGE],
        ),
        (
            "/apis/rbac.authorization.k8s.io/v1/rolebindings",
            [
                NAME,
                plain("Role"),
                AGE,
                *(plain(name, priority=1) for name in ("Users", "Groups", "ServiceAccounts")),
            ],
        ),
        ("/apis/rbac.authorization.k8s.io/v1/roles", [NAME, plain("Created At", "date")]),
    ],
)
def test_the_columns_of_a_kind(
    api: Any, path: str, columns: list[tuple[str, str, str, int]]
) -> None:
    table = api.send("GET", path, accept="application/json;as=Table;v=v1;g=meta.k8s.io").body
    names = ("name", "type", "format", "priority")
    assert [tuple(item[name] for name in names) for item in table["columnDefinitions"]] == columns
