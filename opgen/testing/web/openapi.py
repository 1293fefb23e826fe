"""OpenAPI documents: v2 for all types at once, v3 for each group and version.

They hold what kubectl needs to explain fields and to check what it applies. Descriptions are there
where a CRD has them; the table of built-in types has none.
"""

from __future__ import annotations

import copy
import hashlib

from opgen.k8s.schemas import definitions
from opgen.schema.descriptions import API_VERSION, KIND
from opgen.testing.errors import Document
from opgen.testing.objects.schemas import OBJECT_META_SCHEMA, Schema
from opgen.testing.resources.registry import Registry, ResourceType

V2, V3 = "#/definitions/", "#/components/schemas/"
_INT_OR_STRING: Schema = {"type": "string", "format": "int-or-string"}
_METADATA = (
    "Standard object's metadata. More info: https://git.k8s.io/community/contributors/devel/"
    "sig-architecture/api-conventions.md#metadata"
)


class OpenApi:
    """Documents made from a registry."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry

    def index(self) -> Document:
        """`/openapi/v3`: where the documents of the groups are."""
        paths = {}
        for group, versions in self._registry.group_versions().items():
            for version in versions:
                path = f"apis/{group}/{version}" if group else f"api/{version}"
                address = f"/openapi/v3/{path}?hash={self.digest(path)}"
                paths[path] = {"serverRelativeURL": address}
        return {"paths": paths}

    def digest(self, path: str) -> str:
        """What tells one state of a document from another; it is also its ETag."""
        text = f"{path} {self._registry.generation}"
        return hashlib.sha256(text.encode()).hexdigest().upper()

    def version_3(self, path: str) -> Document | None:
        """`/openapi/v3/apis/<group>/<version>`."""
        found = [item for item in self._registry if _prefix(item)[1:] == path]
        if not found:
            return None
        schemas = _Schemas(V3)
        paths: Document = {}
        for item in found:
            paths |= _paths(item, schemas.add(item), version=3)
        return {
            "openapi": "3.0.0",
            "info": {"title": "Kubernetes", "version": "v1.36.0"},
            "paths": paths,
            "components": {"schemas": schemas.collected},
        }

    def version_2(self) -> Document:
        """`/openapi/v2`."""
        schemas = _Schemas(V2)
        paths: Document = {}
        for item in self._registry:
            paths |= _paths(item, schemas.add(item), version=2)
        return {
            "swagger": "2.0",
            "info": {"title": "Kubernetes", "version": "v1.36.0"},
            "paths": paths,
            "definitions": schemas.collected,
        }


def _prefix(item: ResourceType) -> str:
    return f"/apis/{item.group}/{item.kind.version}" if item.group else f"/api/{item.kind.version}"


def _identity(item: ResourceType) -> Document:
    return {"group": item.group, "version": item.kind.version, "kind": item.kind.kind}


_ACTIONS = {
    "list": "get",
    "create": "post",
}
_OBJECT_ACTIONS = {"get": "get", "update": "put", "patch": "patch", "delete": "delete"}
_STRATEGIC = "application/strategic-merge-patch+json"
_MEDIA = (
    "application/json-patch+json",
    "application/merge-patch+json",
    "application/apply-patch+yaml",
)


def _paths(item: ResourceType, reference: str, version: int) -> Document:
    scope = "/namespaces/{namespace}" if item.kind.namespaced else ""
    collection = f"{_prefix(item)}{scope}/{item.kind.plural}"
    one = {
        method: _operation(item, verb, reference, version)
        for verb, method in _OBJECT_ACTIONS.items()
        if verb in item.verbs
    }
    many = {
        method: _operation(item, verb, reference, version)
        for verb, method in _ACTIONS.items()
        if verb in item.verbs
    }
    return {collection: many, f"{collection}/{{name}}": one}


def _operation(item: ResourceType, verb: str, reference: str, version: int) -> Document:
    action = {"create": "post", "update": "put"}.get(verb, verb)
    schema = {"$ref": reference}
    parameters = [
        {"name": name, "in": "query", **_typed({"type": "string"}, version)}
        for name in ("dryRun", "fieldManager", "fieldValidation")
        if verb in ("create", "update", "patch")
    ]
    answer: Document = {"description": "OK"}
    answer |= {"schema": schema} if version == 2 else {"content": {_JSON: {"schema": schema}}}
    operation: Document = {
        "operationId": f"{verb}{item.group.replace('.', '')}{item.kind.version}{item.kind.kind}",
        "parameters": parameters,
        "responses": {"200": answer},
        "x-kubernetes-action": action,
        "x-kubernetes-group-version-kind": _identity(item),
    }
    if verb == "patch":
        media = _MEDIA if item.custom else (*_MEDIA, _STRATEGIC)
        if version == 2:
            operation["consumes"] = list(media)
        else:
            content = {name: {"schema": {"type": "object"}} for name in media}
            operation["requestBody"] = {"content": content}
    return operation


_JSON = "application/json"


def _typed(schema: Schema, version: int) -> Document:
    return schema if version == 2 else {"schema": schema}


class _Schemas:
    """Collects the schemas of kinds and all that they refer to."""

    def __init__(self, prefix: str) -> None:
        self._prefix = prefix
        self.collected: dict[str, Schema] = {}

    def add(self, item: ResourceType) -> str:
        """Add the schema of a kind; returns a reference to it."""
        name = item.schema.get("$ref")
        if name is None:
            reverse = ".".join(reversed(item.group.split(".")))
            name = f"{reverse}.{item.kind.version}.{item.kind.kind}"
            schema = self._rewrite(item.schema)
            schema["properties"] = schema.get("properties", {}) | self._own()
            schema["x-kubernetes-group-version-kind"] = [_identity(item)]
            self.collected[name] = schema
        else:
            self._add_definition(name)
        return self._prefix + name

    def _own(self) -> dict[str, Schema]:
        """What every kind has, which a CRD need not describe."""
        described = {"apiVersion": API_VERSION, "kind": KIND}
        own: dict[str, Schema] = {
            name: {"type": "string", "description": text.replace("\n", " ")}
            for name, text in described.items()
        }
        metadata = self._rewrite(OBJECT_META_SCHEMA) | {"description": _METADATA}
        return own | {"metadata": metadata}

    def _add_definition(self, name: str) -> None:
        if name not in self.collected:
            self.collected[name] = {}
            whole = _INT_OR_STRING if name.endswith(".IntOrString") else definitions()[name]
            self.collected[name] = self._rewrite(whole)

    def _rewrite(self, node: Schema) -> Schema:
        """A schema with references in the form of the document."""
        out: Schema = {}
        for key, value in node.items():
            if key == "properties":
                out[key] = {name: self._rewrite(child) for name, child in value.items()}
            elif key in _NESTED and isinstance(value, dict):
                out[key] = self._rewrite(value)
            elif key in _JUNCTORS:
                out[key] = [self._rewrite(choice) for choice in value]
            elif key != "$ref":
                out[key] = copy.deepcopy(value)
        if "$ref" in node:
            self._add_definition(node["$ref"])
            reference = {"$ref": self._prefix + node["$ref"]}
            # OpenAPI 3.0 ignores what stands beside a reference.
            out |= {"allOf": [reference]} if self._prefix == V3 else reference
        if out.get("x-kubernetes-int-or-string"):
            out.pop("anyOf", None)
        if self._prefix == V2 and out.get("x-kubernetes-preserve-unknown-fields"):
            # Version 2 has no way to say that there may be more.
            for key in ("type", "properties", "items", "additionalProperties"):
                out.pop(key, None)
        return out


_NESTED = ("items", "additionalProperties", "not")
_JUNCTORS = ("allOf", "anyOf", "oneOf")
