"""Type parameters and type aliases in the syntax of Python 3.12 and later."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import pytest

pytestmark = pytest.mark.skipif(
    sys.version_info < (3, 12), reason="type parameters and `type` need Python 3.12"
)
STRING = {"type": "string"}
INTEGER = {"type": "integer"}
ABOVE = '''
type Percent = Annotated[int, Ge(0), Le(100)]
"""A share."""
type Texts = list[str]
type Pair[T] = dict[str, T]
type Tree = list[Tree]
type Lost = list[Nowhere]


Explicit = typing.TypeAliasType("Explicit", Annotated[int, Ge(0)])
"""Written out."""
ByName = typing.TypeAliasType("ByName", dict[str, Item], type_params=(Item,))


class Cell[T](TypedDict):
    content: T
    note: NotRequired[T]


class Outer:
    @dataclass(slots=True)
    class Inner[T]:
        content: T
        peer: Annotated[Inner[T] | None, PreserveUnknown] = None
        leaf: Leaf | None = None

    @dataclass
    class Leaf:
        x: int


@dataclass
class Crate[T]:
    content: T
    others: list[T] = field(default_factory=list)


@dataclass
class Bound[T: (int, str)]:
    inner: Crate[T]


@dataclass
class Shelf[T](Crate[list[T]]):
    label: T | None = None


@dataclass
class Growing[T]:
    inner: Growing[list[T]] | None = None
'''
TYPES: dict[str, dict[str, Any]] = {
    "Percent": {"type": "integer", "minimum": 0, "maximum": 100, "description": "A share."},
    "Texts": {"type": "array", "items": STRING},
    "list[Percent]": {
        "type": "array",
        "items": {"type": "integer", "minimum": 0, "maximum": 100, "description": "A share."},
    },
    "Pair[int]": {"type": "object", "additionalProperties": INTEGER},
    "Percent | None = None": {
        "type": "integer",
        "minimum": 0,
        "maximum": 100,
        "description": "A share.",
    },
    "Explicit": {"type": "integer", "minimum": 0, "description": "Written out."},
    "ByName[int]": {"type": "object", "additionalProperties": INTEGER},
    "Cell[int]": {
        "type": "object",
        "properties": {"content": INTEGER, "note": INTEGER},
        "required": ["content"],
    },
    "Outer.Inner[int]": {
        "type": "object",
        "properties": {
            "content": INTEGER,
            "peer": {"type": "object", "x-kubernetes-preserve-unknown-fields": True},
            "leaf": {"type": "object", "properties": {"x": INTEGER}, "required": ["x"]},
        },
        "required": ["content"],
    },
    "Shelf[str]": {
        "type": "object",
        "properties": {
            "content": {"type": "array", "items": STRING},
            "others": {"type": "array", "items": {"type": "array", "items": STRING}},
            "label": STRING,
        },
        "required": ["content"],
    },
    "Bound[str]": {
        "type": "object",
        "properties": {
            "inner": {
                "type": "object",
                "properties": {"content": STRING, "others": {"type": "array", "items": STRING}},
                "required": ["content"],
            }
        },
        "required": ["inner"],
    },
}


@pytest.mark.parametrize("annotation", TYPES)
def test_type(annotation: str, spec_schema: Callable[..., dict[str, Any]]) -> None:
    assert spec_schema(f"x: {annotation}", ABOVE)["properties"]["x"] == TYPES[annotation]


@pytest.mark.parametrize(
    ("annotation", "message"),
    [
        ("Tree", "the type alias Tree contains itself"),
        ("Lost", "the type alias Lost names 'Nowhere', which does not exist"),
        ("Crate", "Crate does not say what its T is"),
        ("Pair", "the type variable T has no value"),
        ("Growing[int]", "Growing contains itself with other arguments each time"),
    ],
)
def test_refused(annotation: str, message: str, spec: Callable[..., Any]) -> None:
    assert message in [problem.message for problem in spec(f"x: {annotation}", ABOVE).problems]


@pytest.mark.skipif(sys.version_info < (3, 13), reason="ReadOnly needs Python 3.13")
def test_read_only_keys(spec_schema: Callable[..., Any]) -> None:
    above = (
        "class Row(TypedDict):\n"
        "    a: typing.ReadOnly[NotRequired[int]]\n"
        "    b: Annotated[typing.ReadOnly[int], Ge(0)]\n"
    )
    assert spec_schema("x: Row", above)["properties"]["x"] == {
        "type": "object",
        "properties": {"a": INTEGER, "b": {**INTEGER, "minimum": 0}},
        "required": ["b"],
    }


@pytest.mark.skipif(sys.version_info < (3, 13), reason="defaults need Python 3.13")
@pytest.mark.parametrize("annotation", ["Case", "Case[int]", "Row"])
def test_defaults_of_type_parameters(annotation: str, spec_schema: Callable[..., Any]) -> None:
    above = "type Row[T = int] = list[T]\n@dataclass\nclass Case[T = int]:\n    content: T\n"
    schema = spec_schema(f"x: {annotation}", above)["properties"]["x"]
    assert schema.get("items") or schema["properties"]["content"] == INTEGER
