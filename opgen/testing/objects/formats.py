"""The string formats that the API server checks; others are ignored, as it does."""

from __future__ import annotations

import base64
import binascii
import ipaddress
import re
from collections.abc import Callable
from datetime import date, datetime
from urllib.parse import urlsplit

_DATE_TIME = re.compile(
    r"\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:\d{2}(\.\d+)?([Zz]|[+-]\d{2}:\d{2})", re.ASCII
)
_GO_DURATION = re.compile(
    r"[-+]?(\d+(\.\d*)?|\.\d+)(ns|us|µs|ms|s|m|h)((\d+(\.\d*)?)(ns|us|µs|ms|s|m|h))*|0"
)
_UUID = r"[0-9a-fA-F]{8}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{12}"


def _no_error(read: Callable[[str], object]) -> Callable[[str], bool]:
    def check(value: str) -> bool:
        try:
            read(value)
        except (ValueError, binascii.Error):
            return False
        return True

    return check


def _date_time(value: str) -> bool:
    if not _DATE_TIME.fullmatch(value):
        return False
    return _no_error(lambda text: datetime.strptime(text[:19].upper(), "%Y-%m-%dT%H:%M:%S"))(value)


def _cidr(value: str) -> bool:
    return "/" in value and _no_error(lambda text: ipaddress.ip_network(text, strict=False))(value)


def _uri(value: str) -> bool:
    return _no_error(urlsplit)(value) and (bool(urlsplit(value).scheme) or value.startswith("/"))


def _matches(pattern: str) -> Callable[[str], bool]:
    compiled = re.compile(pattern, re.ASCII)
    return lambda value: compiled.fullmatch(value) is not None


_CHECKS: dict[str, Callable[[str], bool]] = {
    "date-time": _date_time,
    "datetime": _date_time,
    "date": _no_error(date.fromisoformat),
    "duration": lambda value: _GO_DURATION.fullmatch(value) is not None,
    "byte": _no_error(lambda value: base64.b64decode(value, validate=True)),
    "ipv4": _no_error(ipaddress.IPv4Address),
    "ipv6": _no_error(ipaddress.IPv6Address),
    "cidr": _cidr,
    "mac": _matches(r"([0-9A-Fa-f]{2}[:-]){5}[0-9A-Fa-f]{2}"),
    "uuid": _matches(_UUID),
    "uuid3": _matches(_UUID),
    "uuid4": _matches(_UUID),
    "uuid5": _matches(_UUID),
    "uri": _uri,
    "email": _matches(r"[^@\s<>]+@[^@\s<>]+"),
    "hostname": _matches(
        r"[a-zA-Z0-9]([-a-zA-Z0-9]{0,61}[a-zA-Z0-9])?(\.[a-zA-Z0-9]([-a-zA-Z0-9]{0,61}[a-zA-Z0-9])?)*"
    ),
    "hexcolor": _matches(r"#?([0-9a-fA-F]{3}|[0-9a-fA-F]{6})"),
}


def valid_format(name: str, value: str) -> bool:
    """Whether a string has the form; an unknown format accepts everything."""
    check = _CHECKS.get(name)
    return check is None or check(value)
