"""Quantities such as 100m or 2Gi (`k8s.io/apimachinery/pkg/api/resource`)."""

from __future__ import annotations

import re
from decimal import ROUND_CEILING, Decimal
from typing import Any

from opgen.cel.functions.tagged import Tagged, content, tagged

KIND = "quantity"
_NUMBER = r"([+-]?(?:\d+\.?\d*|\.\d+))(?:([numkMGTPE]|[KMGTPE]i)|[eE]([+-]?\d+))?"
_DECIMAL = {"n": -9, "u": -6, "m": -3, "": 0, "k": 3, "M": 6, "G": 9, "T": 12, "P": 15, "E": 18}
_BINARY = {"Ki": 10, "Mi": 20, "Gi": 30, "Ti": 40, "Pi": 50, "Ei": 60}
_FINEST = Decimal("1e-9")


def parse(text: str) -> Decimal:
    """The amount, rounded up to billionths as Kubernetes does.

    Raises:
        ValueError: it is no quantity.
    """
    found = re.fullmatch(_NUMBER, text)
    if not found:
        raise ValueError(
            "quantities must match the regular expression "
            "'^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"
        )
    number, suffix, exponent = Decimal(found[1]), found[2] or "", found[3]
    if suffix in _BINARY:
        amount = number * (1 << _BINARY[suffix])
    else:
        amount = number.scaleb(int(exponent) if exponent else _DECIMAL[suffix])
    away = amount.copy_abs().quantize(_FINEST, rounding=ROUND_CEILING)
    return away.copy_sign(amount)


def quantity(text: str) -> Tagged:
    """The function `quantity`."""
    return _tagged(parse(text))


def is_quantity(text: str) -> bool:
    """The function `isQuantity`."""
    try:
        parse(text)
    except ValueError:
        return False
    return True


def amount(value: Any) -> Decimal:
    """The amount of a quantity or of an integer."""
    is_number = isinstance(value, int) and not isinstance(value, bool)
    return Decimal(value) if is_number else Decimal(content(value, KIND))


def add(left: Any, right: Any) -> Tagged:
    """The function `add`."""
    return _tagged(amount(left) + amount(right))


def sub(left: Any, right: Any) -> Tagged:
    """The function `sub`."""
    return _tagged(amount(left) - amount(right))


def sign(value: Any) -> int:
    """The function `sign`."""
    own = amount(value)
    return (own > 0) - (own < 0)


def is_integer(value: Any) -> bool:
    """The function `isInteger`: whether it is a whole number of 64 bits."""
    own = amount(value)
    return own == own.to_integral_value() and -(2**63) <= own < 2**63


def as_integer(value: Any) -> int:
    """The function `asInteger`."""
    if not is_integer(value):
        raise ValueError("cannot convert value to integer")
    return int(amount(value))


def as_float(value: Any) -> float:
    """The function `asApproximateFloat`."""
    return float(amount(value))


def _tagged(value: Decimal) -> Tagged:
    return tagged(KIND, str(value.normalize()))
