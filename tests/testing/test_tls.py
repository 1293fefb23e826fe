"""The server over TLS: certificates, tokens, and who shows neither; the audit log."""

from __future__ import annotations

import asyncio
import re
import ssl
import subprocess
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from opgen.k8s import core_v1
from opgen.runtime.client import ApiError
from opgen.runtime.config import ClusterConfig
from opgen.testing import ApiServer, Cluster
from opgen.testing.clock import ManualClock

WHO = "/apis/authentication.k8s.io/v1/selfsubjectreviews"
REVIEW = {"apiVersion": "authentication.k8s.io/v1", "kind": "SelfSubjectReview"}


def who(config: ClusterConfig) -> dict[str, object]:
    with Cluster(config) as cluster:
        found: dict[str, object] = cluster.request("POST", WHO, body=REVIEW)["status"]["userInfo"]
        return found


def test_the_administrator_has_a_certificate() -> None:
    with Cluster.start(tls=True) as cluster:
        assert cluster.config.server.startswith("https://127.0.0.1:")
        assert who(cluster.config) == {
            "username": "admin",
            "groups": ["system:masters", "system:authenticated"],
        }


def test_a_certificate_says_who_its_bearer_is() -> None:
    with Cluster.start(tls=True) as cluster:
        config = cluster.server.config_of("jane", ["dev", "ops"])
        assert who(config) == {
            "username": "jane",
            "groups": ["dev", "ops", "system:authenticated"],
        }
        with Cluster(config) as jane, pytest.raises(ApiError, match='User "jane" cannot list'):
            jane.list(core_v1.Pod, "default")


def test_without_tls_a_user_has_a_token() -> None:
    with Cluster.start() as cluster:
        config = cluster.server.config_of("jane", ["dev"])
        assert who(config) == {"username": "jane", "groups": ["dev", "system:authenticated"]}


def test_who_shows_nothing_is_anonymous() -> None:
    with Cluster.start(tls=True) as cluster:
        config = ClusterConfig(server=cluster.config.server, ca=cluster.config.ca)
        with Cluster(config) as nobody, pytest.raises(ApiError) as error:
            nobody.list(core_v1.Pod, "default")
        assert error.value.code == 403
        assert 'User "system:anonymous" cannot list resource "pods"' in str(error.value)


def test_kubectl_over_tls(control_plane_binaries: Path) -> None:
    with Cluster.start(tls=True) as cluster:
        command = [control_plane_binaries / "kubectl", "--kubeconfig", cluster.kubeconfig]
        result = subprocess.run(
            [*command, "auth", "whoami", "-o", "jsonpath={.status.userInfo.username}"],
            capture_output=True,
            text=True,
            check=True,
        )
        assert result.stdout == "admin"


def test_the_audit_log() -> None:
    with Cluster.start(clock=ManualClock(1_700_000_000.25)) as cluster:
        cluster.request("GET", "/api/v1/namespaces/default/pods?limit=5")
        event = cluster.audit[-1]
        assert event == {
            "kind": "Event",
            "apiVersion": "audit.k8s.io/v1",
            "level": "Metadata",
            "stage": "ResponseComplete",
            "requestURI": "/api/v1/namespaces/default/pods?limit=5",
            "verb": "list",
            "user": {
                "username": "system:admin",
                "groups": ["system:masters", "system:authenticated"],
            },
            "userAgent": "opgen-test",
            "objectRef": {"resource": "pods", "namespace": "default", "apiVersion": "v1"},
            "responseStatus": {"metadata": {}, "code": 200},
            "requestReceivedTimestamp": "2023-11-14T22:13:20.250000Z",
            "stageTimestamp": "2023-11-14T22:13:20.250000Z",
        }


async def connect(server: ApiServer) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    url, authority = urlsplit(server.url), server.config.ca
    assert authority is not None
    context = ssl.create_default_context(cadata=authority.decode())
    context.verify_flags |= ssl.VERIFY_X509_STRICT  # as Python does from 3.13 on
    return await asyncio.open_connection(url.hostname, url.port, ssl=context)


GET = b"GET /livez HTTP/1.1\r\nHost: x\r\n\r\n"
LARGE = b"POST /api/v1/namespaces/default/configmaps HTTP/1.1\r\nHost: x\r\n"


@pytest.mark.parametrize(
    ("last", "code"),
    [(b"BAD\r\n\r\n", b"400"), (LARGE + b"Content-Length: 4000000\r\n\r\n{", b"403")],
    ids=["malformed", "large"],
)
def test_a_connection_ends_after_what_is_refused(
    last: bytes, code: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    async def scenario() -> bytes:
        async with ApiServer(tls=True) as server:
            reader, writer = await connect(server)
            writer.write(GET + GET + last)
            received = await reader.read()
            writer.close()
            return received

    codes = re.findall(rb"HTTP/1\.1 (\d+) ", asyncio.run(scenario()))
    assert codes == [b"403", b"403", code]
    assert caplog.records == []


def test_a_stop_does_not_wait_for_who_does_not_say_goodbye() -> None:
    async def scenario() -> None:
        server = ApiServer(tls=True)
        await server.start()
        reader, writer = await connect(server)
        writer.write(GET)
        await reader.readuntil(b"}\n")
        writer.transport.pause_reading()  # type: ignore[attr-defined]
        await server.stop()
        writer.transport.abort()

    asyncio.run(scenario())
