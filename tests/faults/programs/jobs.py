"""An operator that leaves a trace of its work: jobs.py KUBECONFIG TIME PLACE NAME MODE.

For every ServiceAccount named `job-…` it says in a ConfigMap of that name that it is busy, works
for a moment, and says that it is idle; over and over, or once if MODE ends in `-once`. TIME is the
file of a `PacedClock`, PLACE ours in it. SIGUSR1 makes it say what it is doing, and end. SIGTSTP
pauses it between two steps of the event loop, and not between the last look at its Lease and the
sending of a request a moment later: that gap can be narrow, but nobody can close it.
"""

from __future__ import annotations

import asyncio
import faulthandler
import json
import logging
import os
import signal
import sys
from collections import Counter
from pathlib import Path
from typing import Any

from opgen.api import Problems
from opgen.k8s import core_v1
from opgen.runtime import Context, Result, controller
from opgen.runtime.config import load_config
from opgen.runtime.debug import report
from opgen.runtime.leader import ElectionTiming
from opgen.runtime.main import stopping
from opgen.runtime.manager import Manager, Options

sys.path.append(str(Path(__file__).parent.parent))

from faultkit.pace import PacedClock

KUBECONFIG, TIME, PLACE, NAME, MODE = sys.argv[1:]
CLOCK = PacedClock(Path(TIME), int(PLACE))
TIMING = ElectionTiming(lease=5.0, renew=3.5, retry=0.2)
TOLD = 70
ONCE, SHARDS = MODE.endswith("-once"), MODE == "shards"


@controller(core_v1.ServiceAccount, concurrency=100)
class Jobs:
    async def reconcile(self, obj: Any, ctx: Context) -> Result | None:
        if not ctx.name.startswith("job-"):
            return None
        await self.say(ctx, "busy")
        await CLOCK.sleep(1.0 if ONCE else 0.05)
        await self.say(ctx, "idle")
        return None if ONCE else Result(requeue_after=0.5 if SHARDS else 0.2)

    async def say(self, ctx: Context, state: str) -> None:
        body = {
            "metadata": {"name": ctx.name, "namespace": ctx.namespace},
            "data": {"writer": NAME, "state": state},
        }
        await ctx.client.apply(core_v1.ConfigMap, body, field_manager="jobs")


def tell(manager: Manager) -> None:
    """Say what the tasks wait for, how the queues are and what is ours; and end."""
    for waits, count in Counter(map(waits_for, asyncio.all_tasks())).items():
        print(f"{count} x {waits}", file=sys.stderr)
    print(json.dumps(report(manager)), file=sys.stderr)
    numbers = manager.metrics.render()[0].decode().splitlines()
    print(*(line for line in numbers if line.startswith("opgen_")), sep="\n", file=sys.stderr)
    sys.stderr.flush()
    os._exit(TOLD)


def waits_for(task: asyncio.Task[Any]) -> str:
    """Where a task is: the functions that await each other."""
    places = list[str]()
    awaited: Any = task.get_coro()
    while (frame := getattr(awaited, "cr_frame", None)) is not None:
        places.append(f"{frame.f_code.co_qualname}:{frame.f_lineno}")
        awaited = getattr(awaited, "cr_await", None)
    return " > ".join(places)


async def main() -> int:
    CLOCK.follow()
    config = load_config(KUBECONFIG)
    options = Options(
        namespace=config.namespace,
        leader_election="jobs" if MODE.startswith("leader") else "",
        shards="jobs" if SHARDS else "",
        election=TIMING,
    )
    stop, manager = asyncio.Event(), Manager(config, [Jobs], options, clock=CLOCK)
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGUSR1, tell, manager)
    loop.add_signal_handler(signal.SIGTSTP, os.kill, os.getpid(), signal.SIGSTOP)
    # Where the threads are, is told even if the event loop is blocked; then the handler above runs.
    faulthandler.register(signal.SIGUSR1, chain=True)
    with stopping(stop):
        try:
            await manager.run(stop)
        except Problems as problems:
            print(problems, file=sys.stderr)
            return 1
    return 0


logging.basicConfig(level=logging.INFO, stream=sys.stderr, format="%(asctime)s %(message)s")
sys.exit(asyncio.run(main()))
