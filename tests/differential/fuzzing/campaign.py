"""Two servers side by side, and many sequences played on both.

`python -m fuzzing.campaign 0 10000` plays the seeds from 0 on and prints what differs.
"""

from __future__ import annotations

import asyncio
import sys
from collections import Counter
from collections.abc import AsyncIterator, Iterable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Any

from fuzzing.content import GROUP
from fuzzing.normal import differences, normal
from fuzzing.play import Player
from fuzzing.sequences import Step, sequence
from opgen.runtime.client import Client
from opgen.runtime.config import ClusterConfig
from opgen.runtime.transport import Transport
from opgen.testing import ApiServer

NAMESPACE = "fuzz"
AT_ONCE = 4


@dataclass
class Difference:
    """Where two servers disagree: the step, and what each said."""

    seed: int
    index: int
    step: Step | None
    texts: list[str]

    def __str__(self) -> str:
        head = f"seed {self.seed}, step {self.index}: {self.step}"
        return "\n".join([head, *(f"    {text}" for text in self.texts)])


class Pair:
    """The server in this process and a real one."""

    def __init__(self, ours: Transport, theirs: Transport) -> None:
        self._ours = ours
        self._theirs = theirs

    async def compare(self, seed: int) -> Difference | None:
        """Play a seed on both; the first difference, or None."""
        steps = sequence(seed)
        unique = f"s{seed}-"
        ours, theirs = await asyncio.gather(
            Player(self._ours, NAMESPACE, unique).play(steps),
            Player(self._theirs, NAMESPACE, unique).play(steps),
        )
        for index, (one, two) in enumerate(zip(ours, theirs, strict=True)):
            texts = differences(normal(one, unique), normal(two, unique))
            if texts:
                step = steps[index] if index < len(steps) else None
                return Difference(seed, index, step, texts)
        return None

    async def campaign(self, seeds: Iterable[int]) -> AsyncIterator[Difference]:
        """The differences of many seeds."""
        waiting = iter(seeds)
        found: asyncio.Queue[Difference | None] = asyncio.Queue()

        async def work() -> None:
            try:
                for seed in waiting:
                    difference = await self.compare(seed)
                    if difference is not None:
                        await found.put(difference)
            finally:
                await found.put(None)

        tasks = [asyncio.create_task(work()) for _ in range(AT_ONCE)]
        working = len(tasks)
        while working:
            difference = await found.get()
            if difference is None:
                working -= 1
            else:
                yield difference
        await asyncio.gather(*tasks)


@asynccontextmanager
async def pair(real: ClusterConfig, widgets: dict[str, Any]) -> AsyncIterator[Pair]:
    """Both servers, with the namespace and the CRD of the sequences."""
    async with AsyncExitStack() as stack:
        server = await stack.enter_async_context(ApiServer(control_plane=False))
        transports = []
        for config in (server.config, real):
            client = await stack.enter_async_context(Client(config))
            await _prepare(client, widgets)
            transport = Transport(config, user_agent="fuzz/1.0")
            stack.push_async_callback(transport.close)
            transports.append(transport)
        yield Pair(*transports)


async def _prepare(client: Client, widgets: dict[str, Any]) -> None:
    root = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
    namespace = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE}}
    await client.request("POST", "/api/v1/namespaces", body=namespace)
    await client.request("POST", root, body=widgets)
    path = f"/apis/{GROUP}/v1/namespaces/{NAMESPACE}/widgets"
    transport = Transport(client.config)
    try:
        while (await transport.send("GET", path)).status != 200:
            await asyncio.sleep(0.1)
    finally:
        await transport.close()


async def _main(first: int, count: int) -> int:
    from fuzzing.definition import WIDGETS
    from opgen.testing import Envtest

    failures: list[Difference] = []
    with Envtest() as real:
        async with pair(real.config, WIDGETS) as both:
            async for difference in both.campaign(range(first, first + count)):
                failures.append(difference)
    shapes = Counter(_shape(item) for item in failures)
    for shape, number in shapes.most_common(100):
        example = next(item for item in failures if _shape(item) == shape)
        print(f"{number} times, such as {example}")
    print(f"{len(failures)} of {count} sequences differ")
    return 1 if failures else 0


def _shape(difference: Difference) -> str:
    """What similar differences share."""
    step = difference.step
    where = f"{step.method} {step.content_type} {step.kind}" if step else "final"
    return f"{where} {difference.texts[0].partition(':')[0]}"


if __name__ == "__main__":
    sys.exit(asyncio.run(_main(int(sys.argv[1]), int(sys.argv[2]))))
