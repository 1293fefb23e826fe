"""A scripted API server, and a clock that the test holds in its hands."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from aiohttp import web
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from opgen.api import ResourceKind
from opgen.runtime.config import ClusterConfig

SECONDS = float(os.environ.get("OPGEN_TEST_SECONDS", "120"))
"""Far more than any of them takes, even where many share the machine."""
Step = Callable[[web.Request], Awaitable[web.StreamResponse]]


class InstantClock:
    """Nobody waits: sleeping moves the time forward and returns."""

    def __init__(self) -> None:
        self.time = 1000.0
        self.slept: list[float] = []
        self.due: list[tuple[float, Callable[[], None]]] = []

    def now(self) -> float:
        return self.time

    def wall(self) -> datetime:
        return datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=self.time)

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.advance(seconds)
        await asyncio.sleep(0)

    def call_later(self, seconds: float, function: Callable[[], None]) -> Any:
        entry = (self.time + seconds, function)
        self.due.append(entry)
        outer = self

        class Handle:
            def cancel(self) -> None:
                if entry in outer.due:
                    outer.due.remove(entry)

        return Handle()

    def advance(self, seconds: float) -> None:
        self.time += seconds
        for entry in sorted(self.due, key=lambda entry: entry[0]):
            if entry[0] <= self.time and entry in self.due:
                self.due.remove(entry)
                entry[1]()

    def random(self) -> float:
        return 0.5


class ScriptedServer:
    """Answers lists from `objects` and watches from `steps`; then keeps watches open, silent."""

    def __init__(self) -> None:
        self.objects: dict[str, int] = {"a": 1}
        self.version = 10
        self.steps: list[Step] = []
        self.watch_list: Step | None = None
        self.routes: dict[tuple[str, str], Step] = {}
        self.requests: list[tuple[str, str, dict[str, str]]] = []
        self.bodies: list[Any] = []
        self.page_size = 500
        self.over = asyncio.Event()
        self.config = ClusterConfig(server="http://invalid")

    def object(self, name: str, version: int, **more: Any) -> dict[str, Any]:
        metadata = {"name": name, "namespace": "default", "resourceVersion": str(version)}
        metadata["uid"] = f"uid-{name}"
        return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, **more}

    def watches(self) -> list[dict[str, str]]:
        return [query for _, _, query in self.requests if "watch" in query]

    async def handle(self, request: web.Request) -> web.StreamResponse:
        self.requests.append((request.method, request.path, dict(request.query)))
        self.bodies.append(json.loads(await request.read() or b"null"))
        route = self.routes.get((request.method, request.path))
        if route is not None:
            return await route(request)
        if "sendInitialEvents" in request.query:
            return await (self.watch_list or status(400))(request)
        if "watch" in request.query:
            step = self.steps.pop(0) if self.steps else self.stream()
            return await step(request)
        return self.page(request)

    def page(self, request: web.Request) -> web.StreamResponse:
        start = int(request.query.get("continue", "0"))
        names = sorted(self.objects)
        end = start + min(self.page_size, int(request.query.get("limit", "500")))
        metadata = {"resourceVersion": str(self.version)}
        if end < len(names):
            metadata["continue"] = str(end)
        items = [self.object(name, self.objects[name]) for name in names[start:end]]
        return web.json_response({"metadata": metadata, "items": items})

    def stream(self, *events: Any, then: str = "hang") -> Step:
        """A watch that sends events, then hangs, ends, or resets in the middle of a line."""

        async def step(request: web.Request) -> web.StreamResponse:
            response = web.StreamResponse()
            response.enable_chunked_encoding()
            await response.prepare(request)
            for event in events:
                self.version = max(self.version, version_of(event))
                line = event if isinstance(event, bytes) else json.dumps(event).encode() + b"\n"
                await response.write(line)
            if then == "hang":
                await self.over.wait()
            elif then == "reset":
                await response.write(b'{"type": "ADDED", "obj')
                assert request.transport is not None
                request.transport.abort()
            return response

        return step

    def event(self, kind: str, name: str, version: int, **more: Any) -> dict[str, Any]:
        return {"type": kind, "object": self.object(name, version, **more)}

    def bookmark(self, version: int, **annotations: str) -> dict[str, Any]:
        metadata: dict[str, Any] = {"resourceVersion": str(version), "creationTimestamp": None}
        if annotations:
            metadata["annotations"] = annotations
        return {"type": "BOOKMARK", "object": {"kind": "ConfigMap", "metadata": metadata}}


def version_of(event: Any) -> int:
    """The resourceVersion of an event's object; 0 if it has none."""
    metadata = event["object"].get("metadata") if isinstance(event, dict) else None
    return int(metadata["resourceVersion"]) if isinstance(metadata, dict) else 0


def status(code: int, headers: dict[str, str] | None = None) -> Step:
    async def step(request: web.Request) -> web.StreamResponse:
        body = {"kind": "Status", "code": code, "reason": "Scripted", "message": f"scripted {code}"}
        return web.json_response(body, status=code, headers=headers)

    return step


@asynccontextmanager
async def scripted_server() -> AsyncIterator[ScriptedServer]:
    server = ScriptedServer()
    application = web.Application()
    application.router.add_route("*", "/{path:.*}", server.handle)
    runner = web.AppRunner(application, access_log=None, shutdown_timeout=1)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        port = runner.addresses[0][1]
        server.config = ClusterConfig(server=f"http://127.0.0.1:{port}")
        yield server
    finally:
        server.over.set()
        # A connection that is being accepted while the server closes is never closed by asyncio.
        for _ in range(5):
            await asyncio.sleep(0)
        await runner.cleanup()


@pytest.fixture
def scripted() -> Callable[[], Any]:
    """`async with scripted() as server`: a scripted API server."""
    return scripted_server


@pytest.fixture
def answer_status() -> Callable[..., Step]:
    """Makes a step that answers with a Status."""
    return status


@pytest.fixture
def instant_clock() -> InstantClock:
    return InstantClock()


@pytest.fixture
def run() -> Callable[[Awaitable[Any]], Any]:
    """Runs a coroutine, and fails when it takes too long."""

    def within(work: Awaitable[Any]) -> Any:
        async def limited() -> Any:
            async with asyncio.timeout(SECONDS):
                return await work

        return asyncio.run(limited())

    return within


@pytest.fixture
def run_within(run: Callable[[Awaitable[Any]], Any]) -> Callable[[Awaitable[Any]], Any]:
    """`run`, for modules that test a function of that name."""
    return run


@pytest.fixture
def config_map() -> ResourceKind:
    return ResourceKind("", "v1", "ConfigMap", "configmaps")


@pytest.fixture
def eventually() -> Callable[[Callable[[], Awaitable[Any]]], Awaitable[Any]]:
    """Asks until the answer is true; the test as a whole has a time limit."""
    from opgen.runtime.errors import ApiError

    async def asked(probe: Callable[[], Awaitable[Any]]) -> Any:
        while True:
            try:
                if answer := await probe():
                    return answer
            except ApiError as error:
                if error.code != 404:
                    raise
            await asyncio.sleep(0.002)

    return asked


DAY = timedelta(days=1)


@dataclass(frozen=True)
class Pair:
    """A certificate and its key."""

    certificate: x509.Certificate
    private: ec.EllipticCurvePrivateKey

    @property
    def pem(self) -> bytes:
        return self.certificate.public_bytes(serialization.Encoding.PEM)

    @property
    def key(self) -> bytes:
        return self.private.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )


def issue(name: str, issuer: Pair | None = None, host: str | None = None) -> Pair:
    """A certificate as old clusters have them: the authority has no key usage extension."""
    private = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer.certificate.subject if issuer else subject)
        .public_key(private.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - DAY)
        .not_valid_after(now + DAY)
        .add_extension(x509.BasicConstraints(ca=issuer is None, path_length=None), critical=True)
    )
    if host is not None:
        names = x509.SubjectAlternativeName([x509.DNSName(host)])
        builder = builder.add_extension(names, critical=False)
    signer = issuer.private if issuer else private
    return Pair(builder.sign(signer, hashes.SHA256()), private)


@pytest.fixture
def issue_certificate() -> Callable[..., Pair]:
    """`issue_certificate(name, issuer=None, host=None)`; without an issuer, an authority."""
    return issue


@pytest.fixture(scope="session")
def authority() -> Pair:
    return issue("kubernetes")


class Records:
    """What a controller has seen, and a wait for it."""

    def __init__(self) -> None:
        self.seen: list[Any] = []
        self.more = asyncio.Event()

    def add(self, value: Any) -> None:
        self.seen.append(value)
        self.more.set()

    async def until(self, count: int) -> list[Any]:
        while len(self.seen) < count:
            self.more.clear()
            await self.more.wait()
        return sorted(self.seen)


@pytest.fixture
def recording() -> type:
    """The base of controllers that tell what they are called with."""

    class Recording:
        def __init__(self) -> None:
            self.records = Records()

        async def reconcile(self, obj: Any, ctx: Any) -> None:
            self.records.add(obj["metadata"]["name"])

    return Recording


@pytest.fixture
def working() -> Callable[..., AbstractAsyncContextManager[Any]]:
    """Runs controllers against a server, and hands out their manager once they work."""
    from opgen.runtime.manager import Manager

    @asynccontextmanager
    async def run(
        server: Any, *controllers: Any, options: Any = None, **more: Any
    ) -> AsyncIterator[Any]:
        manager, stop = Manager(server.config, controllers, options, **more), asyncio.Event()
        task = asyncio.ensure_future(manager.run(stop))
        try:
            await manager.ready()
            yield manager
        finally:
            stop.set()
            await asyncio.gather(task, return_exceptions=True)
        await task

    return run


@pytest.fixture
def make_config_map() -> Callable[..., Awaitable[None]]:
    """Creates a ConfigMap with labels."""
    from opgen.k8s import core_v1

    async def make(client: Any, name: str, namespace: str = "default", **labels: str) -> None:
        metadata = {"name": name, "namespace": namespace, "labels": labels}
        await client.create(core_v1.ConfigMap, {"metadata": metadata, "data": {"of": name}})

    return make
