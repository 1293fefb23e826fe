"""Whether a text has one of OpenAPI's formats, as the API server checks it in defaults.

Formats that are not in the table are not checked.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

_TIME = r"([01]\d|2[0-3]):[0-5]\d:([0-5]\d|60)(\.\d+)?"
_UUID = r"(?i)[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}"


def has(name: str, text: str) -> bool:
    """Whether a text has the format of that name; True if the format is not known."""
    check = _FORMATS.get(name)
    return check is None or check(text)


def _like(pattern: str) -> Callable[[str], bool]:
    return lambda text: bool(re.fullmatch(pattern, text))


def _date(text: str) -> bool:
    import datetime

    try:
        datetime.date.fromisoformat(text)
    except ValueError:
        return False
    return len(text) == len("2026-01-31")


def _date_time(text: str) -> bool:
    date, _, time = text.upper().partition("T")
    return _date(date) and bool(re.fullmatch(rf"{_TIME}(Z|[+-]\d\d:\d\d)", time))


def _address(name: str) -> Callable[[str], bool]:
    """A check by one of the classes of the module ipaddress."""

    def check(text: str) -> bool:
        import ipaddress

        try:
            getattr(ipaddress, name)(text)
        except ValueError:
            return False
        return True

    return check


def _byte(text: str) -> bool:
    import base64
    import binascii

    try:
        base64.b64decode(text, validate=True)
    except binascii.Error:
        return False
    return True


_FORMATS: Mapping[str, Callable[[str], bool]] = {
    "date": _date,
    "date-time": _date_time,
    "datetime": _date_time,
    "ipv4": _address("IPv4Address"),
    "ipv6": _address("IPv6Address"),
    "uuid": _like(_UUID),
    "byte": _byte,
}
