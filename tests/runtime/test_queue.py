"""The queue: each key once, never twice at once, fresh changes first."""

from __future__ import annotations

import asyncio
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from opgen.runtime.queue import MAX_SECONDS, WorkQueue


async def take(queue: WorkQueue[str]) -> str | None:
    return await asyncio.wait_for(queue.get(), 5)


def test_a_key_added_twice_is_worked_on_once(run: Any) -> None:
    async def scenario() -> None:
        queue: WorkQueue[str] = WorkQueue()
        queue.add("a")
        queue.add("a")
        queue.add("b")
        assert (await take(queue), await take(queue), len(queue)) == ("a", "b", 0)

    run(scenario())


def test_a_key_that_becomes_urgent_waits_once(run: Any) -> None:
    async def scenario() -> None:
        queue: WorkQueue[str] = WorkQueue()
        queue.add("old", low=True)
        queue.add("old")
        queue.add("old", low=True)
        assert (len(queue), queue.low) == (1, 0)

    run(scenario())


def test_a_key_added_while_worked_on_comes_back_when_done(run: Any) -> None:
    async def scenario() -> None:
        queue: WorkQueue[str] = WorkQueue()
        queue.add("a")
        await take(queue)
        queue.add("a")
        assert len(queue) == 0
        queue.done("a")
        assert await take(queue) == "a"

    run(scenario())


def test_fresh_changes_pass_old_objects(run: Any) -> None:
    async def scenario() -> None:
        queue: WorkQueue[str] = WorkQueue()
        for key in ("old1", "old2"):
            queue.add(key, low=True)
        queue.add("fresh")
        queue.add("old2")
        assert [await take(queue) for _ in range(3)] == ["fresh", "old2", "old1"]

    run(scenario())


def test_failures_wait_longer_each_time_until_forgotten(run: Any, instant_clock: Any) -> None:
    async def scenario() -> None:
        queue: WorkQueue[str] = WorkQueue(clock=instant_clock)
        delays = []
        for _ in range(20):
            delays.append(queue.retry("a"))
            instant_clock.advance(delays[-1])
            assert await take(queue) == "a"
            queue.done("a")
        assert delays[:4] == [0.005, 0.01, 0.02, 0.04]
        assert delays[-1] == MAX_SECONDS
        queue.forget("a")
        assert queue.retry("a") == 0.005

    run(scenario())


def test_the_earliest_of_several_delays_counts(run: Any, instant_clock: Any) -> None:
    async def scenario() -> None:
        queue: WorkQueue[str] = WorkQueue(clock=instant_clock)
        queue.add_after("a", 10)
        queue.add_after("a", 5)
        queue.add_after("a", 20)
        instant_clock.advance(5)
        assert (len(queue), queue.delayed) == (1, 0)

    run(scenario())


def test_closing_lets_everyone_go(run: Any, instant_clock: Any) -> None:
    async def scenario() -> None:
        queue: WorkQueue[str] = WorkQueue(clock=instant_clock)
        waiting = [asyncio.ensure_future(queue.get()) for _ in range(3)]
        await asyncio.sleep(0)
        queue.add_after("a", 5)
        queue.close()
        queue.add("b")
        assert await asyncio.gather(*waiting) == [None, None, None]
        assert (len(queue), instant_clock.due) == (0, [])

    run(scenario())


@given(st.lists(st.tuples(st.sampled_from(["add", "low", "get", "done"]), st.integers(0, 3))))
def test_no_key_is_lost_or_worked_on_twice_at_once(steps: list[tuple[str, int]]) -> None:
    async def scenario() -> None:
        queue: WorkQueue[int] = WorkQueue()
        working: list[int] = []
        asked: set[int] = set()
        for step, key in steps:
            if step in ("add", "low"):
                queue.add(key, low=step == "low")
                asked.add(key)
            elif step == "get" and len(queue):
                taken = await queue.get()
                assert taken is not None and taken not in working
                working.append(taken)
                asked.discard(taken)
            elif step == "done" and working:
                queue.done(working.pop(0))
        while working or len(queue):
            if working:
                queue.done(working.pop())
            if len(queue):
                taken = await queue.get()
                assert taken is not None
                working.append(taken)
                asked.discard(taken)
        assert not asked

    asyncio.run(scenario())
