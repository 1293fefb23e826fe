"""kube-linter's default checks, as a table of rules over what is rendered.

The program is a Go module that cannot be had everywhere, so its checks are written down here by
their names: those that are on by default, and those about probes, ports and rights that a
production cluster asks for.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pytest

Document = dict[str, Any]
pytestmark = pytest.mark.skipif(shutil.which("kubectl") is None, reason="kubectl is not on PATH")


@dataclass(frozen=True)
class Objects:
    """What is deployed of a project."""

    documents: list[Document]

    def of(self, kind: str) -> list[Document]:
        return [one for one in self.documents if one["kind"] == kind]

    @cached_property
    def deployment(self) -> Document:
        (one,) = self.of("Deployment")
        return one

    @property
    def pod(self) -> Document:
        spec: Document = self.deployment["spec"]["template"]["spec"]
        return spec

    @property
    def labels(self) -> dict[str, str]:
        found: dict[str, str] = self.deployment["spec"]["template"]["metadata"]["labels"]
        return found

    @property
    def container(self) -> Document:
        (one,) = self.pod["containers"]
        assert "initContainers" not in self.pod
        found: Document = one
        return found

    @property
    def security(self) -> Document:
        """The container's security context over that of its pod."""
        found: Document = self.pod["securityContext"] | self.container["securityContext"]
        return found

    @property
    def ports(self) -> dict[str, int]:
        return {one["name"]: one["containerPort"] for one in self.container["ports"]}

    def selects(self, selector: dict[str, str]) -> bool:
        return bool(selector) and selector.items() <= self.labels.items()

    def budgets(self) -> Iterator[Document]:
        for one in self.of("PodDisruptionBudget"):
            assert self.selects(one["spec"]["selector"]["matchLabels"])
            yield one["spec"]

    def has_probe(self, name: str) -> bool:
        return self.container[name]["httpGet"]["port"] in self.ports

    def requirements(self, resource: str) -> bool:
        given = self.container["resources"]
        return resource in given["requests"] and resource in given["limits"]

    def account_exists(self) -> bool:
        names = [one["metadata"]["name"] for one in self.of("ServiceAccount")]
        return self.pod["serviceAccountName"] in names

    def spreads(self) -> bool:
        if self.deployment["spec"]["replicas"] < 2:
            return True
        affinity = self.pod["affinity"]["podAntiAffinity"]
        terms = [
            *affinity.get("requiredDuringSchedulingIgnoredDuringExecution", ()),
            *(
                one["podAffinityTerm"]
                for one in affinity.get("preferredDuringSchedulingIgnoredDuringExecution", ())
            ),
        ]
        return any(
            one["topologyKey"] == "kubernetes.io/hostname"
            and self.selects(one["labelSelector"]["matchLabels"])
            for one in terms
        )

    def target_ports(self) -> Iterator[str | int]:
        for one in self.of("Service"):
            assert self.selects(one["spec"]["selector"]), "dangling"
            yield from (port["targetPort"] for port in one["spec"]["ports"])

    def mounts_of_the_host(self) -> list[Document]:
        return [one for one in self.pod.get("volumes", ()) if "hostPath" in one]

    def variables(self) -> list[str]:
        return [one["name"] for one in self.container.get("env", ())]

    def rules(self) -> Iterator[Document]:
        for one in (*self.of("ClusterRole"), *self.of("Role")):
            if one["metadata"]["name"].endswith("manager-role"):
                yield from one["rules"]


CHECKS: dict[str, Callable[[Objects], bool]] = {
    "dangling-service": lambda it: bool(list(it.target_ports())),
    "default-service-account": lambda it: it.pod["serviceAccountName"] != "default",
    "deprecated-service-account-field": lambda it: "serviceAccount" not in it.pod,
    "docker-sock": lambda it: not it.mounts_of_the_host(),
    "drop-net-raw-capability": lambda it: it.security["capabilities"] == {"drop": ["ALL"]},
    "duplicate-env-var": lambda it: len(set(it.variables())) == len(it.variables()),
    "env-var-secret": lambda it: not any("SECRET" in name for name in it.variables()),
    "exposed-services": lambda it: not any("type" in one["spec"] for one in it.of("Service")),
    "host-ipc": lambda it: "hostIPC" not in it.pod,
    "host-network": lambda it: "hostNetwork" not in it.pod,
    "host-pid": lambda it: "hostPID" not in it.pod,
    "invalid-target-ports": lambda it: set(it.target_ports()) <= it.ports.keys(),
    "latest-tag": lambda it: bool(re.search(r":v\d+\.\d+\.\d+$", it.container["image"])),
    "liveness-port": lambda it: it.has_probe("livenessProbe"),
    "mismatching-selector": lambda it: it.selects(it.deployment["spec"]["selector"]["matchLabels"]),
    "no-anti-affinity": lambda it: it.spreads(),
    "no-extensions-v1beta": lambda it: not any("beta" in one["apiVersion"] for one in it.documents),
    "no-read-only-root-fs": lambda it: it.security["readOnlyRootFilesystem"],
    "non-existent-service-account": lambda it: it.account_exists(),
    "pdb-max-unavailable": lambda it: all("maxUnavailable" not in one for one in it.budgets()),
    "pdb-min-available": lambda it: all(
        one["minAvailable"] < it.deployment["spec"]["replicas"] for one in it.budgets()
    ),
    "pdb-unhealthy-pod-eviction-policy": lambda it: all(
        one["unhealthyPodEvictionPolicy"] == "AlwaysAllow" for one in it.budgets()
    ),
    "privilege-escalation-container": lambda it: not it.security["allowPrivilegeEscalation"],
    "privileged-container": lambda it: "privileged" not in it.security,
    "privileged-ports": lambda it: min(it.ports.values()) > 1024,
    "readiness-port": lambda it: it.has_probe("readinessProbe"),
    "run-as-non-root": lambda it: it.security["runAsNonRoot"],
    "sensitive-host-mounts": lambda it: not it.mounts_of_the_host(),
    "ssh-port": lambda it: 22 not in it.ports.values(),
    "unsafe-proc-mount": lambda it: "procMount" not in it.security,
    "unsafe-sysctls": lambda it: "sysctls" not in it.security,
    "unset-cpu-requirements": lambda it: it.requirements("cpu"),
    "unset-memory-requirements": lambda it: it.requirements("memory"),
    "wildcard-in-rules": lambda it: (
        not any("*" in values for rule in it.rules() for values in rule.values())
    ),
}
"""What each check asks of the objects."""


@pytest.mark.parametrize("on", [False, True], ids=["plain", "everything"])
def test_the_operator_passes_every_check(made, on):
    names = ("ha", "prometheus", "network_policy", "cert_manager")
    made.init(**dict.fromkeys(names, on))
    made.create()
    if on:
        made.webhook(validation=True)
    made.make_manifests()
    objects = Objects(made.kustomize())
    assert [name for name, holds in CHECKS.items() if not holds(objects)] == []
    assert bool(objects.of("PodDisruptionBudget")) is on


def test_a_check_can_fail(made):
    """Each change below is one that a check must see."""
    made.init(ha=True)
    made.create()
    made.make_manifests()
    for change, expected in (
        (lambda it: it.pod.update(serviceAccountName="other"), {"non-existent-service-account"}),
        (lambda it: it.container.update(image="web:latest"), {"latest-tag"}),
        (lambda it: it.deployment["spec"].update(replicas=1), {"pdb-min-available"}),
        (lambda it: it.container["resources"]["limits"].pop("cpu"), {"unset-cpu-requirements"}),
        (lambda it: it.pod.update(hostPID=True), {"host-pid"}),
    ):
        objects = Objects(made.kustomize())
        change(objects)
        assert {name for name, holds in CHECKS.items() if not holds(objects)} == expected
