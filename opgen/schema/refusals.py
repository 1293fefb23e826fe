"""Why annotations cannot be in a CRD, and what to write instead: a message and a way out."""

from __future__ import annotations

import dataclasses
from typing import Any, TypeVar

from opgen.api.annotations import name_of
from opgen.schema.annotations import NONE, describe

_FOREIGN = {
    "__attrs_attrs__": (
        "an attrs class",
        "write it as a dataclass; its validators become markers, such as Ge(1)",
    ),
    "__struct_fields__": (
        "a msgspec Struct",
        "write it as a dataclass; its Meta(...) can stay in Annotated",
    ),
    "model_fields": (
        "a pydantic model",
        "write it as a dataclass; its Field(...) can stay in Annotated",
    ),
    "_is_protocol": ("a Protocol", "use a dataclass that has what it asks for"),
}
"""What other ways to write classes leave in them, what such a class is, and what to do with it."""
_ADVICE = {
    "Self": "a CRD cannot describe recursion; name the class, as in "
    "Annotated[Node, PreserveUnknown], or give the field the type Json",
    "Pattern": "write re.Pattern[str]",
}
_ADVICE_FOR_ANY = "use str, int, bool, list, dict, a dataclass or a type of opgen.k8s"


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
    for attribute, (what, advice) in _FOREIGN.items():
        if isinstance(annotation, type) and getattr(annotation, attribute, False):
            name = annotation.__qualname__
            return f"{name} is {what}, not a dataclass", advice
    if isinstance(annotation, type) and _is_annotated(annotation):
        return f"{annotation.__qualname__} is no dataclass", "decorate it with @dataclass"
    if isinstance(annotation, list) and len(annotation) == 1:
        return f"{describe(annotation)} is no type", f"write list{describe(annotation)}"
    return (
        f"{describe(annotation)} has no counterpart in a CRD",
        _ADVICE.get(name_of(annotation), _ADVICE_FOR_ANY),
    )


def _is_annotated(cls: type) -> bool:
    """Whether a class has annotations of its own, which Python 3.14 keeps as a function."""
    annotations = vars(cls).get("__annotations__")
    has_some = isinstance(annotations, dict) and bool(annotations)
    return has_some or callable(getattr(cls, "__annotate__", None))


def kind_refusal(cls: type) -> tuple[str, str]:
    """Why a kind is no type of a field, and what to do."""
    name = describe(cls)
    return (
        f"{name} is a kind, whose objects the API server keeps on their own",
        f"use the type of its spec or a reference by name, or write Annotated[{name}, "
        "EmbeddedResource] to hold a whole object here",
    )


def union_refusal(arms: list[Any]) -> tuple[str, str]:
    """Why a union of these types is none of a field, and what to do."""
    written = " | ".join(map(describe, arms))
    advice = "a dataclass with one optional field for each case and @marked(ExactlyOneOf(...))"
    message = f"{written}: a field of a CRD has one type"
    if all(dataclasses.is_dataclass(arm) for arm in arms):
        return message, f"write Annotated[{written}, OneOf], or use {advice}"
    return message, f"use {advice}, or Annotated[Any, Schema({{...}})]"
