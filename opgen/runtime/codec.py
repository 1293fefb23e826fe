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
import math
import typing
from collections.abc import Callable
from datetime import UTC, datetime
from functools import cache
from typing import Annotated, Any, TypeVar

from opgen.api.fields import JsonField, json_fields
from opgen.api.markers import Nullable
from opgen.api.text_forms import form_of
from opgen.runtime.decoding import decoder, members
from opgen.runtime.errors import DecodeError

T = TypeVar("T")
Encoder = Callable[[Any], Any]

_ATOMS = frozenset({str, int, bool})
"""Types whose values are JSON as they are; looked at first, as most values are these."""


def decode(cls: type[T], document: Any, path: str = "") -> T:
    """A JSON object as an instance of a dataclass; a built-in type's as the dict it is.

    Raises:
        DecodeError: a value does not have the declared type; says which one.
        TypeError: an annotation of the class is none that JSON has a value for.
    """
    try:
        result: T = decoder(cls)(document)
    except DecodeError as error:
        raise error.below(path or getattr(cls, "__name__", "value")) from None
    return result


def encode(obj: Any) -> Any:
    """A dataclass as JSON values; a dict or list item by item. Attributes that are None are absent.

    Raises:
        TypeError: there is a value that has no form in JSON.
    """
    return _encode_any(obj)


def from_json(text: bytes) -> Any:
    """JSON text as plain values. Here so that callers need not import msgspec before its time."""
    import msgspec

    return msgspec.json.decode(text)


def encode_object(obj: Any) -> dict[str, Any]:
    """A whole object with `apiVersion` and `kind` in front, whether dataclass or dict.

    The null members of a dict are left out, as the API server would drop them.
    """
    is_typed = dataclasses.is_dataclass(obj)
    document: dict[str, Any] = _encode_any(obj) if is_typed else _encode_present(obj)
    return document


# Encoding


@cache
def encoder(cls: type) -> Encoder:
    """The encoder of a dataclass, compiled once. A kind says what it is, wherever it stands."""
    fields = [(field.name, field.attribute, _writes_null(field)) for field in json_fields(cls)]
    kind = getattr(cls, "__opgen_kind__", None)
    head = {"apiVersion": kind.api_version, "kind": kind.kind} if kind else {}

    def encode_dataclass(obj: Any) -> dict[str, Any]:
        result: dict[str, Any] = {**head}
        for name, attribute, null in fields:
            value = getattr(obj, attribute)
            if value is not None:
                result[name] = value if type(value) in _ATOMS else _encode_any(value)
            elif null:
                result[name] = None
        return result

    return encode_dataclass


def _writes_null(field: JsonField) -> bool:
    """Whether None is a value of its own: a required field that may be null."""
    is_annotated = typing.get_origin(field.annotation) is Annotated
    markers = typing.get_args(field.annotation)[1:] if is_annotated else ()
    nullable = any(isinstance(marker, Nullable) or marker is Nullable for marker in markers)
    return not field.has_default and (nullable or type(None) in members(field.annotation))


def _encode_any(value: Any) -> Any:
    cls = type(value)
    if cls in _ATOMS:
        return value
    if cls is dict:
        return {k: v if type(v) in _ATOMS else _encode_any(v) for k, v in value.items()}
    if cls is list or cls is tuple:
        return [v if type(v) in _ATOMS else _encode_any(v) for v in value]
    if dataclasses.is_dataclass(cls):
        return encoder(cls)(value)
    if isinstance(value, enum.Enum):
        return value.value
    if isinstance(value, datetime):
        return (format_micro_time if value.microsecond else format_time)(value)
    if isinstance(value, dict):
        return _encode_any(dict(value))
    if isinstance(value, (str, int, float, bool, type(None))):
        return _plain(value)
    if cls is set or cls is frozenset:
        return sorted(map(_encode_any, value))
    if form := form_of(cls):
        return form.write(value)
    raise TypeError(f"{cls.__qualname__} has no form in JSON")


def _plain(value: Any) -> Any:
    """A value that JSON has; infinity and what is no number are none."""
    if isinstance(value, float) and not math.isfinite(value):
        raise TypeError(f"{value} has no form in JSON")
    return value


def _encode_present(value: Any) -> Any:
    """Like `_encode_any`, without the null members of objects."""
    cls = type(value)
    if cls in _ATOMS:
        return value
    if cls is dict:
        return {
            k: v if type(v) in _ATOMS else _encode_present(v)
            for k, v in value.items()
            if v is not None
        }
    if cls is list:
        return [v if type(v) in _ATOMS else _encode_present(v) for v in value]
    encoded = _encode_any(value)
    return _encode_present(encoded) if type(encoded) in (dict, list) else encoded


def format_time(moment: datetime) -> str:
    """A time as Kubernetes writes it: UTC, whole seconds. Source: meta/v1 Time."""
    return _in_utc(moment, "seconds")


def format_micro_time(moment: datetime) -> str:
    """A time with microseconds. Source: meta/v1 MicroTime."""
    return _in_utc(moment, "microseconds")


def _in_utc(moment: datetime, precision: str) -> str:
    """A time without a zone is taken to be UTC."""
    if moment.tzinfo is not UTC:
        moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    return moment.isoformat(timespec=precision).removesuffix("+00:00") + "Z"
