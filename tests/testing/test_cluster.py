"""`Cluster`, the fixture `kube`, waiting, faults and the request log."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import time
from typing import Any

import pytest

from opgen.api import ResourceKind
from opgen.k8s import apps_v1, core_v1
from opgen.runtime.client import ApiError, Client
from opgen.testing import ApiServer, Cluster, Fault
from opgen.testing.clock import ManualClock

GADGET = ResourceKind("testing.example.com", "v1", "Gadget", "gadgets")
CRD: dict[str, Any] = {
    "apiVersion": "apiextensions.k8s.io/v1",
    "kind": "CustomResourceDefinition",
    "metadata": {"name": "gadgets.testing.example.com"},
    "spec": {
        "group": GADGET.group,
        "scope": "Namespaced",
        "names": {"plural": GADGET.plural, "kind": GADGET.kind},
        "versions": [
            {
                "name": "v1",
                "served": True,
                "storage": True,
                "schema": {
                    "openAPIV3Schema": {
                        "type": "object",
                        "properties": {
                            "spec": {"type": "object", "x-kubernetes-preserve-unknown-fields": True}
                        },
                    }
                },
            }
        ],
    },
}


def config_map(name: str = "a", **data: str) -> dict[str, Any]:
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}, "data": data}


def test_create_get_list_and_delete(kube: Cluster) -> None:
    kube.create(config_map(x="1"))
    assert kube.get(core_v1.ConfigMap, "a")["data"] == {"x": "1"}
    names = [item["metadata"]["name"] for item in kube.list(core_v1.ConfigMap, "default")]
    assert names == ["a", "kube-root-ca.crt"]
    kube.delete(core_v1.ConfigMap, "a")
    assert kube.find(core_v1.ConfigMap, "a") is None


def test_every_test_has_a_cluster_of_its_own(kube: Cluster) -> None:
    with Cluster.start() as other:
        other.create(config_map())
        assert kube.find(core_v1.ConfigMap, "a") is None


def test_install_reads_files_and_folders(kube: Cluster, tmp_path: Any) -> None:
    import yaml

    (tmp_path / "crd.yaml").write_text(yaml.safe_dump(CRD))
    kube.install(tmp_path)
    kube.create(
        {"apiVersion": "testing.example.com/v1", "kind": "Gadget", "metadata": {"name": "g"}}
    )
    assert kube.get(GADGET, "g")["kind"] == "Gadget"
    kube.install(tmp_path / "crd.yaml")


def test_install_says_what_is_missing(kube: Cluster, tmp_path: Any) -> None:
    with pytest.raises(Exception, match="cannot read"):
        kube.install(tmp_path / "none.yaml")


def test_install_refuses_what_is_no_object(kube: Cluster, tmp_path: Any) -> None:
    path = tmp_path / "x.yaml"
    path.write_text("- just\n- a list\n")
    with pytest.raises(Exception, match="no Kubernetes object"):
        kube.install(path)


def test_a_kind_that_is_not_served(kube: Cluster) -> None:
    with pytest.raises(LookupError, match="has no kind Nothing"):
        kube.create({"apiVersion": "v1", "kind": "Nothing", "metadata": {"name": "x"}})


def test_errors_are_those_of_the_server(kube: Cluster) -> None:
    kube.create(config_map())
    with pytest.raises(ApiError, match='configmaps "a" already exists') as raised:
        kube.create(config_map())
    assert raised.value.code == 409


def test_apply_patch_and_scale(kube: Cluster) -> None:
    labels = {"a": "b"}
    pod = {"containers": [{"name": "c", "image": "i:1"}]}
    deployment = {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "d"},
        "spec": {
            "replicas": 1,
            "selector": {"matchLabels": labels},
            "template": {"metadata": {"labels": labels}, "spec": pod},
        },
    }
    kube.apply(deployment)
    kube.scale(apps_v1.Deployment, "d", 3)
    kube.eventually(lambda: kube.get(apps_v1.Deployment, "d")["status"].get("readyReplicas") == 3)
    kube.patch(apps_v1.Deployment, "d", [{"op": "replace", "path": "/spec/replicas", "value": 0}])
    kube.eventually(lambda: not kube.list(core_v1.Pod))


def test_eventually_returns_what_the_check_gave(kube: Cluster) -> None:
    kube.create(config_map(x="1"))
    assert kube.eventually(lambda: kube.find(core_v1.ConfigMap, "a"))["data"] == {"x": "1"}


def test_eventually_waits_while_assertions_fail(kube: Cluster) -> None:
    attempts = []

    def check() -> bool:
        attempts.append(1)
        if len(attempts) == 1:
            kube.create(config_map())
        assert len(attempts) > 1
        return True

    assert kube.eventually(check)


def test_eventually_says_what_happened_last(kube: Cluster) -> None:
    kube.create(config_map("witness"))
    with pytest.raises(AssertionError) as raised:
        kube.eventually(lambda: None, timeout=0)
    assert "did not happen within 0 s; the check gave None" in str(raised.value)
    assert "ADDED    configmaps default/witness" in str(raised.value)


def test_eventually_raises_other_errors_at_once(kube: Cluster) -> None:
    kube.faults.add(Fault(verb="get", resource="configmaps", code=403))
    with pytest.raises(ApiError, match="403"):
        kube.eventually(lambda: kube.get(core_v1.ConfigMap, "a"))


def test_the_request_log(kube: Cluster) -> None:
    kube.create(config_map())
    kube.find(core_v1.ConfigMap, "nobody")
    (write,) = kube.writes
    assert (write.method, write.resource, write.user, write.code) == (
        "POST",
        "configmaps",
        "system:admin",
        201,
    )
    last = kube.requests[-1]
    assert (last.verb, last.name, last.code) == ("get", "nobody", 404)


def test_a_fault_happens_as_often_as_asked(kube: Cluster) -> None:
    kube.faults.add(Fault(verb="create", resource="configmaps", code=503, times=2))
    for _ in range(2):
        with pytest.raises(ApiError, match="503"):
            kube.create(config_map())
    kube.create(config_map())


def test_a_delay(kube: Cluster) -> None:
    kube.faults.add(Fault(verb="create", delay=0.2))
    began = time.perf_counter()
    kube.create(config_map())
    assert time.perf_counter() - began >= 0.2


def test_a_dropped_connection(kube: Cluster) -> None:
    kube.faults.add(Fault(verb="create", drop=True))
    with pytest.raises(Exception, match="cannot reach"):
        kube.request("POST", "/api/v1/namespaces/default/configmaps", body=config_map())
    assert kube.create(config_map())


def test_faults_can_be_cancelled(kube: Cluster) -> None:
    kube.faults.add(Fault(code=500, times=None))
    with pytest.raises(ApiError, match="500"):
        kube.create(config_map())
    kube.faults.clear()
    assert kube.create(config_map())["metadata"]["name"] == "a"


def test_what_only_the_in_process_server_has(kube: Cluster) -> None:
    with Cluster(kube.config) as remote, pytest.raises(RuntimeError, match="in-process"):
        _ = remote.requests


def test_a_remote_cluster(kube: Cluster) -> None:
    with Cluster(kube.config) as remote:
        remote.install(CRD)
        remote.create(config_map())
        assert remote.eventually(lambda: remote.find(core_v1.ConfigMap, "a"))
        assert kube.find(core_v1.ConfigMap, "a")


def test_a_watch_from_a_forgotten_version_gets_410() -> None:
    async def scenario() -> dict[str, Any]:
        async with ApiServer() as server, Client(server.config) as client:
            old = (await client.create(core_v1.ConfigMap, config_map("a")))["metadata"]
            await client.create(core_v1.ConfigMap, config_map("b"))
            server.machinery.store.collection(("", "configmaps")).forget()
            version = old["resourceVersion"]
            async for event in client.watch(core_v1.ConfigMap, resource_version=version):
                return event
            return {}

    event = asyncio.run(scenario())
    assert event["type"] == "ERROR"
    assert (event["object"]["code"], event["object"]["reason"]) == (410, "Expired")
    assert event["object"]["message"].startswith("too old resource version: ")


def test_a_running_watch_can_be_expired_and_closed() -> None:
    async def scenario() -> list[str]:
        seen = []
        async with ApiServer() as server, Client(server.config) as client:
            async for event in client.watch(core_v1.Namespace):
                seen.append(event["type"])
                if seen == ["ADDED"] * 4:
                    for watch in tuple(server.front.watches):
                        watch.expire()
        return seen

    assert asyncio.run(scenario()) == ["ADDED"] * 4 + ["ERROR"]


def test_time_can_be_decided() -> None:
    async def scenario() -> tuple[str, int]:
        clock = ManualClock(0.0)
        async with ApiServer(clock=clock) as server, Client(server.config) as client:
            path = "/api/v1/namespaces/default/serviceaccounts/default/token"
            request = {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest"}
            answer = await client.request("POST", path, body=request)
            token = answer["status"]["token"]
            clock.advance(3601)
            made = await client.create(core_v1.ConfigMap, config_map())
            async with Client(server.config_for(token)) as late:
                try:
                    await late.list(core_v1.Pod)
                except ApiError as error:
                    return made["metadata"]["creationTimestamp"], error.code
            return "", 0

    assert asyncio.run(scenario()) == ("1970-01-01T01:00:01Z", 401)


def test_the_plugin_imports_nothing_heavy() -> None:
    code = (
        "import sys, opgen.testing.pytest_plugin;"
        "print(sorted({'aiohttp', 'msgspec', 'yaml', 'opgen.testing.cluster'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_closing_twice_is_fine() -> None:
    cluster = Cluster.start()
    cluster.close()
    cluster.close()
