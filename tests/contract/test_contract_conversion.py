"""Conversion webhooks: a CRD with two versions whose fields differ."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

GROUP = "convert.example.com"
FAILED = f"conversion webhook for {GROUP}/v1, Kind=Gadget failed: "


def schema(field: str) -> dict[str, Any]:
    spec = {"type": "object", "properties": {field: {"type": "string"}}}
    return {"openAPIV3Schema": {"type": "object", "properties": {"spec": spec}}}


def convert(document: dict[str, Any], version: str) -> dict[str, Any]:
    """`spec.size` of v1 is `spec.length` of v2."""
    found = json.loads(json.dumps(document))
    spec = found.get("spec") or {}
    old, new = ("size", "length") if version.endswith("v2") else ("length", "size")
    if old in spec:
        spec[new] = spec.pop(old)
    return {**found, "apiVersion": version}


def converted(review: dict[str, Any]) -> dict[str, Any]:
    request = review["request"]
    objects = [convert(item, request["desiredAPIVersion"]) for item in request["objects"]]
    return {"result": {"status": "Success"}, "convertedObjects": objects}


class Gadgets:
    """The CRD, its webhook and its objects."""

    def __init__(self, api: Any, hooks: Any) -> None:
        self.api = api
        self.hooks = hooks
        self.answer: Any = converted

    def install(self) -> None:
        webhook = {
            "clientConfig": self.hooks.config("/convert", lambda review: self.answer(review)),
            "conversionReviewVersions": ["v1"],
        }
        versions = [
            {
                "name": name,
                "served": True,
                "storage": name == "v1",
                "schema": schema(field),
                "selectableFields": [{"jsonPath": f".spec.{field}"}],
            }
            for name, field in (("v1", "size"), ("v2", "length"))
        ]
        definition = {
            "apiVersion": "apiextensions.k8s.io/v1",
            "kind": "CustomResourceDefinition",
            "metadata": {"name": f"gadgets.{GROUP}"},
            "spec": {
                "group": GROUP,
                "scope": "Namespaced",
                "names": {"plural": "gadgets", "kind": "Gadget"},
                "versions": versions,
                "conversion": {"strategy": "Webhook", "webhook": webhook},
            },
        }
        self.api.cluster.install(definition)
        self.api.eventually(self.path("v2"), 200)

    def path(self, version: str, name: str = "") -> str:
        path: str = self.api.path("gadgets", name, group=f"{GROUP}/{version}")
        return path

    def make(self, version: str, name: str = "a", **spec: str) -> Any:
        document = {
            "apiVersion": f"{GROUP}/{version}",
            "kind": "Gadget",
            "metadata": {"name": name},
            "spec": spec,
        }
        return self.api.send("POST", self.path(version), document)

    def close(self) -> None:
        self.answer = converted
        path = f"/apis/apiextensions.k8s.io/v1/customresourcedefinitions/gadgets.{GROUP}"
        self.api.send("DELETE", path)
        self.api.eventually(path, 404)


@pytest.fixture
def gadgets(api: Any) -> Iterator[Gadgets]:
    from controlplane.hooks import Hooks

    with Hooks() as hooks:
        made = Gadgets(api, hooks)
        made.install()
        yield made
        made.close()


def test_created_in_one_version_and_read_in_both(api: Any, gadgets: Any) -> None:
    answer = gadgets.make("v2", length="10")
    assert (answer.code, answer.body["spec"]) == (201, {"length": "10"})
    assert answer.body["apiVersion"] == f"{GROUP}/v2"
    assert api.send("GET", gadgets.path("v1", "a")).body["spec"] == {"size": "10"}
    assert api.send("GET", gadgets.path("v2", "a")).body["spec"] == {"length": "10"}


def test_a_list_is_converted_in_one_call(api: Any, gadgets: Any) -> None:
    for name in ("a", "b", "c"):
        gadgets.make("v1", name, size=name)
    gadgets.hooks.reviews.clear()
    items = api.send("GET", gadgets.path("v2"), resourceVersion="").body["items"]
    assert [item["spec"] for item in items] == [{"length": name} for name in "abc"]
    assert {item["apiVersion"] for item in items} == {f"{GROUP}/v2"}


def test_a_patch_in_another_version(api: Any, gadgets: Any) -> None:
    gadgets.make("v1", size="1")
    patch = {"spec": {"length": "2"}}
    kind = "application/merge-patch+json"
    answer = api.send("PATCH", gadgets.path("v2", "a"), patch, content_type=kind)
    assert answer.body["spec"] == {"length": "2"}
    assert api.send("GET", gadgets.path("v1", "a")).body["spec"] == {"size": "2"}


def test_a_watch_is_converted(api: Any, gadgets: Any) -> None:
    with api.watch(gadgets.path("v2")) as events:
        gadgets.make("v1", size="1")
        kind, document = events.next()
    assert (kind, document["apiVersion"], document["spec"]) == (
        "ADDED",
        f"{GROUP}/v2",
        {"length": "1"},
    )


def test_selectable_fields_are_those_of_the_version(api: Any, gadgets: Any) -> None:
    gadgets.make("v1", "a", size="1")
    gadgets.make("v1", "b", size="2")
    answer = api.send("GET", gadgets.path("v2"), fieldSelector="spec.length=2")
    assert [item["metadata"]["name"] for item in answer.body["items"]] == ["b"]


def test_labels_may_change_other_metadata_may_not(api: Any, gadgets: Any) -> None:
    gadgets.make("v1", size="1")

    def relabel(review: Any) -> Any:
        answer = converted(review)
        for item in answer["convertedObjects"]:
            item["metadata"]["labels"] = {"converted": "yes"}
            item["metadata"]["finalizers"] = ["example.com/x"]
        return answer

    gadgets.answer = relabel
    metadata = api.send("GET", gadgets.path("v2", "a")).metadata
    assert metadata["labels"] == {"converted": "yes"}
    assert "finalizers" not in metadata


@pytest.mark.parametrize(
    ("answer", "text"),
    [
        ({"result": {"status": "Failure", "message": "no way"}}, FAILED + "no way"),
        (
            {"result": {"status": "Failure"}},
            FAILED + "response.result.status was 'Failure', not 'Success'",
        ),
        (
            {"result": {"status": "Success"}, "convertedObjects": []},
            f"conversion webhook for {GROUP}/v1, Kind=Gadget returned 0 objects, expected 1",
        ),
    ],
    ids=["message", "no message", "nothing"],
)
def test_a_conversion_that_fails(api: Any, gadgets: Any, answer: Any, text: str) -> None:
    gadgets.make("v1", size="1")
    gadgets.answer = lambda _: answer
    found = api.send("GET", gadgets.path("v2", "a"))
    assert (found.code, found.message) == (500, text)


def test_an_object_of_the_wrong_version_comes_back(api: Any, gadgets: Any) -> None:
    gadgets.make("v1", size="1")

    def unchanged(review: Any) -> Any:
        objects = review["request"]["objects"]
        return {"result": {"status": "Success"}, "convertedObjects": objects}

    gadgets.answer = unchanged
    found = api.send("GET", gadgets.path("v2", "a"))
    assert found.code == 500
    assert found.message == (
        f"conversion webhook for {GROUP}/v1, Kind=Gadget returned invalid object at "
        f"index 0: invalid groupVersion (expected {GROUP}/v2, received {GROUP}/v1)"
    )


def test_the_stored_version_needs_no_webhook(api: Any, gadgets: Any) -> None:
    gadgets.answer = lambda _: {"result": {"status": "Failure", "message": "no way"}}
    assert gadgets.make("v1", size="1").code == 201
    assert api.send("GET", gadgets.path("v1", "a")).code == 200
