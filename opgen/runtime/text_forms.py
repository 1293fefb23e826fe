"""Types whose values are text in JSON, as the schema says: dates, UUIDs, addresses and the like.

They are listed by module and name, so that none of their modules is imported before somebody
declares a field of them.
"""

from __future__ import annotations

import base64
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class TextForm:
    """How values of a type are read and written, and what the text is called in messages."""

    name: str
    read: Callable[[type, str], Any]
    write: Callable[[Any], str]


def _construct(cls: type, text: str) -> Any:
    return cls(text)


def _from_iso(cls: Any, text: str) -> Any:
    return cls.fromisoformat(text)


def _read_bytes(_: type, text: str) -> bytes:
    return base64.b64decode(text, validate=True)


def _write_bytes(value: bytes) -> str:
    return base64.b64encode(value).decode()


def _read_duration(_: type, text: str) -> Any:
    from opgen.api.durations import parse_duration

    return parse_duration(text)


def _write_duration(value: Any) -> str:
    from opgen.api.durations import format_duration

    return format_duration(value)


def _isoformat(value: Any) -> str:
    return str(value.isoformat())


FORMS: dict[tuple[str, str], TextForm] = {
    ("builtins", "bytes"): TextForm("bytes in base64", _read_bytes, _write_bytes),
    ("datetime", "date"): TextForm("a date in ISO 8601", _from_iso, _isoformat),
    ("datetime", "time"): TextForm("a time of day in ISO 8601", _from_iso, _isoformat),
    ("datetime", "timedelta"): TextForm("a duration", _read_duration, _write_duration),
    ("decimal", "Decimal"): TextForm("a decimal number", _construct, str),
    ("uuid", "UUID"): TextForm("a UUID", _construct, str),
    ("ipaddress", "IPv4Address"): TextForm("an IPv4 address", _construct, str),
    ("ipaddress", "IPv6Address"): TextForm("an IPv6 address", _construct, str),
}


def form_of(cls: Any) -> TextForm | None:
    """The form of a type's values, or None if they are no text."""
    return FORMS.get((getattr(cls, "__module__", ""), getattr(cls, "__qualname__", "")))
