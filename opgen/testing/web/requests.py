"""What a request asks for, by its method, path and query. Source: apiserver's RequestInfo."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

_VERBS = {
    "POST": "create",
    "GET": "get",
    "HEAD": "get",
    "PUT": "update",
    "PATCH": "patch",
    "DELETE": "delete",
}
_WATCH = "watch"
_NAMESPACE_SUBRESOURCES = ("status", "finalize")


class RequestInfo(msgspec.Struct, frozen=True, gc=False):
    """A request in Kubernetes' terms. Without `resource` it is about a plain path."""

    path: str
    verb: str
    group: str = ""
    version: str = ""
    namespace: str = ""
    resource: str = ""
    name: str = ""
    subresource: str = ""

    @property
    def path_of_object(self) -> tuple[str, str]:
        """Resource and name."""
        return self.resource, self.name

    @property
    def full_resource(self) -> str:
        """Resource and subresource, as RBAC rules name them."""
        return f"{self.resource}/{self.subresource}" if self.subresource else self.resource


def read_request(method: str, path: str, query: Mapping[str, str]) -> RequestInfo:
    """Read a request."""
    parts = [part for part in path.split("/") if part]
    if parts[:1] == ["api"] and len(parts) > 2:
        group, version, rest = "", parts[1], parts[2:]
    elif parts[:1] == ["apis"] and len(parts) > 3:
        group, version, rest = parts[1], parts[2], parts[3:]
    else:
        return RequestInfo(path, method.lower())
    by_path = rest[0] == _WATCH and len(rest) > 1
    rest = rest[by_path:]
    namespace = ""
    if rest[0] == "namespaces" and len(rest) > 1:
        namespace = rest[1]
        if len(rest) > 2 and rest[2] not in _NAMESPACE_SUBRESOURCES:
            rest = rest[2:]
    resource, name, subresource = (*rest, "", "", "")[:3]
    if len(rest) > 3:
        subresource = "/".join(rest[2:])
    if resource == "namespaces" and not namespace:
        namespace = name
    verb = _verb_of_watch(method) if by_path else _verb(method, name, query)
    return RequestInfo(path, verb, group, version, namespace, resource, name, subresource)


def _verb_of_watch(method: str) -> str:
    """The verb of a path that begins with `watch`, the older form of the parameter."""
    return _WATCH if method == "GET" else f"{method.lower()} {_WATCH}"


def _verb(method: str, name: str, query: Mapping[str, str]) -> str:
    verb = _VERBS.get(method, method.lower())
    if verb == "get" and is_true(query.get("watch")):
        return _WATCH
    if not name:
        return {"get": "list", "delete": "deletecollection"}.get(verb, verb)
    return verb


def is_true(value: str | None) -> bool:
    """Whether a query parameter is set to true."""
    return value is not None and value.lower() not in ("false", "0")
