"""One controller at work: changes become keys, workers take keys and reconcile.

A key is never worked on twice at once. After a failure it comes back with growing delays, after
`Result(requeue_after=...)` when asked for, and after anything else only when something changes.
"""

from __future__ import annotations

import asyncio
import dataclasses
import logging
import typing
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from opgen.api.controllers import ControllerInfo, Result, TerminalError, Watch
from opgen.api.errors import Problems
from opgen.api.resources import ResourceKind, kind_of
from opgen.runtime.blocking import call
from opgen.runtime.clock import Clock
from opgen.runtime.context import Context, Services
from opgen.runtime.documents import typed
from opgen.runtime.errors import ApiError, DecodeError, Unreachable
from opgen.runtime.logs import BoundLogger, ReconcileID, bind
from opgen.runtime.metrics import Labels, Metrics
from opgen.runtime.queue import WorkQueue
from opgen.runtime.settling import Settling
from opgen.runtime.status_fields import StatusSnapshot
from opgen.runtime.store import Entry, Handler, Key

log = logging.getLogger("opgen.controller")


class Reconciler:
    """Runs a user's controller."""

    def __init__(
        self,
        info: ControllerInfo,
        instance: Any,
        services: Services,
        metrics: Metrics,
        *,
        clock: Clock,
        timeout: float | None = None,
        owns: Callable[[Key], bool] | None = None,
    ) -> None:
        self.info = info
        self.kind = kind_of(info.resource)
        self.queue: WorkQueue[Key] = WorkQueue(
            clock=clock,
            waited=lambda seconds: self._observe("workqueue_queue_duration_seconds", seconds),
            worked=lambda seconds: self._observe("workqueue_work_duration_seconds", seconds),
        )
        self.settling = Settling(clock, lambda key, low: self.queue.add(key, low=low))
        self._instance = instance
        self._services = dataclasses.replace(services, wrote=self._wrote)
        self._metrics = metrics
        self._clock = clock
        self._timeout = info.timeout or timeout
        self._owns = owns
        """Says whether a key is ours to work on; None if all are."""
        self._store = services.stores[self.kind]
        self._finalized: dict[Key, str] = {}
        """The uids of objects that need us no more, until a watch tells that they have gone."""
        self.last_errors: dict[Key, str] = {}
        """What went wrong last, for keys that fail."""
        self._subscribe()
        metrics.gauges.append(self._gauges)
        metrics.expect_controller(info.name)

    # Changes become keys

    def _subscribe(self) -> None:
        self._store.subscribe(self._changed)
        for owned in self.info.owns:
            kind = kind_of(owned)
            self._services.stores[kind].subscribe(self._owned_handler(kind))
        for watch in self.info.watches:
            self._services.stores[kind_of(watch.kind)].subscribe(self._watch_handler(watch))

    def _changed(self, old: Entry | None, new: Entry | None, initial: bool) -> None:
        entry = new or old
        if new is None and old is not None:
            self._finalized.pop(old.key, None)
        if entry is not None and self._matters(self.info.resource, self.info.predicates, old, new):
            self._add(entry.key, self.kind, entry, initial)

    def _add(self, key: Key, kind: ResourceKind, changed: Entry, initial: bool) -> None:
        self.settling.told(key, kind, changed, low=initial)

    def _owned_handler(self, kind: ResourceKind) -> Handler:
        def changed(old: Entry | None, new: Entry | None, initial: bool) -> None:
            for key in {key for entry in (old, new) if entry for key in self._owners(entry)}:
                self._add(key, kind, typing.cast("Entry", new or old), initial)

        return changed

    def _owners(self, entry: Entry) -> Iterator[Key]:
        for owner in entry.metadata.owner_references or ():
            group = owner.api_version.rpartition("/")[0]
            if owner.controller and (group, owner.kind) == self.kind.group_kind:
                yield (entry.metadata.namespace if self.kind.namespaced else "", owner.name)

    def _watch_handler(self, watch: Watch) -> Handler:
        kind = kind_of(watch.kind)

        def changed(old: Entry | None, new: Entry | None, initial: bool) -> None:
            try:
                if not self._matters(watch.kind, watch.predicates, old, new):
                    return
                keys = {
                    _mapped(pair)
                    for entry in (old, new)
                    if entry is not None
                    for pair in watch.map(self._typed(watch.kind, entry))
                }
            except Exception:
                log.exception("a map function of controller %s failed", self.info.name)
                return
            for key in keys:
                self._add(key, kind, typing.cast("Entry", new or old), initial)

        return changed

    def _matters(
        self, cls: Any, predicates: Iterable[Any], old: Entry | None, new: Entry | None
    ) -> bool:
        """Whether all predicates agree. One that fails agrees: better reconciled once too often."""
        if not predicates:
            return True
        try:
            before = None if old is None else self._typed(cls, old)
            after = None if new is None else self._typed(cls, new)
            return all(predicate(before, after) for predicate in predicates)
        except Exception:
            log.exception("a predicate of controller %s failed", self.info.name)
            return True

    def _wrote(self, key: Key, kind: ResourceKind, answer: bytes) -> None:
        store = self._services.stores.get(kind)
        awaited = store.wrote(answer) if store is not None else None
        if awaited is not None:
            self.settling.wrote(key, kind, awaited)

    def _typed(self, cls: Any, entry: Entry) -> Any:
        store = self._services.stores[kind_of(cls)]
        return typed(cls, entry, metadata_only=store.metadata_only)

    # Keys are worked on

    def requeue(self, wanted: Callable[[Key], bool]) -> None:
        """Put all keys that are wanted into the queue, behind those that wait."""
        for key in filter(wanted, self._store.keys()):
            self.queue.add(key, low=True)

    async def work(self) -> None:
        """Take keys until the queue is closed. Those of other replicas are let go."""
        while (key := await self.queue.get()) is not None:
            self.settling.begin(key, low=self.queue.is_low(key))
            try:
                if self._owns is None or self._owns(key):
                    await self._process(key)
                else:
                    self.queue.forget(key)
            finally:
                self.settling.end(key)
                self.queue.done(key)
            # A reconcile that finds nothing to do never waits; watches and leases must go on.
            await asyncio.sleep(0)

    async def _process(self, key: Key) -> None:
        entry = self._store.get(key)
        if entry is None:
            self.queue.forget(key)
            self.last_errors.pop(key, None)
            return
        logger = bind(
            log,
            controller=self.info.name,
            controllerGroup=self.kind.group,
            controllerKind=self.kind.kind,
            namespace=key[0],
            name=key[1],
            reconcileID=ReconcileID(),
        )
        began = self._clock.now()
        limit = asyncio.timeout(self._timeout)
        try:
            async with limit:
                result = await self._reconcile(entry, logger)
        except Exception as error:
            outcome = self._failed(key, entry, error, logger, late=limit.expired())
        else:
            outcome = self._succeeded(key, result)
        seconds = self._clock.now() - began
        name = self.info.name
        self._metrics.count("controller_runtime_reconcile", controller=name, result=outcome)
        self._metrics.observe("controller_runtime_reconcile_time_seconds", seconds, controller=name)
        logger.debug("reconciled", extra={"result": outcome, "seconds": round(seconds, 4)})

    def _succeeded(self, key: Key, result: Result | None) -> str:
        self.last_errors.pop(key, None)
        delay = result.delay if result is not None else None
        if delay is not None and delay <= 0:
            self.queue.retry(key)  # at once, but never in a hot loop
            return "requeue"
        self.queue.forget(key)
        if delay is None:
            return "success"
        self.queue.add_after(key, delay)
        return "requeue_after"

    def _failed(
        self, key: Key, entry: Entry, error: Exception, logger: BoundLogger, *, late: bool
    ) -> str:
        name = self.info.name
        self.last_errors[key] = str(error) or type(error).__name__
        self._metrics.count("controller_runtime_reconcile_errors", controller=name)
        if isinstance(error, (TerminalError, DecodeError)):
            self._metrics.count("controller_runtime_terminal_reconcile_errors", controller=name)
            if isinstance(error, DecodeError):
                self._metrics.count("opgen_undecodable_objects", kind=self.kind.kind)
            logger.error("not tried again until the object changes: %s", error)
            self._tell(entry, error, logger)
            self.queue.forget(key)
            return "error"
        if late:
            self._metrics.count("controller_runtime_reconcile_timeouts", controller=name)
        delay = self.queue.retry(key)
        if isinstance(error, ApiError) and error.code == 409:
            logger.info("trying again in %.3f s: %s", delay, error)
            return "error"
        expected = late or isinstance(error, (ApiError, Unreachable, Problems))
        if not expected:
            self._metrics.count("controller_runtime_reconcile_panics", controller=name)
        logger.error(
            "reconcile failed, trying again in %.3f s: %s",
            delay,
            error if str(error) else type(error).__name__,
            exc_info=None if expected else error,
        )
        self._tell(entry, error, logger)
        return "error"

    def _tell(self, entry: Entry, error: Exception, logger: BoundLogger) -> None:
        context = Context(self._services, None, self.kind, entry, logger)
        message = str(error) or type(error).__name__
        context.event("ReconcileError", message, type="Warning")

    async def _reconcile(self, entry: Entry, logger: BoundLogger) -> Result | None:
        obj = self._typed(self.info.resource, entry)
        context = Context(self._services, obj, self.kind, entry, logger)
        finalizer = self.info.finalizer
        if entry.metadata.deletion_timestamp is not None:
            done = self._finalized.get(entry.key) == entry.metadata.uid
            if finalizer is None or done or finalizer not in _finalizers(entry):
                return None
            result = await self._call(self._instance.finalize, obj, entry, context)
            if result is None or result.delay is None:
                await self._set_finalizers(entry, context, remove=finalizer)
                if self._store.get(entry.key) is not None:
                    self._finalized[entry.key] = entry.metadata.uid
            return result
        if finalizer is not None and finalizer not in _finalizers(entry):
            await self._set_finalizers(entry, context, add=finalizer)
        return await self._call(self._instance.reconcile, obj, entry, context)

    async def _call(self, method: Any, obj: Any, entry: Entry, context: Context) -> Result | None:
        """Call the user's method and write the status, also when it has failed."""
        before = StatusSnapshot(obj, entry)
        try:
            result = await call(method, obj, context=context, stays=self._works)
        except Exception:
            await self._write_what_can_be(context, before)
            raise
        if before.changed():
            await self._write_status(context, before)
        if result is not None and not isinstance(result, Result):
            shown = f"{type(result).__qualname__}"
            raise TerminalError(f"{method.__qualname__} must return None or a Result, not {shown}")
        return result

    def _works(self) -> bool:
        """Whether a key is kept while a thread works on it, even if its time is up."""
        return not self.queue.closed

    async def _write_what_can_be(self, context: Context, status: StatusSnapshot) -> None:
        """Write the status of a reconcile that has failed, whose error is the one that is told."""
        try:
            if status.changed():
                await self._write_status(context, status)
        except Exception as error:
            context.log.warning("its status was not written: %s", error)

    async def _write_status(self, context: Context, status: StatusSnapshot) -> None:
        metadata = self._identity(context)
        self._metrics.count("opgen_writes", kind=self.kind.kind)
        try:
            answer = await self._services.client.apply_bytes(
                self.kind,
                {"metadata": metadata, "status": status.decided(self._services.manager)},
                field_manager=self._services.manager,
                subresource="status",
            )
        except ApiError as error:
            if error.code != 404:
                raise
            if not error.names_an_object:
                raise self._no_status() from error
            context.log.debug("gone before its status was written")
            return
        context.wrote(self.kind, answer)

    def _no_status(self) -> Problems:
        kind = self.kind
        return Problems.of(
            f"the API server has no {kind.plural}/status to write the status of {kind.kind} to",
            hint="leave the status alone, or install the CRD that opgen make manifests writes",
        )

    def _identity(self, context: Context) -> dict[str, Any]:
        reference = context.owner_reference()
        metadata = {"name": context.name, "uid": reference["uid"]}
        return metadata | ({"namespace": context.namespace} if context.namespace else {})

    async def _set_finalizers(
        self, entry: Entry, context: Context, *, add: str = "", remove: str = ""
    ) -> None:
        """Change the list as a whole; the resourceVersion in it refuses what we have not seen."""
        newest = self._store.get(entry.key)  # our own writes may have changed the object
        if newest is not None and newest.metadata.uid == entry.metadata.uid:
            entry = newest
        finalizers = [name for name in _finalizers(entry) if name != remove]
        body = {
            "metadata": {
                "resourceVersion": entry.metadata.resource_version,
                "finalizers": [*finalizers, add] if add else finalizers,
            }
        }
        namespace, name = entry.key
        client, manager = self._services.client, self._services.manager
        try:
            answer = await client.patch_bytes(
                self.kind, name, body, namespace or None, field_manager=manager
            )
        except ApiError as error:
            if error.code == 404 and remove:
                return
            raise
        if add:
            context.wrote(self.kind, answer)

    def _observe(self, metric: str, seconds: float) -> None:
        name = self.info.name
        self._metrics.observe(metric, seconds, controller=name, name=name)

    def _gauges(self) -> Iterator[tuple[str, Labels, float]]:
        now, running = self._clock.now(), self.queue.processing.values()
        labels: Labels = (("controller", self.info.name),)
        queue: Labels = (*labels, ("name", self.info.name))
        for priority, depth in (("0", len(self.queue) - self.queue.low), ("-100", self.queue.low)):
            yield "workqueue_depth", (*queue, ("priority", priority)), depth
        yield "controller_runtime_max_concurrent_reconciles", labels, self.info.concurrency
        yield "controller_runtime_active_workers", labels, len(running)
        yield "workqueue_adds", queue, self.queue.adds
        yield "workqueue_retries", queue, self.queue.retries
        ages = [now - since for since in running]
        yield "workqueue_longest_running_processor_seconds", queue, max(ages, default=0.0)
        yield "workqueue_unfinished_work_seconds", queue, sum(ages)


def _mapped(pair: Any) -> Key:
    """What a map function says to reconcile."""
    namespace, name = pair if isinstance(pair, tuple | list) and len(pair) == 2 else (pair, None)
    if not (isinstance(name, str) and isinstance(namespace, str | None)):
        raise TypeError(f"map must return pairs of namespace and name, not {pair!r}")
    return (namespace or "", name)


def _finalizers(entry: Entry) -> list[str]:
    finalizers: list[str] = entry.document()["metadata"].get("finalizers") or []
    return finalizers
