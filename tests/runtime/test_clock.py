"""Delays between tries."""

from __future__ import annotations

from typing import Any

from opgen.runtime.clock import Backoff


def test_delays_double_up_to_a_limit_and_are_spread(instant_clock: Any) -> None:
    backoff = Backoff(base=1.0, cap=30.0, jitter=1.0, clock=instant_clock)
    assert [backoff.next() for _ in range(7)] == [1.5, 3.0, 6.0, 12.0, 24.0, 45.0, 45.0]
    instant_clock.random = lambda: 0.0
    assert backoff.next() == 30.0


def test_after_a_healthy_while_delays_begin_anew(instant_clock: Any) -> None:
    backoff = Backoff(base=1.0, jitter=0.0, healthy_after=120.0, clock=instant_clock)
    backoff.next()
    instant_clock.advance(120)
    assert backoff.next() == 2.0, "the delay itself is no health"
    instant_clock.advance(123)
    assert backoff.next() == 1.0
    backoff.next()
    backoff.reset()
    assert backoff.next() == 1.0
