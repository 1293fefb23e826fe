"""What operators have asked a server to change, counted by the server itself.

Tests and the control plane create with POST; operators apply. So what was applied to ConfigMaps is
what the operators of a test have written, and an apply that changed nothing is one too many.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest

from faultkit.journal import Journal
from faultkit.servers import Target
from opgen.k8s import core_v1

APPLIED = re.compile(
    r'^apiserver_request_total\{code="2..",.*resource="configmaps",.*verb="APPLY",.*\} (\S+)$',
    re.MULTILINE,
)
"""Source: kube-apiserver's metrics; an apply has a verb of its own there."""


async def applied(target: Target) -> int:
    """How often ConfigMaps were applied, with success, since the server was started."""
    if target.server is not None:
        return sum(
            request.resource == "configmaps" and request.verb == "patch" and request.code < 300
            for request in target.server.front.requests
        )
    text = (await target.client.send("GET", "/metrics")).decode()
    return round(sum(map(float, APPLIED.findall(text))))


@asynccontextmanager
async def _none_in_vain(target: Target, journal: Journal) -> AsyncIterator[None]:
    asked, seen = await applied(target), len(journal.events)
    yield
    asked = await applied(target) - asked
    marker = {"metadata": {"name": "marker"}}
    await target.client.create(core_v1.ConfigMap, marker, target.namespace)
    await journal.until(lambda it: any(e["metadata"]["name"] == "marker" for _, e in it.events))
    changes = [
        document["metadata"]["name"]
        for kind, document in journal.events[seen:]
        if kind != "DELETED" and document["metadata"]["name"] not in ("marker", "kube-root-ca.crt")
    ]
    assert asked == len(changes), "each write has changed something, and was sent once"


@pytest.fixture
def none_in_vain() -> Callable[[Target, Journal], Any]:
    """`async with none_in_vain(target, journal)`: each apply meanwhile has changed something."""
    return _none_in_vain


@pytest.fixture
def asked() -> Callable[[Target], Any]:
    """`await asked(target)`: how often ConfigMaps were applied since the server was started."""
    return applied
