"""An API server that does as little as an operator can live with, so that operators are measured.

It serves lists, watches, server-side apply, merge patches and creation; it neither validates nor
checks rights. Deployments are ready the moment they are created. Run as a process of its own:

    python -m benchmarks.fake_server OBJECTS KUBECONFIG [whole]

It writes the kubeconfig, prints `ready`, and prints `converged` when every WebServer has its
Deployment, its Service and a status that counts the ready pods.
"""

from __future__ import annotations

import asyncio
import gc
import json
import sys
from collections import defaultdict
from pathlib import Path
from typing import Any
from uuid import uuid4

import msgspec

from benchmarks.fake_http import Request, listen

TIME = "2026-01-01T00:00:00Z"
KINDS = {
    "my.domain/v1": {"webservers": "WebServer"},
    "apps/v1": {"deployments": "Deployment"},
    "v1": {"services": "Service", "events": "Event", "namespaces": "Namespace"},
    "events.k8s.io/v1": {"events": "Event"},
    "apiextensions.k8s.io/v1": {"customresourcedefinitions": "CustomResourceDefinition"},
}
LIST_KEYS = (("uid",), ("containerPort", "protocol"), ("port", "protocol"), ("name",))
"""What tells the items of a list apart; the first whose fields are there counts."""
PADDING = 1200
"""With so many characters more, the objects of a burst have about 1.7 KB."""
END_OF_INITIAL_EVENTS = {"k8s.io/initial-events-end": "true"}

Object = dict[str, Any]
Key = tuple[str, str]


class Collection:
    """The objects of one resource, and all that ever happened to them."""

    def __init__(self, api_version: str, kind: str) -> None:
        self.api_version = api_version
        self.kind = kind
        self.objects: dict[Key, Object] = {}
        self.events: list[tuple[int, bytes]] = []
        self.waiting: list[asyncio.Event] = []


class Server:
    """Serves all collections; one counter of resource versions, as etcd has."""

    def __init__(self, expected: int) -> None:
        self.expected = expected
        self.version = 1
        self.done: set[Key] = set()
        self.watches: set[asyncio.Future[None]] = set()
        self.collections = {
            (api_version, plural): Collection(api_version, kind)
            for api_version, resources in KINDS.items()
            for plural, kind in resources.items()
        }

    def handle(self, request: Request) -> tuple[int, bytes] | None:
        """Answer one request; None for a watch, which is answered as it goes on."""
        parts = request.path.strip("/").split("/")
        if parts[0] == "burst":
            self.burst(self.collections[f"{parts[1]}/{parts[2]}", parts[3]], int(parts[4]))
            return _answer({})
        core = parts[0] == "api"
        api_version, rest = (parts[1:2], parts[2:]) if core else (parts[1:3], parts[3:])
        if not rest:
            return _answer(_discovery(parts))
        namespace = ""
        if rest[0] == "namespaces" and len(rest) > 2:
            namespace, rest = rest[1], rest[2:]
        if rest[0] == "selfsubjectaccessreviews":
            return _answer({**request.body, "status": {"allowed": True}}, 201)
        collection = self.collections.get(("/".join(api_version), rest[0]))
        if collection is None:
            return _answer({"kind": "Status", "code": 404, "reason": "NotFound"}, 404)
        if request.method == "GET" and len(rest) == 1:
            if request.query.get("watch") in ("true", "1"):
                self.watches.add(asyncio.ensure_future(self.watch(request, collection)))
                return None
            return _answer(self.list(collection))
        return self.one(request, collection, namespace, rest)

    def one(
        self, request: Request, collection: Collection, namespace: str, rest: list[str]
    ) -> tuple[int, bytes]:
        """Answer a request about one object."""
        body = request.body
        if request.method == "POST":
            metadata = body["metadata"]
            rest.append(metadata.get("name") or f"{metadata['generateName']}{uuid4().hex}")
        key = (namespace, rest[1])
        if request.method == "DELETE":
            return _answer(self.delete(collection, key))
        if request.method == "GET":
            found = collection.objects.get(key)
            return _answer(found or {"kind": "Status", "code": 404}, 200 if found else 404)
        created = key not in collection.objects
        status = rest[2:] == ["status"]
        if request.query.get("fieldManager") and request.method == "PATCH" and not status:
            body["metadata"]["managedFields"] = managed(body, request.query["fieldManager"])
        self.write(collection, key, body, status=status)
        return _answer(collection.objects[key], 201 if created else 200)

    def burst(self, collection: Collection, count: int) -> None:
        """Change objects so many times, all at once, and make them as large as they often are."""
        keys = list(collection.objects)
        for number in range(count):
            key = keys[number % len(keys)]
            annotations = {"metadata": {"annotations": {"turn": f"{number:{PADDING}}"}}}
            self.write(collection, key, annotations, status=False)

    def write(self, collection: Collection, key: Key, body: Object, status: bool) -> None:
        """Merge a patch, or an applied or new object, into what is there."""
        old = collection.objects.get(key)
        patch = {name: body[name] for name in body if (name == "status") == status or old is None}
        patch |= {"metadata": body.get("metadata", {})}
        new = merge(old or self.blank(collection, key), patch)
        if new == old:
            return
        metadata = new["metadata"]
        self.version += 1
        metadata["resourceVersion"] = str(self.version)
        if old is not None and new.get("spec") != old.get("spec"):
            metadata["generation"] += 1
        if collection.kind == "Deployment":
            new["status"] = _deployed(new)
        collection.objects[key] = new
        kind = "ADDED" if old is None else "MODIFIED"
        self.announce(collection, kind, new)
        if self.expected and collection.kind != "Event":
            self.count(key, new)

    def delete(self, collection: Collection, key: Key) -> Object:
        """Delete an object and tell of it."""
        gone = collection.objects.pop(key)
        self.version += 1
        gone["metadata"]["resourceVersion"] = str(self.version)
        self.announce(collection, "DELETED", gone)
        return gone

    def blank(self, collection: Collection, key: Key) -> Object:
        """What every object has from its creation."""
        metadata = {
            "name": key[1],
            "uid": str(uuid4()),
            "generation": 1,
            "creationTimestamp": TIME,
            **({"namespace": key[0]} if key[0] else {}),
        }
        kind = {"apiVersion": collection.api_version, "kind": collection.kind}
        return kind | {"metadata": metadata}

    def count(self, key: Key, obj: Object) -> None:
        """Print `converged` when every WebServer has all that it should."""
        status = obj.get("status", {})
        counted = status.get("readyReplicas") == obj["spec"].get("replicas")
        if obj["kind"] == "WebServer" and counted and status.get("observedGeneration"):
            self.done.add(key)
        deployments = self.collections["apps/v1", "deployments"].objects
        services = self.collections["v1", "services"].objects
        if min(len(self.done), len(deployments), len(services)) == self.expected:
            self.expected = 0
            print("converged", flush=True)

    def list(self, collection: Collection) -> Object:
        """The whole collection in one page."""
        return {
            "apiVersion": collection.api_version,
            "kind": f"{collection.kind}List",
            "metadata": {"resourceVersion": str(self.version)},
            "items": list(collection.objects.values()),
        }

    def announce(self, collection: Collection, kind: str, obj: Object) -> None:
        """Tell all watches."""
        line = msgspec.json.encode({"type": kind, "object": obj}) + b"\n"
        collection.events.append((self.version, line))
        for waiter in collection.waiting:
            waiter.set()

    async def watch(self, request: Request, collection: Collection) -> None:
        """Stream what happened after the version asked for, and what happens."""
        peer = request.peer
        peer.begin_stream()
        since = int(request.query.get("resourceVersion") or 0)
        position = next(
            (i for i, (version, _) in enumerate(collection.events) if version > since),
            len(collection.events),
        )
        if request.query.get("sendInitialEvents") == "true" or since == 0:
            position = len(collection.events)
            await peer.write(self.initial_events(collection))
        waiter = asyncio.Event()
        collection.waiting.append(waiter)
        while not peer.closed:
            waiter.clear()
            batch = [line for _, line in collection.events[position:]]
            position += len(batch)
            if batch:
                await peer.write(batch)
            await waiter.wait()

    def initial_events(self, collection: Collection) -> list[bytes]:
        """Every object as added, and the bookmark that ends them."""
        metadata = {
            "resourceVersion": str(self.version),
            "annotations": END_OF_INITIAL_EVENTS,
        }
        kind = {"apiVersion": collection.api_version, "kind": collection.kind}
        events = [{"type": "ADDED", "object": obj} for obj in collection.objects.values()]
        events.append({"type": "BOOKMARK", "object": kind | {"metadata": metadata}})
        return [msgspec.json.encode(event) + b"\n" for event in events]


def merge(old: Object, patch: Object) -> Object:
    """A JSON merge patch; lists are replaced."""
    new = dict(old)
    for name, value in patch.items():
        if value is None:
            new.pop(name, None)
        elif isinstance(value, dict):
            before = new.get(name)
            new[name] = merge(before if isinstance(before, dict) else {}, value)
        else:
            new[name] = value
    return new


def managed(body: Object, manager: str) -> list[Object]:
    """The record of an apply, as kube-apiserver keeps one."""
    metadata = {k: v for k, v in body["metadata"].items() if k in ("labels", "ownerReferences")}
    fields = fields_of({"metadata": metadata, "spec": body.get("spec", {})})
    entry = {"apiVersion": body["apiVersion"], "fieldsType": "FieldsV1", "fieldsV1": fields}
    return [{"manager": manager, "operation": "Apply", "time": TIME, **entry}]


def fields_of(value: Any) -> Object:
    """The fields of a value in the notation of FieldsV1."""
    if isinstance(value, dict):
        return {f"f:{name}": fields_of(inner) for name, inner in value.items()}
    if not (isinstance(value, list) and value and isinstance(value[0], dict)):
        return {}
    keys = next(keys for keys in LIST_KEYS if keys[0] in value[0])
    return {
        "k:" + json.dumps({key: item[key] for key in keys}, separators=(",", ":")): {
            ".": {},
            **fields_of(item),
        }
        for item in value
    }


def _deployed(deployment: Object) -> Object:
    count = deployment["spec"]["replicas"]
    generation = deployment["metadata"]["generation"]
    names = ("replicas", "readyReplicas", "updatedReplicas", "availableReplicas")
    return {"observedGeneration": generation} | dict.fromkeys(names, count)


def _discovery(parts: list[str]) -> Object:
    if parts == ["api"]:
        return {"kind": "APIVersions", "versions": ["v1"]}
    if parts == ["apis"]:
        versions = [{"groupVersion": name, "version": "v1"} for name in KINDS if "/" in name]
        groups = [
            {
                "name": version["groupVersion"].split("/")[0],
                "versions": [version],
                "preferredVersion": version,
            }
            for version in versions
        ]
        return {"kind": "APIGroupList", "apiVersion": "v1", "groups": groups}
    verbs = ["create", "delete", "get", "list", "patch", "update", "watch"]
    api_version = "/".join(parts[1:])
    resources = []
    for plural, kind in KINDS.get(api_version, {}).items():
        namespaced = plural not in ("namespaces", "customresourcedefinitions")
        entry = {"singularName": kind.lower(), "kind": kind, "namespaced": namespaced}
        resources += [
            entry | {"name": name, "verbs": verbs} for name in (plural, f"{plural}/status")
        ]
    return {"kind": "APIResourceList", "groupVersion": api_version, "resources": resources}


def _answer(body: Object, code: int = 200) -> tuple[int, bytes]:
    return code, msgspec.json.encode(body)


def finish(server: Server, name: str) -> None:
    """Make the children and the status of a WebServer, as the example operator would."""
    from webserver_operator.api.v1.webserver_types import WebServer
    from webserver_operator.controllers.webserver_controller import WebServerController

    from opgen.runtime.codec import decode, encode_object

    key = ("default", name)
    webservers = server.collections["my.domain/v1", "webservers"]
    document = webservers.objects[key]
    web, operator = decode(WebServer, document), WebServerController()
    owner = {"apiVersion": "my.domain/v1", "kind": "WebServer", "name": name, "controller": True}
    owner |= {"uid": document["metadata"]["uid"], "blockOwnerDeletion": True}
    for child in (operator.deployment(web), operator.service(web)):
        body = encode_object(child)
        body["metadata"]["ownerReferences"] = [owner]
        body["metadata"]["managedFields"] = managed(body, "opgen-webserver")
        plural = f"{body['kind'].lower()}s"
        collection = server.collections[body["apiVersion"], plural]
        server.write(collection, ("default", body["metadata"]["name"]), body, status=False)
    available = {"type": "Available", "status": "True", "reason": "PodsReady"}
    available |= {"message": "2 of 2 pods are ready", "lastTransitionTime": TIME}
    conditions = [available | {"observedGeneration": 1}]
    status = {"readyReplicas": 2, "observedGeneration": 1, "conditions": conditions}
    server.write(webservers, key, {"status": status}, status=True)


async def main(count: int, kubeconfig: Path, whole: bool) -> None:
    """Serve `count` WebServers until terminated; if `whole`, with all that belongs to them."""
    server = Server(0 if whole else count)
    webservers = server.collections["my.domain/v1", "webservers"]
    spec = {"image": "nginx:1.27", "replicas": 2, "port": 80}
    for number in range(count):
        server.write(webservers, ("default", f"web-{number}"), {"spec": spec}, status=False)
        if whole:
            finish(server, f"web-{number}")
    for collection in server.collections.values():
        collection.events.clear()
    gc.freeze()  # to search so many objects for garbage would stop the server, not the operator
    kubeconfig.write_text(_kubeconfig(await listen(server)))
    print("ready", flush=True)
    await asyncio.Event().wait()


def _kubeconfig(port: int) -> str:
    document: defaultdict[str, Any] = defaultdict(list, {"apiVersion": "v1", "kind": "Config"})
    document["clusters"].append({"name": "fake", "cluster": {"server": f"http://127.0.0.1:{port}"}})
    document["users"].append({"name": "fake", "user": {"token": "fake"}})
    document["contexts"].append(
        {"name": "fake", "context": {"cluster": "fake", "user": "fake", "namespace": "default"}}
    )
    return json.dumps(document | {"current-context": "fake"})


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), Path(sys.argv[2]), sys.argv[3:] == ["whole"]))
