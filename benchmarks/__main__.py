"""`python -m benchmarks`: measure everything, print one table."""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

from benchmarks import controlplane, convergence, importing, scaffolding, scale, sizes, tool
from benchmarks.table import Row, show


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--repeat", type=int, default=10, help="runs of each command")
    parser.add_argument("--operators", type=int, default=3, help="runs of each operator")
    parser.add_argument("--objects", type=int, default=2000, help="WebServers to converge")
    parser.add_argument("--real", type=int, default=1000, help="those on a real control plane")
    options = parser.parse_args()
    rows: list[Row] = [*tool.measure(options.repeat)]
    rows += scaffolding.measure(options.repeat)
    rows += sizes.measure(options.repeat)
    rows += importing.measure(options.repeat)
    rows += convergence.measure(options.operators, options.objects)
    with tempfile.TemporaryDirectory(prefix="opgen-bench-") as name:
        rows += scale.measure(options.repeat, Path(name))
        rows += controlplane.measure(options.real, Path(name))
    show(rows)


if __name__ == "__main__":
    main()
