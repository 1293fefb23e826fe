"""One operator on a real kube-apiserver of its own: to convergence, then started again.

There is no controller manager, so no pod ever becomes ready: an operator is done when it has made
all children and has written every status. Started again it should find nothing to do, and is quiet
when it uses the processor no more. Writes, and what the server itself took, are counted by the API
server.
"""

from __future__ import annotations

import asyncio
import json
import re
import statistics
import tempfile
import time
from collections.abc import Iterable
from dataclasses import dataclass, fields
from pathlib import Path

import yaml

from benchmarks.convergence import EXAMPLE, module_environment
from benchmarks.process import Child, Failed, Usage, median
from opgen.api import ResourceKind
from opgen.runtime.client import Client
from opgen.testing.envtest import Envtest
from opgen.testing.kubeconfig import write_kubeconfig

CRD = EXAMPLE / "config" / "crd" / "bases" / "my.domain_webservers.yaml"
CRDS = ResourceKind(
    "apiextensions.k8s.io",
    "v1",
    "CustomResourceDefinition",
    "customresourcedefinitions",
    namespaced=False,
)
WEBSERVERS = ResourceKind("my.domain", "v1", "WebServer", "webservers")
_CHANGED = (
    r'^apiserver_request_total\{{.*resource="(?:{resources})".*'
    r'verb="(?:POST|PUT|PATCH|APPLY|DELETE)".*\}} (\S+)$'
)
WRITES = re.compile(_CHANGED.format(resources="webservers|deployments|services"), re.MULTILINE)
EVENTS = re.compile(_CHANGED.format(resources="events"), re.MULTILINE)
PROCESSOR = re.compile(r"^process_cpu_seconds_total (\S+)$", re.MULTILINE)
AT_ONCE = 16
QUIET_SECONDS = 3.0
POLL_SECONDS = 0.02
LIMIT_SECONDS = 180.0
WRITES_EACH = 3
"""A WebServer needs a Deployment, a Service and its status."""


@dataclass(frozen=True)
class Counted:
    """What the API server has counted: changes of our kinds, of Events, its own processor time."""

    writes: float
    events: float
    processor: float

    def since(self, before: Counted) -> Counted:
        return Counted(*(getattr(self, f.name) - getattr(before, f.name) for f in fields(self)))


@dataclass(frozen=True)
class Run:
    """One operator: to convergence, and started again with everything in place."""

    converged: Usage
    counted: Counted
    with_events: float
    """Seconds until there were as many Events as WebServers."""
    restarted: Usage
    recounted: Counted
    needless: float
    """Writes beyond the three that each WebServer needs, in per cent of those."""

    @staticmethod
    def median(runs: Iterable[Run]) -> Run:
        """The median of each figure by itself."""
        runs = list(runs)
        return Run(
            median(run.converged for run in runs),
            _median_counted(run.counted for run in runs),
            statistics.median(run.with_events for run in runs),
            median(run.restarted for run in runs),
            _median_counted(run.recounted for run in runs),
            statistics.median(run.needless for run in runs),
        )


def _median_counted(counted: Iterable[Counted]) -> Counted:
    every = list(counted)
    return Counted(*(statistics.median(getattr(c, f.name) for c in every) for f in fields(Counted)))


async def run(command: list[str], objects: int, programs: Path) -> Run:
    """Measure one operator on an API server of its own.

    Raises:
        Failed: the operator has ended, or does not get there.
    """
    with (
        tempfile.TemporaryDirectory(prefix="opgen-bench-") as name,
        Envtest(programs) as server,
    ):
        folder = Path(name)
        kubeconfig = folder / "kubeconfig"
        write_kubeconfig(kubeconfig, server.config)
        environment = {"KUBECONFIG": str(kubeconfig)} | module_environment()
        async with Client(server.config) as client:
            await _prepare(client, objects)
            before = await _count(client)
            operator = Child(command, folder, environment)
            try:
                await _converged(client, objects)
            except TimeoutError:
                raise Failed(f"{command[0]} has not converged:\n{operator.printed}") from None
            wall = time.perf_counter() - operator.began
            between = await _count(client)
            await _told(client, before.events + objects)
            with_events = time.perf_counter() - operator.began
            first = _stop(operator)
            settled = await _count(client)
            operator = Child(command, folder, environment)
            quiet = await _quiet(operator)
            second = _stop(operator)
            after = await _count(client)
    return Run(
        Usage(wall, first.cpu, first.memory),
        between.since(before),
        with_events,
        Usage(quiet, second.cpu, second.memory),
        after.since(settled),
        100 * (settled.since(before).writes / (WRITES_EACH * objects) - 1),
    )


def _stop(operator: Child) -> Usage:
    operator.terminate()
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
    """Until every WebServer has a status, as a watch of them tells."""
    path, params = client.path(WEBSERVERS), {"watch": "true", "timeoutSeconds": "300"}
    done: set[str] = set()
    async with asyncio.timeout(LIMIT_SECONDS):
        while len(done) < objects:
            async with client.stream(path, params=params) as batches:
                async for lines in batches:
                    done.update(filter(None, map(_observed, lines)))
                    if len(done) >= objects:
                        return


async def _told(client: Client, events: float) -> None:
    """Until so many Events were sent."""
    async with asyncio.timeout(LIMIT_SECONDS):
        while (await _count(client)).events < events:
            await asyncio.sleep(10 * POLL_SECONDS)


def _observed(line: bytes) -> str:
    """The name of a WebServer that has a status; else nothing."""
    document = json.loads(line)["object"]
    seen = (document.get("status") or {}).get("observedGeneration")
    return str(document["metadata"]["name"]) if seen else ""


async def _quiet(operator: Child) -> float:
    """Seconds from the start until the processor was last used, before a while of quiet."""
    used, since = 0, operator.began
    while time.perf_counter() - since < QUIET_SECONDS:
        await asyncio.sleep(POLL_SECONDS)
        now = _ticks(operator.pid)
        if now > used:
            used, since = now, time.perf_counter()
    return since - operator.began


def _ticks(pid: int) -> int:
    """User and system time of a process. Source: proc(5)."""
    fields_after_name = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return int(fields_after_name[11]) + int(fields_after_name[12])


async def _count(client: Client) -> Counted:
    text = (await client.send("GET", "/metrics")).decode()
    return Counted(*(sum(map(float, found.findall(text))) for found in (WRITES, EVENTS, PROCESSOR)))
