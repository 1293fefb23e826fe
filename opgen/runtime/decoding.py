"""Decoders of JSON values, one for each annotation that may stand in a resource.

A decoder gets a value and gives what the annotation promises, or raises a `DecodeError` whose path
grows on the way out, so that nothing is spent on paths while all is well.
"""

from __future__ import annotations

import collections.abc
import dataclasses
import enum
import types
import typing
from collections.abc import Callable, Iterable
from dataclasses import MISSING
from datetime import datetime
from functools import cache
from typing import Annotated, Any, Literal, LiteralString, Union

from opgen.api.annotations import alias_of, alias_value, is_hashable, is_transparent, is_typed_dict
from opgen.api.errors import Problem, Problems
from opgen.api.fields import fields_of, json_fields
from opgen.api.text_forms import TextForm, form_of
from opgen.runtime.errors import DecodeError

Decoder = Callable[[Any], Any]

KNOWN = (
    "str, int, float, bool, bytes, Literal, Enum, datetime, date, time, timedelta, Decimal, UUID, "
    "addresses and networks of ipaddress, Path, re.Pattern, list, set, tuple[..., ...], "
    "dict[str, ...], dataclasses, TypedDicts and Any"
)
_LISTS = (
    list,
    collections.abc.Iterable,
    collections.abc.Collection,
    collections.abc.Sequence,
    collections.abc.MutableSequence,
)
_SETS = {
    set: set,
    frozenset: frozenset,
    collections.abc.Set: set,
    collections.abc.MutableSet: set,
}
_NESTED = 20
"""How often a generic class may stand within itself, as in the schema."""
_DICTS = (dict, collections.abc.Mapping, collections.abc.MutableMapping)


def decoder(annotation: Any) -> Decoder:
    """The decoder of an annotation. That of a class is compiled once.

    Raises:
        TypeError: JSON has no values for the annotation.
    """
    return _of_class(annotation) if isinstance(annotation, type) else _of_annotation(annotation)


@cache
def _of_class(cls: type) -> Decoder:
    return _of_annotation(cls)


def _of_annotation(annotation: Any) -> Decoder:
    annotation = bare(annotation)
    origin, args = typing.get_origin(annotation), typing.get_args(annotation)
    if origin in (Union, types.UnionType):
        return _union_decoder(args)
    if origin is Literal:
        return _choice_decoder({value: value for value in args})
    if annotation is list or origin in _LISTS:
        return _list_decoder(decoder(args[0]) if args else _decode_any)
    if origin in _SETS or (origin is tuple and args[1:] == (Ellipsis,)):
        return _converted(_list_decoder(decoder(args[0])), _SETS.get(origin, tuple))
    if _is_dict(annotation, origin):
        return _dict_decoder(decoder(args[1]) if args else _decode_any, _keys(annotation, args))
    if _has_fields(annotation):
        known = _known_object_decoder if is_hashable(annotation) else _object_decoder
        return known(annotation)
    if isinstance(annotation, type) and issubclass(annotation, enum.Enum):
        return _choice_decoder({member.value: member for member in annotation})
    if form := form_of(annotation):
        return _text_decoder(origin or annotation, form)
    try:
        return _SCALARS[annotation]
    except (KeyError, TypeError):
        shown = annotation.__qualname__ if isinstance(annotation, type) else str(annotation)
        raise TypeError(f"JSON has no values for {shown}; there are {KNOWN}") from None


def check(cls: type) -> None:
    """Refuse a dataclass that could not be decoded, before anything depends on it.

    Raises:
        Problems: annotations of it, or of classes that it is made of, are none for JSON.
    """
    problems: list[Problem] = []
    _check(cls, [], problems)
    if problems:
        raise Problems(problems)


def _check(annotation: Any, seen: list[Any], problems: list[Problem]) -> None:
    annotation = bare(annotation)
    for inner in typing.get_args(annotation):
        if not isinstance(inner, (str, int)) and typing.get_origin(annotation) is not Literal:
            _check(inner, seen, problems)
    if not _has_fields(annotation) or annotation in seen or _is_growing(annotation, seen):
        return
    seen.append(annotation)
    for field in fields_of(annotation):
        try:
            decoder(field.annotation)
        except TypeError as error:
            where = f"{field.owner.__qualname__}.{field.attribute}"
            problems.append(Problem(str(error), field=where))
        else:
            _check(field.annotation, seen, problems)


def _has_fields(annotation: Any) -> bool:
    """Whether this is a dataclass or TypedDict, or a generic one with its arguments."""
    cls = typing.get_origin(annotation) or annotation
    return isinstance(cls, type) and (dataclasses.is_dataclass(cls) or is_typed_dict(cls))


def _is_growing(annotation: Any, seen: list[Any]) -> bool:
    """Whether a generic class contains itself with other arguments each time, without an end."""
    origin = typing.get_origin(annotation)
    return sum(typing.get_origin(each) is origin is not None for each in seen) > _NESTED


def bare(annotation: Any) -> Any:
    """An annotation without markers, new types, names of aliases and words such as Final."""
    while True:
        origin = typing.get_origin(annotation)
        if origin is Annotated or is_transparent(origin):
            annotation = typing.get_args(annotation)[0]
        elif isinstance(annotation, typing.NewType):
            annotation = annotation.__supertype__
        elif alias_of(annotation) is not None:
            annotation = alias_value(annotation)
        else:
            return annotation


def members(annotation: Any) -> tuple[Any, ...]:
    """The types of a union and the values of a Literal, with None as its type; else nothing."""
    inner = bare(annotation)
    if typing.get_origin(inner) not in (Union, types.UnionType, Literal):
        return ()
    return tuple(type(None) if each is None else each for each in typing.get_args(inner))


def _is_dict(annotation: Any, origin: Any) -> bool:
    built_in = isinstance(annotation, type) and hasattr(annotation, "__opgen_k8s__")
    return annotation is dict or origin in _DICTS or built_in


def _keys(annotation: Any, args: tuple[Any, ...]) -> Decoder | None:
    """The decoder of a dict's keys; None for those of JSON as they are.

    Raises:
        TypeError: they are no strings.
    """
    key = bare(args[0]) if args else str
    if key is str:
        return None
    is_literal = typing.get_origin(key) is Literal
    if is_literal or (
        isinstance(key, type) and issubclass(key, str) and issubclass(key, enum.Enum)
    ):
        return decoder(key)
    raise TypeError(f"the keys of {annotation} must be str, as those of JSON are")


def _converted(inner: Decoder, cls: Callable[[Any], Any]) -> Decoder:
    return lambda value: cls(inner(value))


def _text_decoder(cls: Any, form: TextForm) -> Decoder:
    def decode_text(value: Any) -> Any:
        if type(value) is not str:
            raise DecodeError("", f"expected {form.name}, got {_json_type(value)}")
        try:
            return form.read(cls, value)
        except (ValueError, ArithmeticError):
            raise DecodeError("", f"{value!r} is not {form.name}") from None

    return decode_text


def _decode_any(value: Any) -> Any:
    return value


def _decode_datetime(value: Any) -> datetime:
    if isinstance(value, str):
        try:
            return datetime.fromisoformat(value)
        except ValueError:
            raise DecodeError("", f"{value!r} is not a time in RFC 3339") from None
    raise DecodeError("", f"expected a time in RFC 3339, got {_json_type(value)}")


def _exact(expected: type, name: str) -> Decoder:
    def decode_exact(value: Any) -> Any:
        if type(value) is expected:
            return value
        raise DecodeError("", f"expected {name}, got {_json_type(value)}")

    return decode_exact


def _decode_int(value: Any) -> int:
    if type(value) is int:
        return value
    if type(value) is float and value.is_integer():
        return int(value)
    raise DecodeError("", f"expected an integer, got {_json_type(value)}")


def _decode_float(value: Any) -> float:
    if type(value) is float or type(value) is int:
        return float(value)
    raise DecodeError("", f"expected a number, got {_json_type(value)}")


def _decode_none(value: Any) -> None:
    if value is not None:
        raise DecodeError("", f"expected null, got {_json_type(value)}")


_SCALARS: dict[Any, Decoder] = {
    str: _exact(str, "a string"),
    LiteralString: _exact(str, "a string"),
    bool: _exact(bool, "a boolean"),
    int: _decode_int,
    float: _decode_float,
    type(None): _decode_none,
    None: _decode_none,
    datetime: _decode_datetime,
    Any: _decode_any,
    object: _decode_any,
}

_JSON_TYPES: dict[type, str] = {
    str: "a string",
    bool: "a boolean",
    int: "an integer",
    float: "a number",
    list: "an array",
    dict: "an object",
    type(None): "null",
}


def _json_type(value: Any) -> str:
    return _JSON_TYPES.get(type(value), type(value).__name__)


def _list_decoder(item: Decoder) -> Decoder:
    def decode_list(value: Any) -> list[Any]:
        if type(value) is not list:
            raise DecodeError("", f"expected an array, got {_json_type(value)}")
        if item is _decode_any:
            return value
        index = 0
        result: list[Any] = [None] * len(value)
        try:
            for index, element in enumerate(value):
                result[index] = item(element)
        except DecodeError as error:
            raise error.below(f"[{index}]") from None
        return result

    return decode_list


def _dict_decoder(item: Decoder, key_decoder: Decoder | None = None) -> Decoder:
    def decode_dict(value: Any) -> dict[str, Any]:
        if type(value) is not dict:
            raise DecodeError("", f"expected an object, got {_json_type(value)}")
        if item is _decode_any and key_decoder is None:
            return value
        result: dict[str, Any] = {}
        key = ""
        try:
            for key, element in value.items():
                result[key if key_decoder is None else key_decoder(key)] = item(element)
        except DecodeError as error:
            raise error.below(f".{key}") from None
        return result

    return decode_dict


def _choice_decoder(choices: dict[Any, Any]) -> Decoder:
    shown = ", ".join(repr(value) for value in choices)

    def decode_choice(value: Any) -> Any:
        try:
            return choices[value]
        except (KeyError, TypeError):
            raise DecodeError("", f"{value!r} is not one of {shown}") from None

    return decode_choice


def _union_decoder(members: Iterable[Any]) -> Decoder:
    """The first member that fits; None first, as most unions are optional fields."""
    members = list(members)
    optional = any(bare(member) is type(None) for member in members)
    rest = [decoder(member) for member in members if bare(member) is not type(None)]
    if optional and len(rest) == 1:
        only = rest[0]
        return lambda value: None if value is None else only(value)

    def decode_union(value: Any) -> Any:
        if value is None and optional:
            return None
        messages = []
        for member in rest:
            try:
                return member(value)
            except DecodeError as error:
                messages.append(error.message)
        raise DecodeError("", " or ".join(dict.fromkeys(messages)))

    return decode_union


def _object_decoder(annotation: Any) -> Decoder:
    """The decoder of what has fields; a TypedDict is made like a dataclass, and is a dict."""
    fields: list[tuple[str, str, Decoder, bool]] = []
    cls = typing.get_origin(annotation) or annotation
    absent = _absent_status(cls)

    def decode_object(value: Any) -> Any:
        if type(value) is not dict:
            raise DecodeError("", f"expected an object, got {_json_type(value)}")
        arguments = {}
        name = ""
        try:
            for name, attribute, decode_field, has_default in fields:
                item = value.get(name, MISSING)
                if item is MISSING or (item is None and has_default):
                    if not has_default:
                        raise DecodeError("", "is required")
                    continue
                arguments[attribute] = decode_field(item)
        except DecodeError as error:
            raise error.below(f".{name}") from None
        if absent is not None and "status" not in arguments:
            arguments["status"] = absent()
        return cls(**arguments)

    def first(value: Any) -> Any:
        """Compile the fields on first use, so that a class may refer to itself."""
        if not fields:
            fields.extend(
                (field.name, field.attribute, decoder(field.annotation), field.has_default)
                for field in fields_of(annotation)
            )
        return decode_object(value)

    return first


_known_object_decoder = cache(_object_decoder)


def _absent_status(cls: type) -> Callable[[], Any] | None:
    """What makes an empty status for a kind; None for other classes and kinds without one."""
    if not hasattr(cls, "__opgen_kind__"):
        return None
    for field in json_fields(cls):
        status = bare(field.annotation)
        if field.attribute == "status" and isinstance(status, type) and status is not type(None):
            return status
    return None
