"""Contract: kubectl, old and new, prints the same of both servers."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from opgen.testing import Cluster

pytestmark = pytest.mark.controlplane
MINUTE = 60
CRD = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions/widgets.contract.example.com"
WIDGET = """
apiVersion: contract.example.com/v1
kind: Widget
metadata:
  name: one
spec:
  image: red
  replicas: 2
"""
# What no two servers have in common.
OWN = (
    (r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "UID"),
    (r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", "TIME"),
    (r"\d\d:\d\d:\d\d\.\d+", "TIME"),
    (r"(resourceVersion\\*\"?: ?\\*\"?|Resource Version: +)\d+", r"\1VERSION"),
    (r"\b(\d+m)?\d+s\b", "AGE"),
    (r"https?://[\d.:]+", "SERVER"),
    (r"/tmp/\S*", "FILE"),
    (r" +", " "),
)
Same = Callable[..., str]


@pytest.fixture(scope="module")
def ours(real_cluster: Cluster) -> Iterator[Cluster]:
    definition = real_cluster.request("GET", CRD)
    head = {key: definition[key] for key in ("apiVersion", "kind", "spec")}
    with Cluster.start() as cluster:
        cluster.install(head | {"metadata": {"name": definition["metadata"]["name"]}})
        yield cluster


@pytest.fixture(params=["newest", "on-path"])
def same(
    request: pytest.FixtureRequest,
    control_plane: Any,
    real_cluster: Cluster,
    ours: Cluster,
    tmp_path: Path,
) -> Iterator[Same]:
    """Runs a command on both servers, and gives what both print."""
    newest = str(control_plane.binaries / "kubectl")
    program = newest if request.param == "newest" else shutil.which("kubectl")
    if program is None:
        pytest.skip("kubectl is not on PATH")
    name = f"contract-{uuid.uuid4().hex[:8]}"
    editor = tmp_path / "editor"
    editor.write_text("#!/bin/sh\nsed -i 's/image: .*/image: blue/' \"$1\"\n")
    editor.chmod(0o755)
    environment = {"HOME": str(tmp_path), "EDITOR": str(editor), "PATH": "/usr/bin:/bin"}

    def run(cluster: Cluster, command: str, stdin: str) -> tuple[int, str, str]:
        config = control_plane.kubeconfig if cluster is real_cluster else cluster.kubeconfig
        words = [program, "--kubeconfig", str(config), "--namespace", name, *shlex.split(command)]
        done = subprocess.run(
            words,
            input=stdin,
            capture_output=True,
            text=True,
            env=environment,
            timeout=3 * MINUTE,
            cwd=tmp_path,
        )
        return done.returncode, done.stdout, done.stderr

    def both(command: str, stdin: str = "") -> str:
        printed = []
        for cluster in (real_cluster, ours):
            code, *texts = run(cluster, command, stdin)
            for pattern, replacement in OWN:
                texts = [re.sub(pattern, replacement, text) for text in texts]
            printed.append((code, *texts))
        assert printed[0] == printed[1]
        return printed[0][1] + printed[0][2]

    namespace = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}
    for cluster in (real_cluster, ours):
        cluster.create(namespace)
        _await(cluster, f"/api/v1/namespaces/{name}/serviceaccounts/default")
    yield both
    for cluster in (real_cluster, ours):
        cluster.request("DELETE", f"/api/v1/namespaces/{name}")


def _await(cluster: Cluster, path: str) -> None:
    from opgen.runtime.errors import ApiError

    def is_there() -> bool:
        try:
            return bool(cluster.request("GET", path))
        except ApiError as error:
            assert error.code == 404
            return False

    cluster.eventually(is_there, timeout=3 * MINUTE)


@pytest.mark.parametrize(
    "what",
    [
        *("widget", "widget.spec", "widget.spec.image", "widget.spec.items.name", "widget.nothing"),
        *("widget --recursive", "widget.metadata.labels.x", "nothing", "widget.spec.port"),
        "deployment.spec.template.spec.nothing",
    ],
)
def test_explain(same: Same, what: str) -> None:
    assert same(f"explain {what}")


def test_reading(same: Same) -> None:
    assert "created" in same("apply -f -", WIDGET)
    for form in ("wide", "name", "yaml", "json", "jsonpath={.spec}", "go-template={{.spec.image}}"):
        assert same(f"get widget one -o {form}")
    assert "red" in same("get widgets -o custom-columns=N:.metadata.name,I:.spec.image")
    assert "one" in same("get widgets --show-labels --field-selector metadata.name=one")
    assert "field label not supported" in same("get widgets --field-selector spec.image=red")
    assert "unable to parse requirement" in same("get widgets -l 'a in'")
    assert "not found" in same("get widget nothing")
    assert "the server doesn't have a resource type" in same("get nothing")
    assert "Image: red" in same("describe widget one")
    assert "the server could not find the requested resource" in same("get --raw /apis/apps/v9")


def test_writing(same: Same) -> None:
    same("apply -f -", WIDGET)
    assert "image: blue" in same("diff -f -", WIDGET.replace("red", "blue"))
    assert "unknown field" in same("apply -f -", WIDGET.replace("image", "colour"))
    assert "is invalid" in same("apply -f -", WIDGET.replace("replicas: 2", "replicas: -2"))
    assert "(server dry run)" in same("apply --dry-run=server -f -", WIDGET.replace("red", "x"))
    assert "conflict" in same(
        "apply --server-side --field-manager=other -f -", WIDGET.replace("red", "blue")
    )
    forced = "apply --server-side --field-manager=other --force-conflicts -f -"
    assert "serverside-applied" in same(forced, WIDGET)
    assert "edited" in same("edit widget one")
    assert "blue" in same("get widget one -o yaml")
    assert "patched" in same("""patch widget one --type=merge -p '{"spec":{"image":"x"}}'""")
    assert "strategic-merge-patch+json is not supported" in same(
        """patch widget one -p '{"spec":{"image":"x"}}'"""
    )
    assert "must be" in same("scale widget one --replicas=-1")
    assert "scaled" in same("scale widget one --replicas=3")
    assert "labeled" in same("label widget one a=b")
    assert "already has a value" in same("label widget one a=c")
    assert "unlabeled" in same("label widget one a-")
    assert "annotated" in same("annotate widget one x=y")
    assert "already exists" in same("create -f -", WIDGET)
    assert "replaced" in same("replace -f -", WIDGET)
    assert "condition met" in same("wait widget one --for=jsonpath={.spec.image}=red --timeout=60s")
    assert "timed out" in same("wait widget one --for=condition=Ready --timeout=3s")


@pytest.mark.parametrize("cascade", ["background", "foreground", "orphan"])
def test_deleting(same: Same, cascade: str) -> None:
    same("apply -f -", WIDGET)
    assert "deleted" in same(f"delete widget one --cascade={cascade}")
    assert "not found" in same("delete widget one")
    assert same("delete widget one --ignore-not-found") == ""


def test_a_rollout(same: Same) -> None:
    assert "created" in same("create deployment web --image=nginx:1 --replicas=1")
    same("wait deployment web --for=condition=Available --timeout=120s")
    assert "1/1" in same("get deployment web")
    assert "1" in same("rollout history deployment/web")
    for verb in ("pause", "resume", "restart"):
        assert "web" in same(f"rollout {verb} deployment/web")
    assert "autoscaled" in same("autoscale deployment web --min=1 --max=3")
    assert "exposed" in same("expose deployment web --port=80")
    assert "image updated" in same("set image deployment/web nginx=nginx:2")


def test_kinds_that_are_made_by_name(same: Same) -> None:
    assert "created" in same("create configmap c --from-literal=a=b")
    assert "created" in same("create secret generic s --from-literal=a=b")
    assert "created" in same("create serviceaccount robot")
    assert "created" in same("create role r --verb=get,list --resource=pods,widgets")
    assert "created" in same("create rolebinding b --role=r --serviceaccount=default:robot")
    assert "created" in same("create ingress i --rule=a.example.com/x=web:80")
    assert "a.example.com" in same("get ingress i")
    assert "created" in same("create cronjob cj --image=x --schedule='*/5 * * * *'")
    assert "created" in same("create quota q --hard=pods=10")
    assert "PolicyRule" in same("describe role r")
    assert "robot" in same("describe rolebinding b")
    assert "1 bytes" in same("describe secret s")


def test_rights(same: Same) -> None:
    me = "--as=system:serviceaccount:default:robot"
    assert same("auth can-i create widgets") == "yes\n"
    assert "no" in same(f"auth can-i delete pods {me}")
    assert "cannot list resource" in same(f"get secrets {me}")
    assert "cannot delete resource" in same(f"delete widget one {me}")


def test_what_there_is_not(same: Same) -> None:
    assert "Metrics API not available" in same("top pods")
    for command in ("exec nothere -- ls", "port-forward pod/nothere 1:2", "logs nothere"):
        assert 'pods "nothere" not found' in same(command)
    assert same("api-resources --api-group=apps")
