"""Annotations as Python has them: what they are, and how people write them."""

from __future__ import annotations

import types
import typing
from dataclasses import MISSING
from typing import Annotated, Any, Literal, TypeVar, Union

NONE = type(None)
_TRANSPARENT = ("Final", "ReadOnly", "Required", "NotRequired", "InitVar")


def is_transparent(origin: Any) -> bool:
    """Whether an annotation of this origin is no more than what is in its brackets."""
    return name_of(origin) in _TRANSPARENT


def is_alias(annotation: Any) -> bool:
    """Whether this is what a `type` statement makes."""
    return type(annotation).__name__ == "TypeAliasType"


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


def is_hashable(annotation: Any) -> bool:
    """Whether an annotation can be looked up; what is in `Annotated` may prevent that."""
    try:
        hash(annotation)
    except TypeError:
        return False
    return True


def parameters_of(generic: Any) -> tuple[Any, ...]:
    """The type parameters of a class or alias that have no values yet."""
    named: tuple[Any, ...] = getattr(generic, "__type_params__", ())
    unnamed: tuple[Any, ...] = getattr(generic, "__parameters__", ())
    return unnamed or named


def defaults_of(generic: Any) -> tuple[Any, ...]:
    """The defaults of all type parameters, which Python has since 3.13; nothing if one has none."""
    defaults = tuple(map(_default, parameters_of(generic)))
    return () if MISSING in defaults else defaults


def _default(parameter: Any) -> Any:
    has_default = getattr(parameter, "has_default", None)
    return parameter.__default__ if has_default is not None and has_default() else MISSING


def free_variables(annotation: Any) -> tuple[Any, ...]:
    """The type variables of an annotation that have no value."""
    if isinstance(annotation, TypeVar):
        return (annotation,)
    return () if isinstance(annotation, type) else getattr(annotation, "__parameters__", ())


def name_of(value: Any) -> str:
    """The name of a type, or an empty string."""
    return getattr(value, "_name", None) or getattr(value, "__name__", "") or ""


def refusal(annotation: Any) -> tuple[str, str]:
    """Why a type that is none of those known cannot be in a CRD, and what to do."""
    if isinstance(annotation, TypeVar):
        return (
            f"the type variable {annotation.__name__} has no value",
            "give the generic class an argument, as in Box[int]",
        )
    if annotation in (None, NONE):
        return "None alone is no type of a field", "write the type that the value may have"
    if isinstance(annotation, type) and issubclass(annotation, tuple):
        return (
            f"{annotation.__qualname__} is a named tuple, which JSON does not have",
            "make it a dataclass",
        )
    if isinstance(annotation, type) and _is_annotated(annotation):
        return f"{annotation.__qualname__} is no dataclass", "decorate it with @dataclass"
    if isinstance(annotation, list) and len(annotation) == 1:
        return f"{describe(annotation)} is no type", f"write list{describe(annotation)}"
    return (
        f"{describe(annotation)} has no counterpart in a CRD",
        "use str, int, bool, list, dict, a dataclass or a type of opgen.k8s",
    )


def _is_annotated(cls: type) -> bool:
    """Whether a class has annotations of its own, which Python 3.14 keeps as a function."""
    return bool(vars(cls).get("__annotations__") or getattr(cls, "__annotate__", None))


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
