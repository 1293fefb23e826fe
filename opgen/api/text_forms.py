"""Types whose values are text in JSON, as the schema says: dates, UUIDs, addresses and the like.

They are listed by module and name, so that none of their modules is imported before somebody
declares a field of them.
"""

from __future__ import annotations

import base64
import typing
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


def _read_pattern(_: type, text: str) -> Any:
    from opgen.api.patterns import parse_pattern

    return parse_pattern(text)


def _write_pattern(value: Any) -> str:
    from opgen.api.patterns import format_pattern

    return format_pattern(value)


def _written(name: str) -> TextForm:
    """The form of a type that takes its text and gives it as `str`."""
    return TextForm(name, _construct, str)


PATH_TYPES = tuple(
    # In Python 3.13 they are in pathlib._local.
    (module, name)
    for module in ("pathlib", "pathlib._local")
    for name in ("Path", "PosixPath", "WindowsPath", "PurePath", "PurePosixPath", "PureWindowsPath")
)
FORMS: dict[tuple[str, str], TextForm] = {
    ("builtins", "bytes"): TextForm("bytes in base64", _read_bytes, _write_bytes),
    ("datetime", "date"): TextForm("a date in ISO 8601", _from_iso, _isoformat),
    ("datetime", "time"): TextForm("a time of day in ISO 8601", _from_iso, _isoformat),
    ("datetime", "timedelta"): TextForm("a duration", _read_duration, _write_duration),
    ("re", "Pattern"): TextForm("a regular expression of Python", _read_pattern, _write_pattern),
    ("decimal", "Decimal"): _written("a decimal number"),
    ("uuid", "UUID"): _written("a UUID"),
    ("ipaddress", "IPv4Address"): _written("an IPv4 address"),
    ("ipaddress", "IPv6Address"): _written("an IPv6 address"),
    ("ipaddress", "IPv4Network"): _written("an IPv4 network"),
    ("ipaddress", "IPv6Network"): _written("an IPv6 network"),
    ("ipaddress", "IPv4Interface"): _written("an IPv4 address with a prefix"),
    ("ipaddress", "IPv6Interface"): _written("an IPv6 address with a prefix"),
    **dict.fromkeys(PATH_TYPES, _written("a path")),
}


def form_of(annotation: Any) -> TextForm | None:
    """The form of a type's values, or None if they are no text."""
    if typing.get_args(annotation) not in ((), (str,)):
        return None  # as is re.Pattern[bytes]
    cls = typing.get_origin(annotation) or annotation
    return FORMS.get((getattr(cls, "__module__", ""), getattr(cls, "__qualname__", "")))
