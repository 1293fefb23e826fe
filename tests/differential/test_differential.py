"""Random sequences of requests, answered alike by the in-process server and a real one.

`python -m fuzzing.campaign FIRST COUNT` in this folder plays as many as one likes.
"""

from __future__ import annotations

import asyncio
import json
import os
from pathlib import Path
from typing import Any

import pytest

COUNT = int(os.environ.get("OPGEN_FUZZ_SEQUENCES", "200"))
"""How many fresh sequences to play; `make soak` asks for more."""
FIRST = int(os.environ.get("OPGEN_FUZZ_FIRST", "300000"))


RECORDED = sorted((Path(__file__).parent / "sequences").glob("*.json"))
"""Sequences that the servers once answered differently, with as few steps as that took."""


def differences(programs: Path) -> list[Any]:
    from fuzzing.campaign import pair
    from fuzzing.definition import WIDGETS
    from fuzzing.sequences import Step

    from opgen.testing import Envtest

    async def play() -> list[Any]:
        found: list[Any] = []
        with Envtest(programs) as real:
            async with pair(real.config, WIDGETS) as both:
                for path in RECORDED:
                    steps = [Step(**fields) for fields in json.loads(path.read_text())]
                    found.append(await both.compare(steps, path.name))
                fresh = both.campaign(range(FIRST, FIRST + COUNT))
                found += [difference async for difference in fresh]
        return [difference for difference in found if difference is not None]

    return asyncio.run(play())


@pytest.mark.controlplane
def test_both_servers_answer_alike(control_plane_binaries: Path) -> None:
    found = differences(control_plane_binaries)
    assert not found, "\n".join(str(item) for item in found)
