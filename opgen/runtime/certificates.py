"""The certificate that this process serves TLS with, from files that may be renewed.

A renewed certificate is used for the next connection: the files are looked at with every handshake.
"""

from __future__ import annotations

import logging
import ssl
from abc import abstractmethod
from pathlib import Path
from typing import Any, Protocol

from opgen.api.errors import Problems
from opgen.runtime.metrics import Metrics

log = logging.getLogger("opgen.certificates")


class Certificate(Protocol):
    """What a server asks of its certificate."""

    @abstractmethod
    def context(self) -> ssl.SSLContext:
        """What a server listens with; it hands every connection to the newest certificate."""

    @abstractmethod
    def problem(self) -> str:
        """Why there is nothing to serve with now; nothing if there is."""


class ServingCertificate:
    """`tls.crt` and `tls.key` of a directory, as they are now."""

    def __init__(self, directory: Path, purpose: str, metrics: Metrics) -> None:
        self._metrics = metrics
        self._purpose = purpose
        self._files = (directory / "tls.crt", directory / "tls.key")
        self._loaded: tuple[float, ...] = ()
        self._current = self._load()

    def context(self) -> ssl.SSLContext:
        """What a server listens with; it hands every connection to the newest certificate."""
        context = self._load()
        context.sni_callback = self._chosen
        return context

    def problem(self) -> str:
        """What is wrong with the files now; nothing if all is well."""
        missing = [str(file) for file in self._files if not file.exists()]
        return f"no serving certificate: {', '.join(missing)}" if missing else ""

    def _chosen(self, connection: Any, name: str | None, context: ssl.SSLContext) -> None:
        try:
            if self._stamps() != self._loaded:
                self._current = self._load()
                log.info("the serving certificate was renewed")
        except Problems as problems:
            # Files are replaced one after the other: the next handshake will find both.
            log.warning("the old serving certificate is kept: %s", problems)
        connection.context = self._current

    def _stamps(self) -> tuple[float, ...]:
        try:
            return tuple(file.stat().st_mtime_ns for file in self._files)
        except OSError as error:
            self._metrics.count("certwatcher_read_certificate_errors")
            raise self._unusable(error.strerror or "not there") from None

    def _load(self) -> ssl.SSLContext:
        stamps = self._stamps()
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        try:
            context.load_cert_chain(*self._files)
        except (OSError, ssl.SSLError) as error:
            self._metrics.count("certwatcher_read_certificate_errors")
            raise self._unusable(error.strerror or str(error)) from None
        self._metrics.count("certwatcher_read_certificate")
        self._loaded = stamps
        return context

    def _unusable(self, why: str) -> Problems:
        return Problems.of(
            f"the serving certificate of {self._purpose} cannot be used: {why}",
            field=str(self._files[0]),
            hint="mount a Secret with tls.crt and tls.key there, or name another folder with "
            "--webhook-cert-dir or --metrics-cert-dir",
        )
