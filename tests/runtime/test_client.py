"""The client: paths, paging, retries, errors."""

from __future__ import annotations

from typing import Any

import pytest
from aiohttp import web

from opgen.api import ResourceKind
from opgen.k8s import apps_v1
from opgen.runtime.client import ApiError, Client
from opgen.runtime.config import ClusterConfig
from opgen.runtime.metrics import Metrics

NODE = ResourceKind("", "v1", "Node", "nodes", namespaced=False)


def test_paths_follow_group_scope_and_subresource() -> None:
    client = Client(ClusterConfig(server="http://x", namespace="mine"))
    path = "/apis/apps/v1/namespaces/n/deployments/web/scale"
    assert client.path(apps_v1.Deployment, "web", "n", "scale") == path
    assert client.path(apps_v1.Deployment, "web").startswith("/apis/apps/v1/namespaces/mine/")
    assert client.path(apps_v1.Deployment) == "/apis/apps/v1/deployments"
    assert client.path(NODE, "a/b", "ignored") == "/api/v1/nodes/a%2Fb"


def test_lists_are_read_to_the_end(scripted: Any, run: Any, config_map: ResourceKind) -> None:
    async def scenario() -> None:
        async with scripted() as server, Client(server.config) as client:
            server.objects = {f"n{number}": number for number in range(7)}
            server.page_size = 3
            items = await client.list(config_map, label_selector="a=b")
            assert len(items) == 7
            assert all(query["labelSelector"] == "a=b" for _, _, query in server.requests)

    run(scenario())


@pytest.mark.parametrize(("code", "again"), [(429, True), (503, True), (500, False), (409, False)])
def test_only_what_the_server_asks_for_is_tried_again(
    code: int,
    again: bool,
    scripted: Any,
    run: Any,
    answer_status: Any,
    instant_clock: Any,
    config_map: ResourceKind,
) -> None:
    async def scenario() -> None:
        async with (
            scripted() as server,
            Client(server.config, clock=instant_clock, metrics=metrics) as client,
        ):
            headers = {"Retry-After": "3"} if again else None
            path = "/api/v1/namespaces/default/configmaps/a"
            server.routes[("GET", path)] = answer_status(code, headers)
            with pytest.raises(ApiError, match=f"scripted {code}"):
                await client.get(config_map, "a")
            assert len(server.requests) == (6 if again else 1)

    metrics = Metrics()
    run(scenario())
    counted = {name: value for (name, _), value in metrics.counters.items()}
    retries = counted.get("rest_client_request_retries", 0)
    assert len(instant_clock.slept) == retries == (5 if again else 0)


def test_an_answer_that_is_no_status_is_an_error_too(
    scripted: Any, run: Any, config_map: ResourceKind
) -> None:
    async def bad_gateway(request: web.Request) -> web.StreamResponse:
        return web.Response(status=502, text="<html>proxy</html>")

    async def scenario() -> None:
        async with scripted() as server, Client(server.config) as client:
            server.routes[("GET", "/api/v1/namespaces/default/configmaps/a")] = bad_gateway
            with pytest.raises(ApiError) as error:
                await client.get(config_map, "a")
            assert (error.value.code, error.value.message) == (502, "<html>proxy</html>")

    run(scenario())
