"""`opgen deploy`, `undeploy` and `build-installer`, on the in-process API server."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from opgen.api import ResourceKind
from opgen.k8s import apps_v1, core_v1
from opgen.testing import Cluster

pytestmark = pytest.mark.skipif(shutil.which("kubectl") is None, reason="kubectl is not on PATH")

SYSTEM = "web-operator-system"
MANAGER = "web-operator-controller-manager"
CRD = ResourceKind(
    "apiextensions.k8s.io",
    "v1",
    "CustomResourceDefinition",
    "customresourcedefinitions",
    namespaced=False,
)
WEB = ResourceKind("my.domain", "v1", "WebServer", "webservers")
IMAGE = "registry.example.com:5000/team/web-operator:v7"


def run(made, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    variables = {**os.environ, "NO_COLOR": "1", "PYTHONDONTWRITEBYTECODE": "1", **environment}
    command = [sys.executable, "-m", "opgen", *arguments]
    return subprocess.run(command, cwd=made.root, env=variables, capture_output=True, text=True)


def good(made, *arguments: str, **environment: str) -> str:
    finished = run(made, *arguments, **environment)
    assert finished.returncode == 0, finished.stdout + finished.stderr
    return finished.stdout + finished.stderr


def refused(made, *arguments: str, **environment: str) -> str:
    finished = run(made, *arguments, **environment)
    assert finished.returncode == 1, finished.stdout + finished.stderr
    assert finished.stdout == ""
    return finished.stderr


@pytest.fixture
def project(made):
    made.init()
    made.create()
    made.make_manifests()
    return made


def contents(root: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in root.rglob("*") if path.is_file()}


def test_it_deploys_an_image_and_changes_no_file(project, kube: Cluster) -> None:
    before = contents(project.root)
    printed = good(project, "deploy", "--image", IMAGE, KUBECONFIG=str(kube.kubeconfig))
    assert printed.splitlines()[-1].startswith(f"Cluster: {kube.config.server} (context 'opgen' of")
    deployment = kube.get(apps_v1.Deployment, MANAGER, SYSTEM)
    assert deployment["spec"]["template"]["spec"]["containers"][0]["image"] == IMAGE
    managers = {entry["manager"] for entry in deployment["metadata"]["managedFields"]}
    assert "opgen" in managers
    assert contents(project.root) == before


def test_twice_changes_nothing(project, kube: Cluster) -> None:
    variables = {"KUBECONFIG": str(kube.kubeconfig)}
    good(project, "deploy", **variables)
    first = kube.get(apps_v1.Deployment, MANAGER, SYSTEM)["metadata"]["generation"]
    good(project, "deploy", **variables)
    assert kube.get(apps_v1.Deployment, MANAGER, SYSTEM)["metadata"]["generation"] == first


def test_undeploy_keeps_kinds_and_objects_unless_told(project, kube: Cluster) -> None:
    variables = {"KUBECONFIG": str(kube.kubeconfig)}
    good(project, "deploy", **variables)
    web = {"apiVersion": "my.domain/v1", "kind": "WebServer", "metadata": {"name": "mine"}}
    kube.create({**web, "spec": {}})
    good(project, "undeploy", **variables)
    assert kube.find(apps_v1.Deployment, MANAGER, SYSTEM) is None
    assert kube.get(WEB, "mine")
    good(project, "undeploy", **variables)
    good(project, "undeploy", "--crds", **variables)
    kube.eventually(lambda: kube.find(CRD, "webservers.my.domain") is None)


def test_a_namespaced_operator_leaves_its_namespace_with_the_objects(made, kube: Cluster) -> None:
    made.init(namespaced=True)
    made.create()
    made.make_manifests()
    variables = {"KUBECONFIG": str(kube.kubeconfig)}
    good(made, "deploy", **variables)
    web = {"apiVersion": "my.domain/v1", "kind": "WebServer"}
    kube.create({**web, "metadata": {"name": "mine", "namespace": SYSTEM}, "spec": {}})
    printed = good(made, "undeploy", **variables)
    stays = f"The namespace {SYSTEM} stays, as objects of the operator's kinds are in it\n"
    assert stays in printed
    assert kube.get(WEB, "mine", SYSTEM)
    good(made, "undeploy", "--crds", **variables)
    kube.eventually(lambda: kube.find(core_v1.Namespace, SYSTEM) is None)


def test_kubectl_is_told_the_context_that_was_printed(
    project, tmp_path: Path, kube: Cluster
) -> None:
    """Another context becoming the current one in the meantime must not matter."""
    log = tmp_path / "calls"
    kubectl = tmp_path / "kubectl"
    kubectl.write_text(f'#!/bin/sh\necho "$@" >> {log}\nexec {shutil.which("kubectl")} "$@"\n')
    kubectl.chmod(0o755)
    variables = {"KUBECTL": str(kubectl)}
    for context in ([], ["--context", "opgen"]):
        for command in ("deploy", "undeploy"):
            good(project, command, *context, "--kubeconfig", str(kube.kubeconfig), **variables)
    calls = [line for line in log.read_text().splitlines() if not line.startswith("kustomize ")]
    acting = [line for line in calls if "current-context" not in line]
    assert len(acting) == 4
    assert all("--context=opgen" in line for line in acting)
    assert all(f"--kubeconfig={kube.kubeconfig}" in line for line in calls)


def test_the_installer_is_one_file_the_same_each_time(project, kube: Cluster) -> None:
    assert "create  dist/install.yaml" in good(project, "build-installer", "--image", IMAGE)
    first = project.read("dist/install.yaml")
    assert "1 unchanged" in good(project, "build-installer", "--image", IMAGE)
    assert project.read("dist/install.yaml") == first
    documents = list(yaml.safe_load_all(first))
    assert documents[0]["kind"] == "Namespace"
    for document in documents:
        kube.apply(document)
    deployment = kube.get(apps_v1.Deployment, MANAGER, SYSTEM)
    assert deployment["spec"]["template"]["spec"]["containers"][0]["image"] == IMAGE
    shown = good(project, "build-installer", "--to", "out/all.yaml", "--dry-run", "-o", "json")
    (action,) = json.loads(shown)["actions"]
    assert action == {"action": "create", "path": "out/all.yaml"}
    assert not (project.root / "out").exists()


def test_the_installer_takes_the_place_of_an_installer_only(project) -> None:
    makefile = project.read("Makefile")
    finished = run(project, "build-installer", "--to", "Makefile")
    assert finished.returncode == 3
    assert "error: Makefile is in the way: it exists and opgen did not write" in finished.stderr
    assert project.read("Makefile") == makefile
    good(project, "build-installer", "--to", "Makefile", "--force")
    assert project.read("Makefile.opgen-old") == makefile


def test_an_image_that_is_none(project) -> None:
    assert refused(project, "deploy", "--image", "My Image") == (
        "error: --image 'My Image' is no reference to an image: it must be like "
        "registry.example.com/name:tag\n"
        "  hint: pass --image with a name in lower case, and a tag or a digest\n"
    )


def test_no_container_for_the_image(project) -> None:
    path = project.root / "config/manager/manager.yaml"
    path.write_text(path.read_text().replace("- name: manager\n", "- name: other\n"))
    patch = project.root / "config/default/manager_metrics_patch.yaml"
    patch.write_text(patch.read_text().replace("- name: manager\n", "- name: other\n"))
    assert refused(project, "deploy", "--image", "web:v1") == (
        "error: no Deployment of config/default has a container named 'manager', whose image "
        "could be set\n"
        "  --> config/manager/manager.yaml\n"
        "  hint: name the operator's container manager\n"
    )


def test_kustomize_refuses(project) -> None:
    path = project.root / "config/default/kustomization.yaml"
    path.write_text(path.read_text().replace("- ../rbac\n", "- ../nowhere\n"))
    message = refused(project, "build-installer")
    assert message.startswith("error: kustomize refuses config/default: ")
    assert "nowhere" in message
    assert not (project.root / "dist").exists()


def test_there_is_no_kubectl(project) -> None:
    for command in ("deploy", "undeploy", "build-installer"):
        assert refused(project, command, KUBECTL="no-such-kubectl") == (
            "error: no-such-kubectl cannot be started: it is not on PATH\n"
            "  hint: install kubectl (https://kubernetes.io/docs/tasks/tools), or set KUBECTL\n"
        )


def test_there_is_no_such_context(project, kube: Cluster) -> None:
    message = refused(project, "deploy", "--context", "other", KUBECONFIG=str(kube.kubeconfig))
    assert "other" in message
    assert kube.find(core_v1.Namespace, SYSTEM) is None


TAGGED = "--build-arg=VERSION=v1"
SEVERAL = [
    "docker-buildx",
    "--image",
    "a:5/web:v1@sha256:" + "0" * 64,
    "--platforms",
    "linux/arm64",
]
NAME = SEVERAL[2]
IMAGES = [
    ("docker", ["docker-build"], ["build --build-arg=VERSION=v0.1.0 --tag web-operator:v0.1.0 ."]),
    ("docker", ["docker-build", "--image", "a:5/web"], ["build --tag a:5/web ."]),
    ("buildah", ["docker-push", "--image", "a:5/web:v1"], ["push a:5/web:v1"]),
    (
        "docker",
        SEVERAL,
        [
            f"buildx build --platform=linux/arm64 {TAGGED} --sbom=true --provenance=mode=max "
            f"--push --tag {NAME} ."
        ],
    ),
    (
        "podman",
        SEVERAL,
        [
            f"build --platform=linux/arm64 {TAGGED} --manifest {NAME} .",
            f"manifest push --all {NAME} docker://{NAME}",
        ],
    ),
]


@pytest.fixture
def container_tool(tmp_path) -> Callable[[str], dict[str, str]]:
    """A tool with a name that tells what it is called with, and nothing else on PATH."""

    def make(name: str) -> dict[str, str]:
        path = tmp_path / "tools" / name
        path.parent.mkdir()
        path.write_text('#!/bin/sh\necho "$PWD: $@"\nexit ${RESULT:-0}\n')
        path.chmod(0o755)
        return {"PATH": str(path.parent)}

    return make


@pytest.mark.parametrize(("name", "arguments", "called"), IMAGES)
def test_images_are_made_with_the_tool_there_is(
    project, container_tool, name, arguments, called
) -> None:
    only = container_tool(name)
    finished = run(project, *arguments, **only)
    assert finished.returncode == 0, finished.stderr
    assert finished.stdout == "".join(f"{project.root}: {one}\n" for one in called)
    told = [f"{name} {one}" for one in called]
    if name == "podman":
        told.insert(0, "podman makes no SBOM; CONTAINER_TOOL=docker does")
    assert finished.stderr.splitlines() == told
    failed = run(project, *arguments, **only, RESULT="3")
    assert failed.returncode == 1
    assert failed.stdout.count("\n") == 1
    finished = run(project, *arguments, **only, CONTAINER_TOOL="nerdctl")
    assert finished.stderr == (
        "error: nerdctl cannot be started: it is not on PATH\n"
        "  hint: install docker, podman or buildah, or set CONTAINER_TOOL\n"
    )


def test_an_image_has_the_commit_in_a_label(project, container_tool) -> None:
    """Before the first commit, and after it."""
    git = shutil.which("git")
    only = container_tool("docker")
    (Path(only["PATH"]) / "git").symlink_to(git)

    def called() -> str:
        return run(project, "docker-build", **only).stdout

    for words, expected in (
        (["init", "--quiet"], ""),
        (["-c", "user.name=a", "-c", "user.email=a@b.c", "commit", "-qm1", "--allow-empty"], "1"),
    ):
        subprocess.run([git, *words], cwd=project.root, check=True)
        assert ("--build-arg=REVISION=" in called()) is bool(expected)
    head = subprocess.run(
        [git, "rev-parse", "HEAD"], cwd=project.root, check=True, capture_output=True, text=True
    )
    assert f"--build-arg=REVISION={head.stdout.strip()} " in called()
