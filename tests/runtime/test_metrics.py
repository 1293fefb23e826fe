"""Metrics are those of controller-runtime: ours are held against its recorded output.

The record is made by tools/record_metrics.py.
"""

from __future__ import annotations

import asyncio
import json
import ssl
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from prometheus_client.parser import text_string_to_metric_families

from opgen.api import CustomResource, resource
from opgen.k8s import core_v1
from opgen.runtime import Context, Result, TerminalError, controller, converter, webhook
from opgen.runtime.client import Client
from opgen.runtime.manager import Manager, Options
from opgen.testing.server import ApiServer

RECORD = Path(__file__).parent / "data" / "controller_runtime_metrics.json"
CONTROLLER_RUNTIME: dict[str, Any] = json.loads(RECORD.read_text())
PREFIXES = ("controller_runtime_", "workqueue_", "rest_client_", "leader_election_", "certwatcher_")
CLIENT_GO = {
    "rest_client_request_duration_seconds": ("histogram", ["host", "verb"]),
}
"""What client-go has names and labels for, and controller-runtime does not show. Retries and waits
for the own limit are shown once there are any. Source: k8s.io/component-base's metrics of clients.
"""
VALIDATE = "/validate--v1-configmap"
NAME = '{controller="configmap"}'
DONE = (
    f"controller_runtime_terminal_reconcile_errors_total{NAME} 1.0",
    'controller_runtime_reconcile_total{controller="configmap",result="requeue_after"} 1.0',
)


@dataclass(kw_only=True)
class CupSpec:
    size: int = 1


@resource(group="example.com", version="v1")
@dataclass(kw_only=True)
class Cup(CustomResource[CupSpec, None]):
    """A cup."""


@resource(group="example.com", version="v2", storage=True, plural="cups")
@dataclass(kw_only=True)
class NewCup(CustomResource[CupSpec, None]):
    """A cup."""


@converter(Cup, hub=NewCup)
class Cups:
    def to_hub(self, obj: Cup) -> NewCup:
        raise ZeroDivisionError

    def from_hub(self, obj: NewCup) -> Cup:
        return Cup(metadata=obj.metadata, spec=obj.spec)


@webhook(core_v1.ConfigMap)
class Reviews:
    def validate(self, obj: Any, old: Any, request: Any) -> None:
        """Nothing to complain about."""


@controller(core_v1.ConfigMap, field_selector="metadata.namespace=default")
class Does:
    """Does what its object is named for."""

    async def reconcile(self, obj: Any, ctx: Context) -> Result | None:
        match ctx.name:
            case "fails":
                raise ZeroDivisionError
            case "terminal":
                raise TerminalError("fails for good")
            case "later":
                return Result(requeue_after=3600)
        return None


@pytest.fixture
def scraped(
    run: Any, tmp_path: Path, authority: Any, issue_certificate: Any, make_config_map: Any
) -> str:
    """What an operator says that has done everything."""
    pair = issue_certificate("webhook", authority, "localhost")
    (tmp_path / "tls.crt").write_bytes(pair.pem)
    (tmp_path / "tls.key").write_bytes(pair.key)
    options = Options(
        metrics_address="127.0.0.1:0",
        webhook_address="127.0.0.1:0",
        webhook_certificates=str(tmp_path),
        leader_election="leader",
    )

    async def scenario() -> str:
        async with ApiServer() as server, Client(server.config) as client:
            for name in ("fails", "terminal", "later", "succeeds"):
                await make_config_map(client, name)
            manager = Manager(server.config, [Does], options, webhooks=[Reviews, Cups])
            stop = asyncio.Event()
            task = asyncio.ensure_future(manager.run(stop))
            await manager.ready()
            assert manager.webhook_server is not None
            async with aiohttp.ClientSession() as session:
                await reviewed(session, manager.webhook_server.port)
                url, text = f"http://127.0.0.1:{manager.ports[0]}/metrics", ""
                while not all(f"{line}\n" in text for line in DONE):
                    async with session.get(url) as answer:
                        text = await answer.text()
            stop.set()
            await task
            return text

    return str(run(scenario()))


async def reviewed(session: aiohttp.ClientSession, port: int) -> None:
    trust = ssl.create_default_context()
    trust.check_hostname, trust.verify_mode = False, ssl.CERT_NONE
    request = {"uid": "u", "operation": "CREATE", "object": {"metadata": {"name": "a"}}}
    cup = {"apiVersion": "example.com/v1", "kind": "Cup", "metadata": {"name": "a"}, "spec": {}}
    conversion = {"uid": "u", "desiredAPIVersion": "example.com/v2", "objects": [cup]}
    for path, kind, body in (
        (VALIDATE, "AdmissionReview", request),
        ("/convert", "ConversionReview", conversion),
    ):
        review = {"apiVersion": "v1", "kind": kind, "request": body}
        url = f"https://127.0.0.1:{port}{path}"
        async with session.post(url, json=review, ssl=trust) as answer:
            assert answer.status == 200


def test_names_types_labels_and_buckets_are_those_of_controller_runtime(scraped: str) -> None:
    ours = {
        family.name: family
        for family in text_string_to_metric_families(scraped)
        if family.name.startswith(PREFIXES)
    }
    assert ours.keys() - CLIENT_GO.keys() == CONTROLLER_RUNTIME.keys()
    for name, known in CONTROLLER_RUNTIME.items():
        assert ours[name].type == known["type"], name
        assert labels(ours[name].samples) - {"le"} == set(known["labels"]), name
        assert buckets(ours[name].samples) == known["buckets"], name
        for label in ("result", "priority"):
            values = {s.labels[label] for s in ours[name].samples if label in s.labels}
            assert values >= set(known.get(label, ())), name
    for name, (kind, expected) in CLIENT_GO.items():
        assert (ours[name].type, sorted(labels(ours[name].samples) - {"le"})) == (kind, expected)


def test_what_was_not_foreseen_is_counted(scraped: str) -> None:
    assert "controller_runtime_conversion_webhook_panics_total 1.0" in scraped
    assert "controller_runtime_webhook_panics_total 0.0" in scraped
    assert f"controller_runtime_terminal_reconcile_errors_total{NAME} 1.0" in scraped


def labels(samples: Iterable[Any]) -> set[str]:
    return {label for sample in samples for label in sample.labels}


def buckets(samples: Iterable[Any]) -> list[str]:
    return [*dict.fromkeys(str(float(s.labels["le"])) for s in samples if "le" in s.labels)]
