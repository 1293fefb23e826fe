"""/metrics over HTTPS with a certificate of its own."""

from __future__ import annotations

import ssl
import sys
from typing import Any

import aiohttp
import pytest

from opgen.api import Problems
from opgen.runtime.main import parse
from opgen.runtime.metrics import Metrics
from opgen.runtime.metrics_certificate import is_private, own_context
from opgen.runtime.probes import Servers


@pytest.mark.parametrize(
    ("address", "private"),
    [
        ("0", True),
        ("127.0.0.1:8080", True),
        ("[::1]:8080", True),
        ("localhost:8080", True),
        (":8443", False),
        ("0.0.0.0:8443", False),
        ("10.1.2.3:8443", False),
        ("metrics:8443", False),
    ],
)
def test_only_addresses_of_this_machine_are_private(address: str, private: bool) -> None:
    assert is_private(address) is private


def test_it_is_served_with(run: Any) -> None:
    trusting = ssl.create_default_context()
    trusting.check_hostname = False
    trusting.verify_mode = ssl.CERT_NONE

    async def scenario() -> int:
        endpoints = Servers()
        await endpoints.serve_metrics("127.0.0.1:0", Metrics(), context=own_context())
        url = f"https://127.0.0.1:{endpoints.ports[0]}/metrics"
        try:
            async with aiohttp.ClientSession() as web, web.get(url, ssl=trusting) as answer:
                return answer.status
        finally:
            await endpoints.close()

    assert run(scenario()) == 200


def test_without_cryptography_there_is_a_way_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "cryptography", None)
    with pytest.raises(Problems) as refused:
        own_context()
    (problem,) = refused.value.problems
    assert problem.message == (
        "/metrics cannot be served over HTTPS: the package cryptography is not installed"
    )
    assert problem.hint == (
        "add opgen[webhooks] to the project's dependencies, mount a certificate with "
        "--metrics-cert-dir, or serve it to everybody with --no-metrics-secure"
    )


def test_it_is_secure_unless_told_otherwise() -> None:
    assert parse("web", [], {}).metrics_secure
    assert not parse("web", ["--no-metrics-secure"], {}).metrics_secure
    assert not parse("web", [], {"OPGEN_METRICS_SECURE": "false"}).metrics_secure
