"""Webhooks of a package, served on the loopback interface for the length of a test."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from opgen.runtime.clock import SYSTEM_CLOCK

HOST = "127.0.0.1"
LIFETIME = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Served:
    """Where webhooks are served, and the authority of their certificate as PEM."""

    address: str
    authority: bytes


@asynccontextmanager
async def serving(package: str) -> AsyncIterator[Served]:
    """Serve the webhooks and converters of a package meanwhile.

    Raises:
        Problems: the package has no webhooks that fit together, or cryptography is not installed.
    """
    from opgen.runtime.webhooks.held import HeldCertificate
    from opgen.runtime.webhooks.issuing import issue, require_cryptography
    from opgen.runtime.webhooks.routes import find
    from opgen.runtime.webhooks.server import serve

    require_cryptography()
    declared = await asyncio.to_thread(find, package)
    issued = issue([HOST], datetime.now(UTC), LIFETIME)
    certificate = HeldCertificate(SYSTEM_CLOCK)
    certificate.use(issued.certificate, issued.key)
    async with serve(declared, f"{HOST}:0", certificate=certificate) as server:
        yield Served(f"{HOST}:{server.port}", issued.authority)
