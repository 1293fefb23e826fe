"""`python -m benchmarks`: measure everything, print one table.

That takes a quarter of an hour; each row is told on standard error as soon as it is measured.
With `--write README.md` the rows that have an aim are put into that document too.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Iterator
from pathlib import Path

from benchmarks import (
    apiserver,
    controlplane,
    convergence,
    importing,
    project_tests,
    scaffolding,
    scale,
    sizes,
    tool,
)
from benchmarks.machine import announce_load
from benchmarks.markdown import find_place, markdown, write
from benchmarks.table import Row, show, told


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--repeat", type=int, default=10, help="runs of each command")
    parser.add_argument("--operators", type=int, default=3, help="runs of each operator")
    parser.add_argument("--objects", type=int, default=2000, help="WebServers to converge")
    parser.add_argument("--real", type=int, default=1000, help="those on a real control plane")
    parser.add_argument("--markdown", action="store_true", help="print the table as Markdown")
    parser.add_argument("--write", type=Path, metavar="FILE", help="put the table into a document")
    options = parser.parse_args()
    if options.write is not None:
        find_place(options.write)
    with announce_load() as loads:
        rows = [*told(_measure(options))]
    table = markdown(rows, loads)
    if options.markdown:
        print(table, end="")
    else:
        show(rows)
    if options.write is not None:
        write(options.write, table)


def _measure(options: argparse.Namespace) -> Iterator[Row]:
    yield from tool.measure(options.repeat)
    yield from scaffolding.measure(options.repeat)
    yield from sizes.measure(options.repeat)
    yield from importing.measure(options.repeat)
    yield from convergence.measure(options.operators, options.objects)
    with tempfile.TemporaryDirectory(prefix="opgen-bench-") as name:
        yield from scale.measure(options.repeat, Path(name))
    yield from apiserver.measure(options.repeat)
    yield from project_tests.measure(options.repeat)
    yield from controlplane.measure(options.operators, options.real)


if __name__ == "__main__":
    main()
