"""The table that the benchmark prints."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Row:
    """One figure of opgen, and the same figure of what it is compared with.

    Attributes:
        name: What was measured.
        unit: ms, s, MB and so on.
        opgen: The figure.
        other: The other's figure, or None.
        beside: Who the other is, or why there is none.
        aim: What the figure, or its ratio to the other's, should be.
    """

    name: str
    unit: str
    opgen: float
    other: float | None = None
    beside: str = ""
    aim: str = ""

    @property
    def cells(self) -> tuple[str, ...]:
        ratio = "" if not self.other else f"{self.opgen / self.other:.2f}"
        other = "" if self.other is None else _figure(self.other, self.unit)
        return (self.name, _figure(self.opgen, self.unit), other, self.beside, ratio, self.aim)


def _figure(value: float, unit: str) -> str:
    digits = 2 if unit in ("s", "%", "kB") else 0
    return f"{value:.{digits}f} {unit}".rstrip()


def told(rows: Iterable[Row]) -> Iterator[Row]:
    """Hand on rows, and tell each on standard error when it comes."""
    for row in rows:
        print("  ".join(filter(None, row.cells)), file=sys.stderr, flush=True)
        yield row


def show(rows: list[Row]) -> None:
    """Print the rows below a heading, in columns as wide as they need to be."""
    head = ("", "opgen", "other", "which", "ratio", "aim")
    lines = [head, *(row.cells for row in rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(head))]
    for line in lines:
        print(
            "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        )
