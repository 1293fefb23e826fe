"""The generated role is enough for certificates and Leases, and without it nothing starts."""

from __future__ import annotations

import asyncio
import base64
from dataclasses import replace
from typing import Any

import pytest

from opgen.api import Problems, ResourceKind
from opgen.api.self_signed import WebhookNames, rules
from opgen.k8s import core_v1
from opgen.manifests import rbac
from opgen.runtime import Context, controller, webhook
from opgen.runtime.config import ClusterConfig
from opgen.runtime.leader import ElectionTiming
from opgen.runtime.sharding.replica import rules as shard_rules
from opgen.runtime.webhooks.rotation import SelfSigned
from opgen.runtime.webhooks.trust import MUTATING

GROUP = "rbac.authorization.k8s.io"
KINDS = {
    kind: ResourceKind(GROUP, "v1", kind, f"{kind.lower()}s", namespaced=not kind.startswith("C"))
    for kind in ("ClusterRole", "ClusterRoleBinding", "Role", "RoleBinding")
}


@controller(core_v1.ConfigMap)
class Idle:
    async def reconcile(self, obj: Any, ctx: Context) -> None:
        return None


@webhook(core_v1.ConfigMap)
class Hook:
    def default(self, obj: Any, request: Any) -> None:
        return None


async def bound(it: Any, roles: list[dict[str, Any]]) -> ClusterConfig:
    """A configuration with these roles' rights, and no others."""
    account = {"metadata": {"name": "operator"}}
    await it.client.create(core_v1.ServiceAccount, account, it.namespace)
    subject = {"kind": "ServiceAccount", "name": "operator", "namespace": it.namespace}
    for role in roles:
        kind = role["kind"]
        where = it.namespace if kind == "Role" else None
        metadata = {"name": it.namespace} | ({"namespace": where} if where else {})
        await it.client.create(KINDS[kind], role | {"metadata": metadata}, where)
        binding = {
            "metadata": metadata,
            "roleRef": {"apiGroup": GROUP, "kind": kind, "name": it.namespace},
            "subjects": [subject],
        }
        await it.client.create(KINDS[f"{kind}Binding"], binding, where)
    path = it.client.path(core_v1.ServiceAccount, "operator", it.namespace, "token")
    answer = await it.client.request("POST", path, body={"spec": {}})
    token = answer["status"]["token"]
    return replace(it.config, client_certificate=None, client_key=None, token=token)


async def unbound(it: Any) -> None:
    for kind in ("ClusterRoleBinding", "ClusterRole"):
        await it.client.delete(KINDS[kind], it.namespace)


def options(it: Any) -> dict[str, Any]:
    names = WebhookNames(secret="op-webhook-server-cert", mutating=(it.namespace,))
    signed = SelfSigned(names=names, hosts=("127.0.0.1",), namespace=it.namespace, interval=0.05)
    return {
        "webhook_address": "127.0.0.1:0",
        "webhook_self_signed": signed,
        "shards": "op",
        "election": ElectionTiming(lease=120.0, renew=100.0, retry=0.05),
        "check_access": True,
    }


async def until_allowed(start: Any) -> None:
    """A real server takes notice of new roles with a delay."""
    while True:
        try:
            return await start()
        except Problems as problems:
            if "not allowed" not in str(problems) and "forbidden" not in str(problems):
                raise
            await asyncio.sleep(0.1)


def test_the_generated_role_is_enough(target: Any, run: Any, working: Any) -> None:
    async def scenario() -> None:
        async with target() as it:
            needed = options(it)
            names = needed["webhook_self_signed"].names
            infos = [Idle.__opgen_controller__]  # type: ignore[attr-defined]
            more = (*rules(names, it.namespace), *shard_rules(it.namespace))
            config = await bound(it, rbac.role(infos, "operator", more))
            hook = {
                "name": "maps.example.com",
                "clientConfig": {"url": "https://127.0.0.1:1/"},
                "sideEffects": "None",
                "admissionReviewVersions": ["v1"],
                "failurePolicy": "Ignore",
            }
            body = {"metadata": {"name": it.namespace}, "webhooks": [hook]}
            await it.client.create(MUTATING, body)

            async def started() -> None:
                async with working(config, Idle, webhooks=[Hook], **needed) as manager:
                    while True:
                        live = await it.client.get(MUTATING, it.namespace)
                        bundle = live["webhooks"][0]["clientConfig"].get("caBundle", "")
                        if base64.b64decode(bundle).startswith(b"-----BEGIN"):
                            break
                        await asyncio.sleep(0.02)
                    gauges = {name: value for name, _, value in manager._gauges()}
                    assert gauges["opgen_shard_members"] == 1
                    assert gauges["opgen_shard_slots"] == 512

            await until_allowed(started)
            await it.client.delete(MUTATING, it.namespace)
            await unbound(it)

    run(scenario())


def test_what_a_role_lacks_is_named(in_process: Any, run: Any, working: Any) -> None:
    async def scenario() -> None:
        async with in_process() as it:
            needed = options(it)
            infos = [Idle.__opgen_controller__]  # type: ignore[attr-defined]
            names = needed["webhook_self_signed"].names
            config = await bound(it, rbac.role(infos, "operator", rules(names, it.namespace)[:2]))
            async with working(config, Idle, webhooks=[Hook], **needed):
                raise AssertionError("must not be reached")

    with pytest.raises(Problems) as problems:
        run(scenario())
    messages = [problem.message for problem in problems.value.problems]
    assert [message.partition(" in ")[0] for message in messages] == [
        *(
            f"not allowed to {verb} mutatingwebhookconfigurations {messages[0].split()[5]}"
            for verb in ("get", "patch")
        ),
        *(f"not allowed to {verb} leases" for verb in ("create", "delete", "list", "update")),
    ]
