"""Fixtures for faults: most come from `faultkit`, a package beside this file."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from opgen.runtime.errors import ApiError

sys.path.append(str(Path(__file__).parent))

from faultkit.asked import asked, none_in_vain
from faultkit.journal import journal, violations
from faultkit.operators import accounts, working, writes_nothing
from faultkit.replicas import link, replicas
from faultkit.servers import breakable, breakable_real, in_process, own_server, real_target, target

__all__ = [
    "accounts",
    "asked",
    "breakable",
    "breakable_real",
    "in_process",
    "journal",
    "link",
    "none_in_vain",
    "own_server",
    "real_target",
    "replicas",
    "target",
    "violations",
    "working",
    "writes_nothing",
]

SECONDS = 600
"""Far more than any of them takes, even where many share the machine."""


@pytest.fixture
def run() -> Callable[[Awaitable[Any]], Any]:
    """Runs a coroutine, and fails when it takes too long."""

    def within(work: Awaitable[Any]) -> Any:
        async def limited() -> Any:
            async with asyncio.timeout(SECONDS):
                return await work

        return asyncio.run(limited())

    return within


@pytest.fixture
def run_long() -> Callable[[Awaitable[Any]], Any]:
    """Runs a coroutine for as long as it takes."""
    return lambda work: asyncio.run(_awaited(work))


async def _awaited(work: Awaitable[Any]) -> Any:
    return await work


@pytest.fixture
def eventually() -> Callable[[Callable[[], Awaitable[Any]]], Awaitable[Any]]:
    """Asks until the answer is true; the test as a whole has a time limit."""

    async def asked(probe: Callable[[], Awaitable[Any]]) -> Any:
        while True:
            try:
                if answer := await probe():
                    return answer
            except ApiError as error:
                if error.code != 404:
                    raise
            await asyncio.sleep(0.01)

    return asked
