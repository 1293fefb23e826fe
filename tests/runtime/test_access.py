"""Missing rights are named before the first reconcile."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from opgen.api import Problems, ResourceKind, kind_of
from opgen.k8s import apps_v1, core_v1
from opgen.manifests.rbac import rules_of
from opgen.runtime import Context, controller, rbac
from opgen.runtime.access import rights
from opgen.runtime.client import Client
from opgen.runtime.manager import Manager, Options
from opgen.testing.server import ApiServer

ROLE = "/apis/rbac.authorization.k8s.io/v1/clusterroles"
BINDING = "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings"
API = "rbac.authorization.k8s.io"


@controller(
    core_v1.ConfigMap,
    owns=(apps_v1.Deployment,),
    rbac=[rbac(groups=[""], resources=["pods/exec"], verbs=["create"])],
)
class Deploys:
    async def reconcile(self, obj: Any, ctx: Context) -> None:
        raise AssertionError("must not be reached")


async def server_with_rights(server: ApiServer, rules: list[dict[str, Any]]) -> Any:
    async with Client(server.config) as admin:
        account = {"metadata": {"name": "op"}}
        await admin.create(core_v1.ServiceAccount, account, "default")
        path = "/api/v1/namespaces/default/serviceaccounts/op/token"
        answer = await admin.request("POST", path, body={"spec": {}})
        role = {"apiVersion": f"{API}/v1", "kind": "ClusterRole", "metadata": {"name": "op"}}
        await admin.request("POST", ROLE, body=role | {"rules": rules})
        binding = role | {
            "kind": "ClusterRoleBinding",
            "roleRef": {"apiGroup": API, "kind": "ClusterRole", "name": "op"},
            "subjects": [{"kind": "ServiceAccount", "name": "op", "namespace": "default"}],
        }
        await admin.request("POST", BINDING, body=binding)
    return server.config_for(answer["status"]["token"])


RULES = [
    {"apiGroups": [""], "resources": ["configmaps"], "verbs": ["list", "watch"]},
    {"apiGroups": ["apps"], "resources": ["deployments"], "verbs": ["list", "watch", "create"]},
]


def test_what_is_missing_is_named_with_the_rule_to_add(run: Any) -> None:
    async def scenario() -> None:
        async with ApiServer() as server:
            config = await server_with_rights(server, RULES)
            manager = Manager(config, [Deploys], Options(check_access=True))
            await manager.run(asyncio.Event())

    with pytest.raises(Problems) as problems:
        run(scenario())
    first, *events, second = problems.value.problems
    assert first.message == "not allowed to patch deployments in group apps"
    assert 'rbac(groups=["apps"], resources=["deployments"], verbs=["patch"])' in first.hint
    assert [event.message for event in events] == [
        f"not allowed to {verb} events in group events.k8s.io" for verb in ("create", "patch")
    ]
    assert second.message == "not allowed to create pods/exec"
    assert first.location is not None
    assert first.location.file == __file__


def test_who_may_everything_starts(run: Any) -> None:
    async def scenario() -> None:
        async with ApiServer() as server:
            options = Options(check_access=True, namespace="default")
            manager, stop = Manager(server.config, [Deploys], options), asyncio.Event()
            task = asyncio.ensure_future(manager.run(stop))
            await manager.ready()
            stop.set()
            await task

    run(scenario())


def test_every_right_is_asked_for_once() -> None:
    info = Deploys.__opgen_controller__  # type: ignore[attr-defined]
    asked = [right.words for right in rights([info, info])]
    assert asked == [
        ("list", "configmaps"),
        ("watch", "configmaps"),
        ("list", "deployments"),
        ("watch", "deployments"),
        ("create", "deployments"),
        ("patch", "deployments"),
        ("create", "events"),
        ("patch", "events"),
        ("create", "pods/exec"),
    ]


@pytest.mark.parametrize(
    ("resource", "asked"),
    [
        (apps_v1.Deployment, True),
        (core_v1.ConfigMap, False),
        (ResourceKind("apps", "v1", "Deployment", "deployments"), True),
        (ResourceKind("", "v1", "ConfigMap", "configmaps"), False),
        (ResourceKind("example.com", "v1", "Foreign", "foreigns"), True),
    ],
)
def test_the_right_to_write_a_status_is_asked_for_where_there_is_one(
    resource: Any, asked: bool
) -> None:
    @controller(resource)
    class Reads:
        async def reconcile(self, obj: Any, ctx: Context) -> None:
            """Nothing."""

    info = Reads.__opgen_controller__  # type: ignore[attr-defined]
    plural = kind_of(resource).plural
    assert (("patch", f"{plural}/status") in [right.words for right in rights([info])]) is asked
    ruled = [(rule.verbs, rule.resources) for rule in rules_of(info)]
    assert ((("patch",), (f"{plural}/status",)) in ruled) is asked
