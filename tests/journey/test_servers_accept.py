"""Both API servers accept every object of a project and of its chart, without a warning."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from opgen.api import ResourceKind

if TYPE_CHECKING:
    from conftest import Stage

CRD = ResourceKind(
    "apiextensions.k8s.io",
    "v1",
    "CustomResourceDefinition",
    "customresourcedefinitions",
    namespaced=False,
)
SYSTEM = "webserver-operator-system"
OPTIONS = {
    "plain": (),
    "everything": ("--ha", "--network-policy", "--namespaced", "--multigroup"),
}
VALUES = {
    "plain": (),
    "everything": (
        "replicas=2",
        "podDisruptionBudget.enabled=true",
        "networkPolicy.enabled=true",
        "rbac.namespaced=true",
        "metrics.port=9443",
    ),
}


def scaffold(stage: Stage, *options: str) -> None:
    stage.opgen("init", "--domain", "my.domain", *options)
    kind = ("--group", "apps", "--version", "v1", "--kind", "WebServer")
    stage.opgen("create", "api", *kind)


@pytest.mark.parametrize("options", OPTIONS.values(), ids=OPTIONS)
def test_what_is_deployed(stage: Stage, options: tuple[str, ...]) -> None:
    scaffold(stage, *options)
    printed = stage.opgen("deploy", "--image", "registry.example.com/webserver-operator:v1")
    assert "Warning" not in printed
    stage.opgen("install")
    stage.kubectl("apply", "--server-side", "--dry-run=server", "-k", "config/samples")
    assert "Warning" not in stage.opgen("undeploy", "--crds")


@pytest.mark.parametrize("values", VALUES.values(), ids=VALUES)
def test_what_the_chart_installs(stage: Stage, helm: Path, values: tuple[str, ...]) -> None:
    scaffold(stage)
    stage.opgen("chart")
    chart = ("web", "dist/chart", "--namespace", SYSTEM)
    sets = [word for value in values for word in ("--set", value)]
    stage.kubectl("create", "namespace", SYSTEM)
    for level in ("enforce", "warn"):
        label = f"pod-security.kubernetes.io/{level}=restricted"
        stage.kubectl("label", "namespace", SYSTEM, label)
    rendered = stage.project / "rendered.yaml"
    rendered.write_text(run(stage, helm, "template", *chart, *sets))
    dry = ("--server-side", "--dry-run=server", "--filename", str(rendered))
    assert "Warning" not in stage.kubectl("apply", *dry)
    run(stage, helm, "install", *chart, *sets)
    deployment = "deployment/web-webserver-operator-controller-manager"
    stage.kubectl("rollout", "status", deployment, "--namespace", SYSTEM, "--timeout=120s")
    run(stage, helm, "upgrade", *chart, *sets, "--set", "image.tag=v2")
    assert stage.cluster.find(CRD, "webservers.apps.my.domain")
    run(stage, helm, "uninstall", "web", "--namespace", SYSTEM)
    assert stage.cluster.find(CRD, "webservers.apps.my.domain"), "crd.keep is the default"
    stage.kubectl("delete", "crd", "webservers.apps.my.domain")
    stage.kubectl("delete", "namespace", SYSTEM)


def run(stage: Stage, helm: Path, *arguments: str) -> str:
    finished = subprocess.run(
        [helm, *arguments], cwd=stage.project, env=stage.environment, capture_output=True, text=True
    )
    assert finished.returncode == 0, finished.stdout + finished.stderr
    return finished.stdout
