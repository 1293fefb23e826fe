"""Contract: the form of answers: JSON, YAML, tables, metadata alone, compressed, or none."""

from __future__ import annotations

from typing import Any

import pytest

GROUP = "contract.example.com"
JSON, YAML = "application/json", "application/yaml"
PROTOBUF = "application/vnd.kubernetes.protobuf"
TABLE = "application/json;as=Table;v={};g=meta.k8s.io"
METADATA = "application/json;as=PartialObjectMetadata{};v=v1;g=meta.k8s.io"
READABLE = f"{JSON}, {YAML}, {PROTOBUF}"
ONLY = f"only the following media types are accepted: {READABLE}"
MERGE = "application/merge-patch+json"


@pytest.mark.parametrize(
    "accept",
    [
        *("", "*/*", JSON, "text/html, application/json", "application/json;q=0.5"),
        *(f"{PROTOBUF}, {JSON}", f"{JSON}; charset=utf-8", "text/*, */*;q=0.1"),
        f"application/json;as=Nothing;v=v1;g=meta.k8s.io, {JSON}",
    ],
)
def test_json_for_whoever_takes_it(api: Any, accept: str) -> None:
    api.make()
    answer = api.send("GET", api.widgets("a"), accept=accept)
    assert (answer.code, answer.headers["content-type"]) == (200, JSON)
    assert answer.body["kind"] == "Widget"


@pytest.mark.parametrize("accept", ["application/xml", "nonsense", "application/cbor", "*/json"])
def test_what_is_not_written_is_refused(api: Any, accept: str) -> None:
    answer = api.send("GET", api.widgets(), accept=accept)
    assert (answer.code, answer.reason, answer.message) == (406, "NotAcceptable", ONLY)
    answer = api.send("GET", api.maps("a"), accept=accept)
    assert (answer.code, answer.reason) == (406, "NotAcceptable")
    text = f"406: Not Acceptable\n\nAvailable representations: {READABLE}"
    assert answer.message == text


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_nothing_is_done_whose_answer_cannot_be_written(api: Any, method: str) -> None:
    made = api.make("old", image="x")
    path = api.widgets() if method == "POST" else api.widgets("old")
    body = api.widget("new") if method == "POST" else made.body | {"spec": {"image": "y"}}
    kind = MERGE if method == "PATCH" else JSON
    data = None if method == "DELETE" else body
    assert api.send(method, path, data, content_type=kind, accept="text/csv").code == 406
    assert api.send("GET", api.widgets("new")).code == 404
    assert api.send("GET", api.widgets("old")).body == made.body


def test_protobuf_of_a_custom_kind_is_refused(api: Any) -> None:
    assert api.send("GET", api.widgets(), accept=f"{PROTOBUF}, text/csv").code == 406


@pytest.mark.parametrize(
    "kind",
    [
        *("text/plain", "application/octet-stream", "application/cbor", "text/yaml", "nonsense"),
        *("application/x-yaml", "application/merge-patch+json", "application/json, text/plain"),
    ],
)
def test_bodies_of_other_types_are_refused(api: Any, kind: str) -> None:
    for path, document in ((api.maps(), api.config_map()), (api.widgets(), api.widget())):
        answer = api.send("POST", path, document, content_type=kind)
        assert (answer.code, answer.reason) == (415, "UnsupportedMediaType")
        assert answer.message == (
            f"the body of the request was in an unknown format - accepted media types include: "
            f"{READABLE}"
        )


@pytest.mark.parametrize("kind", [f"{JSON}; charset=utf-8", "application/JSON", f"{YAML};x=y"])
def test_parameters_and_case_of_a_type_do_not_matter(api: Any, kind: str) -> None:
    assert api.send("POST", api.maps(), api.config_map(), content_type=kind).code == 201


@pytest.mark.parametrize("kind", [JSON, "text/plain", PROTOBUF, YAML])
def test_patches_of_other_types_are_refused(api: Any, kind: str) -> None:
    api.make_map()
    answer = api.send("PATCH", api.maps("a"), {}, content_type=kind)
    assert (answer.code, answer.message) == (415, "415: Unsupported Media Type")
    api.make()
    answer = api.send("PATCH", api.widgets("a"), {}, content_type=kind)
    assert (answer.code, answer.reason) == (415, "UnsupportedMediaType")
    assert answer.message.endswith(
        "application/json-patch+json, application/merge-patch+json, application/apply-patch+yaml"
    )


def test_yaml_is_written(api: Any) -> None:
    import yaml

    data = {"a": 'x: "q"\nnew', "b": "true", "c": "1", "d": "", "e": "é"}
    made = api.make_map("a", **data).body
    for path in (api.maps("a"), api.widgets("nobody"), "/apis/batch"):
        plain = api.send("GET", path)
        answer = api.send("GET", path, accept=YAML)
        assert (answer.code, answer.headers["content-type"]) == (plain.code, YAML)
        assert yaml.safe_load(answer.body) == plain.body
    assert yaml.safe_load(api.send("GET", api.maps("a"), accept=YAML).body) == made


def test_a_watch_is_never_in_yaml(api: Any) -> None:
    answer = api.send("GET", api.widgets(), watch="true", accept=YAML)
    assert answer.code == 406


@pytest.mark.parametrize("version", ["v1", "v1beta1"])
def test_a_table(api: Any, version: str) -> None:
    made = api.make(image="x")
    for path in (api.widgets(), api.widgets("a")):
        table = api.send("GET", path, accept=TABLE.format(version)).body
        assert (table["kind"], table["apiVersion"]) == ("Table", f"meta.k8s.io/{version}")
        assert [item["name"] for item in table["columnDefinitions"]] == [
            *("Name", "Replicas", "Image", "Age"),
        ]
        [row] = table["rows"]
        assert row["cells"][:3] == ["a", 1, "x"]
        assert row["object"]["kind"] == "PartialObjectMetadata"
        assert row["object"]["metadata"]["uid"] == made.metadata["uid"]


@pytest.mark.parametrize(
    ("include", "kind"), [("Object", "Widget"), ("Metadata", "PartialObjectMetadata"), ("None", "")]
)
def test_what_rows_of_a_table_carry(api: Any, include: str, kind: str) -> None:
    api.make()
    query = {"includeObject": include}
    [row] = api.send("GET", api.widgets(), accept=TABLE.format("v1"), **query).body["rows"]
    assert (row.get("object") or {}).get("kind", "") == kind


def test_a_watch_as_tables(api: Any) -> None:
    import json

    api.make(image="x")
    query = {"watch": "true", "timeoutSeconds": "1", "fieldSelector": "metadata.name=a"}

    def told() -> Any:
        return api.send("GET", api.widgets(), accept=TABLE.format("v1"), **query).body

    # A server that is busy may send nothing within a second.
    body = api.cluster.eventually(told, timeout=120)
    event = json.loads(body.splitlines()[0]) if isinstance(body, str) else body
    assert (event["type"], event["object"]["kind"]) == ("ADDED", "Table")
    assert event["object"]["rows"][0]["cells"][:3] == ["a", 1, "x"]


def test_metadata_alone(api: Any) -> None:
    made = api.make()
    answer = api.send("GET", api.widgets("a"), accept=METADATA.format(""))
    assert answer.body == {
        "kind": "PartialObjectMetadata",
        "apiVersion": "meta.k8s.io/v1",
        "metadata": made.metadata,
    }
    answer = api.send("GET", api.widgets(), accept=METADATA.format("List"))
    assert answer.body["kind"] == "PartialObjectMetadataList"
    assert [item["metadata"] for item in answer.body["items"]] == [made.metadata]


def test_a_list_is_no_single_object(api: Any) -> None:
    answer = api.send("GET", api.maps(), accept=METADATA.format(""))
    assert (answer.code, answer.reason) == (406, "NotAcceptable")
    assert answer.message == (
        "you requested PartialObjectMetadata, but the requested object is a list "
        "(*core.ConfigMapList)"
    )
    api.make_map()
    answer = api.send("GET", api.maps("a"), accept=METADATA.format("List"))
    assert answer.message == (
        "you requested PartialObjectMetadataList, but the requested object is not a list "
        "(*core.ConfigMap)"
    )


@pytest.mark.parametrize(
    "accept",
    [
        *(TABLE.format("v2"), "application/json;as=Table", "application/json;as=Table;v=v1;g=foo"),
        "application/json;as=Nothing;v=v1;g=meta.k8s.io",
    ],
)
def test_shapes_that_there_are_not(api: Any, accept: str) -> None:
    for path in (api.maps(), api.widgets()):
        answer = api.send("GET", path, accept=accept)
        assert (answer.code, answer.message) == (406, ONLY)


def test_large_answers_are_compressed(api: Any) -> None:
    api.make_map("small", a="x")
    assert "content-encoding" not in api.send("GET", api.maps("small")).headers
    api.make_map("large", a="x" * 200_000)
    answer = api.send("GET", api.maps("large"))
    assert answer.headers["content-encoding"] == "gzip"
    assert len(answer.body["data"]["a"]) == 200_000


def test_rows_that_carry_something_else(api: Any) -> None:
    api.make_map("a")
    table = "application/json;as=Table;v=v1;g=meta.k8s.io"
    answer = api.send("GET", api.maps("a"), accept=table, includeObject="None")
    assert answer.body["rows"][0]["object"] is None
    answer = api.send("GET", api.maps("a"), accept=table, includeObject="Odd")
    assert (answer.code, answer.message) == (
        400,
        'Unable to convert to Table as requested: includeObject: Invalid value: "Odd": must be '
        "'Metadata', 'Object', 'None', or empty",
    )
