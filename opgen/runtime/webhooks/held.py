"""A serving certificate in memory, replaced by whoever makes certificates."""

from __future__ import annotations

import logging
import ssl
from typing import Any

from opgen.runtime.clock import Clock
from opgen.runtime.pem_files import load_certificate
from opgen.runtime.webhooks.issuing import Validity, read

log = logging.getLogger("opgen.certificates")


class HeldCertificate:
    """What is served from the next connection on is what `use` was told last."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._held = (b"", b"")
        self._current: ssl.SSLContext | None = None
        self._validity: Validity | None = None

    def use(self, certificate: bytes, key: bytes) -> None:
        """Serve with this certificate from the next connection on; both are PEM."""
        if (certificate, key) == self._held:
            return
        self._held = (certificate, key)
        self._current = self._made()
        self._validity = read(certificate)
        log.info("the webhooks are served with a new certificate")

    def context(self) -> ssl.SSLContext:
        """What a server listens with; it hands every connection to the newest certificate."""
        context = self._made()
        context.sni_callback = self._chosen
        return context

    def problem(self) -> str:
        """Why there is nothing to serve with now; nothing if there is."""
        if self._validity is None:
            return "there is no certificate for the webhooks yet"
        expired = self._clock.wall() >= self._validity.ends
        return "the certificate of the webhooks has run out" if expired else ""

    def _chosen(self, connection: Any, name: str | None, context: ssl.SSLContext) -> None:
        connection.context = self._current

    def _made(self) -> ssl.SSLContext:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        load_certificate(context, *self._held)
        return context
