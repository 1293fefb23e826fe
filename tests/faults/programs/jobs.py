"""An operator that leaves a trace of when it works on what: jobs.py KUBECONFIG NAME MODE PATIENCE.

For every ServiceAccount named `job-…` it says in a ConfigMap of that name that it is busy, works
for a moment, and says that it is idle; over and over, or once if MODE ends in `-once`. PATIENCE is
by how much slower everything goes than on a machine that nobody else uses.
"""

from __future__ import annotations

import asyncio
import logging
import sys
from typing import Any

from opgen.api import Problems
from opgen.k8s import core_v1
from opgen.runtime import Context, Result, controller
from opgen.runtime.config import load_config
from opgen.runtime.leader import ElectionTiming
from opgen.runtime.main import stopping
from opgen.runtime.manager import Manager, Options

KUBECONFIG, NAME, MODE = sys.argv[1:4]
PATIENCE = float(sys.argv[4])
TIMING = ElectionTiming(lease=4.0 * PATIENCE, renew=2.5 * PATIENCE, retry=0.2 * PATIENCE)
ONCE, SHARDS = MODE.endswith("-once"), MODE == "shards"


@controller(core_v1.ServiceAccount, concurrency=100)
class Jobs:
    async def reconcile(self, obj: Any, ctx: Context) -> Result | None:
        if not ctx.name.startswith("job-"):
            return None
        await self.say(ctx, "busy")
        await asyncio.sleep(1.0 if ONCE else 0.05)
        await self.say(ctx, "idle")
        return None if ONCE else Result(requeue_after=PATIENCE * (0.5 if SHARDS else 0.2))

    async def say(self, ctx: Context, state: str) -> None:
        body = {
            "metadata": {"name": ctx.name, "namespace": ctx.namespace},
            "data": {"writer": NAME, "state": state},
        }
        await ctx.client.apply(core_v1.ConfigMap, body, field_manager="jobs")


async def main() -> int:
    config = load_config(KUBECONFIG)
    options = Options(
        namespace=config.namespace,
        leader_election="jobs" if MODE.startswith("leader") else "",
        shards="jobs" if SHARDS else "",
        election=TIMING,
    )
    stop = asyncio.Event()
    with stopping(stop):
        try:
            await Manager(config, [Jobs], options).run(stop)
        except Problems as problems:
            print(problems, file=sys.stderr)
            return 1
    return 0


logging.basicConfig(level=logging.INFO, stream=sys.stderr, format="%(asctime)s %(message)s")
sys.exit(asyncio.run(main()))
