"""What users' functions do wrong is told, tried again, and keeps nobody else from working."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from opgen.api import Problems
from opgen.k8s import core_v1
from opgen.runtime import Context, Result, SyncContext, Watch, controller, periodic
from opgen.runtime.client import Client
from opgen.runtime.codec import encode
from opgen.runtime.manager import Options
from opgen.testing.server import ApiServer

MORE_THAN_ASYNCIO_HAS = 40
"""asyncio's own threads are 32 at most."""


@pytest.fixture
def mistaken(working: Any, make_config_map: Any, run: Any) -> Callable[..., Any]:
    """Runs a controller with one ConfigMap, and something to do meanwhile."""

    def scenario(cls: Any, meanwhile: Any, *, names: Any = ("a",), **options: Any) -> None:
        async def whole() -> None:
            async with ApiServer() as server, Client(server.config) as client:
                for name in names:
                    await make_config_map(client, name, only="mine")
                chosen = Options(**options)
                more = {"runnables": getattr(cls, "runnables", ())}
                async with working(server, cls, options=chosen, **more) as manager:
                    await meanwhile(manager, client)

        run(whole())

    return scenario


mine = controller(core_v1.ConfigMap, label_selector="only=mine")


async def until(true: Callable[[], Any]) -> None:
    while not true():
        await asyncio.sleep(0.002)


async def cancelled() -> None:
    future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    future.cancel()
    await future


def test_what_is_cancelled_within_a_reconcile_is_a_failure(
    mistaken: Any, caplog: pytest.LogCaptureFixture
) -> None:
    calls: list[str] = []

    @mine
    class Awaits:
        async def reconcile(self, obj: Any, ctx: Context) -> None:
            calls.append(ctx.name)
            if len(calls) < 3:
                await cancelled()

    async def meanwhile(manager: Any, client: Client) -> None:
        await until(lambda: len(calls) == 3)
        panics = "controller_runtime_reconcile_panics"
        assert manager.metrics.value(panics, controller="configmap") == 2

    mistaken(Awaits, meanwhile)
    assert "something that was awaited has been cancelled" in caplog.text
    assert "await cancelled()" in caplog.text, "the stack says where"


def test_what_is_cancelled_within_a_periodic_function_is_a_failure(
    mistaken: Any, caplog: pytest.LogCaptureFixture
) -> None:
    calls: list[int] = []

    @periodic(every=0.001)
    async def again(ctx: Any) -> None:
        calls.append(1)
        await cancelled()

    @mine
    class Idle:
        runnables = (again,)

        async def reconcile(self, obj: Any, ctx: Context) -> None:
            """Nothing."""

    async def meanwhile(manager: Any, client: Client) -> None:
        await until(lambda: len(calls) >= 3)

    mistaken(Idle, meanwhile)
    assert "something that was awaited has been cancelled" in caplog.text


@pytest.mark.parametrize(
    ("after", "error", "message"),
    [
        ("5", TypeError, "requeue_after must be seconds or a timedelta, not str"),
        ([5], TypeError, "requeue_after must be seconds or a timedelta, not list"),
        (float("nan"), ValueError, "requeue_after must be a finite number, not nan"),
        (float("inf"), ValueError, "requeue_after must be a finite number, not inf"),
        (float("-inf"), ValueError, "requeue_after must be a finite number, not -inf"),
    ],
)
def test_a_result_says_when_in_a_way_that_has_a_meaning(
    after: Any, error: type[Exception], message: str
) -> None:
    with pytest.raises(error) as raised:
        Result(requeue_after=after)
    assert str(raised.value) == message


@pytest.mark.parametrize(
    ("timeout", "error", "message"),
    [
        (0, ValueError, "timeout must be positive, not 0 seconds"),
        (timedelta(seconds=-2), ValueError, "timeout must be positive, not -2 seconds"),
        ("30s", TypeError, "timeout must be seconds or a timedelta, not str"),
    ],
)
def test_a_time_limit_that_is_none_is_refused(
    timeout: Any, error: type[Exception], message: str
) -> None:
    with pytest.raises(error) as raised:
        controller(core_v1.ConfigMap, timeout=timeout)
    assert str(raised.value) == message


@pytest.mark.parametrize("after", [0, -1, timedelta(seconds=-3)])
def test_what_is_due_already_comes_back_after_growing_delays(mistaken: Any, after: Any) -> None:
    calls: list[str] = []

    @mine
    class Overdue:
        async def reconcile(self, obj: Any, ctx: Context) -> Result | None:
            calls.append(ctx.name)
            return Result(requeue_after=after) if len(calls) < 5 else None

    async def meanwhile(manager: Any, client: Client) -> None:
        queue = manager.controllers[0].queue
        await until(lambda: len(calls) == 5 and not queue.processing)
        assert queue.retries == 4
        assert queue.failures(("default", "a")) == 0
        result = {"controller": "configmap", "result": "requeue"}
        assert manager.metrics.value("controller_runtime_reconcile", **result) == 4

    mistaken(Overdue, meanwhile)


def test_an_error_is_told_even_if_the_status_cannot_be_written(
    mistaken: Any, caplog: pytest.LogCaptureFixture
) -> None:
    calls: list[str] = []

    @mine
    class Fails:
        async def reconcile(self, obj: Any, ctx: Context) -> None:
            calls.append(ctx.name)
            obj["status"] = {"ready": True}
            raise LookupError("the cause")

    async def meanwhile(manager: Any, client: Client) -> None:
        await until(lambda: len(calls) == 2)
        assert manager.controllers[0].last_errors == {("default", "a"): "the cause"}

    mistaken(Fails, meanwhile)
    assert "LookupError: the cause" in caplog.text
    assert "its status was not written: " in caplog.text


def test_a_status_that_the_server_has_no_place_for_is_told(
    mistaken: Any, caplog: pytest.LogCaptureFixture
) -> None:
    @mine
    class Writes:
        async def reconcile(self, obj: Any, ctx: Context) -> None:
            obj["status"] = {"ready": True}

    async def meanwhile(manager: Any, client: Client) -> None:
        await until(lambda: manager.controllers[0].last_errors)

    mistaken(Writes, meanwhile)
    assert (
        "the API server has no configmaps/status to write the status of ConfigMap to" in caplog.text
    )
    assert "Traceback" not in caplog.text


def test_a_predicate_that_fails_lets_the_change_pass(
    mistaken: Any, caplog: pytest.LogCaptureFixture
) -> None:
    """Better reconciled once too often."""
    seen: list[str] = []

    def fails(old: Any, new: Any) -> bool:
        raise KeyError("no such label")

    @controller(core_v1.ConfigMap, label_selector="only=mine", predicates=(fails,))
    class Filters:
        async def reconcile(self, obj: Any, ctx: Context) -> None:
            seen.append(ctx.name)

    async def meanwhile(manager: Any, client: Client) -> None:
        await until(lambda: seen == ["a"])

    mistaken(Filters, meanwhile)
    assert "a predicate of controller configmap failed" in caplog.text
    assert "KeyError: 'no such label'" in caplog.text


def test_a_map_function_that_fails_stops_no_watch(
    mistaken: Any, caplog: pytest.LogCaptureFixture
) -> None:
    seen: list[str] = []

    def mapped(secret: Any) -> list[tuple[str, str]]:
        return [("default", secret["metadata"]["labels"]["for"])]

    @controller(
        core_v1.ConfigMap,
        label_selector="only=mine",
        predicates=(lambda old, new: False,),
        watches=(Watch(core_v1.Secret, mapped),),
    )
    class Maps:
        async def reconcile(self, obj: Any, ctx: Context) -> None:
            seen.append(ctx.name)

    async def meanwhile(manager: Any, client: Client) -> None:
        await client.create(core_v1.Secret, {"metadata": {"name": "bare"}}, "default")
        labelled = {"metadata": {"name": "labelled", "labels": {"for": "a"}}}
        await client.create(core_v1.Secret, labelled, "default")
        await until(lambda: seen == ["a"])

    mistaken(Maps, meanwhile)
    assert "a map function of controller configmap failed" in caplog.text
    assert "KeyError: 'labels'" in caplog.text


@pytest.mark.parametrize("mapped", [["ab"], [("default", None)], [("default", "a", "b")], [5]])
def test_what_a_map_function_must_return_is_told(
    mistaken: Any, mapped: Any, caplog: pytest.LogCaptureFixture
) -> None:
    @controller(
        core_v1.ConfigMap,
        label_selector="only=mine",
        watches=(Watch(core_v1.Secret, lambda secret: mapped),),
    )
    class Maps:
        async def reconcile(self, obj: Any, ctx: Context) -> None:
            """Nothing."""

    async def meanwhile(manager: Any, client: Client) -> None:
        await client.create(core_v1.Secret, {"metadata": {"name": "s"}}, "default")
        await until(lambda: "map must return" in caplog.text)

    mistaken(Maps, meanwhile)
    assert f"map must return pairs of namespace and name, not {mapped[0]!r}" in caplog.text


@pytest.mark.parametrize("metadata", [{}, None, {"name": 5}, {"name": ""}, {"generateName": "a-"}])
def test_what_has_no_name_is_not_applied(mistaken: Any, metadata: Any) -> None:
    raised: list[Exception] = []

    @mine
    class Applies:
        async def reconcile(self, obj: Any, ctx: Context) -> None:
            try:
                await ctx.apply({"apiVersion": "v1", "kind": "Secret", "metadata": metadata})
            except Exception as error:
                raised.append(error)

    async def meanwhile(manager: Any, client: Client) -> None:
        await until(lambda: raised)

    mistaken(Applies, meanwhile)
    assert isinstance(raised[0], Problems)
    assert raised[0].problems[0].message == "cannot apply a Secret without a name"


@pytest.mark.parametrize("number", [float("nan"), float("inf")])
def test_numbers_that_json_lacks_are_refused(number: float) -> None:
    with pytest.raises(TypeError, match=f"{number} has no form in JSON"):
        encode({"spec": {"ratio": [number]}})


# Plain functions


def test_stop_iteration_in_a_thread_is_a_failure(
    mistaken: Any, caplog: pytest.LogCaptureFixture
) -> None:
    calls: list[str] = []

    @mine
    class Looks:
        def reconcile(self, obj: Any, ctx: SyncContext) -> None:
            calls.append(ctx.name)
            if len(calls) < 2:
                next(iter(()))

    async def meanwhile(manager: Any, client: Client) -> None:
        await until(lambda: len(calls) == 2)

    mistaken(Looks, meanwhile)
    assert "RuntimeError: StopIteration was raised" in caplog.text
    assert "next(iter(()))" in caplog.text, "the stack says where"


def test_what_is_cancelled_within_a_thread_is_a_failure(
    mistaken: Any, caplog: pytest.LogCaptureFixture
) -> None:
    calls: list[str] = []

    @mine
    class Raises:
        def reconcile(self, obj: Any, ctx: SyncContext) -> None:
            calls.append(ctx.name)
            if len(calls) < 2:
                raise asyncio.CancelledError

    async def meanwhile(manager: Any, client: Client) -> None:
        await until(lambda: len(calls) == 2)

    mistaken(Raises, meanwhile)
    assert "something that was awaited has been cancelled" in caplog.text


def test_plain_functions_do_not_wait_for_each_other(mistaken: Any) -> None:
    together = threading.Barrier(MORE_THAN_ASYNCIO_HAS, timeout=60)
    names = [f"n{number}" for number in range(MORE_THAN_ASYNCIO_HAS)]
    done: set[str] = set()

    @controller(core_v1.ConfigMap, label_selector="only=mine", concurrency=MORE_THAN_ASYNCIO_HAS)
    class Meets:
        def reconcile(self, obj: Any, ctx: SyncContext) -> None:
            together.wait()
            done.add(ctx.name)

    async def meanwhile(manager: Any, client: Client) -> None:
        await until(lambda: len(done) == len(names))
        assert not manager.controllers[0].last_errors

    mistaken(Meets, meanwhile, names=names)


def test_a_thread_whose_time_is_up_keeps_its_key(mistaken: Any) -> None:
    """Nobody can end it, so nobody else may begin."""
    running, most, ended = [0], [0], [0]
    go = threading.Event()

    @controller(core_v1.ConfigMap, label_selector="only=mine", timeout=0.01)
    class Hangs:
        def reconcile(self, obj: Any, ctx: SyncContext) -> None:
            running[0] += 1
            most[0] = max(most[0], running[0])
            go.wait(60)
            running[0] -= 1
            ended[0] += 1

    async def meanwhile(manager: Any, client: Client) -> None:
        await until(lambda: running[0])
        await asyncio.sleep(0.1)  # several times as long as it may take
        assert (running[0], list(manager.controllers[0].queue.processing)) == (
            1,
            [("default", "a")],
        )
        go.set()
        await until(lambda: ended[0] >= 2)

    mistaken(Hangs, meanwhile)
    assert most[0] == 1


def test_a_thread_that_hangs_does_not_keep_the_manager_from_ending(mistaken: Any) -> None:
    began, go = threading.Event(), threading.Event()

    @mine
    class Hangs:
        def reconcile(self, obj: Any, ctx: SyncContext) -> None:
            began.set()
            go.wait(60)

    async def meanwhile(manager: Any, client: Client) -> None:
        await until(began.is_set)

    try:
        mistaken(Hangs, meanwhile, shutdown_timeout=0.01)
    finally:
        go.set()
