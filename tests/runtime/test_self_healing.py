"""A whole operator on the in-process API server: drift is repaired, and quiet means no writes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import pytest

from opgen.api import CustomResource, resource
from opgen.k8s import core_v1, meta_v1
from opgen.runtime import Context, controller
from opgen.runtime.client import JSON_PATCH, ApiError, Client
from opgen.runtime.manager import Manager
from opgen.schema import crds
from opgen.testing.server import ApiServer

CRDS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"


@dataclass(kw_only=True)
class SiteSpec:
    """What a site asks for."""

    port: int = 80


@dataclass(kw_only=True)
class SiteStatus:
    """What is seen of a site."""

    port: int = 0


@resource(group="example.com", version="v1", storage=True)
@dataclass(kw_only=True)
class Site(CustomResource[SiteSpec, SiteStatus]):
    """A site."""


@controller(Site, owns=(core_v1.Service,))
class SiteController:
    async def reconcile(self, obj: Site, ctx: Context) -> None:
        port: core_v1.ServicePort = {"name": "http", "port": obj.spec.port, "protocol": "TCP"}
        metadata: meta_v1.ObjectMeta = {"name": obj.metadata.name}
        selector = {"app": obj.metadata.name}
        await ctx.apply(
            core_v1.Service(metadata=metadata, spec={"selector": selector, "ports": [port]})
        )
        obj.status.port = obj.spec.port


@asynccontextmanager
async def working(server: ApiServer) -> AsyncIterator[Manager]:
    manager, stop = Manager(server.config, [SiteController]), asyncio.Event()
    task = asyncio.ensure_future(manager.run(stop))
    try:
        await manager.ready()
        yield manager
    finally:
        stop.set()
        await task


async def eventually(probe: Callable[[], Awaitable[Any]]) -> Any:
    """Ask until the answer is true; the test as a whole has a time limit."""
    while True:
        try:
            if answer := await probe():
                return answer
        except ApiError as error:
            if error.code != 404:
                raise
        await asyncio.sleep(0.002)


@pytest.fixture
def site(run: Any) -> Any:
    """Runs a scenario with a server that has the CRD, and one Site."""

    def scenario(body: Callable[[ApiServer, Client], Awaitable[None]]) -> None:
        async def whole() -> None:
            async with ApiServer() as server, Client(server.config) as client:
                await client.request("POST", CRDS, body=crds([Site]).documents[0])
                await eventually(lambda: listed(client))
                await client.create(Site, {"metadata": {"name": "web"}, "spec": {"port": 80}})
                await body(server, client)

        run(whole())

    return scenario


async def listed(client: Client) -> bool:
    await client.list(Site)
    return True


def ports(client: Client, *expected: int) -> Callable[[], Awaitable[bool]]:
    async def probe() -> bool:
        service = await client.get(core_v1.Service, "web")
        return [port["port"] for port in service["spec"]["ports"]] == list(expected)

    return probe


def test_a_deleted_child_is_made_again(site: Any) -> None:
    async def body(server: ApiServer, client: Client) -> None:
        async with working(server):
            await eventually(ports(client, 80))
            # More than once: the first time it may be the reconcile that follows on our writes.
            for _ in range(3):
                uid = (await client.get(core_v1.Service, "web"))["metadata"]["uid"]
                await client.delete(core_v1.Service, "web")

                async def another(old: str = uid) -> bool:
                    service = await client.get(core_v1.Service, "web")
                    return bool(service["metadata"]["uid"] != old)

                await eventually(another)

    site(body)


@pytest.mark.parametrize("away", [False, True], ids=["seen", "while away"])
def test_an_edited_port_is_repaired(away: bool, site: Any) -> None:
    edit = [{"op": "replace", "path": "/spec/ports/0/port", "value": 8080}]
    options: dict[str, Any] = {"content_type": JSON_PATCH, "field_manager": "kubectl-edit"}

    async def body(server: ApiServer, client: Client) -> None:
        async with working(server):
            await eventually(ports(client, 80))
            if not away:
                await client.patch(core_v1.Service, "web", edit, **options)
                await eventually(ports(client, 80))
        if away:
            await client.patch(core_v1.Service, "web", edit, **options)
            async with working(server):
                await eventually(ports(client, 80))
        await client.patch(Site, "web", {"spec": {"port": 81}})
        async with working(server):
            await eventually(ports(client, 81))

    site(body)


def test_what_others_apply_by_force_is_taken_back(site: Any) -> None:
    selector = {"spec": {"selector": {"app": "other"}}}

    async def body(server: ApiServer, client: Client) -> None:
        async with working(server):
            await eventually(ports(client, 80))
            wanted = (await client.get(core_v1.Service, "web"))["spec"]["selector"]
            patch = {"metadata": {"name": "web"}, **selector}
            await client.apply(core_v1.Service, patch, field_manager="other")

            async def ours() -> bool:
                service = await client.get(core_v1.Service, "web")
                return bool(service["spec"]["selector"]["app"] == wanted["app"])

            await eventually(ours)

    site(body)


def test_a_restart_with_everything_in_place_writes_nothing(site: Any) -> None:
    async def body(server: ApiServer, client: Client) -> None:
        async def observed() -> bool:
            return bool((await client.get(Site, "web")).get("status", {}).get("port") == 80)

        async with working(server):
            await eventually(observed)
        async with working(server) as manager:
            labels = {"controller": "site", "result": "success"}

            async def reconciled() -> bool:
                return manager.metrics.value("controller_runtime_reconcile", **labels) > 0

            await eventually(reconciled)
            assert manager.metrics.value("opgen_writes_skipped", kind="Service") == 1
            written = [name for name, _ in manager.metrics.counters if name == "opgen_writes"]
            assert not written

    site(body)
