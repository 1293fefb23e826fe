"""Annotations as Python has them: what they are, and how people write them."""

from __future__ import annotations

import types
import typing
from typing import Annotated, Any, Literal, TypeVar, Union

from opgen.api.annotations import is_alias, is_transparent, name_of
from opgen.api.resources import CustomResource

NONE = type(None)


def none_apart(literal: Any) -> Any:
    """`Literal["a", None]` as `Literal["a"] | None`, which is the same."""
    values = typing.get_args(literal)
    others = tuple(value for value in values if value is not None)
    if not others or len(others) == len(values):
        return literal
    rest: Any = Literal[others]
    return rest | None


def is_text(annotation: Any) -> bool:
    """Whether all values of a type are strings in Python as well, so that they can be keys."""
    origin = typing.get_origin(annotation)
    if origin is Literal:
        return all(isinstance(value, str) for value in typing.get_args(annotation))
    if origin is Annotated or is_transparent(origin):
        return is_text(typing.get_args(annotation)[0])
    if isinstance(annotation, typing.NewType):
        return is_text(annotation.__supertype__)
    if is_alias(annotation):
        return is_text(annotation.__value__)
    if isinstance(annotation, type):
        return issubclass(annotation, str)
    return name_of(annotation) == "LiteralString"


def free_variables(annotation: Any) -> tuple[Any, ...]:
    """The type variables of an annotation that have no value."""
    if isinstance(annotation, TypeVar):
        return (annotation,)
    return () if isinstance(annotation, type) else getattr(annotation, "__parameters__", ())


def is_kind(annotation: Any) -> bool:
    """Whether this is a class of whole objects, with arguments or not."""
    cls = typing.get_origin(annotation) or annotation
    return isinstance(cls, type) and issubclass(cls, CustomResource)


def describe(annotation: Any) -> str:
    """An annotation as people write it."""
    origin = typing.get_origin(annotation)
    if origin is Annotated:
        return describe(typing.get_args(annotation)[0])
    if annotation is Ellipsis:
        return "..."
    if isinstance(annotation, list):
        return f"[{', '.join(map(describe, annotation))}]"
    if origin in (Union, types.UnionType):
        return " | ".join(map(describe, typing.get_args(annotation)))
    if annotation in (None, NONE):
        return "None"
    arguments = typing.get_args(annotation)
    if origin is Literal:
        return f"Literal[{', '.join(map(repr, arguments))}]"
    name = getattr(origin or annotation, "__qualname__", None) or str(annotation)
    name = name.rpartition("<locals>.")[2].removeprefix("typing.")
    return f"{name}[{', '.join(map(describe, arguments))}]" if arguments else name
