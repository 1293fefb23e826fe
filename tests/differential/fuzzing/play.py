"""Playing a sequence on a server."""

from __future__ import annotations

import copy
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from fuzzing.content import GROUP
from fuzzing.sequences import NAMES, Step
from opgen.runtime.transport import Transport

JSON = "application/json"

ROOTS = {
    "configmaps": "/api/v1/namespaces/{namespace}/configmaps",
    "services": "/api/v1/namespaces/{namespace}/services",
    "deployments": "/apis/apps/v1/namespaces/{namespace}/deployments",
    "namespaces": "/api/v1/namespaces",
    "widgets": f"/apis/{GROUP}/{{version}}/namespaces/{{namespace}}/widgets",
    "secrets": "/api/v1/namespaces/{namespace}/secrets",
    "leases": "/apis/coordination.k8s.io/v1/namespaces/{namespace}/leases",
    "roles": "/apis/rbac.authorization.k8s.io/v1/namespaces/{namespace}/roles",
}


@dataclass
class Answer:
    """What a server said."""

    code: int
    body: Any
    warnings: list[str] = field(default_factory=list)


class Player:
    """Sends steps to one server and remembers what it saw.

    Args:
        transport: The way to the server.
        namespace: Where objects are made; nobody else makes any there meanwhile.
        unique: Begins all names, so that sequences do not meet.
    """

    def __init__(self, transport: Transport, namespace: str, unique: str) -> None:
        self._transport = transport
        self._namespace = namespace
        self._unique = unique
        self._first: dict[str, Any] = {}
        self._last: dict[str, Any] = {}
        self._continue = ""

    async def play(self, steps: Sequence[Step]) -> list[Answer]:
        """Send the steps, look at what is left, and clean up, also after a connection broke."""
        kind = steps[0].kind
        try:
            answers = [await self.send(step) for step in steps]
            answers += [await self.send(Step("GET", kind, name)) for name in NAMES]
        finally:
            await self._clean_up(kind)
        return answers

    async def send(self, step: Step) -> Answer:
        """Send one step."""
        body = self._body(step)
        reply = await self._transport.send(
            step.method,
            self._path(step),
            params=self._query(step) or None,
            # What is sent back must not depend on the order of the answer.
            body=None if body is None else json.dumps(body, sort_keys=bool(step.base)).encode(),
            content_type=step.content_type if body is not None else None,
            accept=step.accept or JSON,
        )
        try:
            content = self._own_items(json.loads(reply.body))
        except ValueError:
            content = {"text": reply.body.decode()}
        answer = Answer(reply.status, content)
        warning = reply.headers.get("warning")
        if warning:
            answer.warnings.append(warning)
        self._remember(step, answer)
        return answer

    def _path(self, step: Step) -> str:
        version = step.api_version or "v1"
        path = ROOTS[step.kind].format(namespace=self._namespace, version=version)
        if step.method == "POST" or not step.name:
            return path
        return "/".join(filter(None, (path, self._unique + step.name, step.subresource)))

    def _query(self, step: Step) -> dict[str, str]:
        query = dict(step.query)
        if "fieldSelector" in query:
            query["fieldSelector"] = query["fieldSelector"].replace("one", f"{self._unique}one")
        if step.kind == "namespaces":
            # Those of other sequences would fill the pages.
            query.pop("limit", None)
        elif step.continues and self._continue:
            query["continue"] = self._continue
        return query

    def _own_items(self, content: Any) -> Any:
        """A list without the objects of other sequences, of which only namespaces see any."""
        for name in ("items", "rows"):
            if isinstance(content.get(name), list):
                mine = [item for item in content[name] if self._is_own(item)]
                return content | {name: mine}
        return content

    def _is_own(self, item: Any) -> bool:
        metadata = (item.get("object") or item)["metadata"]
        name: str = metadata["name"]
        return name.startswith(self._unique)

    def _remember(self, step: Step, answer: Answer) -> None:
        found = answer.body.get("metadata") or {}
        if "continue" in found or not step.name:
            self._continue = found.get("continue", "")
        if step.accept:
            return
        if step.name and found.get("resourceVersion") and answer.body["kind"] != "Scale":
            body = copy.deepcopy(answer.body)
            if (body.get("spec") or {}).get("type") == "ExternalName":
                body["spec"].pop("internalTrafficPolicy", None)
            self._first.setdefault(step.name, body)
            self._last[step.name] = body

    def _body(self, step: Step) -> Any:
        if step.body is None:
            return None
        body = copy.deepcopy(step.body)
        if step.method == "DELETE":
            return self._delete_options(step, body)
        if not isinstance(body, dict):
            return body
        if step.base == "last" and step.name in self._last:
            body = _laid_over(copy.deepcopy(self._last[step.name]), body)
        if step.kind == "widgets" and body.get("apiVersion", "").startswith(GROUP):
            body["apiVersion"] = f"{GROUP}/{step.api_version or 'v1'}"
        if step.method in ("POST", "PUT") or "apply" in step.content_type:
            about = body.get("metadata")
            about = body["metadata"] = about if isinstance(about, dict) else {}
            about["name"] = self._unique + step.name
            about.pop("resourceVersion", None)
        if step.kind == "services":
            self._choose_ports(body)
        source = {"last": self._last, "first": self._first}.get(step.version, {}).get(step.name)
        if source:
            body.setdefault("metadata", {})
            body["metadata"]["resourceVersion"] = source["metadata"]["resourceVersion"]
        return body

    def _choose_ports(self, body: Any) -> None:
        """Put node ports that nobody else asks for in the place of small numbers."""
        spec = body.get("spec")
        ports = spec.get("ports") if isinstance(spec, dict) else None
        for port in ports if isinstance(ports, list) else ():
            if isinstance(port, dict) and port.get("nodePort") in (1, 2):
                port["nodePort"] += 30000 + 2 * int(self._namespace.rpartition("-")[2])

    def _delete_options(self, step: Step, body: Any) -> Any:
        last, first = self._last.get(step.name), self._first.get(step.name)
        if not step.precondition or last is None or first is None:
            return body or None
        metadata = {
            "uid": ("uid", last["metadata"]["uid"]),
            "wrong uid": ("uid", "00000000-0000-0000-0000-000000000000"),
            "version": ("resourceVersion", last["metadata"]["resourceVersion"]),
            "old version": ("resourceVersion", first["metadata"]["resourceVersion"]),
        }
        name, value = metadata[step.precondition]
        return body | {"preconditions": {name: value}}

    async def _clean_up(self, kind: str) -> None:
        path = self._path(Step("GET", kind))
        for name in NAMES:
            one = f"{path}/{self._unique}{name}"
            patch = json.dumps({"metadata": {"finalizers": None}}).encode()
            merge = "application/merge-patch+json"
            await self._transport.send("DELETE", one)
            await self._transport.send("PATCH", one, body=patch, content_type=merge)


def _laid_over(base: Any, body: Any) -> Any:
    for key, value in body.items():
        if key == "metadata" and isinstance(value, dict):
            base["metadata"].update(value)
        elif isinstance(value, dict) and isinstance(base.get(key), dict):
            base[key].update(value)
        else:
            base[key] = value
    return base
