"""The three WebServer operators on a real kube-apiserver: opgen's, Go's and kopf's.

All have 16 workers and make the same objects. They take turns, several times, each time on a new
API server (`controlplane_run`), and the median of each figure counts. That they take turns spreads
what else the machine does over all of them; how busy it was is printed at the begin and the end.

Time counts from the start of the process until every WebServer has its children and its status.
opgen sends Events behind the writes of reconciles and Go in between, so the time until every
WebServer has its Event as well is a row of its own.

The programs of the control plane are found as the tests find them: those that `make controlplane`
has built, or in the folder that `KUBEBUILDER_ASSETS` names. The Go operator is built once for each
state of its sources, into the user's cache.
"""

from __future__ import annotations

import asyncio
import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from benchmarks.controlplane_run import Run, run
from benchmarks.convergence import HERE, KOPF, OPGEN
from benchmarks.machine import announce_load
from benchmarks.table import Row

SOURCE = HERE / "go-operator"
_Figure = Callable[[Run], float]
_FIGURES: tuple[tuple[str, str, _Figure, dict[str, str]], ...] = (
    ("{} WebServers, real server", "s", lambda run: run.converged.wall, {"Go": "≤ 1"}),
    ("  with all Events", "s", lambda run: run.with_events, {}),
    ("  processor", "s", lambda run: run.converged.cpu, {"Go": "≤ 1", "kopf": "≤ 0.33"}),
    ("  processor of the API server", "s", lambda run: run.counted.processor, {}),
    ("  memory", "MB", lambda run: run.converged.memory, {"Go": "≤ 1"}),
    ("  writes", "", lambda run: run.counted.writes, {}),
    ("  needless writes", "%", lambda run: run.needless, {"Go": "≤ 1 %"}),
    ("  Events by then", "", lambda run: run.counted.events, {}),
    ("  restart: quiet after", "s", lambda run: run.restarted.wall, {"Go": "≤ 2"}),
    ("  restart: processor", "s", lambda run: run.restarted.cpu, {}),
    ("  restart: writes", "", lambda run: run.recounted.writes, {"Go": "0"}),
)


def measure(times: int, objects: int) -> Iterator[Row]:
    """Yield the figures of all operators that can run here."""
    programs = _programs()
    if programs is None:
        return
    runs: dict[str, list[Run]] = {}
    for _ in range(times):
        for name, command in _operators():
            runs.setdefault(name, []).append(asyncio.run(run(command, objects, programs)))
    medians = {name: Run.median(found) for name, found in runs.items()}
    ours = medians.pop("opgen")
    for name, theirs in medians.items():
        for label, unit, figure, aims in _FIGURES:
            yield Row(
                name=label.format(objects),
                unit=unit,
                opgen=figure(ours),
                other=figure(theirs),
                beside=name,
                aim=aims.get(name, ""),
            )


def _programs() -> Path | None:
    """Where the control plane is, found as the tests find it."""
    sys.path.append(str(HERE.parent / "tests" / "controlplane"))
    from controlplane.binaries import MissingBinaries, find

    try:
        return find()
    except MissingBinaries as missing:
        print(f"no real control plane: {missing}", file=sys.stderr)
        return None


def _operators() -> Iterator[tuple[str, list[str]]]:
    yield "opgen", OPGEN
    program = go_operator()
    if program is not None:
        yield "Go", [str(program)]
    if importlib.util.find_spec("kopf") is not None:
        yield "kopf", KOPF


def go_operator() -> Path | None:
    """The Go operator, built into the user's cache if this state of it is not there yet."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    digest = hashlib.sha256()
    for file in sorted(path for path in SOURCE.iterdir() if path.is_file()):
        digest.update(file.read_bytes())
    program = cache / "opgen" / "go-operator" / digest.hexdigest()[:16] / "go-operator"
    if program.is_file():
        return program
    if shutil.which("go") is None:
        return None
    subprocess.run(["go", "build", "-o", str(program), "."], cwd=SOURCE, check=True)
    return program


def main() -> None:
    """Measure by itself: `python -m benchmarks.controlplane [OBJECTS [RUNS]]`."""
    from benchmarks.table import show

    objects, times = (*map(int, sys.argv[1:]), *(1000, 3)[len(sys.argv) - 1 :])
    with announce_load():
        show([*measure(times, objects)])


if __name__ == "__main__":
    main()
