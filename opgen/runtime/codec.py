"""Between JSON objects and dataclasses.

For each class a decoder and an encoder are compiled once, from the same `json_fields` that the
CRD's schema is made of. Fields that a class does not declare are skipped, and as only declared
fields are encoded, nothing undeclared is ever written back. Absent fields take their default, None
is not written, and built-in types of Kubernetes stay the plain dicts they are.

>>> decode(WebServerSpec, {"replicas": 3}).replicas
3
"""

from __future__ import annotations

import dataclasses
import enum
import types
import typing
from collections.abc import Callable, Iterable
from dataclasses import MISSING
from datetime import UTC, datetime
from functools import cache
from typing import Annotated, Any, Literal, TypeVar, Union

from opgen.api.fields import JsonField, json_fields
from opgen.api.markers import Nullable
from opgen.runtime.errors import DecodeError

T = TypeVar("T")
Decoder = Callable[[Any, str], Any]
"""Gets the JSON value and the path to it, for messages."""
Encoder = Callable[[Any], Any]


def decode(cls: type[T], document: Any, path: str = "") -> T:
    """A JSON object as an instance of a dataclass; a built-in type's as the dict it is.

    Raises:
        DecodeError: a value does not have the declared type; says which one.
        TypeError: an annotation of the class is none that JSON has a value for.
    """
    result: T = decoder(cls)(document, path or getattr(cls, "__name__", "value"))
    return result


def encode(obj: Any) -> Any:
    """A dataclass as JSON values; a dict or list item by item. Attributes that are None are absent.

    Raises:
        TypeError: there is a value that has no form in JSON.
    """
    return _encode_any(obj)


def encode_object(obj: Any) -> dict[str, Any]:
    """A whole object with `apiVersion` and `kind` in front, whether dataclass or dict."""
    document: dict[str, Any] = encode(obj)
    kind = getattr(type(obj), "__opgen_kind__", None)
    if kind is None:
        return dict(without_nulls(document))
    return {"apiVersion": kind.api_version, "kind": kind.kind, **document}


def without_nulls(value: Any) -> Any:
    """JSON values without the null members of objects, as the API server would drop them."""
    if type(value) is dict:
        return {key: without_nulls(item) for key, item in value.items() if item is not None}
    if type(value) is list:
        return [without_nulls(item) for item in value]
    return value


# Decoding


def decoder(annotation: Any) -> Decoder:
    """The decoder of an annotation. That of a class is compiled once."""
    annotation = _bare(annotation)
    origin, args = typing.get_origin(annotation), typing.get_args(annotation)
    if origin in (Union, types.UnionType):
        return _union_decoder(args)
    if origin is Literal:
        return _choice_decoder({value: value for value in args})
    if _is_list(annotation, origin):
        return _list_decoder(decoder(args[0]) if args else _decode_any)
    if _is_dict(annotation, origin):
        return _dict_decoder(decoder(args[1]) if args else _decode_any)
    if not isinstance(annotation, type) or annotation is object:
        return _plain_decoder(annotation)
    if dataclasses.is_dataclass(annotation):
        return _dataclass_decoder(annotation)
    if issubclass(annotation, enum.Enum):
        return _choice_decoder({member.value: member for member in annotation})
    return _plain_decoder(annotation)


def _bare(annotation: Any) -> Any:
    """Without markers, new types and names of aliases."""
    while True:
        if typing.get_origin(annotation) is Annotated:
            annotation = typing.get_args(annotation)[0]
        elif isinstance(annotation, typing.NewType):
            annotation = annotation.__supertype__
        elif type(annotation).__name__ == "TypeAliasType":
            annotation = annotation.__value__
        else:
            return annotation


def _is_list(annotation: Any, origin: Any) -> bool:
    return annotation is list or origin is list


def _is_dict(annotation: Any, origin: Any) -> bool:
    built_in = isinstance(annotation, type) and hasattr(annotation, "__opgen_k8s__")
    return annotation is dict or origin is dict or built_in or typing.is_typeddict(annotation)


def _plain_decoder(annotation: Any) -> Decoder:
    simple = _SCALARS.get(annotation)
    if simple is None:
        raise TypeError(f"{annotation!r} is no type that JSON has values for")
    return simple


def _decode_any(value: Any, path: str) -> Any:
    return value


def _decode_datetime(value: Any, path: str) -> datetime:
    if isinstance(value, str):
        try:
            return datetime.fromisoformat(value)
        except ValueError:
            raise DecodeError(path, f"{value!r} is not a time in RFC 3339") from None
    raise DecodeError(path, f"expected a time in RFC 3339, got {_json_type(value)}")


def _exact(expected: type, name: str) -> Decoder:
    def decode_exact(value: Any, path: str) -> Any:
        if type(value) is expected:
            return value
        raise DecodeError(path, f"expected {name}, got {_json_type(value)}")

    return decode_exact


def _decode_int(value: Any, path: str) -> int:
    if type(value) is int:
        return value
    if type(value) is float and value.is_integer():
        return int(value)
    raise DecodeError(path, f"expected an integer, got {_json_type(value)}")


def _decode_float(value: Any, path: str) -> float:
    if type(value) is float or type(value) is int:
        return float(value)
    raise DecodeError(path, f"expected a number, got {_json_type(value)}")


def _decode_none(value: Any, path: str) -> None:
    if value is not None:
        raise DecodeError(path, f"expected null, got {_json_type(value)}")


_SCALARS: dict[Any, Decoder] = {
    str: _exact(str, "a string"),
    bool: _exact(bool, "a boolean"),
    int: _decode_int,
    float: _decode_float,
    type(None): _decode_none,
    None: _decode_none,
    datetime: _decode_datetime,
    Any: _decode_any,
    object: _decode_any,
}


def _json_type(value: Any) -> str:
    names = {str: "a string", bool: "a boolean", int: "an integer", float: "a number"}
    names |= {list: "an array", dict: "an object", type(None): "null"}
    return names.get(type(value), type(value).__name__)


def _list_decoder(item: Decoder) -> Decoder:
    def decode_list(value: Any, path: str) -> list[Any]:
        if type(value) is not list:
            raise DecodeError(path, f"expected an array, got {_json_type(value)}")
        if item is _decode_any:
            return value
        return [item(element, f"{path}[{index}]") for index, element in enumerate(value)]

    return decode_list


def _dict_decoder(item: Decoder) -> Decoder:
    def decode_dict(value: Any, path: str) -> dict[str, Any]:
        if type(value) is not dict:
            raise DecodeError(path, f"expected an object, got {_json_type(value)}")
        if item is _decode_any:
            return value
        return {key: item(element, f"{path}.{key}") for key, element in value.items()}

    return decode_dict


def _choice_decoder(choices: dict[Any, Any]) -> Decoder:
    shown = ", ".join(repr(value) for value in choices)

    def decode_choice(value: Any, path: str) -> Any:
        try:
            return choices[value]
        except (KeyError, TypeError):
            raise DecodeError(path, f"{value!r} is not one of {shown}") from None

    return decode_choice


def _union_decoder(members: Iterable[Any]) -> Decoder:
    """The first member that fits; None first, as most unions are optional fields."""
    members = list(members)
    optional = any(_bare(member) is type(None) for member in members)
    rest = [decoder(member) for member in members if _bare(member) is not type(None)]
    if optional and len(rest) == 1:
        only = rest[0]
        return lambda value, path: None if value is None else only(value, path)

    def decode_union(value: Any, path: str) -> Any:
        if value is None and optional:
            return None
        messages = []
        for member in rest:
            try:
                return member(value, path)
            except DecodeError as error:
                messages.append(error.message)
        raise DecodeError(path, " or ".join(dict.fromkeys(messages)))

    return decode_union


@cache
def _dataclass_decoder(cls: type) -> Decoder:
    fields: list[tuple[JsonField, Decoder]] = []
    absent = _absent_status(cls)

    def decode_dataclass(value: Any, path: str) -> Any:
        if type(value) is not dict:
            raise DecodeError(path, f"expected an object, got {_json_type(value)}")
        arguments = {}
        for field, decode_field in fields:
            item = value.get(field.name, MISSING)
            if item is MISSING or (item is None and field.has_default):
                if not field.has_default:
                    raise DecodeError(f"{path}.{field.name}", "is required")
                continue
            arguments[field.attribute] = decode_field(item, f"{path}.{field.name}")
        if absent is not None and "status" not in arguments:
            arguments["status"] = absent()
        return cls(**arguments)

    def first(value: Any, path: str) -> Any:
        """Compile the fields on first use, so that a class may refer to itself."""
        if not fields:
            fields.extend((field, decoder(field.annotation)) for field in json_fields(cls))
        return decode_dataclass(value, path)

    return first


def _absent_status(cls: type) -> Callable[[], Any] | None:
    """What makes an empty status for a kind; None for other classes and kinds without one."""
    if not hasattr(cls, "__opgen_kind__"):
        return None
    for field in json_fields(cls):
        status = _bare(field.annotation)
        if field.attribute == "status" and isinstance(status, type) and status is not type(None):
            return status
    return None


# Encoding


@cache
def encoder(cls: type) -> Encoder:
    """The encoder of a dataclass, compiled once."""
    fields = [(field.name, field.attribute, _writes_null(field)) for field in json_fields(cls)]

    def encode_dataclass(obj: Any) -> dict[str, Any]:
        result = {}
        for name, attribute, null in fields:
            value = getattr(obj, attribute)
            if value is not None:
                result[name] = _encode_any(value)
            elif null:
                result[name] = None
        return result

    return encode_dataclass


def _writes_null(field: JsonField) -> bool:
    """Whether None is a value of its own: a required field that may be null."""
    markers = typing.get_args(field.annotation)[1:]
    nullable = any(isinstance(marker, Nullable) or marker is Nullable for marker in markers)
    return nullable and not field.has_default


def _encode_any(value: Any) -> Any:
    cls = type(value)
    if cls is str or cls is int or cls is bool or cls is float:
        return value
    if cls is dict:
        return {key: _encode_any(item) for key, item in value.items()}
    if cls is list or cls is tuple:
        return [_encode_any(item) for item in value]
    if dataclasses.is_dataclass(cls):
        return encoder(cls)(value)
    if isinstance(value, enum.Enum):
        return value.value
    if isinstance(value, datetime):
        return (format_micro_time if value.microsecond else format_time)(value)
    if isinstance(value, dict):
        return _encode_any(dict(value))
    if isinstance(value, (str, int, float, bool, type(None))):
        return value
    raise TypeError(f"{cls.__qualname__} has no form in JSON")


def format_time(moment: datetime) -> str:
    """A time as Kubernetes writes it: UTC, whole seconds. Source: meta/v1 Time."""
    return _in_utc(moment, "seconds")


def format_micro_time(moment: datetime) -> str:
    """A time with microseconds. Source: meta/v1 MicroTime."""
    return _in_utc(moment, "microseconds")


def _in_utc(moment: datetime, precision: str) -> str:
    """A time without a zone is taken to be UTC."""
    moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    return moment.isoformat(timespec=precision).removesuffix("+00:00") + "Z"
