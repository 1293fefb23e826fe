"""Scalar types, aliases of them, and choices among values."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

QUANTITY = (
    r"^(\+|-)?(([0-9]+(\.[0-9]*)?)|(\.[0-9]+))"
    r"(([KMGTPE]i)|[numkMGTPE]|([eE](\+|-)?(([0-9]+(\.[0-9]*)?)|(\.[0-9]+))))?$"
)
STRING = {"type": "string"}
INTEGER = {"type": "integer"}
BOOLEAN = {"type": "boolean"}
UNCHANGED = {"rule": "self == oldSelf", "message": "field is immutable"}
DATE_TIME = {"type": "string", "format": "date-time"}
CIDR = {"type": "string", "format": "cidr"}
EITHER = {"anyOf": [INTEGER, STRING], "x-kubernetes-int-or-string": True}
ANYTHING = {"x-kubernetes-preserve-unknown-fields": True}
PERCENT = {"type": "integer", "minimum": 0, "maximum": 100}

TYPES: dict[str, dict[str, Any]] = {
    "str": STRING,
    "LiteralString": STRING,
    "int": INTEGER,
    "Int32": {"type": "integer", "format": "int32"},
    "Int64": {"type": "integer", "format": "int64"},
    "bool": BOOLEAN,
    "bytes": {"type": "string", "format": "byte"},
    "Time": DATE_TIME,
    "datetime.datetime": DATE_TIME,
    "datetime.date": {"type": "string", "format": "date"},
    "datetime.time": STRING,
    "datetime.timedelta": STRING,
    "Duration": STRING,
    "decimal.Decimal": STRING,
    "uuid.UUID": {"type": "string", "format": "uuid"},
    "ipaddress.IPv4Address": {"type": "string", "format": "ipv4"},
    "ipaddress.IPv6Address": {"type": "string", "format": "ipv6"},
    "ipaddress.IPv4Network": CIDR,
    "ipaddress.IPv6Network": CIDR,
    "ipaddress.IPv4Interface": CIDR,
    "ipaddress.IPv6Interface": CIDR,
    "pathlib.Path": STRING,
    "pathlib.PurePosixPath": STRING,
    "re.Pattern": STRING,
    "re.Pattern[str]": STRING,
    "typing.Pattern[str]": STRING,
    "Quantity": {**EITHER, "pattern": QUANTITY},
    "IntOrString": EITHER,
    "int | str": EITHER,
    "str | int": EITHER,
    "Annotated[Any, IntOrStringValue]": EITHER,
    "Json": ANYTHING,
    "Annotated[Any, PreserveUnknown]": ANYTHING,
    "Annotated[object, PreserveUnknown]": ANYTHING,
    'Annotated[Any, Schema({"type": "string"})]': STRING,
    "Final[int]": INTEGER,
    "Annotated[Final[int], Immutable]": {**INTEGER, "x-kubernetes-validations": [UNCHANGED]},
    "Annotated[int, Gt(1)]": {**INTEGER, "minimum": 1, "exclusiveMinimum": True},
    "typing.Optional[Annotated[int, Ge(1)]]": {**INTEGER, "minimum": 1, "nullable": True},
    "Annotated[int | None, Ge(1)]": {**INTEGER, "minimum": 1, "nullable": True},
    r"Annotated[str, Pattern('^\\pL+\\z')]": {**STRING, "pattern": r"^\pL+\z"},
    "Port": {"type": "integer", "description": "A port of a machine."},
    "Annotated[Port, Ge(1)]": {
        "type": "integer",
        "description": "A port of a machine.",
        "minimum": 1,
    },
    "Percent": PERCENT,
    "Annotated[Percent, MultipleOf(5)]": {**PERCENT, "multipleOf": 5},
    "core_v1.Protocol": STRING,
}
CHOICES: dict[str, dict[str, Any]] = {
    "Literal['a', 'b']": {"type": "string", "enum": ["a", "b"]},
    "Literal['a']": {"type": "string", "enum": ["a"]},
    "Literal['', 'a']": {"type": "string", "enum": ["", "a"]},
    "Literal[1, 2]": {"type": "integer", "enum": [1, 2]},
    "Literal[True]": {"type": "boolean", "enum": [True]},
    "Literal['a', None]": {"type": "string", "enum": ["a"], "nullable": True},
    "Literal['a'] | None": {"type": "string", "enum": ["a"], "nullable": True},
    "Mode": {"type": "string", "enum": ["fast", ""], "description": "How."},
    "Size": {"type": "integer", "enum": [2, 1]},
    "Color": {"type": "string", "enum": ["red", "blue"]},
    "Switch": {"type": "boolean", "enum": [True, False]},
    "Annotated[str, Enum('a', '')]": {"type": "string", "enum": ["a", ""]},
}


@pytest.mark.parametrize("annotation", [*TYPES, *CHOICES])
def test_type(annotation: str, field_schema: Callable[[str], dict[str, Any]]) -> None:
    assert field_schema(annotation) == {**TYPES, **CHOICES}[annotation]


def test_a_float_is_a_number_with_a_warning(spec: Callable[[str], Any]) -> None:
    derived = spec("x: float")
    (problem,) = derived.problems
    assert problem.message == "float is read differently by different programs"
    assert problem.hint == "use Quantity or an integer in a smaller unit, such as millis"
    root = derived.documents[0]["spec"]["versions"][0]["schema"]["openAPIV3Schema"]
    assert root["properties"]["spec"]["properties"]["x"] == {"type": "number"}
