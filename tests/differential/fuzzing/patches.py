"""Random patches of every kind, of documents that `content` makes."""

from __future__ import annotations

import copy
from random import Random
from typing import Any

from fuzzing.content import VALUES, Document, document


def merge_patch(random: Random, kind: str) -> Document:
    """A merge patch: a part of another document, with nulls here and there."""
    patch = document(random, kind)
    for name in ("apiVersion", "kind"):
        patch.pop(name)
    _with_nulls(random, patch)
    if random.random() < 0.03:
        patch.setdefault("metadata", {})
        if isinstance(patch["metadata"], dict):
            # Which makes a server forget who owns what.
            patch["metadata"]["managedFields"] = random.choice(([], [{}], None))
    return patch


def _with_nulls(random: Random, value: Any) -> None:
    if isinstance(value, dict):
        for key in list(value):
            if random.random() < 0.12:
                value[key] = None
            else:
                _with_nulls(random, value[key])


PATHS = {
    "configmaps": ("/data", "/data/a", "/data/b", "/binaryData", "/immutable"),
    "services": (
        "/spec/ports/0",
        "/spec/ports/-",
        "/spec/selector",
        "/spec/selector/a",
        "/spec/type",
        "/spec/externalTrafficPolicy",
        "/spec/clusterIP",
    ),
    "deployments": (
        "/spec/replicas",
        "/spec/template/spec/containers/0/image",
        "/spec/template/spec/containers/0/env",
        "/spec/strategy",
    ),
    "namespaces": ("/metadata/labels/b",),
    "secrets": ("/data", "/data/a", "/stringData", "/type", "/immutable"),
    "leases": ("/spec", "/spec/holderIdentity", "/spec/renewTime"),
    "roles": ("/rules", "/rules/0", "/rules/0/verbs/-", "/rules/0/resources"),
    "widgets": (
        "/spec",
        "/spec/tags",
        "/spec/tags/0",
        "/spec/tags/-",
        "/spec/items/0",
        "/spec/items/0/value",
        "/spec/image",
        "/spec/atomic/a",
        "/spec/free/x",
        "/spec/range/low",
        "/spec/fixed",
        "/spec/pairs/0",
        "/spec/numbers/-",
        "/spec/rows/0/0",
    ),
}
SHARED_PATHS = (
    "/metadata/labels",
    "/metadata/labels/a",
    "/metadata/finalizers",
    "/metadata/annotations/b",
    "/metadata/ownerReferences",
)


def json_patch(random: Random, kind: str) -> list[Document]:
    """A JSON patch whose paths often exist."""
    other = document(random, kind)
    found = []
    for _ in range(random.randint(1, 3)):
        path = random.choice((*PATHS[kind], *SHARED_PATHS))
        name = random.choice(("add", "add", "replace", "remove", "test", "copy", "move"))
        operation: Document = {"op": name, "path": path}
        if name in ("copy", "move"):
            operation["from"] = random.choice((*PATHS[kind], *SHARED_PATHS))
        elif name != "remove":
            operation["value"] = _value(random, path, other)
        found.append(operation)
    return found


def _value(random: Random, path: str, other: Document) -> Any:
    """What another document has at the path, or any string."""
    value: Any = other
    for part in path.split("/")[1:]:
        if isinstance(value, list):
            value = value[0] if value else None
        elif isinstance(value, dict):
            value = value.get(part)
    return copy.deepcopy(value) if value is not None else random.choice(VALUES)


def strategic_patch(random: Random, kind: str) -> Document:
    """A strategic merge patch, with directives."""
    patch = merge_patch(random, kind)
    _with_directives(random, patch)
    return patch


def _with_directives(random: Random, value: Any, name: str = "") -> None:
    if isinstance(value, list):
        for item in value:
            if isinstance(item, dict) and name == "containers" and random.random() < 0.15:
                item["$patch"] = random.choice(("delete", "replace"))
            _with_directives(random, item)
    if not isinstance(value, dict):
        return
    for key, item in list(value.items()):
        _with_directives(random, item, key)
        if (
            isinstance(item, list)
            and item
            and random.random() < 0.2
            and key in ("containers", "env")
        ):
            order = [{"name": entry["name"]} for entry in item if "name" in entry]
            value[f"$setElementOrder/{key}"] = order
        elif key == "finalizers" and isinstance(item, list) and random.random() < 0.3:
            del value[key]
            value[f"$deleteFromPrimitiveList/{key}"] = item
    if name in ("data", "strategy") and random.random() < 0.1:
        value["$patch"] = "replace"
    if name == "strategy" and random.random() < 0.3:
        value["$retainKeys"] = [key for key in value if not key.startswith("$")]
