"""Contract: objects within objects, and numbers that may be text."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

GROUP = "contract.example.com"
CRDS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
INSIDE = {
    "type": "object",
    "x-kubernetes-embedded-resource": True,
    "properties": {"spec": {"type": "object", "properties": {"a": {"type": "string"}}}},
}
OPEN = {
    "type": "object",
    "x-kubernetes-embedded-resource": True,
    "x-kubernetes-preserve-unknown-fields": True,
}
PORT = {
    "x-kubernetes-int-or-string": True,
    "anyOf": [{"type": "integer"}, {"type": "string"}],
    "maximum": 100,
    "pattern": "^[a-z]+$",
}
SCHEMA = {
    "type": "object",
    "properties": {
        "inside": INSIDE,
        "open": OPEN,
        "list": {"type": "array", "items": INSIDE},
        "port": PORT,
    },
}


def inside(**more: Any) -> dict[str, Any]:
    return {"apiVersion": "v1", "kind": "Thing", **more}


@pytest.fixture
def boxes(api: Any) -> Iterator[str]:
    suffix = api.namespace.removeprefix("contract-")
    plural, kind = f"boxes{suffix}", f"Box{suffix}"
    version = {"name": "v1", "served": True, "storage": True}
    spec = {
        "group": GROUP,
        "scope": "Namespaced",
        "names": {"plural": plural, "kind": kind},
        "versions": [version | {"schema": {"openAPIV3Schema": SCHEMA}}],
    }
    name = f"{plural}.{GROUP}"
    document = {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": name},
        "spec": spec,
    }
    assert api.send("POST", CRDS, document).code == 201
    path = api.path(plural, group=f"{GROUP}/v1")
    api.eventually(path, 200)
    yield path
    api.send("DELETE", f"{CRDS}/{name}")
    api.eventually(f"{CRDS}/{name}", 404)


def box(path: str, **fields: Any) -> dict[str, Any]:
    kind = path.rpartition("/")[2].replace("boxes", "Box")
    return {"apiVersion": f"{GROUP}/v1", "kind": kind, "metadata": {"name": "a"}, **fields}


def test_metadata_of_what_is_inside_is_kept_and_the_rest_pruned(api: Any, boxes: str) -> None:
    metadata = {"name": "x", "labels": {"a": "b"}, "creationTimestamp": None, "odd": 1}
    spec = {"a": "b", "c": "d"}
    answer = api.send("POST", boxes, box(boxes, inside=inside(metadata=metadata, spec=spec, x=1)))
    assert answer.code == 201, answer.body
    assert answer.body["inside"] == inside(
        metadata={"name": "x", "labels": {"a": "b"}}, spec={"a": "b"}
    ), answer.body


def test_all_of_what_is_open_is_kept(api: Any, boxes: str) -> None:
    thing = inside(metadata={"name": "x", "labels": {"a": "b"}}, data={"a": [1, {"b": None}]})
    answer = api.send("POST", boxes, box(boxes, open=thing))
    assert answer.code == 201, answer.body
    assert answer.body["open"] == thing


@pytest.mark.parametrize(
    ("thing", "code", "field", "text"),
    [
        ({}, 422, "apiVersion", "Required value"),
        ({"apiVersion": "v1"}, 422, "kind", "Required value"),
        (
            {"apiVersion": "", "kind": "T"},
            422,
            "apiVersion",
            'Invalid value: "": must not be empty',
        ),
        (
            {"apiVersion": "a/b/c", "kind": "T"},
            422,
            "apiVersion",
            'Invalid value: "a/b/c": unexpected GroupVersion string: a/b/c',
        ),
        (
            {"apiVersion": "v1", "kind": "not a kind"},
            422,
            "kind",
            'Invalid value: "not a kind": may have mixed case, but should otherwise match: ',
        ),
        (
            inside(metadata={"name": "a/b"}),
            422,
            "metadata.name",
            "Invalid value: \"a/b\": may not contain '/'",
        ),
        (inside(metadata={"labels": {"-": "x"}}), 422, "metadata.labels", 'Invalid value: "-": '),
        (
            inside(metadata={"namespace": "No Good"}),
            422,
            "metadata.namespace",
            'Invalid value: "No Good": ',
        ),
        (
            inside(metadata={"ownerReferences": [{}]}),
            422,
            "metadata.ownerReferences.uid",
            'Invalid value: "": must not be empty',
        ),
        ({"apiVersion": 1, "kind": "T"}, 400, "apiVersion", "Invalid value: 1: must be a string"),
        (
            inside(metadata=1),
            400,
            "metadata",
            "Invalid value: 1: json: cannot unmarshal number into Go value of type v1.ObjectMeta",
        ),
        (
            inside(metadata={"labels": 1}),
            400,
            "metadata",
            'Invalid value: {"labels":1}: json: cannot unmarshal number into Go struct field '
            "ObjectMeta.labels of type map[string]string",
        ),
    ],
    ids=lambda value: str(value)[:40],
)
@pytest.mark.parametrize("place", ["inside", "open", "list"])
def test_what_is_inside_must_be_an_object(
    api: Any, boxes: str, place: str, thing: dict[str, Any], code: int, field: str, text: str
) -> None:
    value, path = ([thing], "list[0]") if place == "list" else (thing, place)
    answer = api.send("POST", boxes, box(boxes, **{place: value}))
    assert answer.code == code
    assert f"{path}.{field}: {text}" in answer.message


def test_unknown_metadata_of_what_is_inside_is_told(api: Any, boxes: str) -> None:
    thing = inside(metadata={"odd": 1}, spec={"c": "d"})
    answer = api.send("POST", boxes, box(boxes, inside=thing), fieldValidation="Strict")
    assert answer.message.endswith(
        'strict decoding error: unknown field "inside.spec.c", unknown field "inside.metadata.odd"'
    )


@pytest.mark.parametrize(
    ("value", "kept"),
    [(1, 1), ("abc", "abc"), (1.0, 1), (1e2, 100), (0, 0), (101, None), ("ABC", None)],
)
def test_numbers_that_may_be_text(api: Any, boxes: str, value: Any, kept: Any) -> None:
    answer = api.send("POST", boxes, box(boxes, port=value))
    assert answer.code == (422 if kept is None else 201), answer.body
    if kept is not None:
        assert (answer.body["port"], type(answer.body["port"])) == (kept, type(kept))


@pytest.mark.parametrize("value", [True, 1.5])
def test_what_is_neither_number_nor_text(api: Any, boxes: str, value: Any) -> None:
    answer = api.send("POST", boxes, box(boxes, port=value))
    assert (answer.code, answer.reason) == (422, "Invalid")
