"""Secured metrics: a token that the API server knows, and a role that allows it."""

from __future__ import annotations

import asyncio
import ssl
from pathlib import Path
from typing import Any

import aiohttp

from opgen.k8s import core_v1
from opgen.runtime import Context, controller
from opgen.runtime.client import Client
from opgen.runtime.manager import Manager, Options
from opgen.testing.faults import Fault
from opgen.testing.server import ApiServer

API = "rbac.authorization.k8s.io"
RBAC = f"/apis/{API}/v1"


@controller(core_v1.ConfigMap)
class Idle:
    async def reconcile(self, obj: Any, ctx: Context) -> None:
        return None


async def token(admin: Client, name: str) -> str:
    await admin.create(core_v1.ServiceAccount, {"metadata": {"name": name}}, "default")
    path = f"/api/v1/namespaces/default/serviceaccounts/{name}/token"
    answer = await admin.request("POST", path, body={"spec": {}})
    return str(answer["status"]["token"])


async def allow(admin: Client, name: str) -> None:
    role = {"apiVersion": f"{API}/v1", "kind": "ClusterRole", "metadata": {"name": name}}
    rules = [{"nonResourceURLs": ["/metrics"], "verbs": ["get"]}]
    await admin.request("POST", f"{RBAC}/clusterroles", body=role | {"rules": rules})
    binding = role | {
        "kind": "ClusterRoleBinding",
        "roleRef": {"apiGroup": API, "kind": "ClusterRole", "name": name},
        "subjects": [{"kind": "ServiceAccount", "name": name, "namespace": "default"}],
    }
    await admin.request("POST", f"{RBAC}/clusterrolebindings", body=binding)


def test_metrics_are_for_those_who_may(
    run: Any, tmp_path: Path, authority: Any, issue_certificate: Any
) -> None:
    pair = issue_certificate("metrics", authority, "localhost")
    (tmp_path / "tls.crt").write_bytes(pair.pem)
    (tmp_path / "tls.key").write_bytes(pair.key)
    trust = ssl.create_default_context(cadata=authority.pem.decode())
    trust.verify_flags &= ~ssl.VERIFY_X509_STRICT
    options = Options(metrics_address="127.0.0.1:0", metrics_certificates=str(tmp_path))

    async def scenario() -> list[int]:
        async with ApiServer() as api, Client(api.config) as admin, aiohttp.ClientSession() as web:
            manager, stop = Manager(api.config, [Idle], options), asyncio.Event()
            task = asyncio.ensure_future(manager.run(stop))
            await manager.ready()
            url = f"https://localhost:{manager.ports[0]}/metrics"

            async def status(bearer: str | None) -> int:
                headers = {} if bearer is None else {"Authorization": f"Bearer {bearer}"}
                async with web.get(url, headers=headers, ssl=trust) as answer:
                    return answer.status

            scraper, other = await token(admin, "scraper"), await token(admin, "other")
            await allow(admin, "scraper")
            seen = [await status(each) for each in (None, "forged", other, scraper)]
            api.front.faults.add(Fault(resource="tokenreviews", code=500, times=None))
            seen += [await status(each) for each in (scraper, "unknown")]
            stop.set()
            await task
            return seen

    assert run(scenario()) == [401, 401, 403, 200, 200, 503]
