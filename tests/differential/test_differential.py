"""Random sequences of requests, answered alike by the in-process server and a real one.

`python -m fuzzing.campaign FIRST COUNT` in this folder plays as many as one likes.
"""

from __future__ import annotations

import asyncio
import os
from pathlib import Path
from typing import Any

import pytest

# Seeds that differed when they were first played, each in a way of its own.
MENDED = [3, 6, 13, 14, 17, 30, 39, 60, 67, 79, 94, 104, 107, 113, 121, 139, 157, 164, 174]
MENDED += [186, 213, 246, 257, 265, 298, 324, 337, 407, 465, 481, 484, 485, 519, 543, 560, 605, 781]
COUNT = int(os.environ.get("OPGEN_FUZZ_SEQUENCES", "200"))
"""How many fresh sequences to play; `make soak` asks for more."""
FIRST = int(os.environ.get("OPGEN_FUZZ_FIRST", "300000"))


def differences(programs: Path, seeds: list[int]) -> list[Any]:
    from fuzzing.campaign import pair
    from fuzzing.definition import WIDGETS
    from fuzzing.known import KNOWN

    from opgen.testing import Envtest

    async def play() -> list[Any]:
        with Envtest(programs) as real:
            async with pair(real.config, WIDGETS) as both:
                found = both.campaign(seed for seed in seeds if seed not in KNOWN)
                return [difference async for difference in found]

    return asyncio.run(play())


@pytest.mark.controlplane
def test_both_servers_answer_alike(control_plane_binaries: Path) -> None:
    seeds = [*MENDED, *range(FIRST, FIRST + COUNT)]
    found = differences(control_plane_binaries, seeds)
    assert not found, "\n".join(str(item) for item in found)
