"""Contract: CustomResourceDefinitions, discovery, OpenAPI and tables."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

import pytest

GROUP = "contract.example.com"
CRDS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
MERGE = "application/merge-patch+json"


@pytest.fixture
def crd(api: Any) -> Iterator[dict[str, Any]]:
    """A definition of the test's own, gone afterwards."""
    suffix = api.namespace.rpartition("-")[2]
    plural, kind = f"things{suffix}", f"Thing{suffix}"
    document = {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": f"{plural}.{GROUP}"},
        "spec": {
            "group": GROUP,
            "scope": "Namespaced",
            "names": {"plural": plural, "kind": kind, "shortNames": [f"th{suffix}"]},
            "versions": [version("v1", storage=True)],
        },
    }
    yield document
    api.send("DELETE", f"{CRDS}/{document['metadata']['name']}")
    api.eventually(f"{CRDS}/{document['metadata']['name']}", 404)


def version(name: str, *, storage: bool = False, **more: Any) -> dict[str, Any]:
    spec = {"type": "object", "properties": {"a": {"type": "string"}, "n": {"type": "integer"}}}
    schema = {"type": "object", "properties": {"spec": spec}}
    served = {"name": name, "served": True, "storage": storage}
    return served | {"schema": {"openAPIV3Schema": schema}} | more


def path_of(api: Any, crd: dict[str, Any], version: str = "v1", name: str = "") -> str:
    path: str = api.path(crd["spec"]["names"]["plural"], name, group=f"{GROUP}/{version}")
    return path


def thing(crd: dict[str, Any], version: str = "v1", **spec: Any) -> dict[str, Any]:
    return {
        "apiVersion": f"{GROUP}/{version}",
        "kind": crd["spec"]["names"]["kind"],
        "metadata": {"name": "a"},
        "spec": spec,
    }


def established(api: Any, crd: dict[str, Any]) -> Any:
    assert api.send("POST", CRDS, crd).code == 201
    name = crd["metadata"]["name"]

    def served() -> bool:
        status = api.send("GET", f"{CRDS}/{name}").body.get("status") or {}
        conditions = {item["type"]: item["status"] for item in status.get("conditions") or ()}
        ready = conditions.get("Established") == "True"
        return ready and api.send("GET", path_of(api, crd)).code == 200

    api.cluster.eventually(served, timeout=120)
    return api.send("GET", f"{CRDS}/{name}")


def test_names_are_completed(api: Any, crd: dict[str, Any]) -> None:
    body = established(api, crd).body
    kind = crd["spec"]["names"]["kind"]
    names = crd["spec"]["names"] | {"singular": kind.lower(), "listKind": f"{kind}List"}
    assert body["spec"]["names"] == names
    assert body["status"]["acceptedNames"] == names
    assert body["status"]["storedVersions"] == ["v1"]
    assert body["spec"]["conversion"] == {"strategy": "None"}


def test_conditions_of_an_established_definition(api: Any, crd: dict[str, Any]) -> None:
    conditions = established(api, crd).body["status"]["conditions"]
    found = [(item["type"], item["status"], item["reason"], item["message"]) for item in conditions]
    assert found == [
        ("NamesAccepted", "True", "NoConflicts", "no conflicts found"),
        (
            "Established",
            "True",
            "InitialNamesAccepted",
            "the initial names have been accepted",
        ),
    ]


def test_events_of_a_definition(api: Any, crd: dict[str, Any]) -> None:
    """It comes without conditions, and then its names are accepted and it is established."""
    other = copy.deepcopy(crd)
    names = other["spec"]["names"]
    for key, value in names.items():
        names[key] = f"{value}e" if isinstance(value, str) else [f"{item}e" for item in value]
    name = other["metadata"]["name"] = f"{names['plural']}.{other['spec']['group']}"
    with api.watch(CRDS, fieldSelector=f"metadata.name={name}") as events:
        assert api.send("POST", CRDS, other).code == 201
        kind, document = events.next()
        assert kind == "ADDED"
        assert not document["status"]["conditions"]
        seen = []
        while seen[-1:] != [["Established", "NamesAccepted"]]:
            kind, document = events.next()
            assert kind == "MODIFIED"
            conditions = document["status"]["conditions"]
            seen.append(sorted(item["type"] for item in conditions if item["status"] == "True"))
        assert seen[0] != []
    api.send("DELETE", f"{CRDS}/{name}")
    api.eventually(f"{CRDS}/{name}", 404)


def test_discovery_lists_the_resource(api: Any, crd: dict[str, Any]) -> None:
    crd["spec"]["versions"][0]["subresources"] = {"status": {}}
    established(api, crd)
    plural = crd["spec"]["names"]["plural"]

    def listed() -> Any:
        resources = api.send("GET", f"/apis/{GROUP}/v1").body["resources"]
        return {item["name"]: item for item in resources if item["name"].startswith(plural)}

    found = api.cluster.eventually(listed, timeout=120)
    assert set(found) == {plural, f"{plural}/status"}
    main = found[plural]
    main.pop("storageVersionHash", None)
    assert main.pop("verbs") and main == {
        "name": plural,
        "singularName": crd["spec"]["names"]["kind"].lower(),
        "namespaced": True,
        "kind": crd["spec"]["names"]["kind"],
        "shortNames": crd["spec"]["names"]["shortNames"],
    }
    assert sorted(found[f"{plural}/status"]["verbs"]) == ["get", "patch", "update"]


def test_versions_show_the_same_object(api: Any, crd: dict[str, Any]) -> None:
    crd["spec"]["versions"].append(version("v2"))
    established(api, crd)
    api.eventually(path_of(api, crd, "v2"), 200)
    made = api.send("POST", path_of(api, crd, "v2"), thing(crd, "v2", a="x"))
    assert (made.code, made.body["apiVersion"]) == (201, f"{GROUP}/v2")
    found = api.send("GET", path_of(api, crd, "v1", "a"))
    assert found.body["apiVersion"] == f"{GROUP}/v1"
    assert found.body["spec"] == {"a": "x"}
    assert found.metadata["resourceVersion"] == made.metadata["resourceVersion"]


def test_a_version_that_is_not_served(api: Any, crd: dict[str, Any]) -> None:
    crd["spec"]["versions"].append(version("v2") | {"served": False})
    established(api, crd)
    assert api.send("GET", path_of(api, crd, "v2")).code == 404


def test_a_deprecated_version_warns(api: Any, crd: dict[str, Any]) -> None:
    crd["spec"]["versions"][0] |= {"deprecated": True, "deprecationWarning": "use something else"}
    established(api, crd)
    answer = api.send("GET", path_of(api, crd))
    assert answer.headers["warning"] == '299 - "use something else"'


def test_without_a_status_subresource_status_is_ordinary(api: Any, crd: dict[str, Any]) -> None:
    schema = crd["spec"]["versions"][0]["schema"]["openAPIV3Schema"]
    schema["properties"]["status"] = {"type": "object", "properties": {"x": {"type": "string"}}}
    established(api, crd)
    made = api.send("POST", path_of(api, crd), thing(crd) | {"status": {"x": "y"}})
    assert made.body["status"] == {"x": "y"}
    assert api.send("GET", f"{path_of(api, crd, name='a')}/status").code == 404
    patch = {"status": {"x": "z"}}
    changed = api.send("PATCH", path_of(api, crd, name="a"), patch, content_type=MERGE)
    assert changed.metadata["generation"] == 2


def test_a_cluster_scoped_kind(api: Any, crd: dict[str, Any]) -> None:
    crd["spec"]["scope"] = "Cluster"
    assert api.send("POST", CRDS, crd).code == 201
    path = f"/apis/{GROUP}/v1/{crd['spec']['names']['plural']}"
    api.eventually(path, 200)
    made = api.send("POST", path, thing(crd, a="x"))
    assert made.code == 201
    assert "namespace" not in made.metadata
    assert api.send("GET", f"{path}/a").code == 200
    assert api.send("GET", path_of(api, crd)).code == 404


def test_a_changed_schema_is_used(api: Any, crd: dict[str, Any]) -> None:
    established(api, crd)
    found = api.send("GET", f"{CRDS}/{crd['metadata']['name']}").body
    schema = found["spec"]["versions"][0]["schema"]["openAPIV3Schema"]
    schema["properties"]["spec"]["properties"]["n"]["minimum"] = 5
    assert api.send("PUT", f"{CRDS}/{crd['metadata']['name']}", found).code == 200

    def refused() -> bool:
        answer = api.send("POST", path_of(api, crd), thing(crd, n=1), dryRun="All")
        return bool(answer.code == 422)

    api.cluster.eventually(refused, timeout=120)


def test_a_definition_takes_its_objects_with_it(api: Any, crd: dict[str, Any]) -> None:
    established(api, crd)
    api.send("POST", path_of(api, crd), thing(crd))
    name = crd["metadata"]["name"]
    assert "finalizers" not in api.send("GET", f"{CRDS}/{name}").metadata
    answer = api.send("DELETE", f"{CRDS}/{name}")
    assert answer.metadata["finalizers"] == ["customresourcecleanup.apiextensions.k8s.io"]
    api.eventually(f"{CRDS}/{name}", 404)
    api.eventually(path_of(api, crd), 404)
    established(api, crd)
    assert api.send("GET", path_of(api, crd)).body["items"] == []


def test_a_watch_ends_with_the_definition(api: Any, crd: dict[str, Any]) -> None:
    established(api, crd)
    with api.watch(path_of(api, crd)) as events:
        api.send("POST", path_of(api, crd), thing(crd))
        api.send("DELETE", f"{CRDS}/{crd['metadata']['name']}")
        assert [kind for kind, _ in events.names(2)] == ["ADDED", "DELETED"]
        assert events.ended()


def test_a_definition_has_a_generation(api: Any, crd: dict[str, Any]) -> None:
    assert established(api, crd).metadata["generation"] == 1


BROKEN = [
    ({"group": "other.example.com"}, "metadata.name", 'must be spec.names.plural+"."+spec.group'),
    ({"scope": "Galaxy"}, "spec.scope", 'Unsupported value: "Galaxy"'),
]


@pytest.mark.parametrize(("change", "field", "text"), BROKEN, ids=[field for _, field, _ in BROKEN])
def test_a_broken_definition(
    api: Any, crd: dict[str, Any], change: dict[str, Any], field: str, text: str
) -> None:
    document = copy.deepcopy(crd)
    document["spec"] |= change
    answer = api.send("POST", CRDS, document)
    assert (answer.code, answer.reason) == (422, "Invalid")
    assert any(cause["field"] == field and text in cause["message"] for cause in answer.causes), (
        answer.message
    )


def test_two_storage_versions(api: Any, crd: dict[str, Any]) -> None:
    crd["spec"]["versions"].append(version("v2", storage=True))
    answer = api.send("POST", CRDS, crd)
    assert answer.code == 422
    assert "must have exactly one version marked as storage version" in answer.message


def test_a_schema_that_is_not_structural(api: Any, crd: dict[str, Any]) -> None:
    schema = crd["spec"]["versions"][0]["schema"]["openAPIV3Schema"]
    schema["properties"]["spec"]["properties"]["a"] = {}
    answer = api.send("POST", CRDS, crd)
    assert answer.code == 422
    assert (
        "spec.validation.openAPIV3Schema.properties[spec].properties[a].type: Required value: "
        "must not be empty for specified object fields"
    ) in answer.message


def test_the_group_is_in_discovery(api: Any) -> None:
    answer = api.send("GET", f"/apis/{GROUP}")
    assert answer.body["kind"] == "APIGroup"
    assert answer.body["name"] == GROUP
    preferred = {"groupVersion": f"{GROUP}/v1", "version": "v1"}
    assert answer.body["preferredVersion"] == preferred


def test_the_core_group_is_in_discovery(api: Any) -> None:
    answer = api.send("GET", "/api/v1")
    assert answer.body["groupVersion"] == "v1"
    pods = next(item for item in answer.body["resources"] if item["name"] == "pods")
    assert (pods["kind"], pods["namespaced"], pods["shortNames"]) == ("Pod", True, ["po"])
    assert pods["categories"] == ["all"]


def test_version_and_health(api: Any) -> None:
    assert api.send("GET", "/version").body["major"] == "1"
    assert api.send("GET", "/readyz").body == "ok"


def test_openapi_of_a_custom_group(api: Any) -> None:
    def schema() -> Any:
        answer = api.send("GET", f"/openapi/v3/apis/{GROUP}/v1")
        return answer.code == 200 and answer.body["components"]["schemas"].get(
            "com.example.contract.v1.Widget"
        )

    found = api.cluster.eventually(schema, timeout=120)
    identity = {"group": GROUP, "kind": "Widget", "version": "v1"}
    assert found["x-kubernetes-group-version-kind"] == [identity]
    assert found["properties"]["spec"]["properties"]["image"]["maxLength"] == 20


def test_openapi_says_where_its_documents_are(api: Any) -> None:
    paths = api.send("GET", "/openapi/v3").body["paths"]
    assert paths["api/v1"]["serverRelativeURL"].startswith("/openapi/v3/api/v1?hash=")
    assert "apis/apps/v1" in paths
