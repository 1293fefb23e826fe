"""Certificates that the operator makes for its own webhooks, and renews while it runs.

The Secret is shared by all replicas: who finds it lacking writes it, and the API server lets only
one of several do so; all serve what it holds. No leader is needed for that, so standbys answer
webhooks too.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from opgen.api.controllers import PolicyRule
from opgen.api.errors import Problems
from opgen.api.resources import ResourceKind
from opgen.api.self_signed import WebhookNames, names_behind, rules
from opgen.runtime.client import Client
from opgen.runtime.clock import SYSTEM_CLOCK, Backoff, Clock
from opgen.runtime.errors import ApiError, Unreachable
from opgen.runtime.webhooks.held import HeldCertificate
from opgen.runtime.webhooks.issuing import require_cryptography
from opgen.runtime.webhooks.keeping import Material, advanced
from opgen.runtime.webhooks.trust import Trust

log = logging.getLogger("opgen.certificates")

SECRET = ResourceKind("", "v1", "Secret", "secrets")


@dataclass(frozen=True, kw_only=True, slots=True)
class SelfSigned:
    """How the operator makes certificates for its webhooks. Times are in seconds.

    Attributes:
        names: The Secret that is shared, and the objects whose caBundle is kept.
        hosts: DNS names and IP addresses under which the API server reaches the webhooks.
        namespace: That of the Secret; that of the configuration if empty.
        lifetime: How long a certificate may be used; it is replaced after two thirds of that.
        interval: How often Secret and caBundles are looked at.
        settle: How long a new authority must have been known before its certificate is served:
            API servers take notice of a changed caBundle with a delay.
        patience: How long to wait at the start for a first certificate.
    """

    names: WebhookNames
    hosts: tuple[str, ...]
    namespace: str = ""
    lifetime: float = 90 * 24 * 3600.0
    interval: float = 30.0
    settle: float = 60.0
    patience: float = 30.0

    def rules(self, namespace: str) -> tuple[PolicyRule, ...]:
        """The rights that this needs, if the configuration's namespace is this one."""
        return rules(self.names, self.namespace or namespace)


@dataclass(frozen=True, slots=True)
class _Trusted:
    """Authorities that everybody trusts, and since when they have been seen to do so."""

    authorities: bytes
    since: float


_NOBODY = _Trusted(b"", 0.0)


def behind_service(service: str, namespace: str, declared: Iterable[type]) -> SelfSigned:
    """The usual way: webhooks behind a Service in the operator's own namespace.

    Args:
        service: Its name, such as `my-operator-webhook-service`.
        namespace: Its namespace, and that of the Secret.
        declared: Classes decorated with `@webhook` or `@converter`.

    Raises:
        Problems: the Service is not named so.
    """
    full = f"{service}.{namespace}.svc"
    hosts = (full, f"{service}.{namespace}", f"{full}.cluster.local")
    return SelfSigned(names=names_behind(service, declared), hosts=hosts, namespace=namespace)


class Rotation:
    """One replica's part in keeping the certificate.

    Raises:
        Problems: cryptography is not installed.
    """

    def __init__(self, client: Client, options: SelfSigned, clock: Clock = SYSTEM_CLOCK) -> None:
        require_cryptography()
        self.certificate = HeldCertificate(clock)
        self._client = client
        self._options = options
        self._namespace = options.namespace or client.config.namespace
        self._clock = clock
        self._trust = Trust(client, options.names)
        self._trusted = _NOBODY

    async def first(self) -> None:
        """Wait for a certificate to serve.

        Raises:
            Problems: it may not be read or written, or the API server does not answer.
        """
        began, backoff = self._clock.now(), Backoff(cap=5.0, clock=self._clock)
        while True:
            try:
                await self.step()
            except (ApiError, Unreachable) as error:
                waited = self._clock.now() - began
                refused = isinstance(error, ApiError) and error.code in (401, 403)
                if not self.certificate.problem():
                    return
                if refused or waited >= self._options.patience:
                    raise self._hopeless(error) from None
                await self._clock.sleep(backoff.next())
            else:
                return

    async def run(self) -> None:
        """Keep certificate and trust until cancelled."""
        backoff = Backoff(cap=self._options.interval, clock=self._clock)
        while True:
            delay = self._options.interval
            try:
                await self.step()
            except (ApiError, Unreachable) as error:
                delay = min(delay, backoff.next())
                log.warning("the webhooks' certificate could not be looked after: %s", error)
            else:
                backoff.reset()
            await self._clock.sleep(delay * (1 + 0.1 * self._clock.random()))

    async def step(self) -> None:
        """Read the Secret, bring it forward if it is time, serve what it holds, have it trusted.

        Raises:
            ApiError: the API server refused.
            Unreachable: it does not answer.
        """
        material = await self._current()
        self.certificate.use(material.certificate, material.key)
        before, self._trusted = self._trusted, _NOBODY
        if await self._trust.ensure(material.authorities):
            same = before.authorities == material.authorities
            self._trusted = before if same else _Trusted(material.authorities, self._clock.now())

    async def _current(self) -> Material:
        """What the Secret holds, after this replica has brought it forward or another one has."""
        while True:
            secret = await self._read()
            material = Material.of(secret)
            wanted = advanced(
                material,
                self._options.hosts,
                self._clock.wall(),
                timedelta(seconds=self._options.lifetime),
                trusted=self._known_long_enough(material),
            )
            if wanted == material:
                return material
            try:
                await self._write(secret, wanted)
            except ApiError as error:
                if error.code != 409:
                    raise
                continue  # another replica was faster: look at what it has written
            return wanted

    def _known_long_enough(self, material: Material) -> bool:
        waited = self._clock.now() - self._trusted.since
        same = self._trusted.authorities == material.authorities
        return same and waited >= self._options.settle

    async def _read(self) -> dict[str, Any]:
        try:
            return await self._client.get(SECRET, self._options.names.secret, self._namespace)
        except ApiError as error:
            if error.code != 404:
                raise
            return {}

    async def _write(self, secret: dict[str, Any], material: Material) -> None:
        name = self._options.names.secret
        what = "is prepared" if material.next_certificate else "was renewed"
        if secret:
            body = {**secret, "data": material.data()}
            await self._client.replace(SECRET, body, self._namespace)
        else:
            body = {
                "metadata": {"name": name, "namespace": self._namespace},
                "type": "kubernetes.io/tls",
                "data": material.data(),
            }
            await self._client.create(SECRET, body, self._namespace)
        log.info("the webhooks' certificate in Secret %s/%s %s", self._namespace, name, what)

    def _hopeless(self, error: Exception) -> Problems:
        return Problems.of(
            f"the webhooks' certificate cannot be had from Secret "
            f"{self._namespace}/{self._options.names.secret}: {error}",
            hint="run opgen make manifests and apply config/rbac, or mount a certificate with "
            "--webhook-cert-dir",
        )
