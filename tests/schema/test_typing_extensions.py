"""What typing_extensions has for older versions of Python is understood as that of typing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

STRING = {"type": "string"}
INTEGER = {"type": "integer"}
ABOVE = '''
import typing_extensions as te

Item = TypeVar("Item")
Percent = te.TypeAliasType("Percent", Annotated[int, Ge(0)])
"""A share."""
ByName = te.TypeAliasType("ByName", dict[str, Item], type_params=(Item,))


class Row(te.TypedDict):
    a: te.ReadOnly[te.NotRequired[int]]
    b: te.NotRequired[te.ReadOnly[str]]
    c: Annotated[te.ReadOnly[str], MaxLen(3)]


class Wide(Row, total=False):
    d: te.Required[int]
    e: int
'''
ROW = {"a": INTEGER, "b": STRING, "c": {**STRING, "maxLength": 3}}
TYPES: dict[str, dict[str, Any]] = {
    "Percent": {**INTEGER, "minimum": 0, "description": "A share."},
    "ByName[int]": {"type": "object", "additionalProperties": INTEGER},
    "te.LiteralString": STRING,
    "te.ReadOnly[int]": INTEGER,
    "te.Annotated[te.Literal['a'], Title('A')]": {**STRING, "enum": ["a"], "title": "A"},
    "Row": {"type": "object", "properties": ROW, "required": ["c"]},
    "Wide": {
        "type": "object",
        "properties": {**ROW, "d": INTEGER, "e": INTEGER},
        "required": ["c", "d"],
    },
}


@pytest.mark.parametrize("annotation", TYPES)
def test_type(annotation: str, spec_schema: Callable[..., dict[str, Any]]) -> None:
    assert spec_schema(f"x: {annotation}", ABOVE)["properties"]["x"] == TYPES[annotation]


def test_self(spec: Callable[..., Any]) -> None:
    (problem,) = spec("x: te.Self", ABOVE).problems
    assert problem.message == "Self has no counterpart in a CRD"
