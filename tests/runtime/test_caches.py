"""What is cached, and by what it is found; on the in-process server."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import Any

import pytest

from opgen.api import Problems
from opgen.k8s import apps_v1, core_v1
from opgen.runtime import (
    Cached,
    Context,
    Index,
    ResourceKind,
    Watch,
    controller,
)
from opgen.runtime.client import Client
from opgen.runtime.manager import Options
from opgen.testing.server import ApiServer

OURS = "metadata.name!=kube-root-ca.crt"
"""Every namespace has a ConfigMap of that name."""
CONFIG_MAP = ResourceKind("", "v1", "ConfigMap", "configmaps")


def test_only_what_is_selected_is_cached_and_reconciled(
    recording: Any, working: Any, make_config_map: Any, run: Any
) -> None:
    @controller(core_v1.ConfigMap, label_selector="tier=web", field_selector="metadata.name!=c")
    class Selects(recording):
        pass

    async def scenario() -> None:
        async with ApiServer() as server, Client(server.config) as client:
            await make_config_map(client, "a", tier="web")
            await make_config_map(client, "b", tier="db")
            await make_config_map(client, "c", tier="web")
            selects = Selects()
            async with working(server, selects) as manager:
                await make_config_map(client, "d", tier="web")
                assert await selects.records.until(2) == ["a", "d"]
                assert len(manager.reflectors[0].store) == 2

    run(scenario())


by_tier: Index[Any] = Index("tier", lambda obj: [obj["metadata"]["labels"]["tier"]])


@pytest.mark.parametrize(
    ("index", "found"),
    [
        ((by_tier, "web"), ["a", "d"]),
        ((by_tier, "none"), []),
        (
            (Index("teir", lambda obj: []), "web"),
            "error: ConfigMap has no index 'teir'; there are: owner, tier\n"
            "  hint: did you mean 'tier'? indexes are declared with indexes= of @controller and of "
            "Cached",
        ),
    ],
)
def test_objects_are_found_by_an_index(
    recording: Any,
    working: Any,
    make_config_map: Any,
    index: tuple[Index[Any], str],
    found: list[str] | str,
    run: Any,
    caplog: pytest.LogCaptureFixture,
) -> None:
    @controller(core_v1.ConfigMap, indexes=(by_tier,), label_selector="tier")
    class Finds(recording):
        async def reconcile(self, obj: Any, ctx: Context) -> None:
            if obj["metadata"]["name"] == "d":
                try:
                    listed = await ctx.list(core_v1.ConfigMap, index=index)
                    self.records.add([one["metadata"]["name"] for one in listed])
                except Problems as problems:
                    self.records.add(str(problems))

    async def scenario() -> None:
        async with ApiServer() as server, Client(server.config) as client:
            await make_config_map(client, "a", tier="web")
            await make_config_map(client, "b", tier="db")
            finds = Finds()
            async with working(server, finds):
                await make_config_map(client, "d", tier="web")
                assert await finds.records.until(1) == [found]

    run(scenario())


def test_an_index_of_a_kind_that_is_not_cached_is_refused(
    recording: Any, working: Any, make_config_map: Any, run: Any
) -> None:
    looked_up = [Index("image", lambda obj: [])]

    @controller(core_v1.ConfigMap, field_selector=OURS)
    class Asks(recording):
        async def reconcile(self, obj: Any, ctx: Context) -> None:
            with pytest.raises(Problems) as problems:
                await ctx.list(apps_v1.Deployment, index=(looked_up[0], "nginx"))
            self.records.add(str(problems.value).splitlines()[0])

    async def scenario() -> None:
        async with ApiServer() as server, Client(server.config) as client:
            await make_config_map(client, "a")
            asks = Asks()
            async with working(server, asks):
                assert await asks.records.until(1) == [
                    "error: Deployment has no index 'image': its objects are not cached"
                ]

    run(scenario())


def test_of_some_kinds_only_metadata_is_cached(
    recording: Any, working: Any, make_config_map: Any, run: Any
) -> None:
    mapped: list[Any] = []

    def to_same_name(obj: Any) -> Iterable[tuple[str, str]]:
        mapped.append(obj)
        return [(obj["metadata"]["namespace"], obj["metadata"]["name"])]

    secrets = Cached(core_v1.Secret, metadata_only=True)

    @controller(core_v1.ConfigMap, watches=(Watch(secrets, map=to_same_name),), field_selector=OURS)
    class Reads(recording):
        async def reconcile(self, obj: Any, ctx: Context) -> None:
            secret = await ctx.get(core_v1.Secret, ctx.name)
            self.records.add((secret or {}).get("stringData", (secret or {}).get("data")))

    async def scenario() -> None:
        async with ApiServer() as server, Client(server.config) as client:
            await make_config_map(client, "a")
            body = {"metadata": {"name": "a"}, "data": {"key": "eA=="}}
            await client.create(core_v1.Secret, body)
            reads = Reads()
            async with working(server, reads) as manager:
                assert await reads.records.until(1) == [{"key": "eA=="}]
                (entry,) = (
                    entry
                    for reflector in manager.reflectors
                    if reflector.store.kind.kind == "Secret"
                    for entry in reflector.store.entries()
                )
                assert "data" not in entry.document()
        assert set(mapped[0]) == {"apiVersion", "kind", "metadata"}
        assert mapped[0]["kind"] == "Secret"

    run(scenario())


def test_several_namespaces_are_looked_at_and_no_others(
    recording: Any, working: Any, make_config_map: Any, run: Any
) -> None:
    async def scenario() -> None:
        async with ApiServer() as server, Client(server.config) as client:
            for name in ("one", "two", "three"):
                await client.create(core_v1.Namespace, {"metadata": {"name": name}})
                await make_config_map(client, f"in-{name}", name)
            chosen = controller(core_v1.ConfigMap, field_selector=OURS)(recording)()
            options = Options(namespace="one,two", check_access=True)
            async with working(server, chosen, options=options) as manager:
                assert await chosen.records.until(2) == ["in-one", "in-two"]
                await make_config_map(client, "later", "two")
                await client.delete(core_v1.ConfigMap, "in-one", "one")
                await chosen.records.until(3)
                (store,) = {reflector.store for reflector in manager.reflectors}
                while len(store) != 2:
                    await asyncio.sleep(0)
                assert sorted(store.keys()) == [("two", "in-two"), ("two", "later")]

    run(scenario())


def test_a_kind_without_a_class_is_a_plain_dict(
    recording: Any, working: Any, make_config_map: Any, run: Any
) -> None:
    @controller(CONFIG_MAP, owns=(ResourceKind("", "v1", "Secret", "secrets"),))
    class Plain(recording):
        async def reconcile(self, obj: Any, ctx: Context) -> None:
            made = await ctx.apply(
                {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "made"}}
            )
            found = await ctx.get(CONFIG_MAP, ctx.name)
            assert found is not None
            self.records.add((obj["kind"], made["kind"], found["data"]["of"]))

    async def scenario() -> None:
        async with ApiServer() as server, Client(server.config) as client:
            await make_config_map(client, "a")
            plain = Plain()
            async with working(server, plain) as manager:
                assert (await plain.records.until(1))[0] == ("ConfigMap", "Secret", "a")
                assert manager.controllers[0].info.name == "configmap"

    run(scenario())


def test_objects_are_the_readers_own(working: Any, make_config_map: Any, run: Any) -> None:
    """What one does to an object, no other one and no later reconcile sees."""
    seen: list[Any] = []

    @controller(core_v1.ConfigMap, field_selector=OURS)
    class Changes:
        async def reconcile(self, obj: Any, ctx: Context) -> None:
            others = [await ctx.get(core_v1.ConfigMap, "a"), *await ctx.list(core_v1.ConfigMap)]
            for each in (obj, *others):
                seen.append(each["data"].copy())
                each["data"].clear()

    async def scenario() -> None:
        async with ApiServer() as server, Client(server.config) as client:
            await make_config_map(client, "a")
            async with working(server, Changes):
                while len(seen) < 3:
                    await asyncio.sleep(0.002)
                label = {"metadata": {"labels": {"again": "true"}}}
                await client.patch(core_v1.ConfigMap, "a", label, "default")
                while len(seen) < 6:
                    await asyncio.sleep(0.002)

    run(scenario())
    assert seen == [{"of": "a"}] * 6
