"""The table of built-in types and the structural schemas made from it.

The table is a text file with a line for each definition; only the lines that are asked for are
decoded. `schema` writes out a definition as controller-gen does for a field of that type.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from opgen.k8s._data import KUBERNETES

OBJECT_META = "io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta"

# Of facts that only patches need, a CRD's schema says nothing.
_NOT_STRUCTURAL = frozenset(
    {
        "$ref",
        "x-kubernetes-group-version-kind",
        "x-kubernetes-patch-merge-key",
        "x-kubernetes-patch-strategy",
    }
)


class Definitions(Mapping[str, dict[str, Any]]):
    """Definitions by name, each decoded when it is first looked up."""

    def __init__(self, text: str) -> None:
        """Read the table's text: name, tab and JSON in each line."""
        self._encoded = dict(line.split("\t", 1) for line in text.splitlines())
        self._decoded: dict[str, dict[str, Any]] = {}

    def __getitem__(self, name: str) -> dict[str, Any]:
        node = self._decoded.get(name)
        if node is None:
            node = self._decoded[name] = json.loads(self._encoded[name])
        return node

    def __iter__(self) -> Iterator[str]:
        return iter(self._encoded)

    def __len__(self) -> int:
        return len(self._encoded)


@cache
def definitions() -> Mapping[str, dict[str, Any]]:
    """The raw table: OpenAPI facts by definition name. To be read, not changed.

    `$ref` holds the bare name of another definition. `type`, `format`, `required`, `default`,
    `x-kubernetes-list-type`, `-list-map-keys`, `-map-type`, `-patch-merge-key`, `-patch-strategy`
    and `-group-version-kind` are there as Kubernetes has them; descriptions are not.
    """
    import opgen.k8s._data as data

    # Without pathlib, whose import takes as long as reading the table.
    folder = data.__path__[0]
    with open(f"{folder}/{KUBERNETES}.txt", encoding="utf-8") as table:  # noqa: PTH123
        return Definitions(table.read())


def schema(name: str) -> dict[str, Any]:
    """The structural schema of a definition, as controller-gen writes it, without descriptions.

    References are resolved. The one difference: metadata inside of objects keeps name, namespace,
    labels, annotations and finalizers, where controller-gen lets the API server drop everything
    unless it is called with generateEmbeddedObjectMeta.

    Args:
        name: The definition's name, such as `io.k8s.api.core.v1.EnvVar`.

    Returns:
        A fresh object, which the caller may change.

    Raises:
        KeyError: there is no such definition.
        ValueError: the definition contains itself, which no structural schema can express.
    """
    return _resolve({"$ref": name}, definitions(), ())


def _resolve(
    node: dict[str, Any], table: Mapping[str, dict[str, Any]], path: tuple[str, ...]
) -> dict[str, Any]:
    """A copy of a schema with the definitions that it refers to put in."""
    out: dict[str, Any] = {}
    name = node.get("$ref")
    if name is not None:
        if name in path:
            raise ValueError(f"{name} contains itself, which a CRD cannot express")
        if name == OBJECT_META:
            return embedded_metadata()
        out = _resolve(table[name], table, (*path, name))
    for key, value in node.items():
        if key in _NOT_STRUCTURAL:
            continue
        if key == "properties":
            out[key] = {field: _resolve(child, table, path) for field, child in value.items()}
        elif key in ("items", "additionalProperties"):
            out[key] = _resolve(value, table, path)
        elif key == "anyOf":
            out[key] = [dict(choice) for choice in value]
        else:
            out[key] = list(value) if isinstance(value, list) else value
    return out


def embedded_metadata() -> dict[str, Any]:
    """The schema of metadata inside of an object: what a template's author sets."""
    return {
        "type": "object",
        "properties": {
            "annotations": {"type": "object", "additionalProperties": {"type": "string"}},
            "finalizers": {"type": "array", "items": {"type": "string"}},
            "labels": {"type": "object", "additionalProperties": {"type": "string"}},
            "name": {"type": "string"},
            "namespace": {"type": "string"},
        },
    }
