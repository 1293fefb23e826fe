"""Python's scalar types and what they are in OpenAPI, as a table.

Types are listed by module and name, so that none of their modules has to be imported here.
"""

from __future__ import annotations

import enum
import typing
from collections.abc import Mapping
from typing import Any

from opgen.api.text_forms import PATH_TYPES

_STRING = {"type": "string"}
_DATE_TIME = {"type": "string", "format": "date-time"}
_CIDR = {"type": "string", "format": "cidr"}
_INT_OR_STRING = {
    "anyOf": [{"type": "integer"}, {"type": "string"}],
    "x-kubernetes-int-or-string": True,
}

SCALARS: Mapping[tuple[str, str], Mapping[str, Any]] = {
    ("builtins", "str"): _STRING,
    ("builtins", "bool"): {"type": "boolean"},
    ("builtins", "int"): {"type": "integer"},
    ("builtins", "float"): {"type": "number"},
    ("builtins", "bytes"): {"type": "string", "format": "byte"},
    ("datetime", "datetime"): _DATE_TIME,
    ("datetime", "date"): {"type": "string", "format": "date"},
    ("datetime", "time"): _STRING,
    ("datetime", "timedelta"): _STRING,
    ("decimal", "Decimal"): _STRING,
    ("uuid", "UUID"): {"type": "string", "format": "uuid"},
    ("ipaddress", "IPv4Address"): {"type": "string", "format": "ipv4"},
    ("ipaddress", "IPv6Address"): {"type": "string", "format": "ipv6"},
    ("ipaddress", "IPv4Network"): _CIDR,
    ("ipaddress", "IPv6Network"): _CIDR,
    ("ipaddress", "IPv4Interface"): _CIDR,
    ("ipaddress", "IPv6Interface"): _CIDR,
    ("re", "Pattern"): _STRING,
    ("typing", "LiteralString"): _STRING,
    **dict.fromkeys(PATH_TYPES, _STRING),
}

_JSON_TYPES: Mapping[type, str] = {str: "string", bool: "boolean", int: "integer"}


def scalar(annotation: Any) -> Mapping[str, Any] | None:
    """The keywords of a scalar type, or None if it is no scalar."""
    if typing.get_args(annotation) not in ((), (str,)):
        return None  # as is re.Pattern[bytes]
    cls = typing.get_origin(annotation) or annotation
    name = getattr(cls, "__qualname__", None) or getattr(cls, "_name", "")
    return SCALARS.get((getattr(cls, "__module__", ""), str(name)))


def int_or_string() -> Mapping[str, Any]:
    """The keywords of a value that is an integer or a string."""
    return {**_INT_OR_STRING, "anyOf": [{"type": "integer"}, {"type": "string"}]}


def enumeration(values: list[Any]) -> Mapping[str, Any] | None:
    """The keywords of an enum of these values, or None if they are not all of one scalar type."""
    types = {type(value) for value in values}
    if len(types) != 1:
        return None
    kind = _JSON_TYPES.get(types.pop())
    return {"type": kind, "enum": list(dict.fromkeys(values))} if kind else None


def enum_values(cls: type[enum.Enum]) -> list[Any]:
    """The values of an enum's members, as JSON has them."""
    return [plain(member.value) for member in cls]


def plain(value: Any) -> Any:
    """A value of a subclass of str or int, such as a member of a StrEnum, as str or int itself."""
    if isinstance(value, enum.Enum):
        return plain(value.value)
    if isinstance(value, bool) or not isinstance(value, (str, int)):
        return value
    return str(value) if isinstance(value, str) else int(value)
