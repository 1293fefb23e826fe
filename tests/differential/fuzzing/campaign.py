"""Two servers side by side, and many sequences played on both.

`python -m fuzzing.campaign 0 10000` plays the seeds from 0 on and prints what differs, each as the
fewest steps that still differ. With a folder as third argument these are written there, in the form
of `differential/sequences`.
"""

from __future__ import annotations

import asyncio
import dataclasses
import itertools
import json
import sys
from collections import Counter
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from fuzzing.content import GROUP
from fuzzing.normal import differences, normal
from fuzzing.play import Player
from fuzzing.sequences import OTHER_VERSION, Step, sequence
from opgen.runtime.client import Client
from opgen.runtime.config import ClusterConfig
from opgen.runtime.errors import Unreachable
from opgen.runtime.transport import Transport
from opgen.testing import ApiServer

NAMESPACES = ("fuzz-0", "fuzz-1", "fuzz-2", "fuzz-3")
"""One for each sequence that is played at a time."""

_ATTEMPTS = 2


@dataclass
class Difference:
    """Where two servers disagree: the step, and what each said."""

    steps: Sequence[Step]
    index: int
    """Of the step; past the last one it is about what is left in the end."""
    texts: list[str]
    origin: str = ""
    """The seed or file that the steps are of."""

    @property
    def step(self) -> Step | None:
        """The step that was answered differently; None for what is left in the end."""
        return self.steps[self.index] if self.index < len(self.steps) else None

    def __str__(self) -> str:
        steps = [f"  {number}: {step}" for number, step in enumerate(self.steps)]
        head = f"{self.origin}, step {self.index}:"
        return "\n".join([head, *steps, *(f"    {text}" for text in self.texts)])


@dataclass
class Pair:
    """The server in this process and a real one."""

    ours: Transport
    theirs: Transport
    broken: list[int] = field(default_factory=list)
    """Seeds over which the real server breaks its connection."""
    answered: Counter[tuple[str, str, int]] = field(default_factory=Counter)
    """How many requests of each form and kind the real server answered with each code."""
    _played: itertools.count[int] = field(default_factory=itertools.count)

    async def compare(
        self, steps: Sequence[Step], origin: str = "", namespace: str = NAMESPACES[0]
    ) -> Difference | None:
        """Play steps on both, in a namespace of their own; the first difference, or None."""
        unique = f"s{next(self._played)}-"
        playing = [
            asyncio.create_task(Player(transport, namespace, unique).play(steps))
            for transport in (self.ours, self.theirs)
        ]
        # Both end before anything else is played there, even if a connection breaks.
        await asyncio.wait(playing)
        ours, theirs = [await task for task in playing]
        self.answered.update(
            (f"{step.method} {step.content_type}", step.kind, answer.code)
            for step, answer in zip(steps, theirs, strict=False)
        )
        for index, (one, two) in enumerate(zip(ours, theirs, strict=True)):
            texts = differences(normal(one, unique), normal(two, unique))
            if texts:
                return Difference(steps, index, texts, origin)
        return None

    async def _play_seed(self, seed: int, namespace: str) -> Difference | None:
        """Play a seed, once more from the start if a connection breaks in between.

        Over some changes of Services the real server breaks it each time; nothing is to be compared
        then.
        """
        steps = sequence(seed)
        for _ in range(_ATTEMPTS):
            with suppress(Unreachable):
                return await self.compare(steps, f"seed {seed}", namespace)
        self.broken.append(seed)
        return None

    async def smallest(self, difference: Difference) -> Difference:
        """The difference with every step left out that it can do without; nothing else runs."""
        again = await self.compare(difference.steps, difference.origin)
        difference = again or difference
        for index in reversed(range(len(difference.steps))):
            fewer = [step for at, step in enumerate(difference.steps) if at != index]
            found = await self.compare(fewer, difference.origin) if fewer else None
            if found is not None and found.texts == difference.texts:
                difference = found
        return difference

    async def campaign(self, seeds: Iterable[int]) -> AsyncIterator[Difference]:
        """The differences of many seeds."""
        waiting = iter(seeds)
        found: asyncio.Queue[Difference | None] = asyncio.Queue()

        async def work(namespace: str) -> None:
            try:
                for seed in waiting:
                    difference = await self._play_seed(seed, namespace)
                    if difference is not None:
                        await found.put(difference)
            finally:
                await found.put(None)

        tasks = [asyncio.create_task(work(namespace)) for namespace in NAMESPACES]
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
        ours, theirs = transports
        yield Pair(ours, theirs)


async def _prepare(client: Client, widgets: dict[str, Any]) -> None:
    root = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
    for name in NAMESPACES:
        namespace = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}
        await client.request("POST", "/api/v1/namespaces", body=namespace)
    await client.request("POST", root, body=widgets)
    transport = Transport(client.config)
    try:
        for version in ("v1", OTHER_VERSION):
            path = f"/apis/{GROUP}/{version}/namespaces/{NAMESPACES[0]}/widgets"
            while (await transport.send("GET", path)).status != 200:
                await asyncio.sleep(0.1)
    finally:
        await transport.close()


async def _main(first: int, count: int, folder: Path | None) -> int:
    from fuzzing.definition import WIDGETS
    from opgen.testing import Envtest

    failures: list[Difference] = []
    with Envtest() as real:
        async with pair(real.config, WIDGETS) as both:
            found = []
            async for item in both.campaign(range(first, first + count)):
                print(item.origin, "differs", file=sys.stderr, flush=True)
                found.append(item)
            _report(both)
            failures += [await both.smallest(difference) for difference in found]
    shapes = Counter(_shape(item) for item in failures)
    for shape, number in shapes.most_common(100):
        example = next(item for item in failures if _shape(item) == shape)
        print(f"{number} times, such as {example}")
        if folder is not None:
            _write(folder, example)
    print(f"{len(failures)} of {count} sequences differ")
    return 1 if failures else 0


def _report(both: Pair) -> None:
    """What was asked, so that one sees what a campaign proves."""
    total = both.answered.total()
    print(f"{total} requests; the real server broke over seeds {both.broken}", file=sys.stderr)
    for part, name in enumerate(("form", "kind", "code")):
        counts: Counter[str | int] = Counter()
        for key, number in both.answered.items():
            counts[key[part]] += number
        shares = (f"{key} {number / total:.1%}" for key, number in counts.most_common())
        print(f"by {name}: {', '.join(shares)}", file=sys.stderr)


def _write(folder: Path, difference: Difference) -> None:
    """Record the steps of a difference, for `differential/test_differential.py`."""
    document = [dataclasses.asdict(step) for step in difference.steps]
    path = folder / f"{difference.origin.replace(' ', '-')}.json"
    path.write_text(json.dumps(document, indent=2) + "\n")


def _shape(difference: Difference) -> str:
    """What similar differences share."""
    step = difference.step
    where = f"{step.method} {step.content_type} {step.kind}" if step else "final"
    return f"{where} {difference.texts[0].partition(':')[0]}"


if __name__ == "__main__":
    numbers, folders = sys.argv[1:3], sys.argv[3:]
    where = Path(folders[0]) if folders else None
    sys.exit(asyncio.run(_main(int(numbers[0]), int(numbers[1]), where)))
