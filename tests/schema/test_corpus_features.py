"""What real CRDs contain, by how many of 1,901 have it: each can be said in Python.

A row has the fields of the spec, the arguments of `@resource`, the way to what is looked at in the
version (or from the document, if it begins with a slash), and what has to be there.
"""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType
from typing import Any

import pytest

from opgen.schema import crds

SOURCE = """\
from __future__ import annotations

from opgen_test_vocabulary import *


@dataclass(kw_only=True)
class ThingSpec:
    x: int = 0
{fields}


@dataclass(kw_only=True)
class ThingStatus:
    replicas: Annotated[Int32, StatusReplicas] = 0
    selector: Annotated[str, ReplicasSelector] = ""


@resource(**{{"group": "example.com", "version": "v1"}} | dict({arguments}))
@dataclass(kw_only=True)
class Thing(CustomResource[ThingSpec, {status}]):
{body}
"""
SPEC = "schema.openAPIV3Schema.properties.spec"
X = f"{SPEC}.properties.y"
ANYTHING = {"x-kubernetes-preserve-unknown-fields": True}
EITHER = {"anyOf": [{"type": "integer"}, {"type": "string"}], "x-kubernetes-int-or-string": True}

FEATURES: dict[str, tuple[str, str, str, Any]] = {
    "status subresource": ("", "status=True", "subresources", {"status": {}}),
    "lists": ("y: list[str]", "", f"{X}.items", {"type": "string"}),
    "format": ("y: Int64", "", f"{X}.format", "int64"),
    "enum": ("y: Literal['a', 'b']", "", f"{X}.enum", ["a", "b"]),
    "maps": ("y: dict[str, str]", "", f"{X}.additionalProperties", {"type": "string"}),
    "printer columns": (
        "y: Annotated[str, PrintColumn('Y', priority=1)]",
        "",
        "additionalPrinterColumns",
        [{"name": "Y", "type": "string", "jsonPath": ".spec.y", "priority": 1}],
    ),
    "printer columns by path": (
        "",
        "columns=[PrintColumn('Age', path='.metadata.creationTimestamp', type='date')]",
        "additionalPrinterColumns",
        [{"name": "Age", "type": "date", "jsonPath": ".metadata.creationTimestamp"}],
    ),
    "columns of conditions": (
        "",
        "columns=[PrintColumn('Ready', type='string', "
        "path='.status.conditions[?(@.type==\"Ready\")].status')]",
        "additionalPrinterColumns",
        [
            {
                "name": "Ready",
                "type": "string",
                "jsonPath": '.status.conditions[?(@.type=="Ready")].status',
            }
        ],
    ),
    "pattern": ("y: Annotated[str, Pattern('^a$')]", "", f"{X}.pattern", "^a$"),
    "string length": ("y: Annotated[str, MaxLen(63)]", "", f"{X}.maxLength", 63),
    "number bounds": ("y: Annotated[int, Ge(0)]", "", f"{X}.minimum", 0),
    "default": ("y: str = 'a'", "", f"{X}.default", "a"),
    "list-type": ("y: Annotated[list[str], ListSet]", "", f"{X}.x-kubernetes-list-type", "set"),
    "list-map-keys, two": (
        "y: Annotated[list[core_v1.ContainerPort], ListMap('containerPort', 'protocol')]",
        "",
        f"{X}.x-kubernetes-list-map-keys",
        ["containerPort", "protocol"],
    ),
    "shortNames": ("", "short_names=['th']", "/spec.names.shortNames", ["th"]),
    "map-type": (
        "y: Annotated[dict[str, str], MapAtomic]",
        "",
        f"{X}.x-kubernetes-map-type",
        "atomic",
    ),
    "CEL": (
        "y: Annotated[int, CEL('self > oldSelf', message='only up')]",
        "",
        f"{X}.x-kubernetes-validations",
        [{"rule": "self > oldSelf", "message": "only up"}],
    ),
    "int-or-string": ("y: IntOrString", "", X, EITHER),
    "int-or-string, bare": (
        "y: Annotated[IntOrString, Schema({'anyOf': None})]",
        "",
        X,
        {"x-kubernetes-int-or-string": True},
    ),
    "preserve-unknown": ("y: Json", "", X, ANYTHING),
    "categories": ("", "categories=['all']", "/spec.names.categories", ["all"]),
    "keyword names": ("from_: str", "", f"{SPEC}.properties.from", {"type": "string"}),
    "min/maxItems": ("y: Annotated[list[str], MinLen(1)]", "", f"{X}.minItems", 1),
    "bare object + preserve": (
        "y: Annotated[dict, PreserveUnknown]",
        "",
        X,
        {"type": "object", **ANYTHING},
    ),
    "bare object": ("y: Annotated[dict, Schema({})]", "", X, {"type": "object"}),
    "irregular plural": ("", "plural='thingies'", "/spec.names.plural", "thingies"),
    "nullable": ("y: str | None", "", f"{X}.nullable", True),
    "required + default": ("y: Annotated[int, Required] = 3", "", f"{SPEC}.required", ["y"]),
    "name with _": (
        "y: Annotated[str, Name('a_b')]",
        "",
        f"{SPEC}.properties.a_b",
        {"type": "string"},
    ),
    "deprecated": ("", "deprecated=True", "deprecated", True),
    "deprecated with a warning": ("", "deprecated='use v2'", "deprecationWarning", "use v2"),
    'enum with ""': ("y: Literal['', 'a']", "", f"{X}.enum", ["", "a"]),
    "no apiVersion property": (
        "",
        "root={'apiVersion': None}",
        "schema.openAPIV3Schema.properties.apiVersion",
        None,
    ),
    "min/maxProperties": (
        "y: Annotated[dict[str, str], MaxLen(8)]",
        "",
        f"{X}.maxProperties",
        8,
    ),
    "props + preserve": (
        "y: Annotated[Plain, PreserveUnknown]",
        "",
        f"{X}.x-kubernetes-preserve-unknown-fields",
        True,
    ),
    "raw oneOf": (
        "y: Annotated[Source, Schema({'oneOf': [{'required': ['file']}]})]",
        "",
        f"{X}.oneOf",
        [{"required": ["file"]}],
    ),
    "non-identifier names": (
        "y: Annotated[str, Name('ip-address')]",
        "",
        f"{SPEC}.properties.ip-address",
        {"type": "string"},
    ),
    "conversion webhook": (
        "",
        "conversion=ConversionWebhook()",
        "/spec.conversion.strategy",
        "Webhook",
    ),
    "title": ("y: Annotated[str, Title('T')]", "", f"{X}.title", "T"),
    "example": ("y: Annotated[str, Example('e')]", "", f"{X}.example", "e"),
    "snake collision": (
        "tls_config: str\n    y: Annotated[str, Name('tls_config')]",
        "",
        f"{SPEC}.required",
        ["tlsConfig", "tls_config"],
    ),
    "restricted metadata": (
        "",
        "root={'metadata': {'type': 'object', 'properties': "
        "{'name': {'type': 'string', 'maxLength': 9}}}}",
        "schema.openAPIV3Schema.properties.metadata.properties.name.maxLength",
        9,
    ),
    "a rule for the name": (
        "",
        "rules=[CEL('self.metadata.name.size() < 9')]",
        "schema.openAPIV3Schema.x-kubernetes-validations",
        [{"rule": "self.metadata.name.size() < 9"}],
    ),
    "embedded-resource": (
        "y: Annotated[dict[str, Any], EmbeddedResource, PreserveUnknown]",
        "",
        f"{X}.x-kubernetes-embedded-resource",
        True,
    ),
    "selectableFields": (
        "y: Annotated[str, Selectable]",
        "",
        "selectableFields",
        [{"jsonPath": ".spec.y"}],
    ),
    "irregular singular": ("", "singular='thingy'", "/spec.names.singular", "thingy"),
    "listKind": ("", "list_kind='Things'", "/spec.names.listKind", "Things"),
    "scope": ("", "scope='Cluster'", "/spec.scope", "Cluster"),
    "labels": ("", "labels={'a.b/c': 'd'}", "/metadata.labels", {"a.b/c": "d"}),
    "annotations": ("", "annotations={'a.b/c': 'd'}", "/metadata.annotations", {"a.b/c": "d"}),
    "additionalProperties: true": (
        "y: Annotated[dict, Schema({'additionalProperties': True})]",
        "",
        f"{X}.additionalProperties",
        True,
    ),
    "multipleOf": ("y: Annotated[int, MultipleOf(4)]", "", f"{X}.multipleOf", 4),
    "externalDocs": (
        "y: Annotated[str, ExternalDocs('https://a.b')]",
        "",
        f"{X}.externalDocs",
        {"url": "https://a.b"},
    ),
}


@pytest.mark.parametrize("feature", FEATURES)
def test_feature(
    feature: str,
    kinds: Callable[[str], ModuleType],
    module: Callable[[str], ModuleType],
) -> None:
    kinds("vocabulary")
    fields, arguments, way, expected = FEATURES[feature]
    text = SOURCE.format(
        fields=f"    {fields}", arguments=arguments, status="None", body='    """A thing."""'
    )
    derived = crds([module(text).Thing])
    assert [problem for problem in derived.problems if problem.severity == "error"] == []
    (document,) = derived.documents
    found: Any = document if way.startswith("/") else document["spec"]["versions"][0]
    for step in way.removeprefix("/").split("."):
        found = found.get(step) if isinstance(found, dict) else None
    assert found == expected


def test_scale(kinds: Callable[[str], ModuleType], module: Callable[[str], ModuleType]) -> None:
    kinds("vocabulary")
    fields = "    replicas: Annotated[Int32, SpecReplicas] = 1"
    text = SOURCE.format(fields=fields, arguments="", status="ThingStatus", body="    pass")
    (document,) = crds([module(text).Thing]).documents
    assert document["spec"]["versions"][0]["subresources"] == {
        "status": {},
        "scale": {
            "specReplicasPath": ".spec.replicas",
            "statusReplicasPath": ".status.replicas",
            "labelSelectorPath": ".status.selector",
        },
    }


def test_several_fields_at_the_top_and_no_spec(
    kinds: Callable[[str], ModuleType], module: Callable[[str], ModuleType]
) -> None:
    kinds("vocabulary")
    body = "    spec: None = None\n    data: dict[str, str] | None = None"
    text = SOURCE.format(fields="", arguments="", status="None", body=body)
    (document,) = crds([module(text).Thing]).documents
    root = document["spec"]["versions"][0]["schema"]["openAPIV3Schema"]
    assert list(root["properties"]) == ["apiVersion", "kind", "metadata", "data"]
