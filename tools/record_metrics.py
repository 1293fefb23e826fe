"""Record what controller-runtime says in /metrics, which opgen's metrics are held against.

    python tools/record_metrics.py

Builds `benchmarks/go-operator/metrics` with Go, lets it do everything that it counts on a real API
server (`make controlplane`), and writes names, types, labels, buckets and results of its metrics to
`tests/runtime/data/controller_runtime_metrics.json`.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
import socket
import ssl
import subprocess
import sys
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp
from prometheus_client.parser import text_string_to_metric_families

from opgen.k8s import core_v1
from opgen.runtime.client import Client
from opgen.runtime.webhooks.issuing import issue
from opgen.testing.envtest import Envtest
from opgen.testing.kubeconfig import write_kubeconfig

ROOT = Path(__file__).resolve().parent.parent
SOURCE = ROOT / "benchmarks" / "go-operator"
RECORD = ROOT / "tests" / "runtime" / "data" / "controller_runtime_metrics.json"
PREFIXES = ("controller_runtime_", "workqueue_", "rest_client_", "leader_election_", "certwatcher_")
NAMES = ("fails-a", "terminal-a", "later-a", "slow-a", "panics-a", "succeeds-a")
ENUMERATIONS = ("result", "priority")
"""Labels whose values are part of the metric's meaning."""
DONE = (r"_reconcile_timeouts_total{.*} [1-9]", r'result="requeue_after"} [1-9]', r"_depth")
SECONDS = 60


def main() -> None:
    """Record."""
    sys.path.append(str(ROOT / "tests" / "controlplane"))
    from controlplane.binaries import find

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        program = folder / "metrics"
        subprocess.run(["go", "build", "-o", str(program), "./metrics"], cwd=SOURCE, check=True)
        with Envtest(find()) as server:
            text = asyncio.run(record(program, folder, server.config))
    RECORD.write_text(json.dumps(facts(text), indent=1, sort_keys=True) + "\n")
    print(RECORD.relative_to(ROOT))


async def record(program: Path, folder: Path, config: Any) -> str:
    """Run the operator through all that it counts, and return what it says of itself."""
    kubeconfig = folder / "kubeconfig"
    write_kubeconfig(kubeconfig, config)
    certificate = issue(["localhost"], datetime.now(UTC), timedelta(hours=1))
    (folder / "tls.crt").write_bytes(certificate.certificate)
    (folder / "tls.key").write_bytes(certificate.key)
    metrics, webhook = free_port(), free_port()
    process = subprocess.Popen(
        [str(program), f"127.0.0.1:{metrics}", str(webhook), str(folder)],
        env=os.environ | {"KUBECONFIG": str(kubeconfig)},
    )
    try:
        async with Client(config) as client, aiohttp.ClientSession() as session:
            for name in NAMES:
                body = {"metadata": {"name": name, "namespace": "default"}}
                await client.create(core_v1.ConfigMap, body)
            await review(session, f"https://127.0.0.1:{webhook}/review")
            async with asyncio.timeout(SECONDS):
                while True:
                    text = await scrape(session, f"http://127.0.0.1:{metrics}/metrics")
                    if all(re.search(one, text) for one in DONE):
                        return text
                    await asyncio.sleep(0.2)
    finally:
        process.terminate()
        process.wait()


async def review(session: aiohttp.ClientSession, url: str) -> None:
    """Have two objects reviewed; the webhook does not survive the second."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    for name in ("a", "panics"):
        request = {"uid": "u", "name": name, "operation": "CREATE"}
        body = {"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview", "request": request}
        async with asyncio.timeout(SECONDS):
            while True:
                try:
                    async with session.post(url, json=body, ssl=context) as answer:
                        await answer.read()
                        break
                except aiohttp.ClientConnectionError:
                    await asyncio.sleep(0.2)


async def scrape(session: aiohttp.ClientSession, url: str) -> str:
    """What an endpoint says, once it can be reached."""
    async with asyncio.timeout(SECONDS):
        while True:
            try:
                async with session.get(url) as answer:
                    return await answer.text()
            except aiohttp.ClientConnectionError:
                await asyncio.sleep(0.2)


def facts(text: str) -> dict[str, Any]:
    """Type, labels, buckets and meaningful values of each metric."""
    found: dict[str, Any] = {}
    for family in text_string_to_metric_families(text):
        if not family.name.startswith(PREFIXES):
            continue
        fact: dict[str, Any] = {"type": family.type, "labels": set(), "buckets": {}}
        for sample in family.samples:
            labels = dict(sample.labels)
            if (bound := labels.pop("le", None)) is not None:
                fact["buckets"][float(bound)] = None
            fact["labels"] |= set(labels)
            for label in ENUMERATIONS:
                if label in labels:
                    fact.setdefault(label, set()).add(labels[label])
        sets = {key: sorted(value) for key, value in fact.items() if isinstance(value, set)}
        found[family.name] = fact | sets | {"buckets": [*map(str, fact["buckets"])]}
    return found


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


if __name__ == "__main__":
    main()
