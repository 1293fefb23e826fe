"""Operators from start to stop, against a scripted server."""

from __future__ import annotations

import asyncio
import itertools
import json
from collections.abc import Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Annotated, Any

import pytest
from aiohttp import web

from opgen.api import Condition, CustomResource, ListMap, Problems, resource
from opgen.k8s import core_v1
from opgen.runtime import Context, Result, SyncContext, TerminalError, controller
from opgen.runtime.config import ClusterConfig
from opgen.runtime.manager import Manager, Options

THINGS = "/apis/example.com/v1/namespaces/default/things"
CONFIG_MAPS = "/api/v1/namespaces/default/configmaps"


@dataclass(kw_only=True)
class ThingSpec:
    size: int = 1


@dataclass(kw_only=True)
class ThingStatus:
    size: int = 0
    conditions: Annotated[list[Condition], ListMap("type")] = field(default_factory=list)


@resource(group="example.com", version="v1")
@dataclass(kw_only=True)
class Thing(CustomResource[ThingSpec, ThingStatus]):
    """A thing."""


class Things:
    """A server with one Thing, which remembers what is written."""

    def __init__(self, server: Any) -> None:
        self.server = server
        self.versions = itertools.count(100)
        self.writes: list[tuple[str, str, Any]] = []
        self.written = asyncio.Event()
        self.more: asyncio.Queue[bytes] = asyncio.Queue()
        self.metadata: dict[str, Any] = {"generation": 1}
        server.objects = {}
        server.routes[("GET", "/apis/example.com/v1/things")] = self.things
        for path in (f"{THINGS}/a", f"{THINGS}/a/status", f"{CONFIG_MAPS}/a"):
            server.routes[("PATCH", path)] = self.patch
        server.routes[("POST", "/apis/events.k8s.io/v1/namespaces/default/events")] = self.event
        self.events: list[Any] = []

    def thing(self, **spec: Any) -> dict[str, Any]:
        thing: dict[str, Any] = self.server.object("a", next(self.versions), spec=spec)
        thing["metadata"] |= self.metadata
        return thing

    async def things(self, request: web.Request) -> web.StreamResponse:
        if "sendInitialEvents" in request.query:
            return web.json_response({}, status=400)
        if "watch" not in request.query:
            items = [self.thing(size=3)]
            return web.json_response({"metadata": {"resourceVersion": "100"}, "items": items})
        response = web.StreamResponse()
        await response.prepare(request)
        while True:
            waits = [asyncio.ensure_future(w) for w in (self.more.get(), self.server.over.wait())]
            done, pending = await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
            for task in pending:
                task.cancel()
            if waits[1] in done:
                return response
            await response.write(waits[0].result())

    def change(self, **spec: Any) -> None:
        event = {"type": "MODIFIED", "object": self.thing(**spec)}
        self.more.put_nowait(json.dumps(event).encode() + b"\n")

    async def patch(self, request: web.Request) -> web.StreamResponse:
        body = self.server.bodies[-1]
        self.writes.append((request.path, request.query.get("fieldManager", ""), body))
        self.written.set()
        metadata = {**body["metadata"], "resourceVersion": str(next(self.versions)), "uid": "u"}
        metadata = {"name": "a", "namespace": "default", **metadata}
        return web.json_response({**body, "metadata": metadata})

    async def event(self, request: web.Request) -> web.StreamResponse:
        self.events.append(self.server.bodies[-1])
        return web.json_response(self.server.bodies[-1])

    async def until_written(self, suffix: str) -> Any:
        while True:
            for path, _, body in self.writes:
                if path.endswith(suffix):
                    return body
            self.written.clear()
            await self.written.wait()


@pytest.fixture
def operator(scripted: Any) -> Any:
    """`async with operator(cls) as (things, manager)`: a working operator."""

    @asynccontextmanager
    async def running(cls: Any, prepare: Callable[[Things], Any] = lambda t: None) -> Any:
        async with scripted() as server:
            things = Things(server)
            prepare(things)
            manager, stop = Manager(server.config, [cls]), asyncio.Event()
            task = asyncio.ensure_future(manager.run(stop))
            await manager.ready()
            try:
                yield things, manager
            finally:
                stop.set()
                await task
                others = asyncio.all_tasks() - {asyncio.current_task()}
                names = [str(t.get_coro()) for t in others if "opgen" in str(t.get_coro())]
                assert not names, "a manager leaves no task behind"

    return running


@controller(Thing, owns=(core_v1.ConfigMap,))
class Makes:
    async def reconcile(self, obj: Thing, ctx: Context) -> None:
        config_map = core_v1.ConfigMap(metadata={"name": "a"}, data={"size": str(obj.spec.size)})
        await ctx.apply(config_map)
        obj.status.size = obj.spec.size
        ctx.set_condition(obj, "Ready", True, reason="Done")


def test_a_child_and_the_status_are_written_once(operator: Any, run: Any) -> None:
    async def scenario() -> None:
        async with operator(Makes) as (things, _):
            status = await things.until_written("/status")
            child = await things.until_written("/configmaps/a")
            assert status["status"]["size"] == 3
            assert status["metadata"]["uid"] == "uid-a"
            assert child["data"] == {"size": "3"}
            assert child["metadata"]["namespace"] == "default"
            owner = child["metadata"]["ownerReferences"][0]
            assert (owner["kind"], owner["uid"], owner["controller"]) == ("Thing", "uid-a", True)
            assert {manager for _, manager, _ in things.writes} == {"opgen-thing"}
        assert len(things.writes) == 2

    run(scenario())


class Flaky:
    """Fails a few times first."""

    error: Exception = RuntimeError("not yet")

    def __init__(self) -> None:
        self.calls = 0
        self.worked = asyncio.Event()

    async def reconcile(self, obj: Thing, ctx: Context) -> Result | None:
        self.calls += 1
        if self.calls < 4:
            raise self.error
        self.worked.set()
        return None


def test_a_failure_is_tried_again_and_told(
    operator: Any, run: Any, caplog: pytest.LogCaptureFixture
) -> None:
    async def scenario() -> None:
        flaky = controller(Thing)(Flaky)()
        async with operator(flaky) as (things, manager):
            await flaky.worked.wait()
            errors = "controller_runtime_reconcile_errors"
            assert manager.metrics.value(errors, controller="thing") == 3
        assert things.events[0]["reason"] == "ReconcileError"
        assert things.events[0]["regarding"]["name"] == "a"

    run(scenario())
    assert "not yet" in caplog.text


def test_a_terminal_error_waits_for_a_change(
    operator: Any, run: Any, caplog: pytest.LogCaptureFixture
) -> None:
    class Terminal(Flaky):
        error = TerminalError("hopeless")

    async def scenario() -> None:
        terminal = controller(Thing)(Terminal)()
        async with operator(terminal) as (things, manager):
            for size in (4, 5, 6):
                while terminal.calls < size - 3:
                    await asyncio.sleep(0)
                assert manager.controllers[0].queue.delayed == 0
                things.change(size=size)
            await terminal.worked.wait()

    run(scenario())
    assert "not tried again until the object changes: hopeless" in caplog.text


def test_an_undecodable_object_is_left_out_until_it_changes(
    operator: Any, run: Any, caplog: pytest.LogCaptureFixture
) -> None:
    async def scenario() -> None:
        async with operator(Makes) as (things, manager):
            await things.until_written("/status")
            things.writes.clear()
            things.change(size="large")
            while not manager.metrics.value("opgen_undecodable_objects", kind="Thing"):
                await asyncio.sleep(0)
            things.change(size=5)
            assert (await things.until_written("/status"))["status"]["size"] == 5

    run(scenario())
    assert "Thing.spec.size: expected an integer, got a string" in caplog.text


@controller(Thing, finalizer="example.com/f")
class Cleans:
    finalized = False

    async def reconcile(self, obj: Thing, ctx: Context) -> None:
        obj.status.size = 1

    async def finalize(self, obj: Thing, ctx: Context) -> None:
        self.finalized = True


def test_a_finalizer_is_added_before_the_first_reconcile(operator: Any, run: Any) -> None:
    async def scenario() -> None:
        async with operator(Cleans) as (things, _):
            await things.until_written("/status")
            first = things.writes[0][2]["metadata"]
            assert first["finalizers"] == ["example.com/f"]
            assert first["resourceVersion"]

    run(scenario())


def test_a_finalizer_is_removed_after_finalize(operator: Any, run: Any) -> None:
    def deleting(things: Things) -> None:
        things.metadata["deletionTimestamp"] = "2026-01-01T00:00:00Z"
        things.metadata["finalizers"] = ["other/f", "example.com/f"]

    async def scenario() -> None:
        cleans = Cleans()
        async with operator(cleans, deleting) as (things, _):
            body = await things.until_written("/things/a")
            assert cleans.finalized
            assert body["metadata"]["finalizers"] == ["other/f"]

    run(scenario())


def test_a_plain_function_runs_in_a_thread_and_waits(operator: Any, run: Any) -> None:
    @controller(Thing, owns=(core_v1.ConfigMap,))
    class Plain:
        def reconcile(self, obj: Thing, ctx: SyncContext) -> None:
            ctx.apply(core_v1.ConfigMap(metadata={"name": "a"}))
            assert ctx.get(Thing, "a") is not None
            assert [one.metadata.name for one in ctx.list(Thing)] == ["a"]
            assert ctx.wait(ctx.client.list(core_v1.ConfigMap)) == []
            ctx.event("Done", "all of it")
            obj.status.size = 9

    async def scenario() -> None:
        async with operator(Plain) as (things, _):
            assert (await things.until_written("/status"))["status"]["size"] == 9
            assert things.writes[0][0].endswith("/configmaps/a")

    run(scenario())


def test_requeue_after_calls_again(operator: Any, run: Any) -> None:
    @controller(Thing)
    class Again:
        def __init__(self) -> None:
            self.calls = 0
            self.twice = asyncio.Event()

        async def reconcile(self, obj: Thing, ctx: Context) -> Result:
            self.calls += 1
            if self.calls == 2:
                self.twice.set()
            return Result(requeue_after=0.001 if self.calls == 1 else 3600)

    async def scenario() -> None:
        again = Again()
        async with operator(again):
            await again.twice.wait()

    run(scenario())


async def go_when_stopping(queue: Any, go: asyncio.Event) -> None:
    while not queue.closed:
        await asyncio.sleep(0)
    for _ in range(20):
        await asyncio.sleep(0)
    go.set()


def test_a_running_reconcile_is_let_finish(operator: Any, run: Any) -> None:
    @controller(Thing)
    class Slow:
        def __init__(self) -> None:
            self.began, self.go, self.ended = asyncio.Event(), asyncio.Event(), False

        async def reconcile(self, obj: Thing, ctx: Context) -> None:
            self.began.set()
            await self.go.wait()
            obj.status.size = 7
            self.ended = True

    async def scenario() -> None:
        slow = Slow()
        async with operator(slow) as (things, manager):
            await slow.began.wait()
            late = asyncio.ensure_future(go_when_stopping(manager.controllers[0].queue, slow.go))
        await late
        assert slow.ended
        assert things.writes[0][2]["status"]["size"] == 7

    run(scenario())


@pytest.mark.parametrize(
    ("code", "message"),
    [
        (401, "the API server does not accept our credentials"),
        (403, "not allowed: scripted 403"),
        (404, "the API server has no kind Thing in example.com/v1 (things.example.com)"),
    ],
)
def test_a_server_that_refuses_is_explained(
    code: int, message: str, scripted: Any, run: Any, answer_status: Any, instant_clock: Any
) -> None:
    async def scenario() -> None:
        async with scripted() as server:
            path = "/apis/example.com/v1/things"
            server.routes[("GET", path)] = answer_status(code)
            manager = Manager(server.config, [Makes], clock=instant_clock)
            await manager.run(asyncio.Event())

    with pytest.raises(Problems) as problems:
        run(scenario())
    assert message in str(problems.value)
    assert "hint: " in str(problems.value)


def test_a_server_that_is_not_there_is_explained(run: Any, instant_clock: Any) -> None:
    async def scenario() -> None:
        config = ClusterConfig(server="http://127.0.0.1:1", source="context 'dev'")
        await Manager(config, [Makes], clock=instant_clock).run(asyncio.Event())

    with pytest.raises(Problems) as problems:
        run(scenario())
    assert "cannot reach the API server at http://127.0.0.1:1" in str(problems.value)
    assert "context 'dev'" in str(problems.value)


def test_two_controllers_of_one_name_are_refused() -> None:
    with pytest.raises(Problems, match="two controllers reconcile Thing"):
        Manager(ClusterConfig(server="http://x"), [Makes, Cleans])


def test_probes_and_metrics_are_served(scripted: Any, run: Any) -> None:
    async def scenario() -> None:
        import aiohttp

        async with scripted() as server:
            Things(server)
            options = Options(probe_address="127.0.0.1:0", metrics_address="127.0.0.1:0")
            manager, stop = Manager(server.config, [Makes], options), asyncio.Event()
            task = asyncio.ensure_future(manager.run(stop))
            await manager.ready()
            probes, metrics = manager.ports
            async with aiohttp.ClientSession() as session:
                for path in ("healthz", "readyz"):
                    async with session.get(f"http://127.0.0.1:{probes}/{path}") as answer:
                        assert (answer.status, await answer.text()) == (200, "ok")
                async with session.get(f"http://127.0.0.1:{metrics}/metrics") as answer:
                    text = await answer.text()
            stop.set()
            await task
        assert 'controller_runtime_max_concurrent_reconciles{controller="thing"} 16.0' in text
        names = '{controller="thing",name="thing"}'
        assert f"workqueue_adds_total{names} 1.0" in text
        assert 'workqueue_depth{controller="thing",name="thing",priority="-100"} 0.0' in text
        assert 'controller_runtime_reconcile_total{controller="thing",result="error"} 0.0' in text

    run(scenario())
