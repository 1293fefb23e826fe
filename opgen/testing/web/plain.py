"""Paths that are no resources: discovery, OpenAPI, version and health."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from typing import Any

from opgen.testing.errors import (
    Document,
    method_not_allowed,
    no_such_resource,
    not_acceptable,
)
from opgen.testing.resources.bootstrap import GIT_VERSION
from opgen.testing.resources.machinery import Machinery
from opgen.testing.web.answers import (
    JSON,
    Answer,
    error_answer,
    in_form,
    json_answer,
    text_answer,
)
from opgen.testing.web.discovery import Discovery
from opgen.testing.web.negotiation import READABLE, negotiate, wants_aggregated
from opgen.testing.web.openapi import OpenApi
from opgen.testing.web.openapi_protobuf import CONTENT_TYPE, encode, wants_protobuf
from opgen.testing.web.requests import RequestInfo

AGGREGATED = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList"
_READING = ("get", "head")
VERSION: Document = {
    "major": "1",
    "minor": "36",
    "gitVersion": GIT_VERSION,
    "gitCommit": "",
    "gitTreeState": "clean",
    "buildDate": "1970-01-01T00:00:00Z",
    "goVersion": "none",
    "compiler": "none",
    "platform": "python",
}
_HEALTH = ("/healthz", "/livez", "/readyz")


def _health(name: str) -> str:
    """A health check at length: there is one, that the server answers."""
    return f"[+]ping ok\n{name} check passed\n"


class PlainPaths:
    """Answers requests for plain paths."""

    def __init__(self, machinery: Machinery) -> None:
        self._registry = machinery.registry
        self._discovery = Discovery(machinery.registry)
        self._openapi = OpenApi(machinery.registry)
        self._made: dict[str, tuple[int, Answer]] = {}

    def answer(self, info: RequestInfo, query: Mapping[str, str], accept: str) -> Answer:
        """Answer a request.

        Raises:
            StatusError: 405 or 406.
        """
        path = info.path.rstrip("/") or "/"
        found = self._found(path, query, accept)
        if info.verb not in _READING and found.code == 200:
            raise method_not_allowed()
        if found.content_type != JSON or path.startswith("/openapi"):
            return found
        form = negotiate(accept)
        if form is None:
            raise not_acceptable(READABLE)
        return in_form(found, form.media_type)

    def _found(self, path: str, query: Mapping[str, str], accept: str) -> Answer:
        if path in _HEALTH:
            return text_answer(_health(path[1:]) if "verbose" in query else "ok")
        if path.startswith(tuple(f"{item}/" for item in _HEALTH)):
            return text_answer("ok")
        if path == "/version":
            return json_answer(VERSION)
        if path in ("/api", "/apis") and wants_aggregated(accept):
            return self._cached(f"{path}?aggregated", lambda: self._aggregated(path))
        if path == "/openapi/v2" and wants_protobuf(accept):
            return self._cached(f"{path}?protobuf", self._protobuf)
        parts = path.split("/")[1:]
        return self._cached(path, lambda: self._document(parts))

    def _cached(self, key: str, make: Callable[[], Answer]) -> Answer:
        generation, answer = self._made.get(key, (-1, text_answer("")))
        if generation != self._registry.generation:
            answer = make()
            if answer.code == 200:
                answer.headers["ETag"] = f'"{self._etag(key, answer)}"'
                self._made[key] = (self._registry.generation, answer)
        return Answer(answer.body, answer.code, answer.content_type, [], dict(answer.headers))

    def _etag(self, key: str, answer: Answer) -> str:
        prefix, _, path = key.partition("/openapi/v3/")
        if path and not prefix:
            return self._openapi.digest(path)
        return hashlib.sha256(answer.body).hexdigest().upper()

    def _aggregated(self, path: str) -> Answer:
        answer = json_answer(self._discovery.aggregated(core=path == "/api"))
        answer.content_type = AGGREGATED
        return answer

    def _protobuf(self) -> Answer:
        return Answer(encode(self._openapi.version_2()), content_type=CONTENT_TYPE)

    def _document(self, parts: list[str]) -> Answer:
        found: Any = None
        match parts:
            case ["api"]:
                found = self._discovery.core_versions()
            case ["apis"]:
                found = self._discovery.groups()
            case ["api", version]:
                found = self._discovery.resources("", version)
            case ["apis", group]:
                found = self._discovery.group(group)
            case ["apis", group, version]:
                found = self._discovery.resources(group, version)
            case ["openapi", "v2"]:
                found = self._openapi.version_2()
            case ["openapi", "v3"]:
                found = self._openapi.index()
            case ["openapi", "v3", *rest]:
                found = self._openapi.version_3("/".join(rest))
            case [""]:
                found = {"paths": ["/api", "/apis", "/healthz", "/openapi/v3", "/version"]}
        if found is not None:
            return json_answer(found)
        if len(parts) == 3 and parts[1] in self._registry.group_versions():
            return error_answer(no_such_resource())
        return text_answer("404 page not found\n", 404)
