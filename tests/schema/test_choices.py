"""Unions of dataclasses, and recursion that ends at a field which keeps what it does not know."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any

import pytest

from opgen.api import (
    CEL,
    CustomResource,
    Ge,
    MinLen,
    OneOf,
    PreserveUnknown,
    PrintColumn,
    marked,
    resource,
)
from opgen.schema import crds


@dataclass(kw_only=True)
class FromFile:
    """A file."""

    name: str
    path: Annotated[str, MinLen(1), PrintColumn("Path")]


@dataclass(kw_only=True)
class FromUrl:
    """An address."""

    name: str
    url: str
    retries: Annotated[int, Ge(0)] = 3


@dataclass(kw_only=True)
class Loose:
    name: str
    note: str | None = None


@dataclass(kw_only=True)
class Renamed:
    name: int
    other: str


@marked(CEL("self.port > 0"))
@dataclass(kw_only=True)
class Ruled:
    port: int


@dataclass(kw_only=True)
class Node:
    """A node of a tree."""

    name: str
    parent: Annotated[Node | None, PreserveUnknown] = None
    children: list[Annotated[Node, PreserveUnknown]] | None = None


KEPT = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}
SOURCE: dict[str, Any] = {
    "type": "object",
    "properties": {
        "name": {"type": "string"},
        "path": {"type": "string", "minLength": 1},
        "url": {"type": "string"},
        "retries": {"type": "integer", "minimum": 0, "default": 3},
    },
    "required": ["name"],
    "oneOf": [{"required": ["path"]}, {"required": ["url"]}],
}


def derive(annotation: Any, default: Any = ...) -> Any:
    """What is made of a kind with one field `x`."""
    namespace = {} if default is ... else {"x": default}
    spec = type("ThingSpec", (), {"__annotations__": {"x": annotation}, **namespace})
    made = dataclass(kw_only=True)(spec)

    @resource(group="example.com", version="v1")
    @dataclass(kw_only=True)
    class Thing(CustomResource[made, None]):  # type: ignore[valid-type]
        pass

    return crds([Thing])


def field_of(annotation: Any, default: Any = ...) -> dict[str, Any]:
    derived = derive(annotation, default)
    assert derived.problems == ()
    root = derived.documents[0]["spec"]["versions"][0]["schema"]["openAPIV3Schema"]
    found: dict[str, Any] = root["properties"]["spec"]["properties"]["x"]
    return found


def test_a_union_has_the_fields_of_all_and_one_set_of_required_ones() -> None:
    assert field_of(Annotated[FromFile | FromUrl, OneOf]) == SOURCE


def test_a_union_may_be_left_out() -> None:
    assert field_of(Annotated[FromFile | FromUrl | None, OneOf], None) == SOURCE


def test_a_list_of_unions() -> None:
    items = list[Annotated[FromUrl | Ruled, OneOf]]
    (problem,) = derive(items).problems
    assert problem.message == "x-kubernetes-validations of Ruled would hold for the whole union"


def test_columns_of_fields_in_a_union() -> None:
    (document,) = derive(Annotated[FromFile | FromUrl, OneOf]).documents
    columns = document["spec"]["versions"][0]["additionalPrinterColumns"]
    assert columns == [{"name": "Path", "type": "string", "jsonPath": ".spec.x.path"}]


@pytest.mark.parametrize(
    ("annotation", "message"),
    [
        (
            Annotated[FromFile | Loose, OneOf],
            "Loose requires no field that FromFile does not require",
        ),
        (
            Annotated[FromFile | Renamed, OneOf],
            "name is not the same in Renamed and in another part of the union",
        ),
        (Annotated[FromFile | str, OneOf], "str is no dataclass, as OneOf needs"),
        (Annotated[FromFile, OneOf], "OneOf needs a union of dataclasses"),
    ],
)
def test_unions_that_cannot_be_told(annotation: Any, message: str) -> None:
    problems = derive(annotation).problems
    assert message in [problem.message for problem in problems]
    assert all(problem.hint for problem in problems)


def test_recursion_ends_where_unknown_fields_are_preserved() -> None:
    assert field_of(Node) == {
        "type": "object",
        "description": "A node of a tree.",
        "properties": {
            "name": {"type": "string"},
            "parent": KEPT,
            "children": {"type": "array", "items": KEPT},
        },
        "required": ["name"],
    }


def test_unknown_fields_are_preserved_without_recursion_as_well() -> None:
    assert field_of(Annotated[Loose, PreserveUnknown])["properties"]["name"] == {"type": "string"}
