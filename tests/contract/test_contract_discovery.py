"""Contract: discovery in both forms, OpenAPI in both versions, and paths that are no resources."""

from __future__ import annotations

from typing import Any

import pytest

GROUP = "contract.example.com"
AGGREGATED = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList"
OLD_AGGREGATED = AGGREGATED.replace("v=v2", "v=v2beta1")
ALL = ["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"]
PART = ["get", "patch", "update"]


def groups(api: Any, path: str = "/apis") -> dict[str, Any]:
    answer = api.send("GET", path, accept=AGGREGATED)
    assert (answer.code, answer.headers["content-type"]) == (200, AGGREGATED)
    assert (answer.body["kind"], answer.body["apiVersion"]) == (
        "APIGroupDiscoveryList",
        "apidiscovery.k8s.io/v2",
    )
    return {item["metadata"].get("name", ""): item for item in answer.body["items"]}


def listed(api: Any, path: str, group: str, plural: str) -> Any:
    """A resource as the aggregated form shows it; the order of its verbs is open."""
    versions = groups(api, path)[group]["versions"]
    found = next(item for item in versions[0]["resources"] if item["resource"] == plural)
    found["verbs"].sort()
    return found


def test_the_core_group_aggregated(api: Any) -> None:
    assert listed(api, "/api", "", "configmaps") == {
        "resource": "configmaps",
        "responseKind": {"group": "", "version": "", "kind": "ConfigMap"},
        "scope": "Namespaced",
        "singularResource": "configmap",
        "verbs": ALL,
        "shortNames": ["cm"],
    }


def test_a_built_in_kind_with_subresources_aggregated(api: Any) -> None:
    found = listed(api, "/apis", "apps", "deployments")
    assert found["categories"] == ["all"]
    assert found["subresources"] == [
        {
            "subresource": "scale",
            "responseKind": {"group": "autoscaling", "version": "v1", "kind": "Scale"},
            "verbs": PART,
        },
        {
            "subresource": "status",
            "responseKind": {"group": "", "version": "", "kind": "Deployment"},
            "verbs": PART,
        },
    ]


def test_a_custom_kind_aggregated(api: Any) -> None:
    kind = {"group": GROUP, "version": "v1", "kind": "Widget"}
    scale = {"group": "autoscaling", "version": "v1", "kind": "Scale"}
    api.cluster.eventually(lambda: GROUP in groups(api), timeout=120)
    assert listed(api, "/apis", GROUP, "widgets") == {
        "resource": "widgets",
        "responseKind": kind,
        "scope": "Namespaced",
        "singularResource": "widget",
        "verbs": ALL,
        "subresources": [
            {"subresource": "status", "responseKind": kind, "verbs": PART},
            {"subresource": "scale", "responseKind": scale, "verbs": PART},
        ],
    }


def test_groups_come_in_order_of_priority(api: Any) -> None:
    expected = [
        "apiregistration.k8s.io",
        "apps",
        "events.k8s.io",
        "authentication.k8s.io",
        "authorization.k8s.io",
        "autoscaling",
        "batch",
        "certificates.k8s.io",
        "networking.k8s.io",
        "policy",
        "rbac.authorization.k8s.io",
        "storage.k8s.io",
        "admissionregistration.k8s.io",
        "apiextensions.k8s.io",
        "scheduling.k8s.io",
        "coordination.k8s.io",
        "node.k8s.io",
        "discovery.k8s.io",
        "resource.k8s.io",
        "flowcontrol.apiserver.k8s.io",
    ]

    def in_order() -> bool:
        # A real server lists the group of a CRD for a while after it has gone.
        found = [name for name in groups(api) if not name.endswith("example.com")]
        assert found == expected
        return True

    api.cluster.eventually(in_order, timeout=120)
    versions = [item["version"] for item in groups(api)["autoscaling"]["versions"]]
    assert versions == ["v2", "v1"]


def test_the_older_aggregated_form_is_no_longer_served(api: Any) -> None:
    answer = api.send("GET", "/apis", accept=OLD_AGGREGATED)
    assert (answer.code, answer.reason) == (406, "NotAcceptable")
    answer = api.send("GET", "/apis", accept=f"{OLD_AGGREGATED},application/json")
    assert (answer.code, answer.body["kind"]) == (200, "APIGroupList")


def test_groups_in_the_older_form(api: Any) -> None:
    answer = api.send("GET", "/apis")
    found = {item["name"]: item for item in answer.body["groups"]}
    assert found["autoscaling"] == {
        "name": "autoscaling",
        "versions": [
            {"groupVersion": "autoscaling/v2", "version": "v2"},
            {"groupVersion": "autoscaling/v1", "version": "v1"},
        ],
        "preferredVersion": {"groupVersion": "autoscaling/v2", "version": "v2"},
    }
    assert api.send("GET", "/api").body["versions"] == ["v1"]


VERSIONS = (
    *("api/v1", "apis/admissionregistration.k8s.io/v1", "apis/apiextensions.k8s.io/v1"),
    *("apis/apiregistration.k8s.io/v1", "apis/apps/v1", "apis/authentication.k8s.io/v1"),
    *("apis/authorization.k8s.io/v1", "apis/autoscaling/v1", "apis/autoscaling/v2"),
    *("apis/batch/v1", "apis/certificates.k8s.io/v1", "apis/coordination.k8s.io/v1"),
    *("apis/discovery.k8s.io/v1", "apis/events.k8s.io/v1", "apis/networking.k8s.io/v1"),
    *("apis/flowcontrol.apiserver.k8s.io/v1", "apis/node.k8s.io/v1", "apis/policy/v1"),
    *("apis/rbac.authorization.k8s.io/v1", "apis/resource.k8s.io/v1"),
    *("apis/scheduling.k8s.io/v1", "apis/storage.k8s.io/v1"),
)
# What reaches into containers, nodes and signers, of which there are none in-process.
NOT_SERVED = {
    *("nodes/proxy", "pods/ephemeralcontainers", "pods/proxy", "pods/resize", "services/proxy"),
    "certificatesigningrequests/approval",
}


@pytest.mark.controlplane
@pytest.mark.parametrize("path", VERSIONS)
def test_both_servers_list_the_same_resources(api: Any, real_cluster: Any, path: str) -> None:
    def resources(cluster: Any) -> dict[str, Any]:
        found = cluster.request("GET", f"/{path}")["resources"]
        for item in found:
            item.pop("storageVersionHash", None)
        return {item["name"]: item for item in found if item["name"] not in NOT_SERVED}

    assert resources(api.cluster) == resources(real_cluster)


@pytest.mark.parametrize(
    ("method", "path", "code"),
    [
        ("GET", "/apis/nothing.example.com", 404),
        ("GET", "/apis/apps/v9", 404),
        ("GET", "/nothing", 404),
        ("POST", "/api", 405),
        ("POST", "/version", 405),
        ("DELETE", "/api/v1/pods", 405),
        ("PUT", "/api/v1/pods", 405),
        ("POST", "/api/v1/nodes/x", 405),
        ("OPTIONS", "/api/v1/namespaces/default", 405),
        ("GET", "/api/v1/namespaces/default/nodes", 404),
        ("GET", "/api/v1/namespaces/default/namespaces", 404),
        ("GET", "/api/v1/namespaces/default/pods/x/nothing", 404),
        ("GET", "/api/v1/namespaces/default/pods/x/eviction", 405),
        ("GET", "/api/v1/namespaces/default/pods/x/binding", 405),
        ("PUT", "/api/v1/namespaces/default/pods/x/log", 405),
        ("GET", "/api/v1/namespaces/default/pods/x/exec", 404),
        ("GET", "/api/v1/namespaces/default/pods/x/portforward", 404),
        ("GET", "/api/v1/namespaces/default/serviceaccounts/default/token", 405),
        ("GET", "/apis/metrics.k8s.io/v1beta1/nodes", 404),
    ],
)
def test_paths_and_methods_that_there_are_not(api: Any, method: str, path: str, code: int) -> None:
    assert api.send(method, path).code == code


def test_a_kind_that_is_deprecated_warns(api: Any) -> None:
    answer = api.send("GET", api.path("endpoints"))
    assert answer.headers["warning"] == (
        '299 - "v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice"'
    )


@pytest.mark.parametrize("path", ["/healthz", "/livez", "/readyz", "/livez/ping"])
def test_health(api: Any, path: str) -> None:
    answer = api.send("GET", path)
    assert (answer.code, answer.body) == (200, "ok")


def test_health_at_length(api: Any) -> None:
    answer = api.send("GET", "/readyz", verbose="")
    assert "[+]ping ok" in answer.body
    assert answer.body.endswith("readyz check passed\n")


def test_openapi_of_version_two(api: Any) -> None:
    def widget() -> Any:
        document = api.send("GET", "/openapi/v2").body
        assert document["swagger"] == "2.0"
        return document["definitions"].get("com.example.contract.v1.Widget")

    found = api.cluster.eventually(widget, timeout=120)
    identity = {"group": GROUP, "kind": "Widget", "version": "v1"}
    assert found["x-kubernetes-group-version-kind"] == [identity]
    assert found["properties"]["spec"]["properties"]["image"]["type"] == "string"
    metadata = found["properties"]["metadata"]["$ref"]
    assert metadata == "#/definitions/io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta"


def test_openapi_of_built_in_kinds(api: Any) -> None:
    schemas = api.send("GET", "/openapi/v3/apis/apps/v1").body["components"]["schemas"]
    found = schemas["io.k8s.api.apps.v1.DeploymentSpec"]
    assert set(found["required"]) == {"selector", "template"}
    assert found["properties"]["replicas"]["format"] == "int32"
    ports = api.send("GET", "/openapi/v3/api/v1").body["components"]["schemas"][
        "io.k8s.api.core.v1.ServiceSpec"
    ]["properties"]["ports"]
    assert ports["x-kubernetes-list-map-keys"] == ["port", "protocol"]
    assert ports["x-kubernetes-patch-merge-key"] == "port"


def test_openapi_of_a_group_that_is_not_there(api: Any) -> None:
    assert api.send("GET", "/openapi/v3/apis/nothing.example.com/v1").code == 404


def test_openapi_tells_whether_it_changed(api: Any) -> None:
    paths = api.send("GET", "/openapi/v3").body["paths"]
    address = paths["apis/apps/v1"]["serverRelativeURL"]
    path, _, query = address.partition("?")
    answer = api.send("GET", path, hash=query.removeprefix("hash="))
    assert answer.code == 200
    assert answer.headers["etag"].strip('"') == query.removeprefix("hash=")
