"""Other people's clients: helm, kustomize in kubectl, and the official Python client."""

from __future__ import annotations

import json
import os
import subprocess
import warnings
from pathlib import Path
from typing import Any

import pytest

from opgen.k8s import apps_v1, core_v1
from opgen.runtime.transport import Transport
from opgen.testing import Cluster, builders

CHART = {
    "Chart.yaml": "apiVersion: v2\nname: web\nversion: 0.1.0\n",
    "values.yaml": "replicas: 1\n",
    "templates/deployment.yaml": """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ .Release.Name }}
spec:
  replicas: {{ .Values.replicas }}
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: web, image: nginx}]}
""",
    "templates/service.yaml": """\
apiVersion: v1
kind: Service
metadata:
  name: {{ .Release.Name }}
spec:
  selector: {app: web}
  ports: [{port: 80}]
""",
}


def write(folder: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return folder


def run(*command: str | Path, home: Path) -> str:
    environment = os.environ | {"HOME": str(home)}
    finished = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    assert finished.returncode == 0, finished.stderr
    return finished.stdout


@pytest.mark.parametrize("tls", [False, True], ids=["http", "https"])
def test_helm(helm: Path, tmp_path: Path, tls: bool) -> None:
    chart = str(write(tmp_path / "web", CHART))
    with Cluster.start(tls=tls) as cluster:
        config = ("--kubeconfig", str(cluster.kubeconfig))
        planned = run(helm, "install", "one", chart, "--dry-run=server", *config, home=tmp_path)
        assert "kind: Deployment" in planned
        assert cluster.find(apps_v1.Deployment, "one") is None
        run(helm, "install", "one", chart, "--wait", *config, home=tmp_path)
        assert cluster.get(apps_v1.Deployment, "one")["status"]["readyReplicas"] == 1
        upgrade = ("upgrade", "one", chart, "--set", "replicas=3", "--wait")
        run(helm, *upgrade, *config, home=tmp_path)
        assert cluster.get(apps_v1.Deployment, "one")["status"]["readyReplicas"] == 3
        assert "deployed" in run(helm, "status", "one", *config, home=tmp_path)
        run(helm, "uninstall", "one", *config, home=tmp_path)
        cluster.eventually(lambda: cluster.find(apps_v1.Deployment, "one") is None)
        assert cluster.find(core_v1.Service, "one") is None


def test_kustomize(control_plane_binaries: Path, tmp_path: Path) -> None:
    files = {
        "kustomization.yaml": "namePrefix: my-\nresources: [map.yaml]\n",
        "map.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: map}\ndata: {a: '1'}\n",
    }
    folder = write(tmp_path / "base", files)
    with Cluster.start() as cluster:
        kubectl = control_plane_binaries / "kubectl"
        config = ("--kubeconfig", str(cluster.kubeconfig))
        printed = run(kubectl, "apply", "-k", str(folder), *config, home=tmp_path)
        assert printed == "configmap/my-map created\n"
        assert cluster.get(core_v1.ConfigMap, "my-map")["data"] == {"a": "1"}


TABLE = "application/json;as=Table;v=v1;g=meta.k8s.io,application/json"


def test_all_kinds_are_listed_and_watched_as_tables() -> None:
    """What terminal dashboards ask for: every kind in every namespace, as tables."""
    with Cluster.start() as cluster:
        cluster.create(builders.deployment("web", replicas=1))
        ready = cluster.eventually
        ready(lambda: cluster.get(apps_v1.Deployment, "web")["status"].get("readyReplicas"))
        groups = cluster.request("GET", "/apis")["groups"]
        roots = ["/api/v1"] + [
            f"/apis/{version['groupVersion']}" for group in groups for version in group["versions"]
        ]
        paths = [
            f"{root}/{item['name']}"
            for root in roots
            for item in cluster.request("GET", root)["resources"]
            if {"list", "watch"} <= set(item["verbs"]) and "/" not in item["name"]
        ]
        assert len(paths) > 50
        for path in paths:
            listed = table(cluster, path)
            assert listed["kind"] == "Table", path
            names = [column["name"] for column in listed["columnDefinitions"]]
            assert "Name" in names or "Reason" in names, path
            query = {"watch": "true", "timeoutSeconds": "1", "resourceVersion": "0"}
            for row in (listed["rows"] or [])[:1]:
                event = table(cluster, path, **query)
                assert event["type"] == "ADDED", path
                assert event["object"]["rows"][0]["cells"][0] == row["cells"][0], path


def table(cluster: Cluster, path: str, **query: str) -> Any:
    """A list as a table, or the first event of a watch."""

    async def first() -> bytes:
        transport = Transport(cluster.config)
        try:
            if not query:
                return (await transport.send("GET", path, accept=TABLE)).body
            async with transport.stream(path, params=query, accept=TABLE) as chunks:
                return (await anext(chunks)).partition(b"\n")[0]
        finally:
            await transport.close()

    return json.loads(cluster.run(first()))


def test_the_official_python_client() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        client = pytest.importorskip("kubernetes").client
        watch = pytest.importorskip("kubernetes").watch
        with Cluster.start() as cluster:
            settings = client.Configuration(host=cluster.config.server)
            with client.ApiClient(settings) as connection:
                api = client.CoreV1Api(connection)
                about = client.V1ObjectMeta(name="a", labels={"x": "y"})
                made = api.create_namespaced_config_map(
                    "default", client.V1ConfigMap(metadata=about, data={"a": "1"})
                )
                assert made.metadata.uid
                api.patch_namespaced_config_map("a", "default", {"data": {"a": "2"}})
                listed = api.list_namespaced_config_map("default", label_selector="x=y")
                assert [item.data for item in listed.items] == [{"a": "2"}]
                stream = watch.Watch().stream(
                    api.list_namespaced_config_map,
                    "default",
                    label_selector="x=y",
                    timeout_seconds=1,
                )
                assert next(iter(stream))["object"].metadata.name == "a"
                apps = client.AppsV1Api(connection)
                labels = {"app": "web"}
                container = client.V1Container(name="web", image="nginx")
                template = client.V1PodTemplateSpec(
                    metadata=client.V1ObjectMeta(labels=labels),
                    spec=client.V1PodSpec(containers=[container]),
                )
                spec = client.V1DeploymentSpec(
                    selector=client.V1LabelSelector(match_labels=labels), template=template
                )
                apps.create_namespaced_deployment(
                    "default",
                    client.V1Deployment(metadata=client.V1ObjectMeta(name="web"), spec=spec),
                )
                cluster.eventually(
                    lambda: apps.read_namespaced_deployment("web", "default").status.ready_replicas
                )
                with pytest.raises(client.ApiException) as error:
                    api.read_namespaced_config_map("none", "default")
                assert error.value.status == 404
                api.delete_namespaced_config_map("a", "default")
