"""`Envtest`: real etcd and kube-apiserver, with CRDs, webhooks and a kubeconfig."""

from __future__ import annotations

import stat
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from opgen.runtime.client import ApiError
from opgen.runtime.config import load_config
from opgen.testing import Cluster, Envtest

pytestmark = pytest.mark.controlplane
CRD: dict[str, Any] = {
    "apiVersion": "apiextensions.k8s.io/v1",
    "kind": "CustomResourceDefinition",
    "metadata": {"name": "things.envtest.example.com"},
    "spec": {
        "group": "envtest.example.com",
        "scope": "Namespaced",
        "names": {"plural": "things", "kind": "Thing"},
        "versions": [
            {
                "name": "v1",
                "served": True,
                "storage": True,
                "schema": {"openAPIV3Schema": {"type": "object"}},
            }
        ],
    },
}
WEBHOOK: dict[str, Any] = {
    "apiVersion": "admissionregistration.k8s.io/v1",
    "kind": "ValidatingWebhookConfiguration",
    "metadata": {"name": "things"},
    "webhooks": [
        {
            "name": "things.envtest.example.com",
            "clientConfig": {"service": {"name": "hook", "namespace": "system", "path": "/check"}},
            "rules": [
                {
                    "apiGroups": ["envtest.example.com"],
                    "apiVersions": ["v1"],
                    "operations": ["CREATE"],
                    "resources": ["things"],
                }
            ],
            "sideEffects": "None",
            "admissionReviewVersions": ["v1"],
        }
    ],
}


@pytest.fixture(scope="module")
def environment(control_plane_binaries: Path) -> Iterator[Envtest]:
    with Envtest(control_plane_binaries) as environment:
        yield environment


def test_a_kubeconfig_for_the_administrator(
    environment: Envtest, control_plane_binaries: Path
) -> None:
    path = environment.kubeconfig
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert load_config(str(path)).server == environment.config.server
    command = [control_plane_binaries / "kubectl", "--kubeconfig", path, "auth", "whoami", "-ojson"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert '"username": "admin"' in done.stdout


def test_crds_and_webhooks_are_installed(environment: Envtest, tmp_path: Path) -> None:
    from controlplane.hooks import Hooks

    (tmp_path / "crd.yaml").write_text(yaml.safe_dump(CRD))
    (tmp_path / "webhook.yaml").write_text(yaml.safe_dump(WEBHOOK))
    thing = {
        "apiVersion": "envtest.example.com/v1",
        "kind": "Thing",
        "metadata": {"name": "a", "namespace": "default"},
    }
    refused = {"allowed": False, "status": {"message": "no things here"}}
    with Hooks() as hooks, Cluster(environment.config) as cluster:
        hooks.config("/check", lambda _: refused)
        environment.install(tmp_path, webhook_address=hooks.address, webhook_ca=hooks.authority_pem)

        def is_refused() -> bool:
            # A new configuration takes the server a moment.
            try:
                cluster.request("POST", THINGS, params={"dryRun": "All"}, body=thing)
            except ApiError as error:
                return "denied the request: no things here" in error.message
            return False

        cluster.eventually(is_refused, timeout=120)
        cluster.request("DELETE", f"{CONFIGURATIONS}/things")


THINGS = "/apis/envtest.example.com/v1/namespaces/default/things"
CONFIGURATIONS = "/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations"


def test_it_is_stopped_and_cleaned_up(control_plane_binaries: Path) -> None:
    with Envtest(control_plane_binaries) as environment:
        path = environment.kubeconfig
    assert not path.parent.exists()
