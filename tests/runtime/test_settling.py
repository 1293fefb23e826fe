"""Own writes come back before a key is worked on again, and then once."""

from __future__ import annotations

import json
from typing import Any

import pytest

from opgen.api import ResourceKind
from opgen.runtime.settling import PATIENCE_SECONDS, Settling
from opgen.runtime.store import Entry, Key

KEY: Key = ("default", "web")
CHILD = ResourceKind("apps", "v1", "Deployment", "deployments")


def child(version: int, name: str = "web") -> Entry:
    metadata = {"namespace": "default", "name": name, "resourceVersion": str(version)}
    return Entry.of(json.dumps({"metadata": metadata}).encode())


Released = list[tuple[Key, bool]]
URGENT, LATER = (KEY, False), (KEY, True)


@pytest.fixture
def released() -> Released:
    return []


@pytest.fixture
def settling(instant_clock: Any, released: Released) -> Settling:
    return Settling(instant_clock, lambda key, low: released.append((key, low)))


def test_a_change_of_a_key_at_rest_is_acted_on_at_once(
    settling: Settling, released: Released
) -> None:
    settling.told(KEY, CHILD, child(1))
    settling.told(KEY, CHILD, child(1), low=True)
    assert released == [URGENT, LATER]


def test_writes_come_back_and_then_the_key_is_worked_on_once(
    settling: Settling, released: Released
) -> None:
    settling.begin(KEY)
    settling.wrote(KEY, CHILD, child(5))
    settling.wrote(KEY, CHILD, child(6, "other"))
    settling.end(KEY)
    settling.told(KEY, CHILD, child(5))
    assert not released
    settling.told(KEY, CHILD, child(6, "other"))
    assert released == [URGENT]
    assert len(settling) == 0


def test_own_writes_are_no_news(settling: Settling, released: Released) -> None:
    settling.begin(KEY, low=True)
    settling.wrote(KEY, CHILD, child(5))
    settling.end(KEY)
    settling.told(KEY, CHILD, child(5))
    assert released == [LATER]


@pytest.mark.parametrize("news", [child(6), child(4, "other")], ids=["of a child", "of another"])
def test_what_others_change_is_urgent(
    news: Entry, settling: Settling, released: Released, instant_clock: Any
) -> None:
    settling.begin(KEY, low=True)
    settling.wrote(KEY, CHILD, child(5))
    settling.end(KEY)
    settling.told(KEY, CHILD, news)
    instant_clock.advance(2 * PATIENCE_SECONDS)
    assert released == [URGENT]


def test_a_change_during_the_work_is_acted_on_after_it(
    settling: Settling, released: Released
) -> None:
    settling.begin(KEY)
    settling.told(KEY, CHILD, child(5))
    assert not released
    settling.end(KEY)
    assert released == [URGENT]


def test_an_echo_that_came_before_the_answer_does_not_end_the_rest_too_early(
    settling: Settling, released: Released
) -> None:
    settling.begin(KEY)
    settling.told(KEY, CHILD, child(5))
    settling.wrote(KEY, CHILD, child(6, "other"))
    settling.end(KEY)
    assert not released
    settling.told(KEY, CHILD, child(6, "other"))
    assert released == [URGENT]


def test_what_others_change_waits_for_our_writes_too(
    settling: Settling, released: Released
) -> None:
    settling.begin(KEY)
    settling.wrote(KEY, CHILD, child(5))
    settling.end(KEY)
    settling.told(KEY, CHILD, child(4))
    assert not released
    settling.told(KEY, CHILD, child(7))
    assert released == [URGENT]


def test_a_write_that_never_comes_back_holds_a_key_no_longer_than_a_second(
    settling: Settling, released: Released, instant_clock: Any
) -> None:
    settling.begin(KEY)
    settling.wrote(KEY, CHILD, child(5))
    settling.end(KEY)
    settling.told(KEY, CHILD, child(4, "other"))
    instant_clock.advance(PATIENCE_SECONDS / 2)
    assert not released
    instant_clock.advance(PATIENCE_SECONDS)
    assert released == [URGENT]
    assert len(settling) == 0


def test_nothing_is_done_again_if_nothing_changed(
    settling: Settling, released: Released, instant_clock: Any
) -> None:
    settling.begin(KEY)
    settling.end(KEY)
    settling.begin(KEY)
    settling.wrote(KEY, CHILD, child(5))
    settling.end(KEY)
    instant_clock.advance(2 * PATIENCE_SECONDS)
    assert not released
    assert not instant_clock.due


def test_work_that_begins_during_the_rest_still_waits_for_the_earlier_writes(
    settling: Settling, released: Released, instant_clock: Any
) -> None:
    settling.begin(KEY)
    settling.wrote(KEY, CHILD, child(5))
    settling.end(KEY)
    settling.begin(KEY)
    settling.end(KEY)
    settling.told(KEY, CHILD, child(4))
    assert not released
    settling.told(KEY, CHILD, child(5))
    assert released == [URGENT]
    assert not instant_clock.due
