"""The server over TLS: certificates, tokens, and who shows neither; the audit log."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from opgen.k8s import core_v1
from opgen.runtime.client import ApiError
from opgen.runtime.config import ClusterConfig
from opgen.testing import Cluster
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
