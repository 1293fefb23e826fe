"""The server is killed, put back in time, slow or unwilling: what is desired is reached anyhow."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import pytest

from opgen.api import CustomResource, ResourceKind, resource
from opgen.k8s import core_v1
from opgen.runtime import Context, controller
from opgen.runtime.errors import ApiError
from opgen.runtime.webhooks.trust import DEFINITION
from opgen.schema import crds
from opgen.testing.faults import Fault
from opgen.testing.server import ApiServer


def test_a_server_that_is_killed_during_five_hundred_reconciles(
    breakable: Any,
    run: Any,
    working: Any,
    accounts: Any,
    journal: Any,
    writes_nothing: Any,
    asked: Any,
) -> None:
    at_once = 16

    async def scenario() -> None:
        async with breakable() as it:
            ours = accounts(it.target, 500)
            await ours.give("one")
            client, namespace = it.target.client, it.target.namespace
            async with (
                journal(client, core_v1.ConfigMap, namespace) as events,
                working(it.target.config) as manager,
            ):
                await events.until(lambda e: len(e.events) > 100)
                assert len(events.events) < 500, "in the middle"
                await it.kill()
                written = len(
                    {each["metadata"]["name"] for _, each in events.events} & {*ours.names}
                )
                before = 0 if it.target.server is None else await asked(it.target)
                while not all(each.health.last_error for each in manager.reflectors):
                    await asyncio.sleep(0.01)
                await it.start()
                await ours.all_have("one")
                await events.until(lambda e: all(e.values(name) for name in ours.names))
                seen = Counter(each["metadata"]["name"] for _, each in events.events)
                assert {seen[name] for name in ours.names} == {1}, "nothing is written twice"
                again = await asked(it.target) - before
                assert again <= 500 - written + at_once, "only what was not answered is sent again"
            await writes_nothing(ours)

    run(scenario())


@pytest.mark.controlplane
def test_data_that_are_rolled_back_on_a_real_server(
    own_server: Any, breakable_real: Any, run: Any, working: Any, accounts: Any
) -> None:
    """Events below the resourceVersion that we knew are not missed."""

    async def scenario() -> None:
        async with breakable_real() as it:
            ours = accounts(it.target, 20)
            await ours.give("one")
            async with working(it.target.config) as manager:
                await ours.all_have("one")
                await asyncio.to_thread(own_server.back_up, "earlier")
                for value in ("two", "three"):
                    await ours.give(value)
                    await ours.all_have(value)
                await asyncio.to_thread(own_server.roll_back, "earlier")
                await ours.all_have("one")
                await ours.give("four")
                await ours.all_have("four")
                for reflector in manager.reflectors:
                    live = await it.target.client.list(reflector.store.kind, it.target.namespace)
                    known = {e.key[1]: e.version for e in reflector.store.entries()}
                    assert known == {
                        each["metadata"]["name"]: int(each["metadata"]["resourceVersion"])
                        for each in live
                    }

    run(scenario())


def test_a_server_that_was_restored_from_a_backup(
    in_process: Any, run: Any, working: Any, accounts: Any
) -> None:
    """In its place comes one that counts from the beginning again and knows less."""

    async def scenario() -> None:
        async with in_process() as it:
            ours = accounts(it, 20)
            for value in ("one", "two"):
                await ours.give(value)
            async with working(it.config) as manager:
                await ours.all_have("two")
                await it.server.stop()
                port = int(it.config.server.rpartition(":")[2])
                async with ApiServer(port=port) as restored:
                    it.client.config = it.config
                    namespace = {"metadata": {"name": it.namespace}}
                    await it.client.create(NAMESPACE, namespace)
                    fewer = accounts(it, 5)
                    await fewer.give("older")
                    await fewer.all_have("older")
                    store = next(iter(manager.reflectors)).store
                    while len(list(store.entries())) != len(
                        await it.client.list(store.kind, it.namespace)
                    ):
                        await asyncio.sleep(0.01)
                    assert restored.front.answered
                await it.server.start()

    run(scenario())


NAMESPACE = ResourceKind("", "v1", "Namespace", "namespaces", namespaced=False)


# Everything at once


@dataclass
class Storm(Fault):
    """A fault that strikes at random."""

    share: float = 0.0
    random: random.Random = field(default_factory=random.Random)

    def fits(self, info: Any) -> bool:
        return self.random.random() < self.share


def storms(seed: int) -> list[Storm]:
    """5 % are dropped, a fifth refused in one way or another, everything else is delayed."""
    chance = random.Random(seed)
    refusals = [
        Storm(code=code, share=0.05, times=None, random=chance) for code in (409, 429, 500, 503)
    ]
    drops = Storm(drop=True, share=0.05, times=None, random=chance)
    delays = Storm(delay=0.005, share=1.0, times=None, random=chance)
    return [drops, *refusals, delays]


@pytest.mark.parametrize("seed", [1, 2])
def test_delays_drops_and_refusals_all_at_once(
    seed: int,
    in_process: Any,
    run: Any,
    working: Any,
    accounts: Any,
    journal: Any,
    writes_nothing: Any,
) -> None:
    async def scenario() -> None:
        async with in_process() as it:
            ours = accounts(it, 60)
            async with (
                journal(it.client, core_v1.ConfigMap, it.namespace) as events,
                working(it.config),
            ):
                for storm in storms(seed):
                    it.server.front.faults.add(storm)
                for value in ("one", "two", "three"):
                    await ours.give(value)
                    it.server.front.close_watches()
                    await ours.all_have(value)
                it.server.front.faults.clear()
                await events.until(lambda e: all("three" in e.values(n) for n in ours.names))
                for name in ours.names:
                    assert events.values(name) == ["one", "two", "three"], "each once, in order"
            await writes_nothing(ours)

    run(scenario())


def test_a_slow_consumer_gets_to_the_last_state_and_not_through_all(
    in_process: Any, run: Any, working: Any
) -> None:
    seen: list[str] = []
    began, go = asyncio.Event(), asyncio.Event()

    @controller(core_v1.ConfigMap, concurrency=1)
    class Slow:
        async def reconcile(self, obj: Any, ctx: Context) -> None:
            if ctx.name == "counter":
                began.set()
                await go.wait()
                seen.append(obj["data"]["value"])

    async def scenario() -> None:
        async with in_process() as it:
            body = {"metadata": {"name": "counter"}, "data": {"value": "0"}}
            await it.client.create(core_v1.ConfigMap, body, it.namespace)
            async with working(it.config, Slow) as manager:
                await began.wait()
                for number in range(1, 301):
                    await it.client.patch(
                        core_v1.ConfigMap, "counter", {"data": {"value": str(number)}}, it.namespace
                    )
                go.set()
                while not seen or seen[-1] != "300":
                    await asyncio.sleep(0.01)
                assert manager.controllers[0].queue.adds < 400
            assert len(seen) < 150, "what changed meanwhile is worked on once"
            assert seen == sorted(seen, key=int)

    run(scenario())


# A kind that comes and goes


GROUP = "faults.example.com"
KITES = ResourceKind(GROUP, "v1", "Kite", "kites")


@dataclass(kw_only=True)
class KiteSpec:
    colour: str = "red"


@resource(group=GROUP, version="v1", storage=True)
@dataclass(kw_only=True)
class Kite(CustomResource[KiteSpec, None]):
    """A kite."""


@controller(Kite, owns=(core_v1.ConfigMap,))
class Kites:
    async def reconcile(self, obj: Kite, ctx: Context) -> None:
        await ctx.apply(
            core_v1.ConfigMap(metadata={"name": ctx.name}, data={"colour": obj.spec.colour})
        )


async def established(client: Any) -> None:
    """Define the kind and wait until it is served."""
    (document,) = crds([Kite]).documents
    await client.create(DEFINITION, document)
    while True:
        try:
            await client.list(KITES)
        except ApiError:
            await asyncio.sleep(0.05)
        else:
            return


async def gone(client: Any) -> None:
    await client.delete(DEFINITION, f"kites.{GROUP}")
    while any(
        each["metadata"]["name"] == f"kites.{GROUP}" for each in await client.list(DEFINITION)
    ):
        await asyncio.sleep(0.05)


def test_a_crd_that_is_deleted_and_made_again_under_a_running_operator(
    target: Any, run: Any, working: Any, eventually: Any, journal: Any, none_in_vain: Any
) -> None:
    async def scenario() -> None:
        async with (
            target() as it,
            journal(it.client, core_v1.ConfigMap, it.namespace) as events,
            none_in_vain(it, events),
        ):
            await established(it.client)

            async def fly(name: str, colour: str) -> None:
                body = {"metadata": {"name": name}, "spec": {"colour": colour}}
                while True:
                    try:
                        await it.client.create(KITES, body, it.namespace)
                    except ApiError as error:
                        assert error.code in (404, 405, 429), error
                        await asyncio.sleep(0.05)
                    else:
                        break

                async def copied() -> bool:
                    copy = await it.client.get(core_v1.ConfigMap, name, it.namespace)
                    return bool(copy["data"]["colour"] == colour)

                await eventually(copied)

            async with working(it.config, Kites) as manager:
                await fly("a", "red")
                await gone(it.client)
                store = manager.controllers[0]._store
                while store.keys():
                    await asyncio.sleep(0.01)
                await established(it.client)
                await fly("b", "blue")
                await fly("a", "green")
            await gone(it.client)

    run(scenario())
