"""A server that restarts, loses track, or cannot be reached."""

from __future__ import annotations

import pytest

from opgen.k8s import core_v1
from opgen.runtime.errors import Unreachable
from opgen.testing import Cluster

MAP = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a"}}


def test_a_restart_keeps_the_data(kube: Cluster) -> None:
    kube.create(MAP)
    address = kube.config.server
    kube.restart()
    assert kube.config.server == address
    assert kube.get(core_v1.ConfigMap, "a")["metadata"]["uid"]


def test_a_restart_may_lose_the_data(kube: Cluster) -> None:
    kube.create(MAP)
    kube.restart(keep=False)
    assert kube.find(core_v1.ConfigMap, "a") is None
    assert kube.find(core_v1.Namespace, "default")


def test_a_partition(kube: Cluster) -> None:
    with kube.partition(), pytest.raises(Unreachable):
        kube.create(MAP)
    assert kube.create(MAP)["metadata"]["uid"]


def test_watches_expire(kube: Cluster) -> None:
    async def ended() -> list[str]:
        from opgen.runtime.transport import Transport

        transport = Transport(kube.config)
        path = "/api/v1/namespaces/default/configmaps"
        try:
            query = {"watch": "true", "resourceVersion": "0"}
            async with transport.stream(path, params=query) as chunks:
                await anext(chunks)
                for watch in tuple(kube.server.front.watches):
                    watch.expire()
                return [chunk.decode() async for chunk in chunks]
        finally:
            await transport.close()

    kube.create(MAP)
    [last] = kube.run(ended())
    assert '"type":"ERROR"' in last
    assert '"code":410' in last
    kube.expire_watches()
