"""What annotations are made of, for all who read them: the schema and the runtime's codec."""

from __future__ import annotations

import typing
from dataclasses import MISSING
from typing import Annotated, Any, NotRequired, Required, TypeVar

_TRANSPARENT = ("Final", "ReadOnly", "Required", "NotRequired", "InitVar")


def name_of(value: Any) -> str:
    """The name of a type, or an empty string."""
    return getattr(value, "_name", None) or getattr(value, "__name__", "") or ""


def is_transparent(origin: Any) -> bool:
    """Whether an annotation of this origin is no more than what is in its brackets."""
    return name_of(origin) in _TRANSPARENT


def is_alias(annotation: Any) -> bool:
    """Whether this is what a `type` statement makes, or `TypeAliasType` of any module."""
    return type(annotation).__name__ == "TypeAliasType"


def alias_of(annotation: Any) -> Any:
    """The alias of a `type` statement, with arguments or not; None if it is something else."""
    origin = typing.get_origin(annotation)
    return next((each for each in (annotation, origin) if is_alias(each)), None)


def alias_value(annotation: Any) -> Any:
    """What an alias stands for, its arguments put in.

    Raises:
        NameError: it names something that does not exist.
    """
    value = annotation.__value__
    arguments = typing.get_args(annotation) or defaults_of(alias_of(annotation))
    return value[arguments] if arguments else value


def is_typed_dict(annotation: Any) -> bool:
    """Whether this is a TypedDict class of typing, or of typing_extensions, which has its own."""
    is_dict = isinstance(annotation, type) and issubclass(annotation, dict)
    return is_dict and hasattr(annotation, "__total__")


def is_hashable(annotation: Any) -> bool:
    """Whether an annotation can be looked up; what is in `Annotated` may prevent that."""
    try:
        hash(annotation)
    except TypeError:
        return False
    return True


def may_be_left_out(hint: Any) -> bool | None:
    """What a TypedDict's annotation says of whether its key may be missing, however deep inside."""
    origin = typing.get_origin(hint)
    if origin in (NotRequired, Required):
        return origin is NotRequired
    wraps = origin is Annotated or is_transparent(origin)
    return may_be_left_out(typing.get_args(hint)[0]) if wraps else None


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


def substitute(annotation: Any, variables: dict[Any, Any]) -> Any:
    """An annotation with its type variables replaced."""
    if not variables:
        return annotation
    if isinstance(annotation, TypeVar):
        return variables.get(annotation, annotation)
    if typing.get_origin(annotation) is Annotated:
        inner, *metadata = typing.get_args(annotation)
        return Annotated[(substitute(inner, variables), *metadata)]  # type: ignore[return-value, unused-ignore]
    parameters = getattr(annotation, "__parameters__", ())
    if parameters:
        return annotation[tuple(variables.get(parameter, parameter) for parameter in parameters)]
    return annotation
