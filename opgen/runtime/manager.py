"""The manager: everything a running operator consists of, started and stopped in order.

Probes first; then a reflector for each kind that any controller asks for, shared between them; when
all caches are filled (and this replica is the leader, if that matters) the workers. On stop the
queues take nothing more, running reconciles are let finish, the lease is given back and every
connection is closed. A manager needs neither signals nor the main thread, and leaves nothing
behind, so that tests can run many of them.
"""

from __future__ import annotations

import asyncio
import logging
import os
import secrets
import socket
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from functools import partial
from itertools import groupby
from typing import TYPE_CHECKING, Any

from opgen.api.controllers import PolicyRule
from opgen.api.errors import Problem, Problems
from opgen.runtime.access import check_access, check_kinds
from opgen.runtime.caches import build_caches
from opgen.runtime.children import ChildWriter
from opgen.runtime.client import Client
from opgen.runtime.clock import SYSTEM_CLOCK, Clock
from opgen.runtime.config import ClusterConfig
from opgen.runtime.context import Services
from opgen.runtime.coordination import coordination
from opgen.runtime.debug import report
from opgen.runtime.declared import Declared
from opgen.runtime.diagnosis import explain, is_final
from opgen.runtime.errors import Unreachable
from opgen.runtime.events import EventRecorder
from opgen.runtime.metrics import Labels, Metrics
from opgen.runtime.options import Options
from opgen.runtime.rate_limit import RateLimit
from opgen.runtime.reconciler import Reconciler
from opgen.runtime.reflector import Reflector
from opgen.runtime.runnables import Runnables
from opgen.runtime.serving import Endpoints, serving
from opgen.runtime.store import Key
from opgen.runtime.tasks import Tasks
from opgen.runtime.watchdog import watched_loop

if TYPE_CHECKING:
    from opgen.runtime.webhooks.held import HeldCertificate
    from opgen.runtime.webhooks.server import WebhookServer

__all__ = ["Manager", "Options"]

log = logging.getLogger("opgen.manager")


class Manager:
    """Runs controllers against one cluster.

    Args:
        config: The cluster.
        controllers: Classes decorated with `@controller`, or instances of such classes.
        options: How to run.
        webhooks: Classes decorated with `@webhook` or `@converter`, or instances of such classes.
        runnables: Functions decorated with `@on_start` or `@periodic`.
        clock: Time and chance, for tests.

    Raises:
        Problems: the controllers do not fit together.
    """

    def __init__(
        self,
        config: ClusterConfig,
        controllers: Iterable[Any],
        options: Options | None = None,
        *,
        webhooks: Iterable[Any] = (),
        runnables: Iterable[Any] = (),
        clock: Clock = SYSTEM_CLOCK,
    ) -> None:
        self.config = config
        self.options = options or Options()
        self.metrics = Metrics()
        self.controllers: list[Reconciler] = []
        self.reflectors: list[Reflector] = []
        self._webhooks = tuple(webhooks)
        self._declared = Declared(controllers, runnables, others=bool(self._webhooks))
        self._clock = clock
        self._ready = asyncio.Event()
        self._ended = asyncio.Event()
        self._changed = asyncio.Event()
        self._failure: BaseException | None = None
        self._served: Endpoints | None = None
        self._built = False
        self.webhook_server: WebhookServer | None = None
        """What serves the webhooks, if there are any."""
        self._identity = f"{socket.gethostname()}_{secrets.token_hex(4)}"
        self._part = coordination(self.options, config, self._identity, self, clock)

    @property
    def synced(self) -> bool:
        """Whether all caches are filled."""
        return self._built and all(r.synced for r in self.reflectors)

    @property
    def ports(self) -> list[int]:
        """The ports of the probes and the metrics, as far as they are served."""
        return self._served.ports if self._served is not None else []

    def busy(self) -> Iterator[Key]:
        """The keys that are being worked on."""
        for controller in self.controllers:
            yield from controller.queue.processing

    def requeue(self, wanted: Callable[[Key], bool]) -> None:
        """Put all keys that are wanted into the queues."""
        for controller in self.controllers:
            controller.requeue(wanted)

    async def ready(self) -> None:
        """Wait until the controllers work.

        Raises:
            Exception: the manager has ended before, with the exception that ended it.
        """
        waits = [asyncio.ensure_future(event.wait()) for event in (self._ready, self._ended)]
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()
        if self._failure is not None:
            raise self._failure
        if not self._ready.is_set():
            raise RuntimeError("the manager was stopped before it was ready")

    async def run(self, stop: asyncio.Event | None = None) -> None:
        """Run until `stop` is set, or until cancelled.

        Raises:
            Problems: it cannot start, or others have taken over its work.
        """
        try:
            async with (
                self._client() as client,
                self._writing(client) as writer,
                Tasks() as tasks,
                self._serving(client, tasks),
            ):
                with watched_loop(self.options.blocked_timeout):
                    await self._run(client, writer, tasks, stop or asyncio.Event())
        except BaseException as error:
            self._failure = error
            raise
        finally:
            self._ended.set()

    async def _run(self, client: Client, writer: Client, tasks: Tasks, stop: asyncio.Event) -> None:
        stopped = tasks.start(stop.wait())
        recorder = EventRecorder(
            writer,
            instance=self._identity,
            metrics=self.metrics,
            clock=self._clock,
            busy=lambda: any(len(controller.queue) for controller in self.controllers),
        )
        runnables = self._build(client, writer, recorder)
        if not await tasks.until(self._check_access(client), stopped):
            return
        for reflector in self.reflectors:
            tasks.start(reflector.run())
        if not await tasks.until(self._caches_filled(), stopped):
            return
        log.info("caches are filled: %s", self._census())
        if not await self._start_runnables(runnables, tasks, stopped, everywhere=True):
            return
        if self._part is not None:
            if not await tasks.until(self._part.begin(), stopped):
                return
            tasks.start(self._part.hold())
        tasks.start(recorder.run())
        if not await self._start_runnables(runnables, tasks, stopped, everywhere=False):
            return
        workers = [
            tasks.start(controller.work())
            for controller in self.controllers
            for _ in range(controller.info.concurrency)
        ]
        self._ready.set()
        names = ", ".join(controller.info.name for controller in self.controllers)
        log.info("controllers work: %s", names or "there are none")
        try:
            await tasks.until_any(stopped)
        finally:
            await self._shut_down(workers, recorder)

    async def _start_runnables(
        self,
        runnables: Runnables,
        tasks: Tasks,
        stopped: asyncio.Task[Any],
        *,
        everywhere: bool,
    ) -> bool:
        """Those that run once are done, those that run again and again begun; or we are stopped."""
        if not await tasks.until(runnables.start(everywhere=everywhere), stopped):
            return False
        if runnables.repeats(everywhere=everywhere):
            tasks.start(runnables.repeat(everywhere=everywhere))
        return True

    def _build(self, client: Client, writer: Client, recorder: EventRecorder) -> Runnables:
        specs, clock = self._declared.caches.values(), self._clock
        stores, self.reflectors = build_caches(
            specs, client, self.options, clock, self._changed.set
        )
        self.controllers = []
        for info, instance in self._declared.controllers:
            manager = f"opgen-{info.name}"
            children = ChildWriter(writer, stores, manager, self.metrics)
            services = Services(writer, stores, children, recorder, clock, manager)
            self.controllers.append(
                Reconciler(
                    info,
                    instance,
                    services,
                    self.metrics,
                    clock=clock,
                    timeout=self.options.reconcile_timeout,
                    owns=self._part.owns if self._part is not None else None,
                )
            )
        self.metrics.gauges.append(self._gauges)
        self._built = True
        self._changed.set()
        return Runnables(self._declared.runnables, writer, stores, self.metrics, clock)

    async def _check_access(self, client: Client) -> None:
        if not self.options.check_access:
            return
        infos, rules = [info for info, _ in self._declared.controllers], list[PolicyRule]()
        if self.options.webhook_self_signed is not None:
            rules += self.options.webhook_self_signed.rules(self.config.namespace)
        if self._part is not None:
            rules += self._part.rules()
        await check_kinds(client, self._declared.caches.values())
        for namespace in self.options.namespaces or ("",):
            await check_access(client, infos, namespace, rules)

    async def _caches_filled(self) -> None:
        """Wait for all caches; raises Problems when waiting any longer is of no use."""
        began = self._clock.now()
        nudge = self._clock.call_later(self.options.sync_timeout, self._changed.set)
        try:
            while not self.synced:
                await self._changed.wait()
                self._changed.clear()
                self._give_up_if_hopeless(self._clock.now() - began)
        finally:
            nudge.cancel()

    def _give_up_if_hopeless(self, waited: float) -> None:
        problems: dict[Problem, None] = {}
        for reflector in self.reflectors:
            error = reflector.health.last_error
            if reflector.synced or (error is None and waited < self.options.sync_timeout):
                continue
            patience = self.options.sync_timeout
            if isinstance(error, Unreachable):
                patience = self.options.unreachable_timeout
            if is_final(error) or waited >= patience:
                error = error or TimeoutError(f"no answer within {waited:.0f} seconds")
                source = self.config.source or self.config.server
                problems.update(dict.fromkeys(explain(error, reflector.store.kind, source)))
        if problems:
            raise Problems(problems)

    async def _shut_down(self, workers: list[asyncio.Task[Any]], recorder: EventRecorder) -> None:
        for controller in self.controllers:
            controller.queue.close()
        may_work = self._part is None or self._part.holds()
        if may_work and workers:
            _, late = await asyncio.wait(workers, timeout=self.options.shutdown_timeout)
            if late:
                log.warning("%d reconciles did not finish in time and are cancelled", len(late))
            await recorder.drain()

    def _client(self, fence: Callable[[], None] | None = None) -> Client:
        options, clock = self.options, self._clock
        per_second, agent = options.requests_per_second, f"opgen/{os.getpid()}"
        limit = RateLimit(per_second, options.request_burst, clock=clock) if per_second else None
        return Client(
            self.config,
            user_agent=agent,
            clock=clock,
            rate_limit=limit,
            fence=fence,
            metrics=self.metrics,
        )

    @asynccontextmanager
    async def _writing(self, client: Client) -> AsyncIterator[Client]:
        """The client of the controllers. Others go on only when nothing uses it any more."""
        if self._part is None:
            yield client
            return
        async with self._client(self._part.fence) as fenced:
            try:
                yield fenced
            finally:
                await self._part.end()

    @asynccontextmanager
    async def _serving(self, client: Client, tasks: Tasks) -> AsyncIterator[None]:
        """Webhooks are served by standbys too, and before the probes say that we are ready."""
        options = self.options
        if not self._webhooks or options.webhook_address in ("0", ""):
            async with self._endpoints(client):
                yield
            return
        from opgen.runtime.webhooks.server import serve

        certificate = await self._own_certificate(client, tasks)
        async with (
            serve(
                self._webhooks,
                options.webhook_address,
                options.webhook_certificates,
                certificate=certificate,
                metrics=self.metrics,
            ) as self.webhook_server,
            self._endpoints(client),
        ):
            yield

    async def _own_certificate(self, client: Client, tasks: Tasks) -> HeldCertificate | None:
        """The certificate that the operator makes itself, if it does."""
        if self.options.webhook_self_signed is None:
            return None
        from opgen.runtime.webhooks.rotation import Rotation

        rotation = Rotation(client, self.options.webhook_self_signed, self._clock)
        await rotation.first()
        tasks.start(rotation.run())
        return rotation.certificate

    def _endpoints(self, client: Client) -> AbstractAsyncContextManager[None]:
        self._served = Endpoints()
        checks = {"caches": self._waiting}
        if self.webhook_server is not None:
            checks["webhooks"] = self.webhook_server.certificate.problem
        debug = partial(report, self)
        return serving(self._served, self.options, client, self.metrics, checks, debug, self._clock)

    def _waiting(self) -> str:
        """What is wrong with the caches; nothing once they are filled."""
        waiting = [r.store.kind.plural for r in self.reflectors if not r.synced]
        if waiting:
            return f"caches are not filled: {', '.join(dict.fromkeys(waiting))}"
        return "" if self._built else "starting"

    def _census(self) -> str:
        stores = dict.fromkeys(reflector.store for reflector in self.reflectors)
        counts = ", ".join(f"{len(store)} {store.kind.plural}" for store in stores)
        return counts or "there are none"

    def _gauges(self) -> Iterator[tuple[str, Labels, float]]:
        for kind, reflectors in groupby(self.reflectors, key=lambda r: r.store.kind):
            labels: Labels = (("kind", kind.kind),)
            group = list(reflectors)
            health = [reflector.health for reflector in group]
            yield "opgen_cache_objects", labels, len(group[0].store)
            yield "opgen_watch_events", labels, sum(h.events for h in health)
            yield "opgen_watch_lists", labels, sum(h.lists for h in health)
            yield "opgen_undecodable_objects", labels, sum(h.undecodable for h in health)
        if self._part is not None:
            yield from self._part.gauges()
