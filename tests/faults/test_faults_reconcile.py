"""Reconciles that misbehave, objects that nobody understands, clocks that jump."""

from __future__ import annotations

import asyncio
import json
import logging
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from opgen.api import ResourceKind
from opgen.k8s import coordination_v1, core_v1
from opgen.runtime import Context, controller
from opgen.runtime.clock import SystemClock
from opgen.runtime.leader import ElectionTiming
from opgen.runtime.webhooks.trust import DEFINITION

NAMED = ResourceKind("faults.example.com", "v1", "Loose", "looses")


@controller(core_v1.ServiceAccount, owns=(core_v1.ConfigMap,), concurrency=4)
class Misbehaves:
    """Does what the annotation says, until it is said to be well."""

    leaked: list[asyncio.Task[None]]

    def __init__(self) -> None:
        self.leaked = []

    async def reconcile(self, obj: Any, ctx: Context) -> None:
        ill = (obj["metadata"].get("annotations") or {}).get("ill", "")
        if ill == "raises":
            raise RuntimeError("as told")
        if ill == "hangs":
            await asyncio.Event().wait()
        if ill == "blocks":
            time.sleep(0.3)
        if ill == "leaks":
            self.leaked.append(asyncio.ensure_future(asyncio.sleep(3600)))
        if ill:
            await ctx.apply(core_v1.ConfigMap(metadata={"name": ctx.name}, data={"ill": ill}))


async def write(it: Any, name: str, ill: str) -> None:
    body = {"metadata": {"name": name, "annotations": {"ill": ill}}}
    await it.client.apply(core_v1.ServiceAccount, body, it.namespace)


def test_one_that_misbehaves_keeps_nobody_else_from_working(
    target: Any, run: Any, working: Any, eventually: Any, caplog: pytest.LogCaptureFixture
) -> None:
    async def scenario() -> None:
        ills = ("raises", "hangs", "blocks", "leaks")
        misbehaves = Misbehaves()
        async with target() as it:
            for ill in ills:
                await write(it, ill, ill)
            async with working(
                it.config, misbehaves, reconcile_timeout=0.2, blocked_timeout=0.05
            ) as manager:
                for number in range(20):
                    await write(it, f"n{number}", "not")

                async def copied() -> bool:
                    found = await it.client.list(core_v1.ConfigMap, it.namespace)
                    names = {each["metadata"]["name"] for each in found}
                    return names >= {*(f"n{number}" for number in range(20)), "blocks", "leaks"}

                await eventually(copied)
                # What blocks takes longer than it may, and is tried again until it is well.
                while "time.sleep(0.3)" not in caplog.text:
                    await asyncio.sleep(0.01)
                for ill in ills:
                    await write(it, ill, "well")

                async def well() -> bool:
                    found = await it.client.list(core_v1.ConfigMap, it.namespace)
                    mine = {e["metadata"]["name"]: e["data"].get("ill") for e in found}
                    return all(mine.get(ill) == "well" for ill in ills)

                await eventually(well)
                metrics = manager.metrics
                name = "controller_runtime_reconcile_timeouts"
                assert metrics.value(name, controller="serviceaccount") >= 1
                key, queue = (it.namespace, "raises"), manager.controllers[0].queue
                # Its copy is there before the answer that says so has come.
                while queue.failures(key) or key in queue.processing:
                    await asyncio.sleep(0.01)
            for task in misbehaves.leaked:
                task.cancel()

    run(scenario())
    assert "RuntimeError: as told" in caplog.text
    assert "blocked for more than" in caplog.text


# What nobody understands


def loose(field: str) -> dict[str, Any]:
    """A CRD that takes anything, so that a type can be stricter than the server."""
    anything = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}
    return {
        "metadata": {"name": f"{NAMED.plural}.{NAMED.group}"},
        "spec": {
            "group": NAMED.group,
            "scope": "Namespaced",
            "names": {"plural": NAMED.plural, "kind": NAMED.kind},
            "versions": [
                {
                    "name": "v1",
                    "served": True,
                    "storage": True,
                    "schema": {"openAPIV3Schema": {**anything, "description": field}},
                }
            ],
        },
    }


def test_an_object_that_cannot_be_decoded_waits_until_it_can(
    target: Any, run: Any, working: Any, caplog: pytest.LogCaptureFixture
) -> None:
    from dataclasses import dataclass

    from opgen.api import CustomResource, resource

    @dataclass(kw_only=True)
    class LooseSpec:
        size: int = 0

    @resource(group=NAMED.group, version="v1", storage=True)
    @dataclass(kw_only=True)
    class Loose(CustomResource[LooseSpec, None]):
        """What is decoded."""

    seen: list[tuple[str, int]] = []

    @controller(Loose)
    class Reads:
        async def reconcile(self, obj: Loose, ctx: Context) -> None:
            seen.append((ctx.name, obj.spec.size))

    async def scenario() -> None:
        async with target() as it:
            await it.client.create(DEFINITION, loose("for a test"))
            async with working(it.config, Reads) as manager:

                async def put(name: str, size: Any) -> None:
                    body = {"metadata": {"name": name}, "spec": {"size": size}}
                    await it.client.apply(NAMED, body, it.namespace)

                await put("bad", "huge")
                await put("good", 1)
                counter = "controller_runtime_terminal_reconcile_errors"
                while not manager.metrics.value(counter, controller="loose") or not seen:
                    await asyncio.sleep(0.01)
                assert seen == [("good", 1)]
                await put("bad", 2)
                while ("bad", 2) not in seen:
                    await asyncio.sleep(0.01)
            await it.client.delete(DEFINITION, f"{NAMED.plural}.{NAMED.group}")
            while NAMED.group in json.dumps(await it.client.list(DEFINITION)):
                await asyncio.sleep(0.05)

    run(scenario())
    assert "expected an integer, got a string" in caplog.text


# Deleted while nobody looks


@controller(core_v1.ConfigMap, finalizer="faults.example.com/ledger")
class Ledger:
    """Keeps something outside of the cluster for every ConfigMap of ours."""

    def __init__(self) -> None:
        self.entries: set[str] = set()
        self.finalized: list[str] = []

    async def reconcile(self, obj: Any, ctx: Context) -> None:
        self.entries.add(ctx.name)

    async def finalize(self, obj: Any, ctx: Context) -> None:
        self.finalized.append(ctx.name)
        self.entries.discard(ctx.name)


def test_what_was_deleted_while_the_operator_was_down_is_finalized(
    target: Any, run: Any, working: Any, eventually: Any
) -> None:
    async def scenario() -> None:
        ledger = Ledger()
        async with target() as it:
            body = {"metadata": {"name": "kept"}}
            await it.client.create(core_v1.ConfigMap, body, it.namespace)

            async def entered() -> bool:
                live = await it.client.get(core_v1.ConfigMap, "kept", it.namespace)
                return "kept" in ledger.entries and bool(live["metadata"].get("finalizers"))

            async with working(it.config, ledger):
                await eventually(entered)
            await it.client.delete(core_v1.ConfigMap, "kept", it.namespace)
            live = await it.client.get(core_v1.ConfigMap, "kept", it.namespace)
            assert live["metadata"]["deletionTimestamp"]
            assert ledger.finalized == []

            async def gone() -> bool:
                found = await it.client.list(core_v1.ConfigMap, it.namespace)
                return "kept" not in [each["metadata"]["name"] for each in found]

            async with working(it.config, ledger):
                await eventually(gone)
            assert ledger.finalized == ["kept"], "once"
            assert "kept" not in ledger.entries
            # What the namespace holds besides must not keep it from going.
            async with working(it.config, ledger):
                for each in await it.client.list(core_v1.ConfigMap, it.namespace):
                    name = each["metadata"]["name"]
                    await it.client.patch(
                        core_v1.ConfigMap, name, {"metadata": {"finalizers": None}}, it.namespace
                    )

    run(scenario())


# Clocks


class Jumping(SystemClock):
    """Durations are true; the time of day is what somebody has set."""

    def __init__(self) -> None:
        self.off = timedelta()

    def wall(self) -> datetime:
        return datetime.now(UTC) + self.off


def test_a_clock_that_is_set_changes_no_leader(
    target: Any, run: Any, working: Any, eventually: Any, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    timing = ElectionTiming(lease=120.0, renew=100.0, retry=0.05)

    async def scenario() -> None:
        clocks = Jumping(), Jumping()
        async with target() as it:
            common = {"leader_election": "clocks", "election": timing, "alone": False}

            async def lease() -> dict[str, Any]:
                found = await it.client.get(coordination_v1.Lease, "clocks", it.namespace)
                spec: dict[str, Any] = found["spec"]
                return spec

            @controller(core_v1.ConfigMap)
            class Idle:
                async def reconcile(self, obj: Any, ctx: Context) -> None:
                    return None

            async with working(it.config, Idle, clock=clocks[0], **common):
                holder = (await lease())["holderIdentity"]
                standby = asyncio.ensure_future(standing_by(working, it, Idle, clocks[1], common))
                for days, who in ((3650, 0), (-3650, 1), (-7300, 0), (7300, 1)):
                    clocks[who].off = timedelta(days=days)
                    before = (await lease())["renewTime"]
                    for _ in range(3):

                        async def renewed(before: str = before) -> bool:
                            return bool((await lease())["renewTime"] != before)

                        await eventually(renewed)
                        before = (await lease())["renewTime"]
                    assert (await lease())["holderIdentity"] == holder
                    assert not standby.done()
            assert (await standby) != holder, "the standby takes over when the leader ends"

    run(scenario())


async def standing_by(working: Any, it: Any, idle: Any, clock: Any, common: Any) -> str:
    """Run until leading; who leads then."""
    async with working(it.config, idle, clock=clock, **common):
        found = await it.client.get(coordination_v1.Lease, "clocks", it.namespace)
        return str(found["spec"]["holderIdentity"])
