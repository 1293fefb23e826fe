"""TLS to the API server: whom it is trusted to, who we are, and by which way."""

from __future__ import annotations

import asyncio
import dataclasses
import logging
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from opgen.runtime.client import Client
from opgen.runtime.config import ClusterConfig, Impersonation
from opgen.runtime.errors import Unreachable


@pytest.fixture
def secure(authority: Any, issue_certificate: Any, tmp_path: Path) -> Any:
    """`async with secure(host) as (config, requests)`: an API server that speaks TLS."""

    @asynccontextmanager
    async def serving(host: str) -> AsyncIterator[tuple[ClusterConfig, list[web.Request]]]:
        pair = issue_certificate("kube-apiserver", authority, host)
        (tmp_path / "server.pem").write_bytes(pair.pem + pair.key)
        (tmp_path / "ca.pem").write_bytes(authority.pem)
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(tmp_path / "server.pem")
        context.load_verify_locations(tmp_path / "ca.pem")
        context.verify_mode = ssl.CERT_OPTIONAL
        context.verify_flags &= ~ssl.VERIFY_X509_STRICT
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
    return dataclasses.replace(config, **changes)


def test_another_authority_is_refused(secure: Any, run: Any, issue_certificate: Any) -> None:
    async def scenario() -> None:
        async with secure("localhost") as (config, requests):
            with pytest.raises(Unreachable, match="CERTIFICATE_VERIFY_FAILED"):
                await ask(changed(config, ca=issue_certificate("other").pem))
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


def test_a_client_certificate_says_who_we_are(
    secure: Any, run: Any, authority: Any, issue_certificate: Any
) -> None:
    async def scenario() -> None:
        async with secure("localhost") as (config, _):
            us = issue_certificate("operator", authority)
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


@asynccontextmanager
async def tunnelling(context: ssl.SSLContext | None = None) -> AsyncIterator[tuple[int, list[str]]]:
    """A proxy that leads to wherever CONNECT asks, and what it was asked."""
    asked: list[str] = []

    async def pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while data := await reader.read(65536):
                writer.write(data)
        except ConnectionError:
            pass
        finally:
            writer.close()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        first = (await reader.readuntil(b"\r\n\r\n")).decode().splitlines()[0]
        asked.append(first)
        host, _, port = first.split()[1].rpartition(":")
        inner_reader, inner_writer = await asyncio.open_connection(host, int(port))
        writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        await asyncio.gather(pump(reader, inner_writer), pump(inner_reader, writer))

    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=context)
    async with server:
        yield server.sockets[0].getsockname()[1], asked


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_tunnel_leads_through_a_proxy(
    scheme: str,
    secure: Any,
    run: Any,
    authority: Any,
    issue_certificate: Any,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def scenario() -> None:
        context = None
        if scheme == "https":
            pair = issue_certificate("proxy", authority, "localhost")
            (tmp_path / "proxy.pem").write_bytes(pair.pem + pair.key)
            context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
            context.load_cert_chain(tmp_path / "proxy.pem")
            monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
        async with secure("localhost") as (config, _), tunnelling(context) as (port, asked):
            through = changed(config, proxy_url=f"{scheme}://localhost:{port}")
            async with Client(through) as client:
                for _ in range(3):
                    assert await client.request("GET", "/version") == {"subject": []}
            assert asked == [f"CONNECT {config.server.removeprefix('https://')} HTTP/1.1"]

    run(scenario())
