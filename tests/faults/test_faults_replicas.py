"""Replicas are killed, paused and cut off: nothing is ever done by two at once, and all is done."""

from __future__ import annotations

import asyncio
import signal
from typing import Any

from opgen.k8s import coordination_v1, core_v1

JOBS = 32


async def give_jobs(it: Any, count: int = JOBS) -> list[str]:
    names = [f"job-{number}" for number in range(count)]
    for name in names:
        await it.client.create(core_v1.ServiceAccount, {"metadata": {"name": name}}, it.namespace)
    return names


async def leases(it: Any) -> list[Any]:
    found: list[Any] = await it.client.list(coordination_v1.Lease, it.namespace)
    return found


def test_there_is_never_more_than_one_leader(
    target: Any,
    run: Any,
    journal: Any,
    replicas: Any,
    link: Any,
    violations: Any,
    none_in_vain: Any,
) -> None:
    async def scenario() -> None:
        async with (
            target() as it,
            journal(it.client, core_v1.ConfigMap, it.namespace) as events,
            replicas(it.config, "leader") as start,
            link(it.config.server) as way,
            none_in_vain(it, events),
        ):
            names = await give_jobs(it, 3)

            async def leader_after(old: str) -> str:
                """Wait until every job has been done by somebody else."""
                since = len(events.events)
                await events.until(lambda e: bool(e.writers(since) - {old}))
                (new,) = events.writers(since) - {old}
                await events.until(lambda e: all((new, "idle") in e.trace(n)[-9:] for n in names))
                return str(new)

            them = {"a": await start("a")}
            assert await leader_after("") == "a"
            them |= {name: await start(name) for name in ("b", "c")}

            them["a"].signal(signal.SIGTSTP)
            second = await leader_after("a")
            them["a"].signal(signal.SIGCONT)
            assert await them["a"].ended() == 1
            assert "the lease was lost" in them["a"].log.read_text()

            them[second].signal(signal.SIGKILL)
            third = await leader_after(second)
            them["cut"] = await start("cut", way.port)
            them[third].signal(signal.SIGTERM)
            assert await them[third].ended() == 0
            assert await leader_after(third) == "cut"
            them["last"] = await start("last")
            way.cut()
            assert await them["cut"].ended() == 1
            assert await leader_after("cut") == "last"
            them["last"].signal(signal.SIGTERM)
            assert await them["last"].ended() == 0
            assert [lease["spec"]["holderIdentity"] for lease in await leases(it)] == [""]
            for name in names:
                assert violations(events.trace(name), {"a", second, "cut"}) == []

    run(scenario())


def test_every_key_has_one_owner_whatever_happens_to_the_replicas(
    target: Any,
    run: Any,
    journal: Any,
    replicas: Any,
    link: Any,
    violations: Any,
    none_in_vain: Any,
) -> None:
    async def scenario() -> None:
        async with (
            target() as it,
            journal(it.client, core_v1.ConfigMap, it.namespace) as events,
            replicas(it.config, "shards") as start,
            link(it.config.server) as way,
            none_in_vain(it, events),
        ):
            names = await give_jobs(it)
            them: dict[str, Any] = {}

            async def shared_by(*expected: str) -> dict[str, str]:
                """Wait until all jobs are done by these replicas, twice by the same; by which."""
                known: dict[str, str] = {}
                while True:
                    since = len(events.events)
                    await events.until(lambda e, since=since: set(e.done_by(since)) >= set(names))
                    found = events.done_by(since)
                    if found == known and set(found.values()) == set(expected):
                        return found
                    known = found

            them["a"] = await start("a")
            await shared_by("a")
            them |= {"b": await start("b"), "c": await start("c", way.port)}
            three = await shared_by("a", "b", "c")
            them["d"] = await start("d")
            four = await shared_by("a", "b", "c", "d")
            assert {name for name in names if four[name] != three[name]} == {
                name for name in names if four[name] == "d"
            }, "keys move to who joins, and nowhere else"

            them["a"].signal(signal.SIGTSTP)
            left = await shared_by("b", "c", "d")
            assert all(left[name] == four[name] for name in names if four[name] != "a")
            them["a"].signal(signal.SIGCONT)
            assert await them["a"].ended() == 1
            them["b"].signal(signal.SIGKILL)
            way.cut()
            assert await them["c"].ended() == 1
            await shared_by("d")
            them["e"] = await start("e")
            await shared_by("d", "e")
            them["d"].signal(signal.SIGTERM)
            assert await them["d"].ended() == 0
            await shared_by("e")
            them["e"].signal(signal.SIGTERM)
            assert await them["e"].ended() == 0
            own = [lease["metadata"]["name"] for lease in await leases(it)]
            assert len(own) == 3, "those that could not give theirs back"
            for name in names:
                assert violations(events.trace(name), {"a", "b", "c"}) == []

    run(scenario())


def test_sigterm_in_the_middle_of_a_hundred_reconciles(
    target: Any, run: Any, journal: Any, replicas: Any, none_in_vain: Any
) -> None:
    async def scenario() -> None:
        async with (
            target() as it,
            journal(it.client, core_v1.ConfigMap, it.namespace) as events,
            replicas(it.config, "leader-once") as start,
            none_in_vain(it, events),
        ):
            names = await give_jobs(it, 100)
            one = await start("a")
            await events.until(lambda e: any(e.trace(name) for name in names))
            one.signal(signal.SIGTERM)
            assert await one.ended() == 0
            assert [lease["spec"]["holderIdentity"] for lease in await leases(it)] == [""]
            await asyncio.sleep(0)
            latest = await it.client.list(core_v1.ConfigMap, it.namespace)
            states = [each["data"]["state"] for each in latest if each["metadata"]["name"] in names]
            assert states
            assert set(states) == {"idle"}, "what was begun is finished"
            two = await start("b")
            await events.until(lambda e: all(("b", "idle") in e.trace(name) for name in names))
            two.signal(signal.SIGTERM)
            assert await two.ended() == 0

    run(scenario())
