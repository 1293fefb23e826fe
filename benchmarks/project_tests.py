"""The tests that a new project has, all of them, and a server for each test."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from benchmarks.process import Child, Usage, repeat
from benchmarks.scaffolding import ENVIRONMENT, OPGEN
from benchmarks.table import Row

SERVERS = 50
FIXTURES = f"""
import time
from opgen.testing import Cluster
with Cluster.start():
    pass
took = []
for _ in range({SERVERS}):
    began = time.perf_counter()
    with Cluster.start():
        pass
    took.append(time.perf_counter() - began)
print(sorted(took)[len(took) // 2] * 1000)
"""


def measure(times: int) -> Iterator[Row]:
    """Yield the time of a whole run of pytest, and that of a server of a test's own."""
    with tempfile.TemporaryDirectory(prefix="opgen-bench-") as name:
        project = _project(Path(name))
        took = repeat(min(times, 5), lambda: _suite(project))
        title = "all tests of a new project"
        yield Row(name=title, unit="ms", opgen=took.wall * 1000, aim="≤ 3000 ms")
    command = [sys.executable, "-c", FIXTURES]
    printed = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    yield Row(name="  a server for each test", unit="ms", opgen=float(printed), aim="≤ 20 ms")


def _project(folder: Path) -> Path:
    project = folder / "webserver-operator"
    Child([OPGEN, "init", project.name, "--domain", "my.domain"], folder, ENVIRONMENT).wait()
    command = [OPGEN, "create", "api", "--version", "v1", "--kind", "WebServer"]
    Child(command, project, ENVIRONMENT).wait()
    Child([OPGEN, "make", "manifests"], project, ENVIRONMENT).wait()
    return project


def _suite(project: Path) -> Usage:
    # Hypothesis is here for opgen's own tests; a new project does not have it.
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:hypothesispytest"]
    return Child(command, project, ENVIRONMENT).wait()
