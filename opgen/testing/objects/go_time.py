"""Times and quantities, which Kubernetes reads and writes by rules of their own.

Sources: Go's time.Parse, and Time, MicroTime and Quantity of apimachinery.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from decimal import ROUND_CEILING, Decimal
from typing import Any

import msgspec

_META = "io.k8s.apimachinery.pkg.apis.meta.v1."
TIME, MICRO_TIME = _META + "Time", _META + "MicroTime"
QUANTITY = "io.k8s.apimachinery.pkg.api.resource.Quantity"

# What Go's layouts are made of, and how the value must begin there.
_DATE = (
    ("2006", r"\d{4}"),
    ("-", "-"),
    ("01", r"\d{2}"),
    ("-", "-"),
    ("02", r"\d{2}"),
    ("T", "T"),
    ("15", r"\d{2}"),
    (":", ":"),
    ("04", r"\d{2}"),
    (":", ":"),
)
_ZONE = ("Z07:00", r"(Z|[+-]\d{2}:\d{2})")
_LAYOUTS = {
    TIME: (*_DATE, ("05", r"\d{2}([.,]\d+)?"), _ZONE),
    MICRO_TIME: (*_DATE, ("05", r"\d{2}"), (".000000", r"\.\d{6}(?!\d)"), _ZONE),
}
_RANGES = (
    ("month", 5, 7, 12),
    ("hour", 11, 13, 23),
    ("minute", 14, 16, 59),
    ("second", 17, 19, 59),
)


def _time_problem(value: Any, definition: str) -> str:
    """What Go says of a string that is no time; nothing if it is one."""
    rest, layout = str(value), _LAYOUTS[definition]
    whole = "".join(element for element, _ in layout)
    for element, pattern in layout:
        found = re.match(pattern, rest, re.ASCII)
        if found is None:
            return f'parsing time "{value}" as "{whole}": cannot parse "{rest}" as "{element}"'
        rest = rest[found.end() :]
    if rest:
        return f'parsing time "{value}": extra text: "{rest}"'
    for name, start, end, most in _RANGES:
        if int(value[start:end]) > most or (name == "month" and value[start:end] == "00"):
            return f'parsing time "{value}": {name} out of range'
    try:
        _read(value)
    except ValueError:
        return f'parsing time "{value}": day out of range'
    return ""


def _read(value: str) -> datetime:
    return datetime.fromisoformat(value.replace(",", ".").replace("Z", "+00:00")).astimezone(UTC)


def _time(value: Any) -> str:
    return _read(value).strftime("%Y-%m-%dT%H:%M:%SZ")


def _micro_time(value: Any) -> str:
    return _read(value).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


_QUANTITY = re.compile(r"([+-]?)(\d+\.?\d*|\.\d+)([eE][+-]?\d+|[KMGTPE]i|[numkMGTPE]|)")
_BINARY = {f"{sign}i": 1024**power for power, sign in enumerate("KMGTPE", 1)}
_DECIMAL = {"n": -9, "u": -6, "m": -3, "": 0, "k": 3, "M": 6, "G": 9, "T": 12, "P": 15, "E": 18}


def _quantity_problem(value: Any, _: str) -> str:
    if _QUANTITY.fullmatch(_raw(value)):
        return ""
    return (
        "quantities must match the regular expression "
        "'^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"
    )


def _raw(value: Any) -> str:
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()


def _quantity(value: Any) -> str:
    """A quantity in canonical form: no fraction, the largest suffix that needs none."""
    text = _raw(value)
    found = _QUANTITY.fullmatch(text)
    if found is None:
        return text
    sign, number, suffix = found.groups()
    if suffix in _BINARY:
        amount = Decimal(number) * _BINARY[suffix]
        if amount == amount.to_integral_value():
            return _with_suffix(sign, int(amount), {"": 1} | _BINARY)
        suffix = ""
        number = str(amount)
    if suffix[:1] in ("e", "E") and len(suffix) > 1:
        return _with_exponent(sign, Decimal(number).scaleb(int(suffix[1:])))
    nanos = (Decimal(number).scaleb(_DECIMAL[suffix] + 9)).to_integral_value(ROUND_CEILING)
    units = {name: 10 ** (power + 9) for name, power in _DECIMAL.items()}
    return _with_suffix(sign, int(nanos), units)


def _with_suffix(sign: str, amount: int, units: Mapping[str, int]) -> str:
    if not amount:
        return "0"
    name = max((item for item in units if amount % units[item] == 0), key=lambda item: units[item])
    return f"{'-' if sign == '-' else ''}{amount // units[name]}{name}"


def _with_exponent(sign: str, amount: Decimal) -> str:
    if not amount:
        return "0"
    power = 18
    while amount.scaleb(-power) != amount.scaleb(-power).to_integral_value() and power > -9:
        power -= 3
    number = int(amount.scaleb(-power).to_integral_value(ROUND_CEILING))
    return f"{'-' if sign == '-' else ''}{number}{f'e{power}' if power else ''}"


PROBLEMS: Mapping[str, Callable[[Any, str], str]] = {
    TIME: _time_problem,
    MICRO_TIME: _time_problem,
    QUANTITY: _quantity_problem,
}
"""What Go's decoder says of a value of these definitions; nothing if it is fine."""

FORMS: Mapping[str, Callable[[Any], str]] = {
    TIME: _time,
    MICRO_TIME: _micro_time,
    QUANTITY: _quantity,
}
"""How Go writes a value of these definitions that has no problem."""

ZEROS: Mapping[str, Any] = {
    QUANTITY: "0",
    "io.k8s.apimachinery.pkg.util.intstr.IntOrString": 0,
}
"""How Go writes those that nobody set; times and raw objects are null."""
