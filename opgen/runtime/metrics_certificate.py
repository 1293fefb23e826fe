"""The certificate that /metrics is served with where none is mounted.

It is made at the start and kept in memory. Nobody can check it, so who reads the metrics has to
skip that; the token that they show is still not sent in the clear. controller-runtime does the
same.
"""

from __future__ import annotations

import ipaddress
import ssl
from datetime import UTC, datetime, timedelta

from opgen.api.errors import Problems
from opgen.runtime.pem_files import load_certificate
from opgen.runtime.probes import parse_address

LIFETIME = timedelta(days=3650)
"""Longer than any process runs, as it cannot be renewed."""


def is_private(address: str) -> bool:
    """Whether an address can be reached from this machine alone."""
    host = (parse_address(address, "--metrics-bind-address") or ("localhost", 0))[0]
    if host == "localhost":
        return True
    try:
        return host is not None and ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def own_context() -> ssl.SSLContext:
    """What a server listens with.

    Raises:
        Problems: cryptography is not installed.
    """
    from opgen.runtime.webhooks.issuing import issue

    try:
        issued = issue(["localhost"], datetime.now(UTC), LIFETIME)
    except ImportError:
        raise Problems.of(
            "/metrics cannot be served over HTTPS: the package cryptography is not installed",
            hint="add opgen[webhooks] to the project's dependencies, mount a certificate with "
            "--metrics-cert-dir, or serve it to everybody with --no-metrics-secure",
        ) from None
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    load_certificate(context, issued.certificate, issued.key)
    return context
