"""Markers of annotated-types, msgspec and pydantic, as those packages make them."""

from __future__ import annotations

import datetime
import re
import subprocess
import sys
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Annotated, Any

import annotated_types
import msgspec
import pydantic
import pytest

from opgen.api import CustomResource, Ge, resource
from opgen.api.fields import json_fields
from opgen.schema import Derived, crds

BETWEEN = {"type": "integer", "minimum": 1, "maximum": 9, "exclusiveMaximum": True}
ABOVE = {"type": "integer", "minimum": 0, "exclusiveMinimum": True}
SHORT = {"type": "string", "minLength": 1, "maxLength": 5}
FEW = {"type": "array", "items": {"type": "string"}, "minItems": 1, "maxItems": 5}

UNDERSTOOD: dict[str, tuple[Any, dict[str, Any]]] = {
    "at.Ge-Lt": (Annotated[int, annotated_types.Ge(1), annotated_types.Lt(9)], BETWEEN),
    "at.Gt": (Annotated[int, annotated_types.Gt(0)], ABOVE),
    "at.Le": (Annotated[int, annotated_types.Le(9)], {"type": "integer", "maximum": 9}),
    "at.Interval": (Annotated[int, annotated_types.Interval(ge=1, lt=9)], BETWEEN),
    "at.MultipleOf": (
        Annotated[int, annotated_types.MultipleOf(5)],
        {"type": "integer", "multipleOf": 5},
    ),
    "at.Len": (Annotated[str, annotated_types.Len(1, 5)], SHORT),
    "at.Len-list": (Annotated[list[str], annotated_types.Len(1, 5)], FEW),
    "at.MinLen": (
        Annotated[dict[str, str], annotated_types.MinLen(2)],
        {
            "type": "object",
            "additionalProperties": {"type": "string"},
            "minProperties": 2,
        },
    ),
    "at.MaxLen": (Annotated[str, annotated_types.MaxLen(5)], {"type": "string", "maxLength": 5}),
    "at.doc": (
        Annotated[str, annotated_types.doc("What it is.")],
        {"type": "string", "description": "What it is."},
    ),
    "at.Predicate": (Annotated[str, annotated_types.Predicate(str.islower)], {"type": "string"}),
    "at-items": (
        list[Annotated[int, annotated_types.Interval(ge=1, lt=9)]],
        {"type": "array", "items": BETWEEN},
    ),
    "msgspec-number": (Annotated[int, msgspec.Meta(ge=1, lt=9)], BETWEEN),
    "msgspec-gt": (Annotated[int, msgspec.Meta(gt=0)], ABOVE),
    "msgspec-le": (
        Annotated[int, msgspec.Meta(le=9, multiple_of=3)],
        {"type": "integer", "maximum": 9, "multipleOf": 3},
    ),
    "msgspec-text": (
        Annotated[str, msgspec.Meta(min_length=1, max_length=5, pattern="^a")],
        {**SHORT, "pattern": "^a"},
    ),
    "msgspec-list": (Annotated[list[str], msgspec.Meta(min_length=1, max_length=5)], FEW),
    "msgspec-prose": (
        Annotated[
            int,
            msgspec.Meta(
                title="T", description="D", examples=[2, 3], extra_json_schema={"format": "int32"}
            ),
        ],
        {"type": "integer", "title": "T", "description": "D", "example": 2, "format": "int32"},
    ),
    "msgspec-zone": (
        Annotated[datetime.datetime, msgspec.Meta(tz=True)],
        {"type": "string", "format": "date-time"},
    ),
    "pydantic-number": (Annotated[int, pydantic.Field(ge=1, lt=9)], BETWEEN),
    "pydantic-gt": (Annotated[int, pydantic.Field(gt=0, strict=True)], ABOVE),
    "pydantic-text": (
        Annotated[str, pydantic.Field(min_length=1, max_length=5, pattern="^a")],
        {**SHORT, "pattern": "^a"},
    ),
    "pydantic-prose": (
        Annotated[
            int,
            pydantic.Field(
                title="T",
                description="D",
                examples=[2, 3],
                multiple_of=2,
                json_schema_extra={"format": "int32"},
            ),
        ],
        {
            "type": "integer",
            "title": "T",
            "description": "D",
            "example": 2,
            "multipleOf": 2,
            "format": "int32",
        },
    ),
    "pydantic-default": (
        Annotated[int, pydantic.Field(default=3)],
        {"type": "integer", "default": 3},
    ),
    "pydantic-PositiveInt": (pydantic.PositiveInt, ABOVE),
    "pydantic-constr": (
        Annotated[str, pydantic.StringConstraints(min_length=1, max_length=5)],
        SHORT,
    ),
    "pattern-object": (
        Annotated[str, SimpleNamespace(pattern=re.compile("^a"))],
        {"type": "string", "pattern": "^a"},
    ),
    "nothing-known": (
        Annotated[str, "a note", 3, object(), SimpleNamespace(unit="metre"), int],
        {"type": "string"},
    ),
}


def derive(annotation: Any) -> Derived:
    made = dataclass(kw_only=True)(type("ThingSpec", (), {"__annotations__": {"x": annotation}}))

    @resource(group="example.com", version="v1")
    @dataclass(kw_only=True)
    class Thing(CustomResource[made, None]):  # type: ignore[valid-type]
        pass

    return crds([Thing])


@pytest.mark.parametrize("case", UNDERSTOOD)
def test_understood(case: str) -> None:
    annotation, expected = UNDERSTOOD[case]
    derived = derive(annotation)
    assert derived.problems == ()
    root = derived.documents[0]["spec"]["versions"][0]["schema"]["openAPIV3Schema"]
    assert root["properties"]["spec"]["properties"]["x"] == expected


REFUSED: dict[str, tuple[Any, str]] = {
    "misplaced": (
        Annotated[int, annotated_types.MinLen(1)],
        "MinLen(1) applies to strings, lists, maps, objects and int-or-string values, "
        "not to an integer",
    ),
    "contradiction": (
        Annotated[int, Ge(1), msgspec.Meta(ge=2)],
        "Ge(2) contradicts what the type or another marker says: minimum is already 1",
    ),
    "unknown-keyword": (
        Annotated[int, pydantic.Field(json_schema_extra={"widget": "slider"})],
        "Schema({'widget': 'slider'}) has the unknown keyword 'widget'",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_refused(case: str) -> None:
    annotation, message = REFUSED[case]
    (problem,) = derive(annotation).problems
    assert problem.message == message


def test_an_alias_is_the_json_name() -> None:
    @dataclass
    class Renamed:
        source: Annotated[str, pydantic.Field(alias="from")]
        target: Annotated[str, pydantic.Field(serialization_alias="to", validation_alias="t")]

    assert [field.name for field in json_fields(Renamed)] == ["from", "to"]


def test_none_of_the_packages_is_imported() -> None:
    code = (
        "import sys, opgen.schema, opgen.schema.foreign\n"
        "print({'annotated_types', 'msgspec', 'pydantic'} & set(sys.modules))"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout == "set()\n"
