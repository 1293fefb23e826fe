"""Ranges of sizes and costs: 64-bit numbers that stay at their greatest instead of overflowing.

The arithmetic is that of cel-go's `checker/cost.go`, rounding included.
"""

from __future__ import annotations

import math
from typing import NamedTuple

GREATEST = 2**64 - 1
TRAVERSAL = 0.1
"""The cost of looking at one character."""
PATTERN = 0.25
"""The cost of one character of a regular expression."""


class Range(NamedTuple):
    """The least and the greatest value of a size or cost."""

    low: int
    high: int

    def plus(self, other: Range) -> Range:
        """The sum."""
        return Range(_capped(self.low + other.low), _capped(self.high + other.high))

    def times(self, other: Range) -> Range:
        """The product."""
        return Range(_capped(self.low * other.low), _capped(self.high * other.high))

    def scaled(self, factor: float) -> Range:
        """Times a factor, rounded up."""
        return Range(_scaled(self.low, factor), _scaled(self.high, factor))

    def union(self, other: Range) -> Range:
        """The smallest range that has both."""
        return Range(min(self.low, other.low), max(self.high, other.high))


def exactly(value: int) -> Range:
    """A range of one value."""
    return Range(value, value)


NOTHING = exactly(0)
ONE = exactly(1)
UNKNOWN = Range(0, GREATEST)


def _capped(value: int) -> int:
    return min(value, GREATEST)


def _scaled(value: int, factor: float) -> int:
    product = float(value) * factor
    return GREATEST if product >= 2.0**64 else math.ceil(product)
