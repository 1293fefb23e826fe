"""What operators have asked a server to change, counted by the server itself.

Tests and the control plane create with POST; operators apply. So what was applied to ConfigMaps is
what the operators of a test have written, and an apply that changed nothing is one too many. An
operator that is killed leaves requests behind of which nobody knows what has become.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Callable, Container
from contextlib import asynccontextmanager
from typing import Any

import pytest

from faultkit.journal import Journal
from faultkit.servers import Target
from opgen.k8s import core_v1

APPLIED = re.compile(
    r'^apiserver_request_total\{code="(\d+)",.*resource="configmaps",.*verb="APPLY",.*\} (\S+)$',
    re.MULTILINE,
)
"""Source: kube-apiserver's metrics; an apply has a verb of its own there."""

GIVEN_UP = 504
"""What a request is counted as whose sender has gone before the answer; its change may be made."""


async def applied(target: Target) -> int:
    """How often ConfigMaps were applied, with success, since the server was started."""
    return await _counted(target, range(200, 300))


async def _counted(target: Target, codes: Container[int]) -> int:
    if target.server is not None:
        return sum(
            request.resource == "configmaps" and request.verb == "patch" and request.code in codes
            for request in target.server.front.requests
        )
    text = (await target.client.send("GET", "/metrics")).decode()
    return sum(round(float(count)) for code, count in APPLIED.findall(text) if int(code) in codes)


@asynccontextmanager
async def _none_in_vain(target: Target, journal: Journal) -> AsyncIterator[None]:
    asked, unclear, seen = await applied(target), await _unclear(target), len(journal.events)
    yield
    asked, unclear = await applied(target) - asked, await _unclear(target) - unclear
    marker = {"metadata": {"name": "marker"}}
    await target.client.create(core_v1.ConfigMap, marker, target.namespace)
    await journal.until(lambda it: any(e["metadata"]["name"] == "marker" for _, e in it.events))
    changes = [
        document["metadata"]["name"]
        for kind, document in journal.events[seen:]
        if kind != "DELETED" and document["metadata"]["name"] not in ("marker", "kube-root-ca.crt")
    ]
    told = f"{asked} writes, {unclear} whose sender had gone, {len(changes)} changes"
    assert asked <= len(changes) <= asked + unclear, told


async def _unclear(target: Target) -> int:
    return await _counted(target, (GIVEN_UP,))


@pytest.fixture
def none_in_vain() -> Callable[[Target, Journal], Any]:
    """`async with none_in_vain(target, journal)`: each apply meanwhile has changed something."""
    return _none_in_vain


@pytest.fixture
def asked() -> Callable[[Target], Any]:
    """`await asked(target)`: how often ConfigMaps were applied since the server was started."""
    return applied
