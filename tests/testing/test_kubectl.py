"""kubectl against the in-process API server."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from opgen.testing import Cluster

MINUTE = 60
CRD: dict[str, Any] = {
    "apiVersion": "apiextensions.k8s.io/v1",
    "kind": "CustomResourceDefinition",
    "metadata": {"name": "gadgets.kubectl.example.com"},
    "spec": {
        "group": "kubectl.example.com",
        "scope": "Namespaced",
        "names": {"plural": "gadgets", "kind": "Gadget", "shortNames": ["gd"]},
        "versions": [
            {
                "name": "v1",
                "served": True,
                "storage": True,
                "subresources": {
                    "status": {},
                    "scale": {
                        "specReplicasPath": ".spec.replicas",
                        "statusReplicasPath": ".status.replicas",
                    },
                },
                "additionalPrinterColumns": [
                    {"name": "Image", "type": "string", "jsonPath": ".spec.image"},
                    {"name": "Replicas", "type": "integer", "jsonPath": ".spec.replicas"},
                ],
                "schema": {
                    "openAPIV3Schema": {
                        "description": "A Gadget does things.",
                        "type": "object",
                        "properties": {
                            "spec": {
                                "description": "What it shall do.",
                                "type": "object",
                                "properties": {
                                    "image": {
                                        "description": "What it looks like.",
                                        "type": "string",
                                    },
                                    "replicas": {"type": "integer", "minimum": 0},
                                },
                            },
                            "status": {
                                "type": "object",
                                "x-kubernetes-preserve-unknown-fields": True,
                            },
                        },
                    }
                },
            }
        ],
    },
}
GADGET = """
apiVersion: kubectl.example.com/v1
kind: Gadget
metadata:
  name: one
spec:
  image: red
  replicas: 2
"""
Run = Callable[..., str]


class Failed(Exception):
    """kubectl ended with an error; the message is what it printed."""


@pytest.fixture
def cluster() -> Iterator[Cluster]:
    with Cluster.start() as cluster:
        cluster.install(CRD)
        yield cluster


@pytest.fixture
def program(request: pytest.FixtureRequest) -> str:
    """The kubectl on PATH, or else that of the control plane."""
    found = shutil.which("kubectl")
    if found is not None:
        return found
    binaries: Path = request.getfixturevalue("control_plane_binaries")
    return str(binaries / "kubectl")


@pytest.fixture
def kubectl(cluster: Cluster, tmp_path: Path, program: str) -> Run:
    environment = {"PATH": os.environ["PATH"], "HOME": str(tmp_path)}
    command = [program, "--kubeconfig", str(cluster.kubeconfig)]

    def run(*arguments: str, stdin: str | None = None) -> str:
        done = subprocess.run(
            [*command, *arguments],
            input=stdin,
            capture_output=True,
            text=True,
            env=environment,
            timeout=3 * MINUTE,
            cwd=tmp_path,
        )
        if done.returncode:
            raise Failed(done.stderr)
        return done.stdout

    return run


def rows(text: str) -> list[list[str]]:
    return [line.split() for line in text.splitlines()]


def test_get_prints_the_columns_of_the_definition(kubectl: Run) -> None:
    kubectl("create", "-f", "-", stdin=GADGET)
    assert rows(kubectl("get", "gadgets")) == [["NAME", "IMAGE", "REPLICAS"], ["one", "red", "2"]]
    assert rows(kubectl("get", "gd", "one", "--no-headers")) == [["one", "red", "2"]]


def test_get_prints_names_and_documents(kubectl: Run) -> None:
    kubectl("create", "-f", "-", stdin=GADGET)
    assert kubectl("get", "gd", "-o", "name") == "gadget.kubectl.example.com/one\n"
    assert json.loads(kubectl("get", "gd", "one", "-o", "json"))["spec"]["image"] == "red"
    assert kubectl("get", "gd", "one", "-o", "jsonpath={.spec.replicas}") == "2"


def test_get_of_nothing(kubectl: Run) -> None:
    assert kubectl("get", "gadgets") == ""
    with pytest.raises(Failed, match=r'gadgets\.kubectl\.example\.com "one" not found'):
        kubectl("get", "gadget", "one")


def test_get_and_describe_show_the_node_of_a_pod(kubectl: Run) -> None:
    kubectl("run", "p", "--image=nginx")
    kubectl("wait", "--for=condition=Ready", "pod/p")
    assert rows(kubectl("get", "pod", "p", "-o", "wide"))[1][6] == "opgen-node"
    [head, [name, status, roles, _age, version]] = rows(kubectl("get", "nodes"))
    assert head == ["NAME", "STATUS", "ROLES", "AGE", "VERSION"]
    assert (name, status, roles, version) == ("opgen-node", "Ready", "<none>", "v1.36.0+opgen")
    assert "opgen-node/192.168.0.2" in kubectl("describe", "pod", "p")
    described = [row[:2] for row in rows(kubectl("describe", "node", "opgen-node"))]
    assert ["Ready", "True"] in described
    assert ["default", "p"] in described


def test_a_pod_that_is_not_restarted_ends(kubectl: Run) -> None:
    kubectl("run", "p", "--image=nginx", "--restart=Never")
    kubectl("wait", "--for=jsonpath={.status.phase}=Succeeded", "pod/p")
    assert rows(kubectl("get", "pods"))[1][:3] == ["p", "0/1", "Completed"]


def test_watching(cluster: Cluster, kubectl: Run, tmp_path: Path) -> None:
    kubectl("create", "-f", "-", stdin=GADGET)
    command = ["kubectl", "--kubeconfig", str(cluster.kubeconfig), "get", "gd", "-w"]
    environment = {"PATH": os.environ["PATH"], "HOME": str(tmp_path)}
    watcher = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment)
    try:
        assert watcher.stdout is not None
        assert watcher.stdout.readline().split() == ["NAME", "IMAGE", "REPLICAS"]
        assert watcher.stdout.readline().split() == ["one", "red", "2"]
        kubectl("scale", "gadget/one", "--replicas=5")
        assert watcher.stdout.readline().split() == ["one", "red", "5"]
    finally:
        watcher.terminate()
        watcher.communicate(timeout=MINUTE)


def test_client_side_apply(kubectl: Run) -> None:
    assert "created" in kubectl("apply", "-f", "-", stdin=GADGET)
    assert "unchanged" in kubectl("apply", "-f", "-", stdin=GADGET)
    changed = GADGET.replace("image: red", "image: blue").replace("  replicas: 2\n", "")
    assert "configured" in kubectl("apply", "-f", "-", stdin=changed)
    spec = json.loads(kubectl("get", "gd", "one", "-o", "json"))["spec"]
    assert spec == {"image": "blue"}


def test_client_side_apply_of_built_in_kinds(kubectl: Run) -> None:
    manifest = kubectl(
        "create", "deployment", "web", "--image=nginx:1", "--dry-run=client", "-o", "yaml"
    )
    assert "created" in kubectl("apply", "-f", "-", stdin=manifest)
    assert "configured" in kubectl("apply", "-f", "-", stdin=manifest.replace("nginx:1", "nginx:2"))
    image = "jsonpath={.spec.template.spec.containers[*].image}"
    assert kubectl("get", "deployment", "web", "-o", image) == "nginx:2"


def test_client_side_validation(kubectl: Run) -> None:
    with pytest.raises(Failed, match=r'unknown field "spec\.colour"'):
        kubectl("apply", "-f", "-", stdin=GADGET.replace("image:", "colour:"))


def test_what_the_schema_forbids(kubectl: Run) -> None:
    text = 'The Gadget "one" is invalid'
    with pytest.raises(Failed, match=text):
        kubectl("apply", "-f", "-", stdin=GADGET.replace("replicas: 2", "replicas: -2"))


def test_server_side_apply(kubectl: Run) -> None:
    assert "serverside-applied" in kubectl("apply", "--server-side", "-f", "-", stdin=GADGET)
    other = GADGET.replace("red", "blue")
    with pytest.raises(Failed, match=r'conflict with "kubectl": \.spec\.image'):
        kubectl("apply", "--server-side", "--field-manager=me", "-f", "-", stdin=other)
    force = ("--field-manager=me", "--force-conflicts")
    assert "applied" in kubectl("apply", "--server-side", *force, "-f", "-", stdin=other)


def test_from_client_side_to_server_side_apply(kubectl: Run) -> None:
    kubectl("apply", "-f", "-", stdin=GADGET)
    kubectl("apply", "--server-side", "-f", "-", stdin=GADGET)
    less = GADGET.replace("  image: red\n", "")
    kubectl("apply", "--server-side", "-f", "-", stdin=less)
    assert kubectl("get", "gd", "one", "-o", "jsonpath={.spec}") == '{"replicas":2}'


def test_kustomize(kubectl: Run, tmp_path: Path) -> None:
    (tmp_path / "gadget.yaml").write_text(GADGET)
    (tmp_path / "kustomization.yaml").write_text("resources: [gadget.yaml]\nnamePrefix: my-\n")
    assert "gadget.kubectl.example.com/my-one created" in kubectl("apply", "-k", str(tmp_path))
    assert "deleted" in kubectl("delete", "-k", str(tmp_path))


@pytest.mark.parametrize(
    ("kind", "patch"),
    [
        ("merge", '{"spec":{"image":"green"}}'),
        ("json", '[{"op":"replace","path":"/spec/image","value":"green"}]'),
    ],
)
def test_patch(kubectl: Run, kind: str, patch: str) -> None:
    kubectl("apply", "-f", "-", stdin=GADGET)
    assert "patched" in kubectl("patch", "gd", "one", f"--type={kind}", "-p", patch)
    assert kubectl("get", "gd", "one", "-o", "jsonpath={.spec.image}") == "green"


def test_patch_of_a_subresource(kubectl: Run) -> None:
    kubectl("apply", "-f", "-", stdin=GADGET)
    patch = '{"status":{"replicas":2}}'
    kubectl("patch", "gd", "one", "--subresource=status", "--type=merge", "-p", patch)
    assert kubectl("get", "gd", "one", "-o", "jsonpath={.status.replicas}") == "2"


def test_scale(kubectl: Run) -> None:
    kubectl("apply", "-f", "-", stdin=GADGET)
    assert "scaled" in kubectl("scale", "gadget/one", "--replicas=4")
    assert kubectl("get", "gd", "one", "-o", "jsonpath={.spec.replicas}") == "4"
    with pytest.raises(Failed, match="Expected replicas to be 9"):
        kubectl("scale", "gadget/one", "--current-replicas=9", "--replicas=1")


@pytest.mark.parametrize("cascade", ["background", "foreground", "orphan"])
def test_delete_waits(kubectl: Run, cascade: str) -> None:
    kubectl("apply", "-f", "-", stdin=GADGET)
    assert "deleted" in kubectl("delete", "gd", "one", f"--cascade={cascade}", "--timeout=120s")
    assert kubectl("get", "gd", "--ignore-not-found") == ""


def test_describe(kubectl: Run) -> None:
    kubectl("apply", "-f", "-", stdin=GADGET)
    text = kubectl("describe", "gadget", "one")
    assert "Kind:         Gadget" in text
    assert "Image:     red" in text
    assert "Events:    <none>" in text or "Events:      <none>" in text


def test_describe_shows_events(cluster: Cluster, kubectl: Run) -> None:
    kubectl("apply", "-f", "-", stdin=GADGET)
    made = json.loads(kubectl("get", "gd", "one", "-o", "json"))
    about = {
        "apiVersion": made["apiVersion"],
        "kind": "Gadget",
        "name": "one",
        "namespace": "default",
        "uid": made["metadata"]["uid"],
    }
    event = {
        "apiVersion": "events.k8s.io/v1",
        "kind": "Event",
        "metadata": {"name": "e", "namespace": "default"},
        "eventTime": "2026-01-02T03:04:05.000000Z",
        "reportingController": "example.com/c",
        "reportingInstance": "i",
        "action": "Painting",
        "reason": "Painted",
        "note": "it is red now",
        "type": "Normal",
        "regarding": about,
    }
    cluster.create(event)
    assert "it is red now" in kubectl("describe", "gadget", "one")
    assert "Painted" in kubectl("get", "events")


def test_explain(kubectl: Run) -> None:
    text = kubectl("explain", "gadget.spec")
    assert "What it shall do." in text
    assert "What it looks like." in text
    assert "image" in text
    assert "replicas\t<integer>" in kubectl("explain", "deployment.spec")


def test_api_resources(kubectl: Run) -> None:
    lines = rows(kubectl("api-resources", "--api-group=kubectl.example.com"))
    assert lines[1] == ["gadgets", "gd", "kubectl.example.com/v1", "true", "Gadget"]
    assert ["deployments", "deploy", "apps/v1", "true", "Deployment"] in rows(
        kubectl("api-resources")
    )


def test_wait(kubectl: Run) -> None:
    kubectl("apply", "-f", "-", stdin=GADGET)
    conditions = '{"status":{"conditions":[{"type":"Ready","status":"True"}]}}'
    kubectl("patch", "gd", "one", "--subresource=status", "--type=merge", "-p", conditions)
    assert "condition met" in kubectl("wait", "--for=condition=Ready", "gd/one", "--timeout=120s")
    jsonpath = "--for=jsonpath={.spec.replicas}=2"
    assert "condition met" in kubectl("wait", jsonpath, "gd/one", "--timeout=120s")
    kubectl("delete", "gd", "one")
    kubectl("wait", "--for=delete", "gd/one", "--timeout=120s")


def test_a_rollout(kubectl: Run) -> None:
    kubectl("create", "deployment", "web", "--image=nginx:1", "--replicas=3")
    assert "successfully rolled out" in kubectl(
        "rollout", "status", "deployment/web", "--timeout=120s"
    )
    kubectl("set", "image", "deployment/web", "nginx=nginx:2")
    assert "successfully rolled out" in kubectl(
        "rollout", "status", "deployment/web", "--timeout=120s"
    )
    assert rows(kubectl("get", "deployment", "web"))[1][:4] == ["web", "3/3", "3", "3"]
    assert "2 " in kubectl("rollout", "history", "deployment/web")
    kubectl("rollout", "undo", "deployment/web")
    image = "jsonpath={.spec.template.spec.containers[*].image}"
    assert kubectl("get", "deployment", "web", "-o", image) == "nginx:1"


def test_a_rollout_that_cannot_succeed(cluster: Cluster, kubectl: Run) -> None:
    kubectl("create", "deployment", "web", "--image=does-not-exist:1")
    cluster.eventually(
        lambda: (
            [row[1:3] for row in rows(kubectl("get", "pods"))][1:] == [["0/1", "ImagePullBackOff"]]
        ),
        timeout=MINUTE,
    )
    with pytest.raises(Failed, match="timed out"):
        kubectl("rollout", "status", "deployment/web", "--timeout=3s")


def test_namespaces(kubectl: Run) -> None:
    assert kubectl("create", "namespace", "team") == "namespace/team created\n"
    kubectl("apply", "-n", "team", "-f", "-", stdin=GADGET)
    assert rows(kubectl("get", "gd", "-A"))[1][:2] == ["team", "one"]
    kubectl("delete", "namespace", "team", "--timeout=120s")
    assert kubectl("get", "gd", "-A") == ""


def test_kinds_that_kubectl_sends_as_protobuf(kubectl: Run) -> None:
    kubectl("create", "configmap", "c", "--from-literal=a=b")
    assert kubectl("get", "configmap", "c", "-o", "jsonpath={.data}") == '{"a":"b"}'
    kubectl("create", "secret", "generic", "s", "--from-literal=a=b")
    assert kubectl("get", "secret", "s", "-o", "jsonpath={.data.a}") == "Yg=="
    kubectl("create", "serviceaccount", "robot")
    kubectl("create", "role", "r", "--verb=get,list", "--resource=pods")
    kubectl("create", "rolebinding", "b", "--role=r", "--serviceaccount=default:robot")
    assert len(kubectl("create", "token", "robot").split(".")) == 3


def test_rights(kubectl: Run) -> None:
    assert kubectl("auth", "can-i", "create", "gadgets") == "yes\n"


def test_expose(kubectl: Run) -> None:
    kubectl("create", "deployment", "web", "--image=nginx:1")
    kubectl("expose", "deployment", "web", "--port=80", "--type=NodePort")
    line = rows(kubectl("get", "service", "web"))[1]
    assert (line[0], line[1]) == ("web", "NodePort")
    assert line[4].startswith("80:3")


def test_several_kinds_at_once(kubectl: Run) -> None:
    kubectl("create", "deployment", "web", "--image=nginx:1")
    kubectl("rollout", "status", "deployment/web", "--timeout=120s")
    text = kubectl("get", "all")
    assert "deployment.apps/web" in text
    assert "replicaset.apps/web-" in text
    assert "pod/web-" in text
