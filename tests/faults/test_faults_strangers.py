"""Others who delete, replace and edit what the operator is working on."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import Annotated, Any

from opgen.api import Condition, CustomResource, ListMap, resource
from opgen.k8s import core_v1
from opgen.runtime import Context, controller
from opgen.runtime.client import Client
from opgen.runtime.errors import ApiError
from opgen.runtime.webhooks.trust import DEFINITION

FINALIZER = "faults.example.com/kept"


@controller(core_v1.ServiceAccount, owns=(core_v1.ConfigMap,))
class Interruptible:
    """Stops in the middle of its first reconcile, until it may go on."""

    def __init__(self) -> None:
        self.reached, self.go = asyncio.Event(), asyncio.Event()
        self.seen: list[str] = []

    async def reconcile(self, obj: Any, ctx: Context) -> None:
        if ctx.name != "a":
            return
        uid = ctx.owner_reference()["uid"]
        self.seen.append(uid)
        self.reached.set()
        await self.go.wait()
        await ctx.apply(core_v1.ConfigMap(metadata={"name": "a"}, data={"of": uid}))


async def make(it: Any, name: str, **metadata: Any) -> str:
    body = {"metadata": {"name": name, **metadata}}
    made = await it.client.create(core_v1.ServiceAccount, body, it.namespace)
    return str(made["metadata"]["uid"])


def test_an_object_that_is_made_again_while_it_is_reconciled(
    target: Any, run: Any, working: Any, eventually: Any
) -> None:
    async def scenario() -> None:
        interruptible = Interruptible()
        async with target() as it:
            first = await make(it, "a")
            async with working(it.config, interruptible) as manager:
                await interruptible.reached.wait()
                await it.client.delete(core_v1.ServiceAccount, "a", it.namespace)
                second = await make(it, "a")

                async def known() -> bool:
                    entry = manager.controllers[0]._store.get((it.namespace, "a"))
                    return entry is not None and entry.metadata.uid == second

                await eventually(known)
                interruptible.go.set()

                async def of_the_second() -> bool:
                    child = await it.client.get(core_v1.ConfigMap, "a", it.namespace)
                    owners = [owner["uid"] for owner in child["metadata"]["ownerReferences"]]
                    return child["data"] == {"of": second} and owners == [second]

                await eventually(of_the_second)
                assert interruptible.seen[0] == first
                assert set(interruptible.seen[1:]) == {second}

    run(scenario())


@controller(core_v1.ServiceAccount, finalizer=FINALIZER)
class Finalizes:
    """Takes as long to finalize as it is told."""

    def __init__(self) -> None:
        self.known: set[str] = set()
        self.finalized: list[str] = []
        self.reached, self.go = asyncio.Event(), asyncio.Event()

    async def reconcile(self, obj: Any, ctx: Context) -> None:
        self.known.add(ctx.name)

    async def finalize(self, obj: Any, ctx: Context) -> None:
        self.finalized.append(ctx.name)
        self.reached.set()
        await self.go.wait()


def test_a_finalizer_that_others_remove_while_it_works(
    target: Any, run: Any, working: Any, eventually: Any
) -> None:
    """Nothing is left behind, and nothing is finalized twice."""

    async def scenario() -> None:
        finalizes = Finalizes()
        async with target() as it:
            await make(it, "a")
            async with working(it.config, finalizes) as manager:

                async def known() -> bool:
                    return "a" in finalizes.known

                await eventually(known)
                await it.client.delete(core_v1.ServiceAccount, "a", it.namespace)
                await finalizes.reached.wait()
                nothing = {"metadata": {"finalizers": None}}
                await it.client.patch(core_v1.ServiceAccount, "a", nothing, it.namespace)
                finalizes.go.set()

                async def settled() -> bool:
                    queue = manager.controllers[0].queue
                    return not (queue.processing or len(queue) or queue.delayed)

                await eventually(settled)
                assert finalizes.finalized == ["a"]
                assert not manager.controllers[0].last_errors
                try:
                    await it.client.get(core_v1.ServiceAccount, "a", it.namespace)
                except ApiError as error:
                    assert error.code == 404
                else:
                    raise AssertionError("it has gone")
                for each in await it.client.list(core_v1.ServiceAccount, it.namespace):
                    name = each["metadata"]["name"]
                    await it.client.patch(core_v1.ServiceAccount, name, nothing, it.namespace)

    run(scenario())


def test_names_and_sizes_as_large_as_they_may_be(
    target: Any, run: Any, working: Any, eventually: Any
) -> None:
    """A name of 253 characters, a text of nearly a megabyte, and an Event about them."""
    name = "a" * 235 + "." + "b" * 17
    text = "é" * 400_000
    labelled = 0

    @controller(core_v1.ServiceAccount, owns=(core_v1.ConfigMap,))
    class Large:
        async def reconcile(self, obj: Any, ctx: Context) -> None:
            nonlocal labelled
            if ctx.name != name:
                return
            await ctx.apply(core_v1.ConfigMap(metadata={"name": name}, data={"text": text}))
            ctx.event("Made", "日" * 1000)
            labelled += "again" in (obj["metadata"].get("labels") or {})

    async def scenario() -> None:
        async with target() as it:
            await make(it, name)
            async with working(it.config, Large) as manager:

                async def told() -> bool:
                    path = f"/apis/events.k8s.io/v1/namespaces/{it.namespace}/events"
                    assert manager.metrics.value("opgen_events_dropped") == 0
                    found = (await it.client.request("GET", path))["items"]
                    return any(event["regarding"]["name"] == name for event in found)

                await eventually(told)
                child = await it.client.get(core_v1.ConfigMap, name, it.namespace)
                assert child["data"]["text"] == text
                version = child["metadata"]["resourceVersion"]
                await it.client.apply(
                    core_v1.ServiceAccount,
                    {"metadata": {"name": name, "labels": {"again": "true"}}},
                    it.namespace,
                )

                async def again() -> bool:
                    return labelled > 0

                await eventually(again)
            child = await it.client.get(core_v1.ConfigMap, name, it.namespace)
            assert child["metadata"]["resourceVersion"] == version, "written once"

    run(scenario())


async def undefine(client: Client) -> None:
    """Delete the CRD and wait until it is gone: the next test makes it again."""
    name = "things.strangers.example.com"
    await client.delete(DEFINITION, name)
    while any(each["metadata"]["name"] == name for each in await client.list(DEFINITION)):
        await asyncio.sleep(0.05)


def things() -> dict[str, Any]:
    """A CRD with a status that several write."""
    text, condition = {"type": "string"}, {"type": "object", "required": ["type", "status"]}
    condition["properties"] = dict.fromkeys(
        ("type", "status", "reason", "message", "lastTransitionTime"), text
    ) | {"observedGeneration": {"type": "integer"}}
    conditions = {
        "type": "array",
        "items": condition,
        "x-kubernetes-list-type": "map",
        "x-kubernetes-list-map-keys": ["type"],
    }
    status = {"type": "object", "properties": {"conditions": conditions, "approved": text}}
    status["properties"] |= {"phase": text, "size": {"type": "integer"}}
    anything = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}
    schema = {"type": "object", "properties": {"spec": anything, "status": status}}
    version = {"name": "v1", "served": True, "storage": True, "subresources": {"status": {}}}
    return {
        "metadata": {"name": "things.strangers.example.com"},
        "spec": {
            "group": "strangers.example.com",
            "scope": "Namespaced",
            "names": {"plural": "things", "kind": "Thing"},
            "versions": [version | {"schema": {"openAPIV3Schema": schema}}],
        },
    }


@dataclass(kw_only=True)
class ThingStatus:
    approved: str | None = None
    phase: str | None = None
    size: int = 0
    conditions: Annotated[list[Condition], ListMap("type")] = field(default_factory=list)


@resource(group="strangers.example.com", version="v1")
@dataclass(kw_only=True)
class Thing(CustomResource[dict[str, Any], ThingStatus]):
    """A thing of which several write the status."""


@controller(Thing)
class Phases:
    """Writes phase and condition Ready, and reads the rest."""

    def __init__(self) -> None:
        self.reached, self.go = asyncio.Event(), asyncio.Event()

    async def reconcile(self, obj: Thing, ctx: Context) -> None:
        if obj.status.approved is None:
            return
        self.reached.set()
        await self.go.wait()
        obj.status.phase = "Done"
        ctx.set_condition(obj, "Ready", True, reason="Done")


def test_what_others_write_of_a_status_is_never_put_back(
    target: Any, run: Any, working: Any, eventually: Any
) -> None:
    """Somebody approves one thing, and then another, while a reconcile still has the first."""

    async def approve(it: Any, word: str) -> None:
        condition = {"type": "Approved", "status": "True", "reason": word, "message": ""}
        condition["lastTransitionTime"] = "2026-01-01T00:00:00Z"
        status = {"approved": word, "conditions": [condition]}
        await it.client.apply(
            Thing,
            {"metadata": {"name": "a"}, "status": status},
            it.namespace,
            field_manager="person",
            subresource="status",
        )

    async def scenario() -> None:
        phases = Phases()
        async with target() as it:
            await it.client.apply(DEFINITION, things())

            async def created() -> bool:
                await it.client.create(Thing, {"metadata": {"name": "a"}, "spec": {}}, it.namespace)
                return True

            await eventually(created)
            await approve(it, "first")
            async with working(it.config, phases):
                await phases.reached.wait()
                await approve(it, "second")
                phases.go.set()

                async def done() -> dict[str, Any] | None:
                    found = (await it.client.get(Thing, "a", it.namespace))["status"]
                    return found if found.get("phase") == "Done" else None

                status = await eventually(done)
                assert status["approved"] == "second"
                assert status["size"] == 0, "what was not there is written with its default"
                reasons = {each["type"]: each["reason"] for each in status["conditions"]}
                assert reasons == {"Approved": "second", "Ready": "Done"}
                await approve(it, "third")

                async def third() -> bool:
                    found = await it.client.get(Thing, "a", it.namespace)
                    return bool(found["status"]["approved"] == "third")

                await eventually(third)
                nothing = {"metadata": {"name": "a"}, "status": {}}
                await it.client.apply(
                    *(Thing, nothing, it.namespace), field_manager="person", subresource="status"
                )
                left = (await it.client.get(Thing, "a", it.namespace))["status"]
                assert "approved" not in left, "it was the person's alone"
                assert [each["type"] for each in left["conditions"]] == ["Ready"]
            await undefine(it.client)

    run(scenario())


@controller(Thing, finalizer=FINALIZER)
class SaysFarewell:
    """Writes the status while it finalizes."""

    def __init__(self) -> None:
        self.finalized: list[str] = []

    async def reconcile(self, obj: Thing, ctx: Context) -> None:
        obj.status.phase = "Here"

    async def finalize(self, obj: Thing, ctx: Context) -> None:
        self.finalized.append(ctx.name)
        obj.status.phase = "Going"
        await ctx.patch(Thing, ctx.name, {"metadata": {"labels": {"going": "true"}}})


def test_what_a_finalizer_writes_itself_does_not_make_it_run_twice(
    target: Any, run: Any, working: Any, eventually: Any
) -> None:
    async def scenario() -> None:
        farewell = SaysFarewell()
        async with target() as it:
            await it.client.apply(DEFINITION, things())

            async def created() -> bool:
                body = {"metadata": {"name": "a"}, "spec": {}}
                await it.client.create(Thing, body, it.namespace)
                return True

            await eventually(created)
            async with working(it.config, farewell) as manager:

                async def here() -> bool:
                    found = await it.client.get(Thing, "a", it.namespace)
                    return bool((found.get("status") or {}).get("phase") == "Here")

                await eventually(here)
                await it.client.delete(Thing, "a", it.namespace)

                async def gone() -> bool:
                    return not await it.client.list(Thing, it.namespace)

                await eventually(gone)
                errors = "controller_runtime_reconcile_errors"
                assert manager.metrics.value(errors, controller="thing") == 0
            assert farewell.finalized == ["a"]
            await undefine(it.client)

    run(scenario())
