"""Whether a text has one of OpenAPI's formats, as the API server checks it in defaults.

Formats that are not in the table are not checked.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

_TIME = r"([01]\d|2[0-3]):[0-5]\d:([0-5]\d|60)(\.\d+)?"
_UUID = r"(?i)[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}"


_UUID_3 = r"(?i)[0-9a-f]{8}-?[0-9a-f]{4}-?3[0-9a-f]{3}-?[0-9a-f]{4}-?[0-9a-f]{12}"
_VERSIONED = (
    r"(?i)[0-9a-f]{{8}}-?[0-9a-f]{{4}}-?{}[0-9a-f]{{3}}-?[89ab][0-9a-f]{{3}}-?[0-9a-f]{{12}}"
)
_MAIL = r"([^<>]*<)?(\"[^\"]+\"|[^\s@<>()\[\],;:\"]+)@[^\s@<>()\[\],;:\"]+>?"
_LETTER = r"[^\W_]|[$+<=>^`|~]"
_HOSTNAME = (
    rf"((?:{_LETTER})(-?(?:{_LETTER}){{0,62}})?"
    rf"|((?:{_LETTER})(((?:{_LETTER}|-){{0,61}}(?:{_LETTER}))?)\.)+[^\W\d_]{{2,63}})"
)
_HEX = r"[0-9a-fA-F]{2}"
_MACS = (
    *(rf"{_HEX}(:{_HEX}){{{count}}}" for count in (5, 7, 19)),
    *(rf"{_HEX}(-{_HEX}){{{count}}}" for count in (5, 7, 19)),
    *(rf"{_HEX}{_HEX}(\.{_HEX}{_HEX}){{{count}}}" for count in (2, 3, 9)),
)
_CARD = (
    r"4[0-9]{12}([0-9]{3})?|5[1-5][0-9]{14}|6(011|5[0-9][0-9])[0-9]{12}|3[47][0-9]{13}"
    r"|3(0[0-5]|[68][0-9])[0-9]{11}|(2131|1800|35[0-9]{3})[0-9]{11}"
)
_SHADE = r"(0|[1-9]\d?|1\d\d?|2[0-4]\d|25[0-5])"
_BASE64 = r"([A-Za-z0-9+/]{4})*([A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=|[A-Za-z0-9+/]{4})"
_GO_DURATION = r"[+-]?(0|((\d+\.?\d*|\.\d+)(ns|us|µs|μs|ms|s|m|h))+)"
_UNITS = r"ns|nano.*|us|µs|micro.*|ms|milli.*|s|sec.*|m|min.*|h|hr|hour.*|d|day.*|w|wk|week.*"
_LABEL = r"[a-z0-9]([-a-z0-9]*[a-z0-9])?"
_NAME = rf"{_LABEL}(\.{_LABEL})*"


def goes_with(name: str, kind: str) -> bool:
    """Whether the API server knows a format for values of that type; it ignores all others.

    Source: k8s.io/apiextensions-apiserver pkg/apiserver/validation/formats.go.
    """
    return _plain(name) in _FORMATS if kind == "string" else name in _NUMBERS.get(kind, ())


def has(name: str, text: str) -> bool:
    """Whether a text has the format of that name; True if the format is not known."""
    check = _FORMATS.get(_plain(name))
    return check is None or check(text)


def _plain(name: str) -> str:
    """The name as the API server looks it up."""
    return name.replace("-", "")


def _like(pattern: str) -> Callable[[str], bool]:
    return lambda text: bool(re.fullmatch(pattern, text))


def _date(text: str) -> bool:
    import datetime

    try:
        datetime.date.fromisoformat(text)
    except ValueError:
        return False
    return len(text) == len("2026-01-31")


def _mail(text: str) -> bool:
    return bool(re.fullmatch(_MAIL, text))


def _hostname(text: str) -> bool:
    labels = text.split(".")
    is_short = len(text.encode()) <= 255 and all(len(label.encode()) <= 63 for label in labels)
    return is_short and bool(re.fullmatch(_HOSTNAME, text))


def _uri(text: str) -> bool:
    from opgen.cel.functions.network import is_url

    return is_url(text)


def _ipv6(text: str) -> bool:
    return ":" in text and "%" not in text and _address("IPv6Address")(text)


def _ipv4(text: str) -> bool:
    # The API server takes zeros in front.
    return _address("IPv4Address")(re.sub(r"(^|\.)0+(?=\d)", r"\1", text)) or (
        "." in text and _ipv6(text)
    )


def _cidr(text: str) -> bool:
    address, slash, length = text.partition("/")
    most = 128 if ":" in address else 32
    is_address = _ipv6(address) if ":" in address else _ipv4(address)
    return bool(slash) and is_address and length.isdecimal() and int(length) <= most


def _mac(text: str) -> bool:
    return any(re.fullmatch(pattern, text) for pattern in _MACS)


def _isbn10(text: str) -> bool:
    digits = re.sub(r"[\s-]+", "", text)
    if not re.fullmatch(r"\d{9}[\dX]", digits, re.ASCII):
        return False
    total = sum(place * int(digit) for place, digit in enumerate(digits[:9], 1))
    return (total + 10 * (10 if digits[9] == "X" else int(digits[9]))) % 11 == 0


def _isbn13(text: str) -> bool:
    digits = re.sub(r"[\s-]+", "", text)
    if not re.fullmatch(r"\d{13}", digits, re.ASCII):
        return False
    return sum((3 if place % 2 else 1) * int(digit) for place, digit in enumerate(digits)) % 10 == 0


def _card(text: str) -> bool:
    digits = re.sub(r"[^0-9]+", "", text)
    if not re.fullmatch(_CARD, digits):
        return False
    doubled = [int(digit) * (1 + place % 2) for place, digit in enumerate(reversed(digits))]
    return sum(number // 10 + number % 10 for number in doubled) % 10 == 0


def _duration(text: str) -> bool:
    parts = re.findall(r"(\d+)\s*([A-Za-zµ]+)", text)
    return bool(re.fullmatch(_GO_DURATION, text)) or any(
        re.fullmatch(_UNITS, unit.lower()) for _, unit in parts
    )


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


_FORMATS: Mapping[str, Callable[[str], bool]] = {
    "date": _date,
    "datetime": _date_time,
    "duration": _duration,
    "ipv4": _ipv4,
    "ipv6": _ipv6,
    "cidr": _cidr,
    "mac": _mac,
    "uri": _uri,
    "email": _mail,
    "hostname": _hostname,
    "uuid": _like(_UUID),
    "uuid3": _like(_UUID_3),
    "uuid4": _like(_VERSIONED.format(4)),
    "uuid5": _like(_VERSIONED.format(5)),
    "isbn": lambda text: _isbn10(text) or _isbn13(text),
    "isbn10": _isbn10,
    "isbn13": _isbn13,
    "creditcard": _card,
    "ssn": _like(r"\d{3}[- ]\d{2}[- ]\d{4}"),
    "hexcolor": _like(r"#?([0-9a-fA-F]{3}|[0-9a-fA-F]{6})"),
    "rgbcolor": _like(rf"rgb\(\s*{_SHADE}\s*,\s*{_SHADE}\s*,\s*{_SHADE}\s*\)"),
    "bsonobjectid": _like(r"[0-9a-fA-F]{24}"),
    "byte": _like(_BASE64),
    "password": lambda text: True,
    "k8sshortname": lambda text: len(text) <= 63 and bool(re.fullmatch(_LABEL, text)),
    "k8slongname": lambda text: len(text) <= 253 and bool(re.fullmatch(_NAME, text)),
}

_NUMBERS = {"integer": ("int32", "int64"), "number": ("float", "double")}
