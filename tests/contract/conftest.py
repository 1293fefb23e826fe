"""The two servers of the contract suite: ours, and a real kube-apiserver."""

from __future__ import annotations

import asyncio
import json
import uuid
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

import pytest

from opgen.runtime.config import ClusterConfig
from opgen.runtime.transport import Transport
from opgen.testing import Cluster

Document = dict[str, Any]
JSON = "application/json"
GROUP = "contract.example.com"
PRESERVED: Document = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}

SPEC: Document = {
    "type": "object",
    "properties": {
        "replicas": {"type": "integer", "format": "int32", "minimum": 0, "default": 1},
        "image": {"type": "string", "minLength": 1, "maxLength": 20},
        "tier": {"type": "string", "enum": ["gold", "silver"]},
        "pattern": {"type": "string", "pattern": "^[a-z]+$"},
        "when": {"type": "string", "format": "date-time"},
        "step": {"type": "integer", "multipleOf": 5, "maximum": 100},
        "ratio": {"type": "number", "exclusiveMinimum": True, "minimum": 0},
        "port": {
            "x-kubernetes-int-or-string": True,
            "anyOf": [{"type": "integer"}, {"type": "string"}],
        },
        "note": {"type": "string", "nullable": True},
        "on": {"type": "boolean"},
        "labels": {
            "type": "object",
            "additionalProperties": {"type": "string"},
            "maxProperties": 3,
        },
        "tags": {
            "type": "array",
            "items": {"type": "string"},
            "x-kubernetes-list-type": "set",
            "maxItems": 5,
        },
        "plain": {"type": "array", "items": {"type": "integer"}, "minItems": 1},
        "items": {
            "type": "array",
            "x-kubernetes-list-type": "map",
            "x-kubernetes-list-map-keys": ["name"],
            "items": {
                "type": "object",
                "required": ["name"],
                "properties": {
                    "name": {"type": "string"},
                    "value": {"type": "string"},
                    "mode": {"type": "string", "default": "rw"},
                },
            },
        },
        "atomic": {
            "type": "object",
            "x-kubernetes-map-type": "atomic",
            "properties": {"a": {"type": "string"}, "b": {"type": "string"}},
        },
        "nested": {
            "type": "object",
            "required": ["must"],
            "properties": {
                "must": {"type": "string"},
                "also": {"type": "string", "default": "yes"},
            },
        },
        "free": PRESERVED,
        "choice": {
            "type": "object",
            "properties": {"a": {"type": "string"}, "b": {"type": "string"}},
            "oneOf": [{"required": ["a"]}, {"required": ["b"]}],
        },
    },
}
STATUS: Document = {
    "type": "object",
    "properties": {
        "replicas": {"type": "integer"},
        "phase": {"type": "string"},
        "selector": {"type": "string"},
        "conditions": {
            "type": "array",
            "x-kubernetes-list-type": "map",
            "x-kubernetes-list-map-keys": ["type"],
            "items": {
                "type": "object",
                "required": ["type", "status"],
                "properties": {"type": {"type": "string"}, "status": {"type": "string"}},
            },
        },
    },
}


def definition(plural: str, kind: str, **version: Any) -> Document:
    """A CRD with one version."""
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": f"{plural}.{GROUP}"},
        "spec": {
            "group": GROUP,
            "scope": "Namespaced",
            "names": {"plural": plural, "kind": kind},
            "versions": [
                {
                    "name": "v1",
                    "served": True,
                    "storage": True,
                    "schema": {"openAPIV3Schema": {"type": "object", "properties": {"spec": SPEC}}},
                    **version,
                }
            ],
        },
    }


WIDGETS = definition(
    "widgets",
    "Widget",
    schema={"openAPIV3Schema": {"type": "object", "properties": {"spec": SPEC, "status": STATUS}}},
    subresources={
        "status": {},
        "scale": {
            "specReplicasPath": ".spec.replicas",
            "statusReplicasPath": ".status.replicas",
            "labelSelectorPath": ".status.selector",
        },
    },
    selectableFields=[{"jsonPath": ".spec.tier"}],
    additionalPrinterColumns=[
        {"name": "Replicas", "type": "integer", "jsonPath": ".spec.replicas"},
        {"name": "Image", "type": "string", "jsonPath": ".spec.image"},
        {"name": "Age", "type": "date", "jsonPath": ".metadata.creationTimestamp"},
    ],
)


@dataclass
class Answer:
    """What the server said."""

    code: int
    body: Any
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def metadata(self) -> Document:
        metadata: Document = self.body["metadata"]
        return metadata

    @property
    def message(self) -> str:
        return str(self.body.get("message", ""))

    @property
    def reason(self) -> str:
        return str(self.body.get("reason", ""))

    @property
    def causes(self) -> list[Document]:
        causes: list[Document] = (self.body.get("details") or {}).get("causes") or []
        return causes

    @property
    def owners(self) -> dict[tuple[str, str], Document]:
        """The fields of each manager, by name and operation."""
        return {
            (entry["manager"], entry["operation"]): entry["fieldsV1"]
            for entry in self.metadata.get("managedFields") or ()
        }


class Events:
    """The events of a watch, as they come."""

    def __init__(self, api: Api, stream: AsyncIterator[bytes]) -> None:
        self._api = api
        self._stream = stream
        self._rest = b""
        self._lines: list[bytes] = []

    def next(self, timeout: float = 120.0) -> tuple[str, Document]:
        """The next event: type and object."""
        line = self._api.cluster.run(asyncio.wait_for(self._next(), timeout))
        event = json.loads(line)
        return event["type"], event["object"]

    async def _next(self) -> bytes:
        while not self._lines:
            self._rest += await anext(self._stream)
            *lines, self._rest = self._rest.split(b"\n")
            self._lines = [line for line in lines if line]
        return self._lines.pop(0)

    def names(self, count: int) -> list[tuple[str, str]]:
        """Type and name of the next events."""
        found = (self.next() for _ in range(count))
        return [(kind, document["metadata"]["name"]) for kind, document in found]

    def rest(self) -> Iterator[tuple[str, Document]]:
        """All events until the server ends the stream."""
        with suppress(StopAsyncIteration, RuntimeError):
            while True:
                yield self.next()

    def ended(self, timeout: float = 120.0) -> bool:
        """Whether the server ends the stream."""
        try:
            self.next(timeout)
        except (StopAsyncIteration, RuntimeError):
            return True
        return False


class Api:
    """Raw requests to a server, in a namespace of the test's own."""

    def __init__(self, cluster: Cluster, namespace: str, *, real: bool) -> None:
        self.cluster = cluster
        self.namespace = namespace
        self.real = real
        self._transports: dict[str, Transport] = {}

    def _transport(self, config: ClusterConfig) -> Transport:
        key = config.token or ""
        if key not in self._transports:
            self._transports[key] = Transport(config, user_agent="contract/1.0")
        return self._transports[key]

    def config_of(self, token: str) -> ClusterConfig:
        """The configuration of the bearer of a token."""
        config = self.cluster.config
        return ClusterConfig(server=config.server, ca=config.ca, token=token)

    def send(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        content_type: str = JSON,
        accept: str = JSON,
        token: str = "",
        **query: str,
    ) -> Answer:
        """Send a request; a body that is no bytes is sent as JSON."""
        config = self.config_of(token) if token else self.cluster.config
        data = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
        kind = content_type if data is not None else None
        transport = self._transport(config)
        reply = self.cluster.run(
            transport.send(
                method, path, params=query or None, body=data, content_type=kind, accept=accept
            )
        )
        headers = {name.lower(): value for name, value in reply.headers.items()}
        try:
            document = json.loads(reply.body) if reply.body else None
        except ValueError:
            document = reply.body.decode(errors="replace")
        return Answer(reply.status, document, headers)

    @contextmanager
    def watch(self, path: str, **query: str) -> Iterator[Events]:
        """The events of a watch."""
        transport = self._transport(self.cluster.config)
        context = transport.stream(path, params={"watch": "true", **query})

        async def start() -> AsyncIterator[bytes]:
            return await context.__aenter__()

        async def stop() -> None:
            await context.__aexit__(None, None, None)

        stream = self.cluster.run(start())
        try:
            yield Events(self, stream)
        finally:
            self.cluster.run(stop())

    def close(self) -> None:
        for transport in self._transports.values():
            self.cluster.run(transport.close())

    # Paths

    def path(self, plural: str, name: str = "", sub: str = "", group: str = "") -> str:
        """The path of a namespaced resource; `group` such as `apps/v1`."""
        root = f"/apis/{group}" if group else "/api/v1"
        parts = [root, "namespaces", self.namespace, plural, name, sub]
        return "/".join(part for part in parts if part)

    def widgets(self, name: str = "", sub: str = "") -> str:
        """The path of widgets."""
        return self.path("widgets", name, sub, f"{GROUP}/v1")

    def maps(self, name: str = "") -> str:
        """The path of config maps."""
        return self.path("configmaps", name)

    # Objects

    def widget(self, name: str = "a", **spec: Any) -> Document:
        """A Widget's document."""
        return {
            "apiVersion": f"{GROUP}/v1",
            "kind": "Widget",
            "metadata": {"name": name},
            "spec": spec,
        }

    def make(self, name: str = "a", **spec: Any) -> Answer:
        """Create a Widget."""
        answer = self.send("POST", self.widgets(), self.widget(name, **spec))
        assert answer.code == 201, answer.body
        return answer

    def config_map(self, name: str = "a", **data: str) -> Document:
        """A ConfigMap's document."""
        return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}, "data": data}

    def make_map(self, name: str = "a", **data: str) -> Answer:
        """Create a ConfigMap."""
        answer = self.send("POST", self.maps(), self.config_map(name, **data))
        assert answer.code == 201, answer.body
        return answer

    def apply(
        self, path: str, document: Document, manager: str = "one", force: bool = False
    ) -> Answer:
        """Server-side apply."""
        return self.send(
            "PATCH",
            path,
            document,
            content_type="application/apply-patch+yaml",
            fieldManager=manager,
            force="true" if force else "false",
        )

    def eventually(self, path: str, code: int) -> Answer:
        """Wait until a GET is answered with a code."""
        found: list[Answer] = []

        def check() -> bool:
            found[:] = [self.send("GET", path)]
            return found[0].code == code

        self.cluster.eventually(check, timeout=120)
        return found[0]


@pytest.fixture(scope="session")
def real_cluster(control_plane: Any) -> Iterator[Cluster]:
    """The real server, with the CRD of the suite."""
    with Cluster(control_plane.config) as cluster:
        cluster.install(WIDGETS)
        _wait_for_garbage_collection(cluster)
        yield cluster


def _wait_for_garbage_collection(cluster: Cluster) -> None:
    """The garbage collector learns of a new kind within half a minute; tests need not wait."""
    path = f"/apis/{GROUP}/v1/namespaces/default/widgets"
    head = {"apiVersion": f"{GROUP}/v1", "kind": "Widget"}
    owner = cluster.request("POST", path, body=head | {"metadata": {"name": "owner"}})
    reference = head | {"name": "owner", "uid": owner["metadata"]["uid"]}
    metadata = {"name": "owned", "ownerReferences": [reference]}
    cluster.request("POST", path, body=head | {"metadata": metadata})
    cluster.request("DELETE", f"{path}/owner")
    cluster.eventually(lambda: not cluster.request("GET", path)["items"], timeout=120)


@pytest.fixture(
    params=["in-process", pytest.param("real", marks=pytest.mark.controlplane)],
)
def api(request: pytest.FixtureRequest) -> Iterator[Api]:
    """A server, and a namespace of the test's own."""
    if request.param == "real":
        cluster = request.getfixturevalue("real_cluster")
        yield from _in_namespace(cluster, real=True)
        return
    with Cluster.start() as cluster:
        cluster.install(WIDGETS)
        yield from _in_namespace(cluster, real=False)


def _in_namespace(cluster: Cluster, *, real: bool) -> Iterator[Api]:
    name = f"contract-{uuid.uuid4().hex[:8]}"
    namespace = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}
    cluster.create(namespace)
    api = Api(cluster, name, real=real)
    account = f"/api/v1/namespaces/{name}/serviceaccounts/default"
    certificates = f"/api/v1/namespaces/{name}/configmaps/kube-root-ca.crt"
    api.eventually(account, 200)
    api.eventually(certificates, 200)
    yield api
    api.send("DELETE", f"/api/v1/namespaces/{name}")
    api.close()


@pytest.fixture
def webhooks(api: Api) -> Iterator[Any]:
    """Webhooks that a test installs; see `controlplane.configurations`."""
    from controlplane.configurations import Configurations
    from controlplane.hooks import Hooks

    with Hooks() as hooks:
        configurations = Configurations(api, hooks)
        yield configurations
        configurations.close()
