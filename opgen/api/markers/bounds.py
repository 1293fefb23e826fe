"""Markers that narrow the values of scalars, lists and maps."""

from __future__ import annotations

from typing import Any, ClassVar

from opgen.api.markers.base import (
    INT_OR_STRING,
    INTEGER,
    LIST,
    MAP,
    NUMBER,
    OBJECT,
    STRING,
    JsonSchema,
    MarkerError,
    SchemaMarker,
    target_of,
)


class _NumberMarker(SchemaMarker):
    """A marker with one number."""

    __slots__ = ("value",)
    value: float
    targets = (INTEGER, NUMBER)
    keyword: ClassVar[str]

    def __init__(self, value: float) -> None:
        self._freeze(value=value)

    def _keywords(self, schema: JsonSchema) -> JsonSchema:
        return {self.keyword: self._number(schema)}

    def _number(self, schema: JsonSchema) -> float:
        if isinstance(self.value, bool) or not isinstance(self.value, (int, float)):
            raise MarkerError(f"{self!r} needs a number")
        if self.value in (float("inf"), float("-inf")) or self.value != self.value:
            raise MarkerError(f"{self!r} needs a finite number", "leave the bound out")
        if self.value == int(self.value):
            return int(self.value)
        if target_of(schema) == INTEGER:
            raise MarkerError(f"{self!r} sits on an integer and needs a whole number")
        return self.value


class Ge(_NumberMarker):
    """The number is greater than or equal to a bound; `minimum` in OpenAPI."""

    __slots__ = ()
    keyword = "minimum"
    example = "Annotated[Int32, Ge(1)]"


class Le(_NumberMarker):
    """The number is less than or equal to a bound; `maximum` in OpenAPI."""

    __slots__ = ()
    keyword = "maximum"
    example = "Annotated[Int32, Le(65535)]"


class Gt(_NumberMarker):
    """The number is greater than a bound; `minimum` and `exclusiveMinimum` in OpenAPI."""

    __slots__ = ()
    keyword = "minimum"
    example = "Annotated[Int32, Gt(0)]"

    def _keywords(self, schema: JsonSchema) -> JsonSchema:
        return {"minimum": self._number(schema), "exclusiveMinimum": True}


class Lt(_NumberMarker):
    """The number is less than a bound; `maximum` and `exclusiveMaximum` in OpenAPI."""

    __slots__ = ()
    keyword = "maximum"
    example = "Annotated[Int32, Lt(100)]"

    def _keywords(self, schema: JsonSchema) -> JsonSchema:
        return {"maximum": self._number(schema), "exclusiveMaximum": True}


class MultipleOf(_NumberMarker):
    """The number is a multiple of another, which is greater than 0."""

    __slots__ = ()
    keyword = "multipleOf"
    example = "Annotated[Int32, MultipleOf(5)]"

    def _keywords(self, schema: JsonSchema) -> JsonSchema:
        number = self._number(schema)
        if number <= 0:
            raise MarkerError(f"{self!r} needs a number greater than 0")
        return {"multipleOf": number}


class _LengthMarker(SchemaMarker):
    """A marker with one length, whose keyword depends on what is measured."""

    __slots__ = ("value",)
    value: int
    targets = (STRING, LIST, MAP, OBJECT, INT_OR_STRING)
    prefix: ClassVar[str]
    operator: ClassVar[str]
    _suffixes: ClassVar[dict[str, str]] = {
        STRING: "Length",
        INT_OR_STRING: "Length",
        LIST: "Items",
        MAP: "Properties",
        OBJECT: "Properties",
    }

    def __init__(self, value: int) -> None:
        self._freeze(value=value)

    def _keywords(self, schema: JsonSchema) -> JsonSchema:
        return {self.prefix + self._suffixes[target_of(schema)]: self._length()}

    def _length(self) -> int:
        if isinstance(self.value, bool) or not isinstance(self.value, int) or self.value < 0:
            raise MarkerError(f"{self!r} needs a whole number that is not negative")
        if self.value >= 2**63:
            raise MarkerError(f"{self!r} needs a number that fits into 64 bits")
        return self.value

    def _key_rule(self) -> str:
        return f"key.size() {self.operator} {self._length()}"


class MinLen(_LengthMarker):
    """The least number of characters of a string, items of a list or entries of a map."""

    __slots__ = ()
    prefix = "min"
    operator = ">="
    example = "Annotated[str, MinLen(1)]"


class MaxLen(_LengthMarker):
    """The greatest number of characters of a string, items of a list or entries of a map."""

    __slots__ = ()
    prefix = "max"
    operator = "<="
    example = "Annotated[list[str], MaxLen(8)]"


class Pattern(SchemaMarker):
    """A regular expression that the string matches somewhere; write `^` and `$` to match all of it.

    The syntax is that of Go (RE2): no look-ahead and no back references.
    """

    __slots__ = ("regex",)
    regex: str
    _texts = ("regex",)
    targets = (STRING, INT_OR_STRING)
    example = 'Annotated[str, Pattern("^[a-z]+$")]'

    def __init__(self, regex: str) -> None:
        self._freeze(regex=regex)

    def _keywords(self, schema: JsonSchema) -> JsonSchema:
        return {"pattern": self.regex}

    def _key_rule(self) -> str:
        return f"key.matches({_literal(self.regex)})"


class Format(SchemaMarker):
    """The format of a string or number, such as `date-time`, `ipv4`, `uri` or `int32`."""

    __slots__ = ("name",)
    name: str
    _texts = ("name",)
    targets = (STRING, INTEGER, NUMBER)
    example = 'Annotated[str, Format("ipv4")]'

    def __init__(self, name: str) -> None:
        self._freeze(name=name)

    def _keywords(self, schema: JsonSchema) -> JsonSchema:
        if not self.name:
            raise MarkerError(f"{self!r} needs the name of a format")
        return {"format": self.name}


class Enum(SchemaMarker):
    """The value is one of those listed. `typing.Literal` and `enum.Enum` do the same."""

    __slots__ = ("values",)
    values: tuple[object, ...]
    example = 'Annotated[str, Enum("Always", "Never")]'
    _fitting: ClassVar[dict[str, tuple[type, ...]]] = {
        "string": (str,),
        "integer": (int,),
        "number": (int, float),
        "boolean": (bool,),
        "array": (list,),
        "object": (dict,),
    }

    def __init__(self, *values: object) -> None:
        self._freeze(values=values)

    def __repr__(self) -> str:
        return f"Enum({', '.join(map(repr, self.values))})"

    def _keywords(self, schema: JsonSchema) -> JsonSchema:
        fitting = self._fitting.get(schema.get("type", ""))
        for value in self._listed():
            boolean = isinstance(value, bool) and schema.get("type") in ("integer", "number")
            if fitting and (boolean or not isinstance(value, fitting)):
                raise MarkerError(f"{self!r} lists {value!r}, which is no {schema['type']}")
            if self.values.count(value) > 1 and not isinstance(value, bool):
                raise MarkerError(f"{self!r} lists {value!r} twice", "remove one of the two")
        return {"enum": list(self.values)}

    def _listed(self) -> tuple[object, ...]:
        if not self.values:
            raise MarkerError("Enum() needs at least one value")
        self._check_json(self.values)
        return self.values

    def _key_rule(self) -> str:
        for value in self._listed():
            if not isinstance(value, str):
                raise MarkerError(f"{self!r} lists {value!r}, which is no string")
        return f"key in {_literal(list(self.values))}"


def _literal(value: Any) -> str:
    """A value as a literal of CEL, which is written as in JSON."""
    import json

    return json.dumps(value, ensure_ascii=False)
