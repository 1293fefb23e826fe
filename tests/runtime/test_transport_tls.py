"""TLS to the API server: whom it is trusted to, who we are, and by which way."""

from __future__ import annotations

import datetime
import logging
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from opgen.runtime.client import Client
from opgen.runtime.config import ClusterConfig, Impersonation
from opgen.runtime.errors import Unreachable

DAY = datetime.timedelta(days=1)


@dataclass(frozen=True)
class Pair:
    """A certificate and its key."""

    certificate: x509.Certificate
    private: ec.EllipticCurvePrivateKey

    @property
    def pem(self) -> bytes:
        return self.certificate.public_bytes(serialization.Encoding.PEM)

    @property
    def key(self) -> bytes:
        return self.private.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )


def issue(name: str, issuer: Pair | None = None, host: str | None = None) -> Pair:
    """A certificate as old clusters have them: the authority has no key usage extension."""
    private = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.datetime.now(datetime.UTC)
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer.certificate.subject if issuer else subject)
        .public_key(private.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - DAY)
        .not_valid_after(now + DAY)
        .add_extension(x509.BasicConstraints(ca=issuer is None, path_length=None), critical=True)
    )
    if host is not None:
        names = x509.SubjectAlternativeName([x509.DNSName(host)])
        builder = builder.add_extension(names, critical=False)
    signer = issuer.private if issuer else private
    return Pair(builder.sign(signer, hashes.SHA256()), private)


@pytest.fixture(scope="module")
def authority() -> Pair:
    return issue("kubernetes")


@pytest.fixture
def secure(authority: Pair, tmp_path: Path) -> Any:
    """`async with secure(host) as (config, requests)`: an API server that speaks TLS."""

    @asynccontextmanager
    async def serving(host: str) -> AsyncIterator[tuple[ClusterConfig, list[web.Request]]]:
        pair = issue("kube-apiserver", authority, host)
        (tmp_path / "server.pem").write_bytes(pair.pem + pair.key)
        (tmp_path / "ca.pem").write_bytes(authority.pem)
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(tmp_path / "server.pem")
        context.load_verify_locations(tmp_path / "ca.pem")
        context.verify_mode = ssl.CERT_OPTIONAL
        requests: list[web.Request] = []

        async def handle(request: web.Request) -> web.StreamResponse:
            requests.append(request)
            assert request.transport is not None
            peer = request.transport.get_extra_info("peercert") or {}
            return web.json_response({"subject": [pair for (pair,) in peer.get("subject", ())]})

        application = web.Application()
        application.router.add_route("*", "/{path:.*}", handle)
        runner = web.AppRunner(application, access_log=None, shutdown_timeout=1)
        await runner.setup()
        try:
            await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=context).start()
            port = runner.addresses[0][1]
            yield ClusterConfig(server=f"https://localhost:{port}", ca=authority.pem), requests
        finally:
            await runner.cleanup()

    return serving


@pytest.fixture
def strict(monkeypatch: pytest.MonkeyPatch) -> None:
    """Python 3.13's default, in every Python."""
    create: Callable[..., ssl.SSLContext] = ssl.create_default_context

    def created(*args: Any, **options: Any) -> ssl.SSLContext:
        context = create(*args, **options)
        context.verify_flags |= ssl.VERIFY_X509_STRICT
        return context

    monkeypatch.setattr(ssl, "create_default_context", created)


def ask(config: ClusterConfig) -> Any:
    async def asked() -> Any:
        async with Client(config) as client:
            return await client.request("GET", "/version")

    return asked()


def test_an_authority_without_key_usage_is_accepted(secure: Any, run: Any, strict: None) -> None:
    async def scenario() -> None:
        async with secure("localhost") as (config, _):
            assert await ask(config) == {"subject": []}

    run(scenario())


def changed(config: ClusterConfig, **changes: Any) -> ClusterConfig:
    import dataclasses

    return dataclasses.replace(config, **changes)


def test_another_authority_is_refused(secure: Any, run: Any) -> None:
    async def scenario() -> None:
        async with secure("localhost") as (config, requests):
            with pytest.raises(Unreachable, match="CERTIFICATE_VERIFY_FAILED"):
                await ask(changed(config, ca=issue("other").pem))
            assert not requests

    run(scenario())


def test_another_name_is_refused_unless_told(secure: Any, run: Any) -> None:
    async def scenario() -> None:
        async with secure("kubernetes.default.svc") as (config, _):
            with pytest.raises(Unreachable, match="Hostname mismatch"):
                await ask(config)
            assert await ask(changed(config, tls_server_name="kubernetes.default.svc"))

    run(scenario())


def test_insecure_accepts_anybody_and_warns(
    secure: Any, run: Any, caplog: pytest.LogCaptureFixture
) -> None:
    async def scenario() -> None:
        async with secure("elsewhere") as (config, _):
            assert await ask(changed(config, ca=None, insecure=True)) == {"subject": []}

    with caplog.at_level(logging.WARNING):
        run(scenario())
    assert "TLS verification is off" in caplog.text


def test_a_client_certificate_says_who_we_are(secure: Any, run: Any, authority: Pair) -> None:
    async def scenario() -> None:
        async with secure("localhost") as (config, _):
            us = issue("operator", authority)
            ours = changed(config, client_certificate=us.pem, client_key=us.key)
            assert await ask(ours) == {"subject": [["commonName", "operator"]]}

    run(scenario())


def test_impersonation_is_sent_with_every_request(secure: Any, run: Any) -> None:
    async def scenario() -> None:
        async with secure("localhost") as (config, requests):
            who = Impersonation(user="jane", uid="7", groups=("dev", "ops"))
            await ask(changed(config, impersonate=who))
            headers = requests[0].headers
            assert (headers["Impersonate-User"], headers["Impersonate-Uid"]) == ("jane", "7")
            assert headers.getall("Impersonate-Group") == ["dev", "ops"]

    run(scenario())


def test_the_proxy_of_the_kubeconfig_is_asked(run: Any) -> None:
    async def scenario() -> None:
        seen: list[str] = []

        async def handle(request: web.BaseRequest) -> web.StreamResponse:
            seen.append(f"{request.method} {request.raw_path}")
            return web.json_response({})

        runner = web.ServerRunner(web.Server(handle, access_log=None), shutdown_timeout=1)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        port = runner.addresses[0][1]
        try:
            proxy = f"http://127.0.0.1:{port}"
            await ask(ClusterConfig(server="http://cluster.invalid", proxy_url=proxy))
        finally:
            await runner.cleanup()
        assert seen == ["GET http://cluster.invalid/version"]

    run(scenario())
