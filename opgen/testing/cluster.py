"""A cluster for tests: synchronous, plain dicts in and out.

`Cluster.start()` brings an API server along; `Cluster(config)` speaks to any other. Everything
asynchronous runs in a thread of the cluster's own, so tests stay plain functions.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Any, TypeVar

from opgen.api.resources import ResourceKind
from opgen.runtime.config import ClusterConfig
from opgen.testing.audit import LoggedRequest
from opgen.testing.clock import Clock
from opgen.testing.cluster_objects import ClusterObjects
from opgen.testing.errors import Document
from opgen.testing.faults import Fault, Faults
from opgen.testing.history import History
from opgen.testing.kubeconfig import write_kubeconfig
from opgen.testing.manifests import Source, read_documents, serve_locally
from opgen.testing.operators import RunningOperator, find_controllers, restricted_config
from opgen.testing.readings import Readings
from opgen.testing.server import ApiServer
from opgen.testing.snapshots import Snapshot, restore, take
from opgen.testing.waiting import attempt, explain

T = TypeVar("T")
POLL_SECONDS = 0.05


class Cluster(ClusterObjects):
    """A Kubernetes API for tests.

    Use it as a context manager, or call `close`. What it does with objects, `ClusterObjects` says.
    """

    def __init__(self, config: ClusterConfig) -> None:
        super().__init__(config)
        self._history = History()
        self._operators: list[RunningOperator] = []
        self._server: ApiServer | None = None
        self._beginning = Snapshot({})
        self._folder: tempfile.TemporaryDirectory[str] | None = None

    @classmethod
    def start(
        cls,
        *,
        port: int = 0,
        clock: Clock | None = None,
        control_plane: bool = True,
        tls: bool = False,
    ) -> Cluster:
        """A cluster with an API server of its own, in this process; see `ApiServer`."""
        server = ApiServer(port=port, clock=clock, control_plane=control_plane, tls=tls)
        cluster = cls(ClusterConfig(server=""))
        server.machinery.store.listeners.append(cluster._history.record)
        server.machinery.controllers.failure_listeners.append(cluster._history.wake)
        try:
            cluster._background.run(server.start())
        except BaseException:
            cluster.close()
            raise
        cluster._server = server
        cluster._beginning = take(server.machinery)
        cluster._connect(server.config)
        return cluster

    def close(self) -> None:
        """Stop everything that runs.

        Raises:
            ControllerFailure: a controller of the in-process server broke, and nobody was told yet.
        """
        if self._background.loop.is_closed():
            return
        self._background.run(self._client.close())
        if self._server is not None:
            self._background.run(self._server.stop())
        self._background.close()
        if self._folder is not None:
            self._folder.cleanup()
        self._raise_server_failure()

    def __enter__(self) -> Cluster:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if error is not None and self._server is not None:
            self._server.machinery.controllers.failures.clear()
        self.close()

    # What only the in-process server has

    @property
    def server(self) -> ApiServer:
        """The API server of this process.

        Raises:
            RuntimeError: the cluster is elsewhere.
        """
        if self._server is None:
            raise RuntimeError(f"{self.config.server} is no in-process API server")
        return self._server

    @property
    def requests(self) -> Sequence[LoggedRequest]:
        """The requests that were answered, oldest first."""
        return tuple(self.server.front.requests)

    @property
    def audit(self) -> list[Document]:
        """The requests that were answered, as audit.k8s.io/v1 Events."""
        return self.server.audit

    @property
    def writes(self) -> Sequence[LoggedRequest]:
        """The requests that could change something."""
        return tuple(request for request in self.requests if request.is_write)

    @contextmanager
    def no_writes(self) -> Iterator[None]:
        """A block in which nobody may write; renewals of Leases do not count.

        Raises:
            AssertionError: at the end of the block; lists the writes.
        """
        before = self.server.front.answered
        yield
        fresh = self.server.front.answered - before
        recent = self.requests[-fresh:] if fresh else ()
        writes = [item for item in recent if item.is_write and item.resource != "leases"]
        lines = [f"  {item.method} {item.path} by {item.user}: {item.code}" for item in writes]
        if lines:
            head = f"{len(lines)} writes where there should be none:"
            raise AssertionError("\n".join([head, *lines]))

    def snapshot(self) -> Snapshot:
        """All objects as they are now, to `restore` later; in-process only."""

        async def now() -> Snapshot:
            return take(self.server.machinery)

        return self.run(now())

    def restore(self, snapshot: Snapshot) -> None:
        """Bring all objects back as they were; watches see that as ordinary changes."""

        async def back() -> None:
            await restore(self.server.machinery, snapshot)

        self.run(back())

    @property
    def faults(self) -> Faults:
        """What shall go wrong."""
        return self.server.front.faults

    def expire_watches(self) -> None:
        """End all watches with 410, as a server does that has lost track; in-process only."""

        async def expire() -> None:
            for watch in tuple(self.server.front.watches):
                watch.expire()

        self.run(expire())

    def restart(self, *, keep: bool = True) -> None:
        """Stop the in-process server and start it again on its port, with or without its data."""

        async def again() -> None:
            await self.server.stop()
            if not keep:
                await restore(self.server.machinery, self._beginning)
            await self.server.start()

        self.run(again())

    @contextmanager
    def partition(self) -> Iterator[None]:
        """A block in which nobody reaches the in-process server, and watches have ended."""
        fault = Fault(drop=True, times=None)
        self.faults.add(fault)

        async def cut() -> None:
            self.server.front.close_watches()

        self.run(cut())
        try:
            yield
        finally:
            self.faults.remove(fault)

    @property
    def kubeconfig(self) -> Path:
        """A kubeconfig file for kubectl; deleted with the cluster."""
        if self._folder is None:
            self._folder = tempfile.TemporaryDirectory(prefix="opgen-")
        path = Path(self._folder.name) / "kubeconfig"
        return path if path.exists() else write_kubeconfig(path, self.config)

    # CRDs and operators

    def install(
        self, source: Source, *, webhook_address: str = "", webhook_ca: bytes = b""
    ) -> None:
        """Apply documents and wait until the CRDs among them are served.

        Args:
            source: A file, a folder with YAML files, or documents.
            webhook_address: Host and port where the webhooks of Services are served meanwhile,
                for admission as for conversion, such as `127.0.0.1:9443`.
            webhook_ca: The certificate authority of that server, as PEM.
        """
        documents = read_documents(source)
        if webhook_address:
            for document in documents:
                serve_locally(document, webhook_address, webhook_ca)
        for document in documents:
            self.apply(document)
        for document in documents:
            if document["kind"] == "CustomResourceDefinition":
                self.eventually(partial(self._is_served, document))

    def _is_served(self, crd: Document) -> bool:
        kind = ResourceKind(
            "apiextensions.k8s.io", "v1", crd["kind"], "customresourcedefinitions", False
        )
        status = self.get(kind, crd["metadata"]["name"]).get("status") or {}
        conditions = {item["type"]: item["status"] for item in status.get("conditions") or ()}
        if conditions.get("Established") != "True":
            return False
        spec = crd["spec"]
        version = next(item["name"] for item in spec["versions"] if item["served"])
        listed = self.request("GET", f"/apis/{spec['group']}/{version}")["resources"]
        return any(item["name"] == spec["names"]["plural"] for item in listed)

    @contextmanager
    def operator(
        self,
        controllers: Any,
        *,
        role: Path | str | None = None,
        namespace: str = "",
    ) -> Iterator[RunningOperator]:
        """Run an operator for the length of a `with` block.

        Args:
            controllers: The name of a package, or controller classes.
            role: A file or folder with the roles to run it with; the administrator if left out.
            namespace: The only namespace to look at; all if left out.
        """
        from opgen.runtime.manager import Manager, Options

        found = find_controllers(controllers)
        config = self.config
        if role is not None:
            where = namespace or self.config.namespace
            config = self.run(restricted_config(self._client, config, role, where))
        options = Options(namespace=namespace, shutdown_timeout=5.0)

        async def make() -> RunningOperator:
            return RunningOperator(Manager(config, found, options))

        running: RunningOperator = self.run(make())
        self.run(running.start())
        self._operators.append(running)
        try:
            yield running
        finally:
            self._operators.remove(running)
            self.run(running.stop())

    @contextmanager
    def webhooks(self, package: str, *sources: Source) -> Iterator[None]:
        """Serve a package's webhooks for the length of a `with` block.

        Args:
            package: The package with the webhooks.
            sources: Files, folders or documents to `install`: the CRDs and webhook configurations
                that name the webhooks by their Service.
        """
        from opgen.testing.local_webhooks import serving

        context = serving(package)
        served = self.run(context.__aenter__())
        documents = [one for source in sources for one in read_documents(source)]
        try:
            self.install(documents, webhook_address=served.address, webhook_ca=served.authority)
            yield
        finally:
            for document in documents:
                if document["kind"].endswith("WebhookConfiguration"):
                    self.delete(self._kind_of_document(document), document["metadata"]["name"])
            self.run(context.__aexit__(None, None, None))

    # Waiting

    def eventually(self, check: Callable[[], T | None], timeout: float = 30.0) -> T:
        """Wait until `check` returns something true, and return that.

        It is called again after every change in the store; on a remote cluster, every 50 ms. While
        an assertion in it fails or an object is not there, the wait goes on, for `timeout` seconds.

        Raises:
            AssertionError: it did not happen in time; says what the check read, with the history
                of each object.
        """
        outer, self._readings = self._readings, Readings()
        try:
            return self._wait(check, timeout, self._readings)
        finally:
            self._readings = outer

    def _wait(self, check: Callable[[], T | None], timeout: float, readings: Readings) -> T:
        end = time.monotonic() + timeout
        while True:
            seen = self._history.count
            value, doubt = attempt(check)
            if value:
                return value
            self._raise_failures()
            left = end - time.monotonic()
            if left <= 0:
                text = explain(timeout, value, doubt, readings, self._history)
                raise AssertionError(text)
            self._history.wait(seen, left if self._server else min(POLL_SECONDS, left))

    def _raise_server_failure(self) -> None:
        failures = self._server.machinery.controllers.failures if self._server else []
        if failures:
            first = failures[0]
            failures.clear()
            raise first

    def _raise_failures(self) -> None:
        self._raise_server_failure()
        for operator in self._operators:
            if operator.failure is not None:
                raise operator.failure
