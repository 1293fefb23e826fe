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
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from opgen.api.controllers import ControllerInfo, PolicyRule, controller_info
from opgen.api.errors import Problem, Problems
from opgen.api.resources import ResourceKind, kind_of
from opgen.runtime.access import check_access
from opgen.runtime.children import ChildWriter
from opgen.runtime.client import Client
from opgen.runtime.clock import SYSTEM_CLOCK, Clock
from opgen.runtime.config import ClusterConfig
from opgen.runtime.context import Services
from opgen.runtime.coordination import coordination
from opgen.runtime.diagnosis import explain, is_final
from opgen.runtime.errors import Unreachable
from opgen.runtime.events import EventRecorder
from opgen.runtime.metrics import Labels, Metrics
from opgen.runtime.options import Options
from opgen.runtime.rate_limit import RateLimit
from opgen.runtime.reconciler import Reconciler
from opgen.runtime.reflector import Reflector, Scope
from opgen.runtime.store import Key, Store
from opgen.runtime.tasks import Tasks
from opgen.runtime.watchdog import watched_loop

if TYPE_CHECKING:
    from opgen.runtime.probes import Endpoints
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
        clock: Clock = SYSTEM_CLOCK,
    ) -> None:
        self.config = config
        self.options = options or Options()
        self.metrics = Metrics()
        self.controllers: list[Reconciler] = []
        self.reflectors: list[Reflector] = []
        self._declared = list(_declared(controllers))
        self._clock = clock
        self._ready = asyncio.Event()
        self._ended = asyncio.Event()
        self._changed = asyncio.Event()
        self._failure: BaseException | None = None
        self._served: Endpoints | None = None
        self._webhooks = tuple(webhooks)
        self.webhook_server: WebhookServer | None = None
        """What serves the webhooks, if there are any."""
        self._identity = f"{socket.gethostname()}_{secrets.token_hex(4)}"
        self._part = coordination(self.options, config, self._identity, self, clock)

    @property
    def synced(self) -> bool:
        """Whether all caches are filled."""
        return bool(self.reflectors) and all(r.store.synced for r in self.reflectors)

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
            writer, instance=self._identity, metrics=self.metrics, clock=self._clock
        )
        self._build(client, writer, recorder)
        if not await tasks.until(self._check_access(client), stopped):
            return
        for reflector in self.reflectors:
            tasks.start(reflector.run())
        if not await tasks.until(self._caches_filled(), stopped):
            return
        log.info("caches are filled: %s", self._census())
        if self._part is not None:
            if not await tasks.until(self._part.begin(), stopped):
                return
            tasks.start(self._part.hold())
        tasks.start(recorder.run())
        workers = [
            tasks.start(controller.work())
            for controller in self.controllers
            for _ in range(controller.info.concurrency)
        ]
        self._ready.set()
        log.info("controllers work: %s", ", ".join(c.info.name for c in self.controllers))
        try:
            await tasks.until_any(stopped)
        finally:
            await self._shut_down(workers, recorder)

    def _build(self, client: Client, writer: Client, recorder: EventRecorder) -> None:
        stores: dict[ResourceKind, Store] = {}
        for info, _ in self._declared:
            for kind in _kinds(info):
                if kind not in stores:
                    stores[kind] = Store(kind)
        scope = Scope(namespace=self.options.namespace)
        self.reflectors = [
            Reflector(
                client,
                store,
                scope=scope if store.kind.namespaced else Scope(),
                timing=self.options.watch,
                clock=self._clock,
                on_change=self._changed.set,
            )
            for store in stores.values()
        ]
        self.controllers = []
        for info, instance in self._declared:
            manager = f"opgen-{info.name}"
            children = ChildWriter(writer, stores, manager, self.metrics)
            services = Services(writer, stores, children, recorder, self._clock, manager)
            self.controllers.append(
                Reconciler(
                    info,
                    instance,
                    services,
                    self.metrics,
                    clock=self._clock,
                    timeout=self.options.reconcile_timeout,
                    owns=self._part.owns if self._part is not None else None,
                )
            )
        self.metrics.gauges.append(self._gauges)

    async def _check_access(self, client: Client) -> None:
        if not self.options.check_access:
            return
        infos, rules = [info for info, _ in self._declared], list[PolicyRule]()
        if self.options.webhook_self_signed is not None:
            rules += self.options.webhook_self_signed.rules(self.config.namespace)
        if self._part is not None:
            rules += self._part.rules()
        await check_access(client, infos, self.options.namespace, rules)

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
            if reflector.store.synced or (error is None and waited < self.options.sync_timeout):
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
        return Client(self.config, user_agent=agent, clock=clock, rate_limit=limit, fence=fence)

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

    @asynccontextmanager
    async def _endpoints(self, client: Client) -> AsyncIterator[None]:
        addresses = (self.options.probe_address, self.options.metrics_address)
        if all(address in ("0", "") for address in addresses):
            yield
            return
        from opgen.runtime.probes import Endpoints

        endpoints = self._served = Endpoints()
        try:
            await endpoints.serve_probes(addresses[0], lambda: "", self._unready)
            await self._serve_metrics(endpoints, client)
            yield
        finally:
            await endpoints.close()

    async def _serve_metrics(self, endpoints: Endpoints, client: Client) -> None:
        from opgen.runtime.metrics_certificate import is_private, own_context

        address, directory = self.options.metrics_address, self.options.metrics_certificates
        if directory:
            from opgen.runtime.certificates import ServingCertificate

            context = ServingCertificate(Path(directory), "/metrics").context()
        elif self.options.metrics_secure and not is_private(address):
            context = own_context()
        else:
            await endpoints.serve_metrics(address, self.metrics)
            return
        from opgen.runtime.guard import Guard

        guard = Guard(client, self._clock)
        await endpoints.serve_metrics(address, self.metrics, guard=guard, context=context)

    def _unready(self) -> str:
        if self.webhook_server is not None and (wrong := self.webhook_server.certificate.problem()):
            return wrong
        waiting = [r.store.kind.plural for r in self.reflectors if not r.store.synced]
        if waiting:
            return f"caches are not filled: {', '.join(waiting)}"
        return "" if self.reflectors else "starting"

    def _census(self) -> str:
        return ", ".join(f"{len(r.store)} {r.store.kind.plural}" for r in self.reflectors)

    def _gauges(self) -> Iterator[tuple[str, Labels, float]]:
        for reflector in self.reflectors:
            labels: Labels = (("kind", reflector.store.kind.kind),)
            yield "opgen_cache_objects", labels, len(reflector.store)
            yield "opgen_watch_events", labels, reflector.health.events
            yield "opgen_watch_lists", labels, reflector.health.lists
            yield "opgen_undecodable_objects", labels, reflector.health.undecodable
        if self._part is not None:
            yield from self._part.gauges()


def _declared(controllers: Iterable[Any]) -> Iterator[tuple[ControllerInfo, Any]]:
    """The declarations with instances, checked against each other."""
    found = [(controller, _info(controller)) for controller in controllers]
    problems, names = [], dict[str, ControllerInfo]()
    for controller, info in found:
        if info.name in names:
            problems.append(
                Problem(
                    f"two controllers are named {info.name!r}",
                    location=info.location,
                    hint=f"the other is at {names[info.name].location}; set name= of one of them",
                )
            )
        names.setdefault(info.name, info)
        if info.finalizer and not callable(getattr(controller, "finalize", None)):
            problems.append(
                Problem(
                    f"controller {info.name!r} has a finalizer but no method finalize",
                    location=info.location,
                    hint="add async def finalize(self, obj, ctx)",
                )
            )
    if not found:
        hint = "decorate a class with @controller(...) in a module of <package>.controllers"
        problems.append(Problem("there is no controller to run", hint=hint))
    if problems:
        raise Problems(problems)
    for controller, info in found:
        yield info, controller() if isinstance(controller, type) else controller


def _info(controller: Any) -> ControllerInfo:
    cls = controller if isinstance(controller, type) else type(controller)
    info = controller_info(cls)
    if info is None:
        raise TypeError(f"{cls.__qualname__} is no controller; decorate it with @controller(...)")
    return info


def _kinds(info: ControllerInfo) -> Iterator[ResourceKind]:
    yield kind_of(info.resource)
    for owned in info.owns:
        yield kind_of(owned)
    for watch in info.watches:
        yield kind_of(watch.kind)
