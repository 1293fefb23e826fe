"""The measured table as Markdown, and its place in a document.

Rows that have an aim are shown: those are what opgen promises. Nothing in the table is typed by
hand; `python -m benchmarks --write README.md` measures and replaces what is between the marks.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from benchmarks.machine import facts
from benchmarks.table import Row

BEGIN = "<!-- measured: begin (make bench BENCH_ARGS='--write README.md') -->"
END = "<!-- measured: end -->"
HEAD = ("", "opgen", "the other", "which", "ratio", "aim")


class NoPlace(Exception):
    """A document has no place for the table."""


def markdown(rows: Iterable[Row], loads: Iterable[str]) -> str:
    """The table, with what it was measured on below it."""
    lines = [_line(HEAD), _line(["---", *["---:"] * 2, "---", "---:", "---"])]
    lines += [_line(cells) for cells in _cells(rows)]
    busy = "load average " + " at the begin and ".join(loads) + " at the end"
    return "\n".join([*lines, "", f"Measured in one run: {'; '.join([*facts(), busy])}."]) + "\n"


def write(document: Path, table: str) -> None:
    """Put the table between the marks of a document.

    Raises:
        NoPlace: the marks are not there, once and in order.
    """
    before, after = find_place(document)
    document.write_text(f"{before}{BEGIN}\n\n{table}\n{END}{after}")


def find_place(document: Path) -> tuple[str, str]:
    """What comes before and after the marks of a document.

    Raises:
        NoPlace: the marks are not there, once and in order.
    """
    before, begin, rest = document.read_text().partition(BEGIN)
    _, end, after = rest.partition(END)
    if not (begin and end) or BEGIN in rest or END in after:
        raise NoPlace(f"{document} needs these two lines, once:\n{BEGIN}\n{END}")
    return before, after


def _cells(rows: Iterable[Row]) -> Iterator[list[str]]:
    """Of all rows with an aim; a row that is set in belongs to the one above that is not."""
    above = ""
    for row in rows:
        name = f"{above}:{row.name[1:]}" if row.name.startswith("  ") else row.name
        if not row.name.startswith("  "):
            above = row.name
        if row.aim:
            yield [name, *row.cells[1:]]


def _line(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"
