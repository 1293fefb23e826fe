"""Parts of a CRD that are one and the same object are looked at in each place that matters."""

from __future__ import annotations

import json
from copy import deepcopy
from dataclasses import dataclass
from typing import Annotated, Any

import pytest

from opgen.api import CEL, Descriptions, marked
from opgen.cel import installed
from opgen.k8s import core_v1
from opgen.schema import check
from opgen.schema.descriptions import limit
from opgen.schema.nodes import Place
from opgen.schema.preflight import limits
from opgen.schema.preflight.sharing import Sharing
from opgen.schema.render import Renderer
from opgen.schema.walk import Walker

DEFAULTED = {"type": "integer", "maximum": 3, "default": 7}
PART = {"type": "object", "properties": {"size": DEFAULTED}}
TYPED = {"type": "object", "properties": {"kind": {"type": "integer"}}}
RULED = {"type": "string", "x-kubernetes-validations": [{"rule": "self.size() > 'a'"}]}


def _crd(**fields: Any) -> dict[str, Any]:
    spec = {"type": "object", "properties": fields}
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": "things.example.com"},
        "spec": {
            "group": "example.com",
            "names": {"kind": "Thing", "plural": "things"},
            "scope": "Namespaced",
            "versions": [
                {
                    "name": "v1",
                    "served": True,
                    "storage": True,
                    "schema": {"openAPIV3Schema": {"type": "object", "properties": {"spec": spec}}},
                }
            ],
        },
    }


def _places(document: dict[str, Any]) -> list[str]:
    start = "spec.versions[0].schema.openAPIV3Schema.properties[spec].properties"
    assert all(str(problem.field).startswith(start) for problem in check(document))
    assert check(document) == check(deepcopy(document))
    return [str(problem.field).removeprefix(start) for problem in check(document)]


def test_what_is_wrong_is_told_in_all_places() -> None:
    assert _places(_crd(one=PART, two={"type": "array", "items": PART}, three=PART)) == [
        "[one].properties[size].default",
        "[two].items.properties[size].default",
        "[three].properties[size].default",
    ]


def test_defaults_of_values_of_maps_count_nowhere_but_elsewhere() -> None:
    values = {"type": "object", "additionalProperties": PART}
    assert _places(_crd(one=values, two=PART)) == ["[two].properties[size].default"]


def test_whole_objects_are_not_what_their_parts_are_elsewhere() -> None:
    kinds = TYPED["properties"]
    embedded = {"type": "object", "properties": kinds, "x-kubernetes-embedded-resource": True}
    assert _places(_crd(one=TYPED, two=embedded)) == ["[two].properties[kind]"]


@pytest.mark.skipif(not installed(), reason="needs cel-expr-python")
def test_rules_are_told_in_all_places() -> None:
    assert _places(_crd(one=RULED, two={"type": "array", "items": RULED, "maxItems": 3})) == [
        "[one].x-kubernetes-validations[0].rule",
        "[two].items.x-kubernetes-validations[0].rule",
    ]


def test_equal_parts_become_one() -> None:
    given = {"a": {"x": [1, {}]}, "b": {"x": [1, {}]}, "c": {"x": [True, {}]}, "d": {"x": [1, []]}}
    shared = Sharing().shared(given)
    assert shared == given
    assert shared["a"] is shared["b"]
    assert shared["a"]["x"][1] is shared["c"]["x"][1]
    assert type(shared["c"]["x"][0]) is bool
    assert shared["a"]["x"] is not shared["d"]["x"]


@dataclass
class Pods:
    """Fields of one type, of which each is described or ruled in its own way."""

    one: Annotated[core_v1.EnvVarSource, Descriptions({"secretKeyRef.key": "One."})]
    two: Annotated[core_v1.EnvVarSource, Descriptions({"secretKeyRef.key": "Two."})]
    three: core_v1.EnvVarSource
    four: Annotated[Ruled, CEL("self.a != self.b")]
    five: Ruled


@marked(CEL("self.a == 'a'"))
@dataclass
class Ruled:
    a: str
    b: str


def test_a_use_of_a_type_does_not_change_another() -> None:
    place = Place("Pods")
    schema = Renderer().render(Walker().object(Pods, place))
    fields = schema["properties"]
    keys = [
        fields[name]["properties"]["secretKeyRef"]["properties"]["key"]
        for name in ("one", "two", "three")
    ]
    assert [key.get("description") for key in keys] == ["One.", "Two.", None]
    assert len(fields["four"]["x-kubernetes-validations"]) == 2
    assert len(fields["five"]["x-kubernetes-validations"]) == 1


def test_a_shared_description_is_cut_once() -> None:
    part = {"type": "string", "description": "hello world friend"}
    schema = {"type": "object", "properties": {"a": part, "b": part}}
    limit(schema, 13)
    assert part["description"] == "hello world..."


def test_the_size_of_a_document_is_that_of_its_json() -> None:
    nested: list[Any] = [{}, [], 'ä\n"', 1.5, None, True, {"x": (1, 2)}]
    document = {"parts": nested, "again": [nested, {"more": nested}], "nothing": {}}
    for value in (document, nested, "word", 7):
        assert limits.size(value) == len(
            json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode()
        )
