# SPDX-License-Identifier: Apache-2.0
"""The operator's image in a cluster: `make test-e2e`."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING

from .conftest import ROOT

if TYPE_CHECKING:
    from .conftest import Cluster

NAMESPACE = "appservice-operator-system"
MANAGER = "deployment/appservice-operator-controller-manager"
SAMPLES = ("--kustomize=config/samples",)
SECONDS = 180


def test_the_operator_becomes_available(cluster: Cluster) -> None:
    """It starts with its rights, serves its probes, and violates no policy of its namespace."""
    cluster.kubectl("rollout", "status", MANAGER, f"--namespace={NAMESPACE}", "--timeout=3m")


def test_the_samples_become_what_they_should(cluster: Cluster) -> None:
    """Every sample gets a condition that is true."""
    if not list((ROOT / "config/samples").glob("*_*.yaml")):
        return
    cluster.kubectl("apply", "--server-side", *SAMPLES)
    try:
        deadline = time.monotonic() + SECONDS
        while waiting := [name for name, true in conditions(cluster) if not true]:
            assert time.monotonic() < deadline, f"no condition is true of {', '.join(waiting)}"
            time.sleep(1)
    finally:
        cluster.kubectl("delete", *SAMPLES, "--ignore-not-found")


def conditions(cluster: Cluster) -> list[tuple[str, list[str]]]:
    """The samples, each with its conditions that are true."""
    found = json.loads(cluster.kubectl("get", *SAMPLES, "--output=json"))
    return [
        (
            one["metadata"]["name"],
            [
                condition["type"]
                for condition in one.get("status", {}).get("conditions", ())
                if condition["status"] == "True"
            ],
        )
        for one in found.get("items", [found])
    ]
