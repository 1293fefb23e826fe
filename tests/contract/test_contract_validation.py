"""Contract: structural validation, with the server's own sentences."""

from __future__ import annotations

from typing import Any

import pytest

GROUP = "contract.example.com"

CASES: list[tuple[dict[str, Any], str]] = [
    (
        {"image": ""},
        'spec.image: Invalid value: "": spec.image in body should be at least 1 chars long',
    ),
    ({"image": "x" * 21}, "spec.image: Too long: may not be more than 20 bytes"),
    (
        {"image": 5},
        'spec.image: Invalid value: "integer": spec.image in body must be of type string: '
        '"integer"',
    ),
    (
        {"tier": "tin"},
        'spec.tier: Unsupported value: "tin": supported values: "gold", "silver"',
    ),
    (
        {"pattern": "ABC"},
        "spec.pattern: Invalid value: \"ABC\": spec.pattern in body should match '^[a-z]+$'",
    ),
    (
        {"when": "yesterday"},
        'spec.when: Invalid value: "yesterday": spec.when in body must be of type date-time: '
        '"yesterday"',
    ),
    ({"step": 7}, "spec.step: Invalid value: 7: spec.step in body should be a multiple of 5"),
    (
        {"step": 105},
        "spec.step: Invalid value: 105: spec.step in body should be less than or equal to 100",
    ),
    ({"ratio": 0}, "spec.ratio: Invalid value: 0: spec.ratio in body should be greater than 0"),
    (
        {"on": "yes"},
        'spec.on: Invalid value: "string": spec.on in body must be of type boolean: "string"',
    ),
    (
        {"labels": {"a": 1}},
        'spec.labels.a: Invalid value: "integer": spec.labels.a in body must be of type string: '
        '"integer"',
    ),
    (
        {"labels": {"a": "", "b": "", "c": "", "d": ""}},
        "spec.labels: Too many: 4: must have at most 3 items",
    ),
    ({"tags": ["a", "b", "a"]}, 'spec.tags[2]: Duplicate value: "a"'),
    (
        {"tags": ["a", "b", "c", "d", "e", "f"]},
        "spec.tags: Too many: 6: must have at most 5 items",
    ),
    (
        {"tags": "a"},
        'spec.tags: Invalid value: "string": spec.tags in body must be of type array: "string"',
    ),
    (
        {"plain": []},
        "spec.plain: Invalid value: 0: spec.plain in body should have at least 1 items",
    ),
    (
        {"plain": [1, "b"]},
        'spec.plain[1]: Invalid value: "string": spec.plain[1] in body must be of type integer: '
        '"string"',
    ),
    (
        {"items": [{"name": "a"}, {"name": "a"}]},
        'spec.items[1]: Duplicate value: {"name":"a"}',
    ),
    ({"items": [{"value": "a"}]}, "spec.items[0].name: Required value"),
    ({"nested": {}}, "spec.nested.must: Required value"),
    (
        {"nested": []},
        'spec.nested: Invalid value: "array": spec.nested in body must be of type object: "array"',
    ),
]


SEVERAL: list[tuple[dict[str, Any], list[str]]] = [
    (
        {"replicas": -1},
        [
            "spec.replicas: Invalid value: -1: spec.replicas in body should be greater than or "
            "equal to 0",
            ".spec.replicas: Invalid value: -1: should be a non-negative integer",
        ],
    ),
    (
        {"replicas": "x"},
        [
            'spec.replicas: Invalid value: "string": spec.replicas in body must be of type '
            'integer: "string"',
            ".spec.replicas: Invalid value: 0: .spec.replicas accessor error: x is of the type "
            "string, expected int64",
        ],
    ),
    (
        {"replicas": 1.5},
        [
            'spec.replicas: Invalid value: "float64": spec.replicas in body must be of type '
            'int32: "float64"',
            '<nil>: Invalid value: "": Checked value must be of type integer with format int32 in '
            "spec.replicas",
            ".spec.replicas: Invalid value: 0: .spec.replicas accessor error: 1.5 is of the type "
            "float64, expected int64",
        ],
    ),
    (
        {"replicas": True},
        [
            'spec.replicas: Invalid value: "": spec.replicas in body must be of type int32: ""',
            ".spec.replicas: Invalid value: 0: .spec.replicas accessor error: true is of the type "
            "bool, expected int64",
        ],
    ),
    (
        {"port": True},
        [
            'spec.port: Invalid value: "boolean": spec.port in body must be of type '
            'integer,string: "boolean"',
            '<nil>: Invalid value: "": "spec.port" must validate at least one schema (anyOf)',
            'spec.port: Invalid value: "boolean": spec.port in body must be of type integer: '
            '"boolean"',
        ],
    ),
    (
        {"port": 0.1},
        [
            'spec.port: Invalid value: "number": spec.port in body must be of type '
            'integer,string: "number"',
            '<nil>: Invalid value: "": "spec.port" must validate at least one schema (anyOf)',
            'spec.port: Invalid value: "number": spec.port in body must be of type integer: '
            '"number"',
            '<nil>: Invalid value: "": Checked value must be of type integer (default format) in '
            "spec.port",
        ],
    ),
]


@pytest.mark.parametrize(("spec", "texts"), SEVERAL, ids=[str(spec) for spec, _ in SEVERAL])
def test_several_sentences_for_one_field(api: Any, spec: dict[str, Any], texts: list[str]) -> None:
    answer = api.send("POST", api.widgets(), api.widget(**spec))
    assert answer.message == f'Widget.{GROUP} "a" is invalid: [{", ".join(texts)}]'


@pytest.mark.parametrize(("spec", "text"), CASES, ids=[text[:40] for _, text in CASES])
def test_one_thing_wrong(api: Any, spec: dict[str, Any], text: str) -> None:
    answer = api.send("POST", api.widgets(), api.widget(**spec))
    assert (answer.code, answer.reason) == (422, "Invalid")
    assert answer.message == f'Widget.{GROUP} "a" is invalid: {text}'
    field, _, message = text.partition(": ")
    (cause,) = answer.causes
    assert (cause["field"], cause["message"]) == (field, message)


def test_reasons_of_causes(api: Any) -> None:
    wanted = {
        "spec.replicas": "FieldValueInvalid",
        "spec.image": "FieldValueTypeInvalid",
        "spec.tier": "FieldValueNotSupported",
        "spec.pattern": "FieldValueInvalid",
        "spec.nested.must": "FieldValueRequired",
        "spec.tags[1]": "FieldValueDuplicate",
    }
    document = api.widget(replicas=-1, image=1, tier="x", pattern="1", nested={}, tags=["a", "a"])
    answer = api.send("POST", api.widgets(), document)
    found = {cause["field"]: cause["reason"] for cause in answer.causes}
    assert {name: found.get(name) for name in wanted} == wanted


def test_several_things_wrong_are_listed(api: Any) -> None:
    answer = api.send("POST", api.widgets(), api.widget(step=7, image=""))
    texts = [
        "spec.step: Invalid value: 7: spec.step in body should be a multiple of 5",
        'spec.image: Invalid value: "": spec.image in body should be at least 1 chars long',
    ]
    head = f'Widget.{GROUP} "a" is invalid: '
    assert answer.message in (
        f"{head}[{', '.join(texts)}]",
        f"{head}[{', '.join(reversed(texts))}]",
    )
    assert len(answer.causes) == 2


def test_details_of_an_invalid_object(api: Any) -> None:
    details = api.send("POST", api.widgets(), api.widget(replicas=-1)).body["details"]
    assert details["name"] == "a"
    assert details["group"] == GROUP
    assert details["kind"] == "Widget"


@pytest.mark.parametrize(
    "spec",
    [
        {"port": 80},
        {"port": "http"},
        {"when": "2026-01-02T03:04:05Z"},
        {"when": "2026-01-02T03:04:05.678+02:00"},
        {"replicas": 0},
        {"ratio": 0.5},
        {"ratio": 1},
        {"choice": {"a": "x"}},
        {"atomic": {}},
        {"free": None},
        {"items": []},
    ],
    ids=str,
)
def test_what_is_right(api: Any, spec: dict[str, Any]) -> None:
    assert api.send("POST", api.widgets(), api.widget(**spec)).code == 201


@pytest.mark.parametrize(
    ("choice", "text"),
    [
        ({}, '"spec.choice" must validate one and only one schema (oneOf). Found none valid'),
        (
            {"a": "x", "b": "y"},
            '"spec.choice" must validate one and only one schema (oneOf). '
            "Found 2 valid alternatives",
        ),
    ],
)
def test_one_of(api: Any, choice: dict[str, str], text: str) -> None:
    answer = api.send("POST", api.widgets(), api.widget(choice=choice))
    assert answer.code == 422
    assert text in answer.message


def test_validation_on_update(api: Any) -> None:
    made = api.make().body
    made["spec"]["step"] = 7
    answer = api.send("PUT", api.widgets("a"), made)
    assert answer.message == (
        f'Widget.{GROUP} "a" is invalid: spec.step: Invalid value: 7: spec.step in body '
        "should be a multiple of 5"
    )


def test_validation_of_status(api: Any) -> None:
    made = api.make().body | {"status": {"phase": 5}}
    answer = api.send("PUT", api.widgets("a", "status"), made)
    assert answer.code == 422
    assert answer.message == (
        f'Widget.{GROUP} "a" is invalid: status.phase: Invalid value: "integer": phase in body '
        'must be of type string: "integer"'
    )


def test_a_built_in_kind_of_the_wrong_type(api: Any) -> None:
    document = {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "a"},
        "spec": {"replicas": "three"},
    }
    answer = api.send("POST", api.path("deployments", group="apps/v1"), document)
    assert (answer.code, answer.reason) == (400, "BadRequest")
    assert answer.message == (
        'Deployment in version "v1" cannot be handled as a Deployment: json: cannot unmarshal '
        "string into Go struct field DeploymentSpec.spec.replicas of type int32"
    )


def test_a_config_map_with_a_number(api: Any) -> None:
    document = api.config_map() | {"data": {"a": 1}}
    answer = api.send("POST", api.maps(), document)
    assert answer.message == (
        'ConfigMap in version "v1" cannot be handled as a ConfigMap: json: cannot unmarshal '
        "number into Go struct field ConfigMap.data of type string"
    )


def test_a_deployment_without_selector(api: Any) -> None:
    document = {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "a"},
        "spec": {
            "template": {
                "metadata": {"labels": {"a": "b"}},
                "spec": {"containers": [{"name": "c", "image": "i"}]},
            }
        },
    }
    answer = api.send("POST", api.path("deployments", group="apps/v1"), document)
    assert answer.code == 422
    assert "spec.selector: Required value" in answer.message


def test_a_selector_that_does_not_match(api: Any) -> None:
    document = {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "a"},
        "spec": {
            "selector": {"matchLabels": {"x": "y"}},
            "template": {
                "metadata": {"labels": {"a": "b"}},
                "spec": {"containers": [{"name": "c", "image": "i"}]},
            },
        },
    }
    answer = api.send("POST", api.path("deployments", group="apps/v1"), document)
    assert answer.message == (
        'Deployment.apps "a" is invalid: spec.template.metadata.labels: Invalid value: '
        '{"a":"b"}: `selector` does not match template `labels`'
    )


def test_a_write_of_a_status_does_not_look_at_the_spec_again(api: Any) -> None:
    head = {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "s"}}
    path, merge = api.path("services"), "application/merge-patch+json"
    api.send("POST", path, head | {"spec": {"ports": [{"port": 80}]}})
    # The check comes before the address is taken over, so what is stored would be refused.
    named = {"type": "ExternalName", "externalName": "example.com", "clusterIP": "None"}
    assert api.send("PUT", f"{path}/s", head | {"spec": named}).code == 200
    label = {"metadata": {"labels": {"a": "b"}}}
    assert api.send("PATCH", f"{path}/s", label, content_type=merge).code == 422
    condition = {"type": "Ready", "status": "True", "reason": "R", "message": ""}
    condition["lastTransitionTime"] = "2024-05-01T10:00:00Z"
    status = {"status": {"conditions": [condition]}}
    assert api.send("PATCH", f"{path}/s/status", status, content_type=merge).code == 200


def test_of_items_that_are_no_objects_the_first_is_told(api: Any) -> None:
    document = api.widget(items=["a", {"name": "x"}, {"name": "x"}, "b"])
    answer = api.send("POST", api.widgets(), document)
    text = "must be an object for an array of list-type map"
    told = [cause for cause in answer.causes if "list-type" in cause["message"]]
    assert [(cause["field"], cause["message"]) for cause in told] == [
        ("spec.items[0]", f'Invalid value: "a": {text}')
    ]
    assert not any(cause["reason"] == "FieldValueDuplicate" for cause in answer.causes)


@pytest.mark.parametrize(("endpoint", "told"), [("", False), ("/status", True)])
def test_the_phase_of_a_namespace_that_says_it_goes(api: Any, endpoint: str, told: bool) -> None:
    path = f"/api/v1/namespaces/{api.namespace}"
    found = api.send("GET", path).body
    found["metadata"] |= {
        "deletionTimestamp": "2024-05-01T10:00:00Z",
        "deletionGracePeriodSeconds": 0,
    }
    answer = api.send("PUT", f"{path}{endpoint}", found, dryRun="All")
    fields = {cause["field"] for cause in answer.causes}
    assert answer.code == 422
    assert ("metadata.deletionTimestamp" in fields, "status.Phase" in fields) == (True, told)


def test_a_list_for_an_object_has_nothing_that_is_declared(api: Any) -> None:
    document = api.widget() | {"spec": [{"x": 1}]}
    answer = api.send("POST", api.widgets(), document)
    assert (answer.code, answer.headers["warning"]) == (
        422,
        '299 - "unknown field \\"spec[0].x\\""',
    )
