"""Timestamps and durations as JSON has them, as CEL's values."""

from __future__ import annotations

import datetime
import re

_MOMENT = r"(\d{4}-\d\d-\d\d)[Tt](\d\d):(\d\d):(\d\d)(?:\.(\d+))?([Zz]|[+-]\d\d:\d\d)"
_PART = r"(\d+\.?\d*|\.\d+)(ns|us|µs|μs|ms|s|m|h)"
_NANOSECONDS = {
    "ns": 1,
    "us": 10**3,
    "µs": 10**3,
    "μs": 10**3,
    "ms": 10**6,
    "s": 10**9,
    "m": 60 * 10**9,
    "h": 3600 * 10**9,
}
_SECOND = 10**9


class _Message:
    """A moment or a span in the form that the library takes in nested values."""

    def __init__(self, seconds: int, nanos: int) -> None:
        self.seconds = seconds
        self.nanos = nanos

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and vars(self) == vars(other)

    def __hash__(self) -> int:
        return hash((self.seconds, self.nanos))


class Timestamp(_Message):
    """A moment: seconds since 1970 and nanoseconds."""

    class DESCRIPTOR:
        """By which the library knows the type."""

        full_name = "google.protobuf.Timestamp"


class Duration(_Message):
    """A span of time."""

    class DESCRIPTOR:
        """By which the library knows the type."""

        full_name = "google.protobuf.Duration"


def timestamp(text: str) -> Timestamp | None:
    """A moment by RFC 3339; None if it is none."""
    found = re.fullmatch(_MOMENT, text)
    if not found:
        return None
    date, hours, minutes, seconds, fraction, zone = found.groups()
    try:
        moment = datetime.datetime.fromisoformat(
            f"{date}T{hours}:{minutes}:{seconds}{zone.upper().replace('Z', '+00:00')}"
        )
    except ValueError:
        return None
    return Timestamp(_since_1970(moment), int((fraction or "").ljust(9, "0")[:9]))


def date(text: str) -> Timestamp | None:
    """The first moment of a day such as 2026-01-31; None if it is none."""
    return timestamp(f"{text}T00:00:00Z") if re.fullmatch(r"\d{4}-\d\d-\d\d", text) else None


def duration(text: str) -> Duration | None:
    """A duration of Go, such as 1h30m or 1.5s; None if it is none."""
    sign, body = (text[0], text[1:]) if text[:1] in ("-", "+") else ("", text)
    if body == "0":
        return Duration(0, 0)
    if not re.fullmatch(f"({_PART})+", body):
        return None
    parts = re.findall(_PART, body)
    nanos = sum(_times(amount, _NANOSECONDS[unit]) for amount, unit in parts)
    if nanos >= 2**63:
        return None
    return _span(-nanos if sign == "-" else nanos)


def _times(amount: str, unit: int) -> int:
    """A number with or without a fraction, times a whole number, rounded down."""
    whole, _, fraction = amount.partition(".")
    scale = int(f"1{'0' * len(fraction)}")
    return int(whole or 0) * unit + int(fraction or 0) * unit // scale


def from_python(value: datetime.datetime | datetime.timedelta) -> Timestamp | Duration:
    """What the library hands to functions, in the form that it takes back."""
    if isinstance(value, datetime.datetime):
        return Timestamp(_since_1970(value), value.microsecond * 1000)
    return _span((value // datetime.timedelta(microseconds=1)) * 1000)


def _span(nanos: int) -> Duration:
    seconds = abs(nanos) // _SECOND * (1 if nanos >= 0 else -1)
    return Duration(seconds, nanos - seconds * _SECOND)


def _since_1970(moment: datetime.datetime) -> int:
    start = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)
    return (moment - start) // datetime.timedelta(seconds=1)
