"""Many WebServers at once: the example operator beside the same one made with kopf.

Both face the same server (`fake_server`), each in a process of its own, and are stopped when all
children and all status are written. Their time counts from the start of the process.
"""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from benchmarks.process import Child, Usage, median
from benchmarks.table import Row

HERE = Path(__file__).parent
EXAMPLE = HERE.parent / "examples" / "webserver-operator"
OPGEN = [sys.executable, "-m", "webserver_operator", "--health-probe-bind-address=0",
         "--log-level=warning"]  # fmt: skip
KOPF = [sys.executable, "-m", "kopf", "run", "--all-namespaces", "--standalone", "--quiet",
        str(HERE / "kopf_operator.py")]  # fmt: skip


def measure(times: int, objects: int) -> Iterator[Row]:
    """Yield time, processor and memory of both operators; medians, alternating."""
    operators = {"opgen": OPGEN}
    if importlib.util.find_spec("kopf") is not None:
        operators["kopf"] = KOPF
    runs: dict[str, list[Usage]] = {name: [] for name in operators}
    for _ in range(times):
        for name, command in operators.items():
            runs[name].append(_converge(command, objects))
    ours = median(runs["opgen"])
    theirs = median(runs["kopf"]) if "kopf" in runs else None
    for figure, label, unit, aim in (
        ("wall", f"{objects} WebServers converge", "s", "≤ 0.20"),
        ("cpu", "  processor", "s", "≤ 0.20"),
        ("memory", "  memory", "MB", ""),
    ):
        yield Row(
            name=label,
            unit=unit,
            opgen=getattr(ours, figure),
            other=getattr(theirs, figure, None),
            beside="kopf" if theirs else "kopf is not installed",
            aim=aim,
        )


def module_environment() -> dict[str, str]:
    """Where the example operator is found, and this very opgen, compiled as installed ones are."""
    return {
        "PYTHONPATH": os.pathsep.join([str(EXAMPLE), str(HERE.parent)]),
        "PYTHONDONTWRITEBYTECODE": "",
        "PYTHONPYCACHEPREFIX": str(Path(tempfile.gettempdir()) / "opgen-bench-bytecode"),
    }


def _converge(command: list[str], objects: int) -> Usage:
    with tempfile.TemporaryDirectory(prefix="opgen-bench-") as name:
        folder = Path(name)
        kubeconfig = folder / "kubeconfig"
        server = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.fake_server", str(objects), str(kubeconfig)],
            stdout=subprocess.PIPE,
            cwd=HERE.parent,
            text=True,
        )
        try:
            await_line(server, "ready")
            environment = {"KUBECONFIG": str(kubeconfig)} | module_environment()
            operator = Child(command, folder, environment)
            await_line(server, "converged")
            wall = time.perf_counter() - operator.began
            operator.terminate()
            usage = operator.wait()
        finally:
            server.terminate()
            server.communicate()
    return Usage(wall, usage.cpu, usage.memory)


def await_line(server: subprocess.Popen[str], expected: str) -> None:
    """Wait for a line of a server; raises RuntimeError if it prints another one."""
    assert server.stdout is not None
    line = server.stdout.readline().strip()
    if line != expected:
        raise RuntimeError(f"the server printed {line!r} and not {expected!r}")
