"""Durations as Go writes them, such as `1h30m0s`: what meta/v1 Duration is in JSON."""

from __future__ import annotations

import re
from datetime import timedelta

_SECONDS = {"h": 3600.0, "m": 60.0, "s": 1.0, "ms": 1e-3, "us": 1e-6, "µs": 1e-6, "ns": 1e-9}
_PART = r"(\d+\.?\d*|\.\d+)(h|ms|m|s|us|µs|ns)"


def parse_duration(text: str) -> timedelta:
    """The duration that a text such as `1h30m`, `-1.5s` or `300ms` says.

    Raises:
        ValueError: it says none.
    """
    digits = text.removeprefix("-").removeprefix("+")
    if not re.fullmatch(rf"0|({_PART})+", digits):
        raise ValueError(f"{text!r} is no duration; write it like 1h30m or 500ms")
    seconds = sum(float(amount) * _SECONDS[unit] for amount, unit in re.findall(_PART, digits))
    return timedelta(seconds=-seconds if text.startswith("-") else seconds)


def format_duration(duration: timedelta) -> str:
    """A duration in the form that Go gives it: `1h30m0s`, `1.5s`, `0s`."""
    sign = "-" if duration < timedelta() else ""
    microseconds = abs(duration) // timedelta(microseconds=1)
    seconds, rest = divmod(microseconds, 1_000_000)
    if not seconds and rest:
        return f"{sign}{_decimal(rest, 1000)}ms" if rest >= 1000 else f"{sign}{rest}µs"
    hours, minutes = seconds // 3600, seconds // 60 % 60
    text = f"{hours}h{minutes}m" if hours else f"{minutes}m" if minutes else ""
    return f"{sign}{text}{_decimal(seconds % 60 * 1_000_000 + rest, 1_000_000)}s"


def _decimal(value: int, unit: int) -> str:
    whole, rest = divmod(value, unit)
    digits = str(rest).zfill(len(str(unit)) - 1).rstrip("0")
    return f"{whole}.{digits}" if digits else str(whole)
