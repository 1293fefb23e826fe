"""Dataclasses, generic ones, TypedDicts: their fields, names, texts and rules."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

STRING = {"type": "string"}
INTEGER = {"type": "integer"}
TEXTS = {"type": "object", "additionalProperties": STRING}
UNCHANGED = {"rule": "self == oldSelf", "message": "field is immutable"}


def of(properties: dict[str, Any], *required: str, **more: Any) -> dict[str, Any]:
    said = {"required": list(required)} if required else {}
    return {"type": "object", "properties": properties, **said, **more}


PLAIN = {"x": INTEGER, "y": {"type": "string", "default": ""}}
RULED = {"x": {"type": "integer", "default": 1}}
SOURCE_RULES = [
    {
        "rule": "!has(oldSelf.token) || has(self.token)",
        "message": "field token is immutable once set",
    },
    {"rule": "true"},
    {
        "rule": "(has(self.url)?1:0)+(has(self.token)?1:0) <= 1",
        "message": "at most one of the fields in [url token] may be set",
    },
    {
        "rule": "(has(self.file)?1:0)+(has(self.url)?1:0) == 1",
        "message": "exactly one of the fields in [file url] must be set",
    },
]
DOCUMENTED = {
    "x": {"type": "integer", "description": "What x is."},
    "y": {"type": "integer", "description": "What Doc says.", "default": 0},
    "z": {"type": "integer", "default": 0},
}

TYPES: dict[str, dict[str, Any]] = {
    "Plain": of(PLAIN, "x"),
    "Derived": of({**PLAIN, "z": {"type": "boolean", "default": False}}, "x"),
    "Narrowed": of({"x": INTEGER, "y": {"type": "string", "maxLength": 3, "default": "b"}}, "x"),
    "Mixed": of({**PLAIN, "w": {"type": "integer", "default": 0}}, "x"),
    "Slotted": of({"x": INTEGER}, "x"),
    "Box[int]": of({"content": INTEGER, "others": {"type": "array", "items": INTEGER}}, "content"),
    "list[Box[str]]": {
        "type": "array",
        "items": of({"content": STRING, "others": {"type": "array", "items": STRING}}, "content"),
    },
    "Box[Annotated[int, Ge(1)]]": of(
        {
            "content": {"type": "integer", "minimum": 1},
            "others": {"type": "array", "items": {"type": "integer", "minimum": 1}},
        },
        "content",
    ),
    "Labelled": of(
        {
            "content": STRING,
            "others": {"type": "array", "items": STRING},
            "label": {"type": "string", "default": ""},
        },
        "content",
    ),
    "Typed": of({"a": INTEGER, "b": STRING}, "a"),
    "Deeper": of({"a": {"type": "integer", "minimum": 1}}),
    "Annotated[Other, EmbeddedResource]": of(
        {"spec": of(PLAIN, "x")},
        "spec",
        description="A kind of its own.",
        **{"x-kubernetes-embedded-resource": True},
    ),
    "Partial": of({"a": INTEGER, "b": STRING}, "a"),
    "PythonOnly": of(
        {"kept": INTEGER, "later": INTEGER},
        "kept",
        "later",
        description="Python's own attributes.",
    ),
    "Outer.Inner": of(
        {
            "name": STRING,
            "peers": {"type": "object", "x-kubernetes-preserve-unknown-fields": True},
        },
        "name",
    ),
    "Documented": of(
        DOCUMENTED,
        "x",
        description='What it is.\n\nIn several lines: "quoted", with a # and ünïcode.',
    ),
    "DerivedDocumented": of({**DOCUMENTED, "w": {"type": "integer", "default": 0}}, "x"),
    "Ruled": of(RULED, minProperties=1, **{"x-kubernetes-validations": [{"rule": "self.x > 0"}]}),
    "Annotated[Ruled, CEL('self.x < 9')]": of(
        RULED,
        minProperties=1,
        **{"x-kubernetes-validations": [{"rule": "self.x < 9"}, {"rule": "self.x > 0"}]},
    ),
    "Source": of(
        {
            "file": STRING,
            "url": STRING,
            "token": {**STRING, "x-kubernetes-validations": [UNCHANGED]},
        },
        **{"x-kubernetes-validations": SOURCE_RULES},
    ),
    "OddlyNamed": of(
        {
            name: {**STRING, "x-kubernetes-validations": [UNCHANGED]}
            for name in ("namespace", "ip-address")
        },
        **{
            "x-kubernetes-validations": [
                {
                    "rule": "!has(oldSelf.__namespace__) || has(self.__namespace__)",
                    "message": "field namespace is immutable once set",
                },
                {
                    "rule": "!has(oldSelf.ip__dash__address) || has(self.ip__dash__address)",
                    "message": "field ip-address is immutable once set",
                },
                {
                    "rule": "has(self.__namespace__)||has(self.ip__dash__address)",
                    "message": "at least one of the fields in [namespace ip-address] must be set",
                },
            ]
        },
    ),
    "ObjectMeta": of(
        {
            "annotations": TEXTS,
            "finalizers": {"type": "array", "items": STRING},
            "labels": TEXTS,
            "name": STRING,
            "namespace": STRING,
        }
    ),
    "core_v1.SecretKeySelector": of(
        {
            "key": STRING,
            "name": {"type": "string", "default": ""},
            "optional": {"type": "boolean"},
        },
        "key",
        **{"x-kubernetes-map-type": "atomic"},
    ),
}


@pytest.mark.parametrize("annotation", TYPES)
def test_type(annotation: str, field_schema: Callable[[str], dict[str, Any]]) -> None:
    assert field_schema(annotation) == TYPES[annotation]


NAMES = {
    "image": "image",
    "ready_replicas": "readyReplicas",
    "clusterIP": "clusterIP",
    "podCIDR": "podCIDR",
    "class_": "class",
    "from_": "from",
    "x: Annotated[int, Name('from')]": "from",
    "x: Annotated[int, Name('ip-address')]": "ip-address",
    "x: Annotated[int, Name('3scale')]": "3scale",
    "x: Annotated[int, Name('<<')]": "<<",
    "x: Annotated[int, Name('')]": "",
    "x: Annotated[int, Name('tls_config')]": "tls_config",
    "x: Annotated[int | None, Name('a.b/c')]": "a.b/c",
}


@pytest.mark.parametrize("written", NAMES)
def test_name(written: str, spec_schema: Callable[[str], dict[str, Any]]) -> None:
    field = written if ":" in written else f"{written}: int"
    assert list(spec_schema(field)["properties"]) == [NAMES[written]]
