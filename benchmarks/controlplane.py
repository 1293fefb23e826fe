"""The three WebServer operators on a real kube-apiserver: opgen's, Go's and kopf's.

`KUBEBUILDER_ASSETS` names the folder with etcd and kube-apiserver; every operator gets new ones.
There is no controller manager, so no pod ever becomes ready: an operator is done when it has made
all children and has written every status. Then it is started again with everything in place, and
should find nothing to do. Writes are counted by the API server itself.
"""

from __future__ import annotations

import asyncio
import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from benchmarks.convergence import EXAMPLE, KOPF, OPGEN, module_environment
from benchmarks.process import Child, Failed, Usage
from benchmarks.table import Row
from opgen.api import ResourceKind
from opgen.api.errors import Problems
from opgen.runtime.client import Client
from opgen.testing.envtest import Envtest, find_programs
from opgen.testing.kubeconfig import write_kubeconfig

HERE = Path(__file__).parent
CRD = EXAMPLE / "config" / "crd" / "bases" / "my.domain_webservers.yaml"
CRDS = ResourceKind(
    "apiextensions.k8s.io",
    "v1",
    "CustomResourceDefinition",
    "customresourcedefinitions",
    namespaced=False,
)
WEBSERVERS = ResourceKind("my.domain", "v1", "WebServer", "webservers")
WRITTEN = re.compile(
    r'^apiserver_request_total\{.*resource="(webservers|deployments|services)".*'
    r'verb="(?:POST|PUT|PATCH|APPLY|DELETE)".*\} (\S+)$',
    re.MULTILINE,
)
AT_ONCE = 16
NEEDED_WRITES = 3
"""Per WebServer: its Deployment, its Service, its status."""
QUIET_SECONDS = 3.0
POLL_SECONDS = 0.02
LIMIT_SECONDS = 90.0


@dataclass(frozen=True)
class Run:
    """One operator: to convergence, and started again with everything in place."""

    converged: Usage
    writes: float
    restarted: Usage
    rewrites: float


def measure(objects: int, folder: Path) -> Iterator[Row]:
    """Yield the figures of all operators that can run here."""
    try:
        find_programs()
    except Problems as missing:
        print(f"no real control plane: {missing}", file=sys.stderr)
        return
    runs = {name: asyncio.run(_run(command, objects)) for name, command in _operators(folder)}
    ours = runs.pop("opgen")
    for name, theirs in runs.items():
        for label, unit, figure, aims in _FIGURES:
            mine, other = figure(ours), figure(theirs)
            yield Row(
                name=label.format(objects),
                unit=unit,
                opgen=mine,
                other=other,
                beside=name,
                aim=aims.get(name, ""),
            )


_FIGURES: tuple[tuple[str, str, Any, dict[str, str]], ...] = (
    ("{} WebServers, real server", "s", lambda run: run.converged.wall, {"Go": "≤ 1"}),
    ("  processor", "s", lambda run: run.converged.cpu, {"Go": "≤ 1", "kopf": "≤ 0.33"}),
    ("  memory", "MB", lambda run: run.converged.memory, {"Go": "≤ 1"}),
    ("  writes", "", lambda run: run.writes, {}),
    ("  restart: quiet after", "s", lambda run: run.restarted.wall, {"Go": "≤ 2"}),
    ("  restart: processor", "s", lambda run: run.restarted.cpu, {}),
    ("  restart: writes", "", lambda run: run.rewrites, {"Go": "0"}),
)


def _operators(folder: Path) -> Iterator[tuple[str, list[str]]]:
    yield "opgen", OPGEN
    if shutil.which("go"):
        program = folder / "go-operator"
        source = HERE / "go-operator"
        subprocess.run(["go", "build", "-o", str(program), "."], cwd=source, check=True)
        yield "Go", [str(program)]
    if importlib.util.find_spec("kopf") is not None:
        yield "kopf", KOPF


async def _run(command: list[str], objects: int) -> Run:
    with tempfile.TemporaryDirectory(prefix="opgen-bench-") as name, Envtest() as server:
        folder = Path(name)
        kubeconfig = folder / "kubeconfig"
        write_kubeconfig(kubeconfig, server.config)
        environment = {"KUBECONFIG": str(kubeconfig)} | module_environment()
        async with Client(server.config) as client:
            await _prepare(client, objects)
            before = await _writes(client)
            began = time.perf_counter()
            operator = Child(command, folder, environment)
            try:
                await _converged(client, objects)
            except TimeoutError:
                raise Failed(f"{command[0]} has not converged:\n{operator.printed}") from None
            wall = time.perf_counter() - began
            first = _stop(operator)
            between = await _writes(client)
            operator = Child(command, folder, environment)
            quiet = await _quiet(operator)
            second = _stop(operator)
            after = await _writes(client)
    return Run(
        Usage(wall, first.cpu, first.memory),
        between - before,
        Usage(quiet, second.cpu, second.memory),
        after - between,
    )


def _stop(operator: Child) -> Usage:
    operator.process.terminate()
    return operator.wait()


async def _prepare(client: Client, objects: int) -> None:
    await client.create(CRDS, yaml.safe_load(CRD.read_text()))
    gate = asyncio.Semaphore(AT_ONCE)

    async def create(number: int) -> None:
        metadata = {"name": f"web-{number}", "namespace": "default"}
        body = {"metadata": metadata, "spec": {"image": "nginx:1.27", "replicas": 2, "port": 80}}
        async with gate:
            await client.create(WEBSERVERS, body)

    while not await _served(client):
        await asyncio.sleep(POLL_SECONDS)
    await asyncio.gather(*map(create, range(objects)))


async def _served(client: Client) -> bool:
    document = await client.get(CRDS, "webservers.my.domain")
    conditions = (document.get("status") or {}).get("conditions") or ()
    return any(c["type"] == "Established" and c["status"] == "True" for c in conditions)


async def _converged(client: Client, objects: int) -> None:
    done: set[str] = set()
    async with asyncio.timeout(LIMIT_SECONDS):
        while len(done) < objects:
            async with _lines(client) as batches:
                async for lines in batches:
                    for line in lines:
                        event = json.loads(line)
                        if (event["object"].get("status") or {}).get("observedGeneration"):
                            done.add(event["object"]["metadata"]["name"])
                    if len(done) >= objects:
                        return


@asynccontextmanager
async def _lines(client: Client) -> AsyncIterator[AsyncIterator[list[bytes]]]:
    path = client.path(WEBSERVERS)
    async with client.stream(path, params={"watch": "true", "timeoutSeconds": "300"}) as batches:
        yield batches


async def _quiet(operator: Child) -> float:
    """Seconds from the start until the processor was last used, before a while of quiet."""
    began = time.perf_counter()
    used, since = 0, began
    while time.perf_counter() - since < QUIET_SECONDS:
        await asyncio.sleep(POLL_SECONDS)
        now = _ticks(operator.process.pid)
        if now > used:
            used, since = now, time.perf_counter()
    return since - began


def _ticks(pid: int) -> int:
    """User and system time of a process. Source: proc(5)."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return int(fields[11]) + int(fields[12])


async def _writes(client: Client) -> float:
    text = (await client.send("GET", "/metrics")).decode()
    return sum(float(count) for _, count in WRITTEN.findall(text))


def main() -> None:
    """Measure by itself: `python -m benchmarks.controlplane [OBJECTS]`."""
    from benchmarks.table import show

    objects = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    with tempfile.TemporaryDirectory(prefix="opgen-bench-") as name:
        show([*measure(objects, Path(os.environ.get("OPGEN_BENCH_FOLDER") or name))])


if __name__ == "__main__":
    main()
