"""Constraints of other libraries, understood by their looks and without importing them.

annotated-types (`Ge(1)`, `Len(1, 5)`, `Interval(...)`), msgspec (`Meta(ge=1, pattern="...")`) and
pydantic (`Field(ge=1)`, which keeps annotated-types' objects in `metadata`) use the same words for
their attributes. Objects that carry none of these words mean nothing to opgen and are left alone,
as `typing.Annotated` asks of everyone. The alias of a field is read in `opgen.api.fields`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from opgen.api.markers import (
    Default,
    Doc,
    Example,
    Ge,
    Gt,
    Le,
    Lt,
    Marker,
    MaxLen,
    MinLen,
    MultipleOf,
    Pattern,
    Schema,
    Title,
)

_WORDS: dict[str, Callable[[Any], Marker]] = {
    "ge": Ge,
    "gt": Gt,
    "le": Le,
    "lt": Lt,
    "multiple_of": MultipleOf,
    "min_length": MinLen,
    "max_length": MaxLen,
    "pattern": lambda pattern: Pattern(getattr(pattern, "pattern", pattern)),
    "title": Title,
    "description": Doc,
    "documentation": Doc,
    "extra_json_schema": Schema,
    "json_schema_extra": Schema,
}


def markers(constraint: Any) -> Iterator[Marker]:
    """What a foreign object in `Annotated` means, as markers of opgen."""
    if isinstance(constraint, (str, type)):
        return
    for word, marker in _WORDS.items():
        value = getattr(constraint, word, None)
        if value is None or callable(value) or (word == "min_length" and value == 0):
            continue
        yield marker(value)
    default = getattr(constraint, "default", None)
    if isinstance(default, (str, int, float, list, dict)):
        yield Default(default)
    for example in (getattr(constraint, "examples", None) or ())[:1]:
        yield Example(example)
    nested = getattr(constraint, "metadata", None)
    for inner in nested if isinstance(nested, (list, tuple)) else ():
        yield from markers(inner)
