"""What is cached, by what it is found, and what else an operator runs; on the in-process server."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from opgen.api import Condition, CustomResource, Problems, resource
from opgen.k8s import apps_v1, core_v1
from opgen.runtime import (
    Cached,
    Context,
    OperatorContext,
    ResourceKind,
    Watch,
    controller,
    on_start,
    periodic,
)
from opgen.runtime.client import Client
from opgen.runtime.config import ClusterConfig
from opgen.runtime.decoding import KNOWN
from opgen.runtime.manager import Manager, Options
from opgen.schema import crds
from opgen.testing.server import ApiServer

OURS = "metadata.name!=kube-root-ca.crt"
"""Every namespace has a ConfigMap of that name."""
NOWHERE = ClusterConfig(server="http://127.0.0.1:1")
CRDS = ResourceKind(
    "apiextensions.k8s.io",
    "v1",
    "CustomResourceDefinition",
    "customresourcedefinitions",
    namespaced=False,
)
CONFIG_MAP = ResourceKind("", "v1", "ConfigMap", "configmaps")


class Records:
    """What a controller has seen, and a wait for it."""

    def __init__(self) -> None:
        self.seen: list[Any] = []
        self.more = asyncio.Event()

    def add(self, value: Any) -> None:
        self.seen.append(value)
        self.more.set()

    async def until(self, count: int) -> list[Any]:
        while len(self.seen) < count:
            self.more.clear()
            await self.more.wait()
        return sorted(self.seen)


class Recording:
    """The base of controllers that tell what they are called with."""

    def __init__(self) -> None:
        self.records = Records()

    async def reconcile(self, obj: Any, ctx: Context) -> None:
        self.records.add(obj["metadata"]["name"])


@asynccontextmanager
async def working(
    server: ApiServer, *controllers: Any, options: Options | None = None, **more: Any
) -> AsyncIterator[Manager]:
    manager, stop = Manager(server.config, controllers, options, **more), asyncio.Event()
    task = asyncio.ensure_future(manager.run(stop))
    try:
        await manager.ready()
        yield manager
    finally:
        stop.set()
        await asyncio.gather(task, return_exceptions=True)
    await task


async def config_map(client: Client, name: str, namespace: str = "default", **labels: str) -> None:
    metadata = {"name": name, "namespace": namespace, "labels": labels}
    await client.create(core_v1.ConfigMap, {"metadata": metadata, "data": {"of": name}})


def test_only_what_is_selected_is_cached_and_reconciled(run: Any) -> None:
    @controller(core_v1.ConfigMap, label_selector="tier=web", field_selector="metadata.name!=c")
    class Selects(Recording):
        pass

    async def scenario() -> None:
        async with ApiServer() as server, Client(server.config) as client:
            await config_map(client, "a", tier="web")
            await config_map(client, "b", tier="db")
            await config_map(client, "c", tier="web")
            selects = Selects()
            async with working(server, selects) as manager:
                await config_map(client, "d", tier="web")
                assert await selects.records.until(2) == ["a", "d"]
                assert len(manager.reflectors[0].store) == 2

    run(scenario())


def by_tier(obj: core_v1.ConfigMap) -> Iterable[str]:
    return [obj["metadata"]["labels"]["tier"]]


@pytest.mark.parametrize(
    ("index", "found"),
    [
        (("tier", "web"), ["a", "d"]),
        (("tier", "none"), []),
        (
            ("teir", "web"),
            "error: ConfigMap has no index 'teir'; there are: owner, tier\n"
            "  hint: did you mean 'tier'? indexes are declared in @controller(..., indexes={...}) "
            "and in Cached",
        ),
    ],
)
def test_objects_are_found_by_an_index(
    index: tuple[str, str], found: list[str] | str, run: Any, caplog: pytest.LogCaptureFixture
) -> None:
    @controller(core_v1.ConfigMap, indexes={"tier": by_tier}, label_selector="tier")
    class Finds(Recording):
        async def reconcile(self, obj: Any, ctx: Context) -> None:
            if obj["metadata"]["name"] == "d":
                try:
                    listed = await ctx.list(core_v1.ConfigMap, index=index)
                    self.records.add([one["metadata"]["name"] for one in listed])
                except Problems as problems:
                    self.records.add(str(problems))

    async def scenario() -> None:
        async with ApiServer() as server, Client(server.config) as client:
            await config_map(client, "a", tier="web")
            await config_map(client, "b", tier="db")
            finds = Finds()
            async with working(server, finds):
                await config_map(client, "d", tier="web")
                assert await finds.records.until(1) == [found]

    run(scenario())


def test_an_index_of_a_kind_that_is_not_cached_is_refused(run: Any) -> None:
    @controller(core_v1.ConfigMap, field_selector=OURS)
    class Asks(Recording):
        async def reconcile(self, obj: Any, ctx: Context) -> None:
            with pytest.raises(Problems) as problems:
                await ctx.list(apps_v1.Deployment, index=("image", "nginx"))
            self.records.add(str(problems.value).splitlines()[0])

    async def scenario() -> None:
        async with ApiServer() as server, Client(server.config) as client:
            await config_map(client, "a")
            asks = Asks()
            async with working(server, asks):
                assert await asks.records.until(1) == [
                    "error: Deployment has no index 'image': its objects are not cached"
                ]

    run(scenario())


def test_of_some_kinds_only_metadata_is_cached(run: Any) -> None:
    mapped: list[Any] = []

    def to_same_name(obj: Any) -> Iterable[tuple[str, str]]:
        mapped.append(obj)
        return [(obj["metadata"]["namespace"], obj["metadata"]["name"])]

    secrets = Cached(core_v1.Secret, metadata_only=True)

    @controller(core_v1.ConfigMap, watches=(Watch(secrets, map=to_same_name),), field_selector=OURS)
    class Reads(Recording):
        async def reconcile(self, obj: Any, ctx: Context) -> None:
            secret = await ctx.get(core_v1.Secret, ctx.name)
            self.records.add((secret or {}).get("stringData", (secret or {}).get("data")))

    async def scenario() -> None:
        async with ApiServer() as server, Client(server.config) as client:
            await config_map(client, "a")
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


def test_several_namespaces_are_looked_at_and_no_others(run: Any) -> None:
    async def scenario() -> None:
        async with ApiServer() as server, Client(server.config) as client:
            for name in ("one", "two", "three"):
                await client.create(core_v1.Namespace, {"metadata": {"name": name}})
                await config_map(client, f"in-{name}", name)
            recording = controller(core_v1.ConfigMap, field_selector=OURS)(Recording)()
            options = Options(namespace="one,two", check_access=True)
            async with working(server, recording, options=options) as manager:
                assert await recording.records.until(2) == ["in-one", "in-two"]
                await config_map(client, "later", "two")
                await client.delete(core_v1.ConfigMap, "in-one", "one")
                await recording.records.until(3)
                (store,) = {reflector.store for reflector in manager.reflectors}
                while len(store) != 2:
                    await asyncio.sleep(0)
                assert sorted(store.keys()) == [("two", "in-two"), ("two", "later")]

    run(scenario())


def test_a_kind_without_a_class_is_a_plain_dict(run: Any) -> None:
    @controller(CONFIG_MAP, owns=(ResourceKind("", "v1", "Secret", "secrets"),))
    class Plain(Recording):
        async def reconcile(self, obj: Any, ctx: Context) -> None:
            made = await ctx.apply(
                {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "made"}}
            )
            found = await ctx.get(CONFIG_MAP, ctx.name)
            assert found is not None
            self.records.add((obj["kind"], made["kind"], found["data"]["of"]))

    async def scenario() -> None:
        async with ApiServer() as server, Client(server.config) as client:
            await config_map(client, "a")
            plain = Plain()
            async with working(server, plain) as manager:
                assert (await plain.records.until(1))[0] == ("ConfigMap", "Secret", "a")
                assert manager.controllers[0].info.name == "configmap"

    run(scenario())


# What does not fit together is told before the first request


@controller(core_v1.ConfigMap, owns=(Cached(core_v1.Secret, label_selector="a=b"),))
class One(Recording):
    pass


@controller(apps_v1.Deployment, owns=(core_v1.Secret,))
class Another(Recording):
    pass


@controller(core_v1.ConfigMap, name="other", indexes={"tier": lambda obj: []})
class Indexes(Recording):
    pass


@controller(core_v1.ConfigMap, name="third", indexes={"tier": by_tier})
class IndexesToo(Recording):
    pass


@dataclass(kw_only=True)
class PriceSpec:
    amount: complex = 0j
    raw: list[Path] | None = None
    conditions: list[Condition] | None = None


@resource(group="example.com", version="v1")
@dataclass(kw_only=True)
class Price(CustomResource[PriceSpec, None]):
    """A price."""


@controller(Price)
class Prices(Recording):
    pass


@controller(core_v1.ConfigMap, finalizer="example.com/f")
class Unfinished(Recording):
    pass


@pytest.mark.parametrize(
    ("controllers", "lines"),
    [
        ([], ["error: there is no controller to run"]),
        ([One, Another], ["error: Secret is to be cached in two ways"]),
        ([Indexes, IndexesToo], ["error: ConfigMap has two indexes named 'tier'"]),
        ([One, controller(core_v1.ConfigMap)(Recording)], ["two controllers reconcile ConfigMap"]),
        (
            [Prices],
            [
                f"error: JSON has no values for complex; there are {KNOWN}",
                "  --> PriceSpec.amount",
                f"error: JSON has no values for Path; there are {KNOWN}",
                "  --> PriceSpec.raw",
            ],
        ),
        ([Unfinished], ["error: controller 'configmap' has a finalizer but no method finalize"]),
    ],
)
def test_what_does_not_fit_together_is_refused(controllers: list[Any], lines: list[str]) -> None:
    with pytest.raises(Problems) as problems:
        Manager(NOWHERE, controllers)
    shown = str(problems.value)
    places = [shown.index(line) for line in lines]
    assert places == sorted(places)
    assert "hint: " in shown or "complex" in shown


async def asynchronous(obj: Any) -> list[tuple[str, str]]:
    return []


class Yields:
    async def reconcile(self, obj: Any, ctx: Context) -> Any:
        yield None


class Narrow:
    async def reconcile(self, obj: Any) -> None:
        pass


@pytest.mark.parametrize(
    ("declare", "message"),
    [
        (
            lambda: Watch(core_v1.Secret, map=asynchronous),  # type: ignore[arg-type]
            "asynchronous must be a plain function: it runs while a change is taken in",
        ),
        (
            lambda: controller(core_v1.Secret, predicates=(asynchronous,))(Recording),
            "asynchronous must be a plain function: it runs while a change is taken in",
        ),
        (
            lambda: controller(core_v1.Secret, indexes={"a": asynchronous})(Recording),
            "asynchronous must be a plain function: it runs while a change is taken in",
        ),
        (
            lambda: controller(core_v1.Secret)(Yields),
            "Yields.reconcile must return its result and not yield",
        ),
        (
            lambda: controller(core_v1.Secret)(Narrow),
            "Narrow.reconcile must take (self, obj, ctx)",
        ),
        (
            lambda: controller(core_v1.Secret)(Records),
            "Records needs a method async def reconcile(self, obj, ctx)",
        ),
        (lambda: on_start(lambda: None), "must take one argument, an OperatorContext"),
    ],
)
def test_functions_of_the_wrong_kind_are_refused_where_they_are_declared(
    declare: Any, message: str
) -> None:
    with pytest.raises(TypeError, match=re.escape(message)):
        declare()


@pytest.mark.parametrize(
    ("declare", "message"),
    [
        (lambda: controller(core_v1.Secret, concurrency=0), "concurrency must be 1 or more, not 0"),
        (lambda: periodic(every=0), "every must be positive, not 0 seconds"),
    ],
)
def test_numbers_that_make_no_sense_are_refused(declare: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        declare()


class Sites:
    """Versions of one kind; in a real project they stand in modules of their own."""

    @resource(group="example.com", version="v1", storage=True)
    @dataclass(kw_only=True)
    class Site(CustomResource[PriceSpec, None]):
        """A site."""


@dataclass(kw_only=True)
class BoatSpec:
    length: int = 5


@resource(group="example.com", version="v1", storage=True)
@dataclass(kw_only=True)
class Boat(CustomResource[BoatSpec, None]):
    """A boat."""


@resource(group="example.com", version="v2", storage=True, plural="boats")
@dataclass(kw_only=True)
class NewBoat(CustomResource[BoatSpec, None]):
    """A boat of the next version."""


@pytest.mark.parametrize(
    ("cls", "installed", "message"),
    [
        (Boat, False, "the API server has no kind Boat in example.com/v1 (boats.example.com)"),
        (NewBoat, True, "the API server serves boats.example.com in v1 and not in v2"),
    ],
)
def test_a_kind_that_is_not_served_is_told_before_anything_is_written(
    cls: Any, installed: bool, message: str, run: Any, eventually: Any
) -> None:
    @on_start
    async def writes(ctx: OperatorContext) -> None:
        raise AssertionError("must not be called")

    async def scenario() -> None:
        async with ApiServer() as server, Client(server.config) as client:
            if installed:
                await client.create(CRDS, crds([Boat]).documents[0])

                async def served() -> bool:
                    return await client.list(Boat) == []

                await eventually(served)
            manager = Manager(
                server.config,
                [controller(cls)(Recording)],
                Options(check_access=True),
                runnables=[writes],
            )
            with pytest.raises(Problems) as problems:
                await manager.run()
            first, where, hint = str(problems.value).splitlines()
            assert first == f"error: {message}"
            assert f"{__file__}:" in where
            assert "install" in hint

    run(scenario())


# Other work


def test_start_hooks_come_before_the_first_reconcile_and_periodic_functions_again_and_again(
    run: Any,
) -> None:
    records = Records()

    @on_start
    async def first(ctx: OperatorContext) -> None:
        await ctx.client.create(CONFIG_MAP, {"metadata": {"name": "made"}})
        assert await ctx.get(CONFIG_MAP, "a", "default") is not None
        records.add("start")

    @periodic(every=0.001)
    def again(ctx: Any) -> None:
        records.add(len(ctx.list(core_v1.ConfigMap)))
        if len(records.seen) == 3:
            raise RuntimeError("once")

    @controller(core_v1.ConfigMap)
    class Late(Recording):
        async def reconcile(self, obj: Any, ctx: Context) -> None:
            assert records.seen[0] == "start"

    async def scenario() -> None:
        async with ApiServer() as server, Client(server.config) as client:
            await config_map(client, "a")
            async with working(server, Late, runnables=[first, again]) as manager:
                while len(records.seen) < 6:
                    records.more.clear()
                    await records.more.wait()
                count = manager.metrics.value
                again_name = again.__qualname__
                runs = "opgen_runnable_runs"
                assert count(runs, runnable=again_name, result="error") == 1
                assert count(runs, runnable=again_name, result="success") >= 3
        assert records.seen[0] == "start"

    run(scenario())


def test_a_start_hook_that_fails_keeps_the_operator_from_starting(run: Any) -> None:
    @on_start
    async def fails(ctx: OperatorContext) -> None:
        raise RuntimeError("no licence")

    async def scenario() -> None:
        async with ApiServer() as server:
            await Manager(server.config, [], runnables=[fails]).run()

    with pytest.raises(Problems) as problems:
        run(scenario())
    first, where = str(problems.value).splitlines()
    assert first.endswith("fails failed: no licence")
    assert f"{__file__}:" in where


def test_a_standby_runs_only_what_runs_everywhere(run: Any) -> None:
    records = Records()

    @periodic(every=3600)
    async def alone(ctx: OperatorContext) -> None:
        records.add("alone")

    @on_start(everywhere=True)
    async def everywhere(ctx: OperatorContext) -> None:
        records.add("everywhere")

    async def scenario() -> None:
        options = Options(leader_election="lock")
        async with ApiServer() as server:
            functions = [alone, everywhere]
            async with working(server, options=options, runnables=functions):
                await records.until(2)
                stop = asyncio.Event()
                standby = Manager(server.config, [], options, runnables=functions)
                task = asyncio.ensure_future(standby.run(stop))
                assert await records.until(3) == ["alone", "everywhere", "everywhere"]
                stop.set()
                await task
        assert records.seen.count("alone") == 1

    run(scenario())


def test_reconciles_that_never_wait_let_everything_else_go_on(run: Any) -> None:
    @controller(core_v1.ConfigMap, concurrency=2)
    class Idle(Recording):
        pass

    async def scenario() -> None:
        async with ApiServer() as server, Client(server.config) as client:
            for number in range(20):
                await config_map(client, f"a-{number}")
            idle = Idle()
            turns: list[int] = []

            async def others() -> None:
                while len(idle.records.seen) < 20:
                    turns.append(len(idle.records.seen))
                    await asyncio.sleep(0)

            async with working(server, idle):
                await others()
            assert max(b - a for a, b in pairwise(turns)) <= 4

    run(scenario())


def test_named_checks_and_the_debug_page(run: Any) -> None:
    class Fails(Recording):
        async def reconcile(self, obj: Any, ctx: Context) -> None:
            self.records.add(1)
            raise Problems.of("not today")

    async def scenario() -> None:
        import aiohttp

        async with ApiServer() as server, Client(server.config) as client:
            await config_map(client, "a")
            fails = controller(core_v1.ConfigMap, field_selector=OURS)(Fails)()
            options = Options(probe_address="127.0.0.1:0", debug_address="127.0.0.1:0")
            async with working(server, fails, options=options) as manager:
                await fails.records.until(2)
                probes, debug = manager.ports
                async with aiohttp.ClientSession() as session:
                    base = f"http://127.0.0.1:{probes}"
                    async with session.get(f"{base}/readyz?verbose") as answer:
                        assert await answer.text() == "[+]caches ok\nreadyz check passed\n"
                    async with session.get(f"{base}/healthz/ping") as answer:
                        assert (answer.status, await answer.text()) == (200, "ok")
                    async with session.get(f"{base}/readyz/other") as answer:
                        assert answer.status == 404
                    async with session.get(f"http://127.0.0.1:{debug}/debug") as answer:
                        page = await answer.json()
        (cache,) = page["caches"]
        assert (cache["kind"], cache["objects"], cache["synced"]) == ("ConfigMap", 1, True)
        told = page["controllers"]["configmap"]
        assert told["lastErrors"] == {"default/a": "error: not today"}
        assert told["retries"] >= 1

    run(scenario())


def test_an_operator_that_is_not_ready_says_which_check_fails(run: Any, scripted: Any) -> None:
    async def scenario() -> None:
        import aiohttp

        async with scripted() as server:
            silent, stop = asyncio.Event(), asyncio.Event()

            async def hang(request: Any) -> Any:
                silent.set()
                await server.over.wait()

            server.routes[("GET", "/api/v1/configmaps")] = hang
            manager = Manager(
                server.config,
                [controller(core_v1.ConfigMap)(Recording)],
                Options(probe_address="127.0.0.1:0"),
            )
            task = asyncio.ensure_future(manager.run(stop))
            await silent.wait()
            async with aiohttp.ClientSession() as session:
                url = f"http://127.0.0.1:{manager.ports[0]}/readyz"
                async with session.get(url) as answer:
                    assert answer.status == 500
                    assert await answer.text() == (
                        "[-]caches failed: caches are not filled: configmaps\nreadyz check failed\n"
                    )
            stop.set()
            await task

    run(scenario())


def test_the_debug_page_is_for_this_machine_alone(run: Any) -> None:
    async def scenario() -> None:
        async with ApiServer() as server:
            options = Options(debug_address=":6060")
            recording = controller(core_v1.ConfigMap)(Recording)
            await Manager(server.config, [recording], options).run()

    with pytest.raises(Problems) as problems:
        run(scenario())
    assert str(problems.value).splitlines() == [
        "error: the debug page is for this machine alone, and :6060 is not",
        "  --> --debug-bind-address",
        "  hint: serve it at 127.0.0.1:6060 and use kubectl port-forward",
    ]
