"""Contract: what namespaces and definitions tell while they end, and names that are taken."""

from __future__ import annotations

import copy
from typing import Any

import pytest

GROUP = "contract.example.com"
CRDS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
MERGE = "application/merge-patch+json"
FINALIZER = f"{GROUP}/hold"


def conditions(api: Any, path: str, wanted: str) -> dict[str, tuple[str, str, str]]:
    """Status, reason and message of the conditions, as soon as one is True."""
    found: dict[str, tuple[str, str, str]] = {}

    def told() -> bool:
        status = api.send("GET", path).body.get("status") or {}
        found.update(
            (item["type"], (item["status"], item["reason"], item["message"]))
            for item in status.get("conditions") or ()
        )
        return wanted in found

    api.cluster.eventually(told, timeout=120)
    return found


def test_a_namespace_says_what_it_waits_for(api: Any) -> None:
    name = f"{api.namespace}-end"
    namespace = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}
    path, widgets = f"/api/v1/namespaces/{name}", f"/apis/{GROUP}/v1/namespaces/{name}/widgets"
    api.send("POST", "/api/v1/namespaces", namespace)
    for held in ("a", "b"):
        document = api.widget(held)
        document["metadata"]["finalizers"] = [FINALIZER]
        assert api.send("POST", widgets, document).code == 201
    api.send("DELETE", path)
    expected = {
        "NamespaceDeletionDiscoveryFailure": (
            "False",
            "ResourcesDiscovered",
            "All resources successfully discovered",
        ),
        "NamespaceDeletionGroupVersionParsingFailure": (
            "False",
            "ParsedGroupVersions",
            "All legacy kube types successfully parsed",
        ),
        "NamespaceDeletionContentFailure": (
            "False",
            "ContentDeleted",
            "All content successfully deleted, may be waiting on finalization",
        ),
        "NamespaceContentRemaining": (
            "True",
            "SomeResourcesRemain",
            f"Some resources are remaining: widgets.{GROUP} has 2 resource instances",
        ),
        "NamespaceFinalizersRemaining": (
            "True",
            "SomeFinalizersRemain",
            f"Some content in the namespace has finalizers remaining: {FINALIZER} in 2 resource "
            "instances",
        ),
    }

    def told() -> bool:
        assert conditions(api, path, "NamespaceFinalizersRemaining") == expected
        return True

    api.cluster.eventually(told, timeout=120)
    for held in ("a", "b"):
        patch = {"metadata": {"finalizers": None}}
        api.send("PATCH", f"{widgets}/{held}", patch, content_type=MERGE)
    api.eventually(path, 404)


@pytest.fixture
def crd(api: Any) -> Any:
    suffix = api.namespace.removeprefix("contract-")
    spec = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}
    version = {
        "name": "v1",
        "served": True,
        "storage": True,
        "schema": {"openAPIV3Schema": {"type": "object", "properties": {"spec": spec}}},
    }
    document = {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": f"ends{suffix}.{GROUP}"},
        "spec": {
            "group": GROUP,
            "scope": "Namespaced",
            "names": {"plural": f"ends{suffix}", "kind": f"End{suffix}"},
            "versions": [version],
        },
    }
    assert api.send("POST", CRDS, document).code == 201
    path = f"{CRDS}/{document['metadata']['name']}"
    api.cluster.eventually(
        lambda: conditions(api, path, "Established")["Established"][0] == "True", timeout=120
    )
    yield document
    api.send("DELETE", path)
    api.eventually(path, 404)


def test_a_kind_that_is_taken(api: Any, crd: dict[str, Any]) -> None:
    other = copy.deepcopy(crd)
    names = other["spec"]["names"]
    names["plural"] += "x"
    other["metadata"]["name"] = f"{names['plural']}.{GROUP}"
    path = f"{CRDS}/{other['metadata']['name']}"
    assert api.send("POST", CRDS, other).code == 201
    found = conditions(api, path, "Established")
    kind = names["kind"]
    assert found == {
        "NamesAccepted": ("False", "ListKindConflict", f'"{kind}List" is already in use'),
        "Established": ("False", "NotAccepted", "not all names are accepted"),
    }
    accepted = api.send("GET", path).body["status"]["acceptedNames"]
    assert accepted["plural"] == names["plural"]
    assert accepted["kind"] == ""
    api.send("DELETE", path)
    api.eventually(path, 404)


def test_a_definition_says_that_it_ends(api: Any, crd: dict[str, Any]) -> None:
    path = f"{CRDS}/{crd['metadata']['name']}"
    things = api.path(crd["spec"]["names"]["plural"], group=f"{GROUP}/v1")
    thing = {
        "apiVersion": f"{GROUP}/v1",
        "kind": crd["spec"]["names"]["kind"],
        "metadata": {"name": "a", "finalizers": [FINALIZER]},
    }

    api.eventually(things, 200)
    assert api.send("POST", things, thing).code == 201
    api.send("DELETE", path)
    ends = ("True", "InstanceDeletionInProgress", "CustomResource deletion is in progress")
    api.cluster.eventually(
        lambda: conditions(api, path, "Terminating")["Terminating"] == ends, timeout=120
    )
    thing["metadata"] = {"name": "b"}

    def refused() -> Any:
        # What serves the objects hears of the condition a moment after it was written.
        answer = api.send("POST", things, thing, dryRun="All")
        return answer.code != 201 and answer

    answer = api.cluster.eventually(refused, timeout=120)
    assert (answer.code, answer.reason) == (403, "Forbidden")
    assert answer.message == (
        f'{crd["spec"]["names"]["plural"]}.{GROUP} "b" is forbidden: create not allowed while '
        "custom resource definition is terminating"
    )
    patch = {"metadata": {"finalizers": None}}
    api.send("PATCH", f"{things}/a", patch, content_type=MERGE)
    api.eventually(path, 404)


@pytest.mark.parametrize("name", ["default", "kube-system", "kube-public"])
def test_namespaces_that_stay(api: Any, name: str) -> None:
    answer = api.send("DELETE", f"/api/v1/namespaces/{name}")
    assert (answer.code, answer.reason) == (403, "Forbidden")
    assert answer.message == (
        f'namespaces "{name}" is forbidden: this namespace may not be deleted'
    )


def test_finalizers_of_a_namespace_are_kept(api: Any) -> None:
    namespace = {"metadata": {"name": "kept"}, "spec": {"finalizers": ["example.com/a"]}}
    answer = api.send("POST", "/api/v1/namespaces", namespace, dryRun="All")
    assert answer.body["spec"]["finalizers"] == ["example.com/a", "kubernetes"]
