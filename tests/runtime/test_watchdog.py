"""A blocked event loop is told, with the place where it is stuck."""

from __future__ import annotations

import logging
import threading
from typing import Any

import pytest

from opgen.runtime.watchdog import watched_loop


class Told(logging.Handler):
    def __init__(self) -> None:
        super().__init__()
        self.event = threading.Event()

    def emit(self, record: logging.LogRecord) -> None:
        self.event.set()


def test_the_stack_of_a_blocked_loop_is_logged(run: Any, caplog: pytest.LogCaptureFixture) -> None:
    told = Told()

    def a_long_computation() -> None:
        assert told.event.wait(60)

    async def scenario() -> None:
        with watched_loop(0.02):
            a_long_computation()

    logger = logging.getLogger("opgen.watchdog")
    logger.addHandler(told)
    try:
        run(scenario())
    finally:
        logger.removeHandler(told)
    assert "the event loop has been blocked" in caplog.text
    assert "a_long_computation" in caplog.text


@pytest.mark.parametrize("patience", [0, 60])
def test_it_leaves_no_thread(patience: float, run: Any) -> None:
    async def scenario() -> None:
        with watched_loop(patience):
            names = [thread.name for thread in threading.enumerate()]
            assert ("opgen-watchdog" in names) is bool(patience)

    run(scenario())
    assert "opgen-watchdog" not in [thread.name for thread in threading.enumerate()]
