"""Objects within custom objects: x-kubernetes-embedded-resource.

Their metadata is decoded like that of any object, and they must have a version and a kind. Source:
apiextensions-apiserver's objectmeta package.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from opgen.testing.errors import Document, FieldError, Undecodable, invalid_value, required, show
from opgen.testing.objects.go_form import go_form
from opgen.testing.objects.names import (
    dns_1035_problems,
    label_problems,
    metadata_problems,
    path_problems,
)
from opgen.testing.objects.pruning import prune
from opgen.testing.objects.schemas import (
    OBJECT_META_SCHEMA,
    Schema,
    field_schema,
    item_schema,
    resolve,
)
from opgen.testing.resources.decoding import go_name, wrong_metadata
from opgen.testing.resources.registry import ResourceType

_MARK = "x-kubernetes-embedded-resource"


def decode_embedded(document: Document, resource_type: ResourceType) -> list[str]:
    """Decode the metadata of the objects within a custom object, in place.

    Returns:
        The paths of metadata that there is not, and that were dropped.

    Raises:
        StatusError: 400, it cannot be decoded.
    """
    dropped: list[str] = []
    for path, inner in _embedded(document, resource_type.schema):
        detail = _mistake(path, inner)
        if detail:
            kind = resource_type.kind
            raise Undecodable(kind.kind, kind.version, detail, document)
        metadata = inner.get("metadata")
        if metadata is None:
            inner.pop("metadata", None)
            continue
        unknown = prune(metadata, OBJECT_META_SCHEMA)
        dropped += [f"{path}.metadata.{name}" for name in unknown]
        go_form(metadata, OBJECT_META_SCHEMA)
    return dropped


def _mistake(path: str, inner: Document) -> str:
    for name in ("apiVersion", "kind"):
        value = inner.get(name, "")
        if not isinstance(value, str):
            return str(invalid_value(f"{path}.{name}", value, "must be a string"))
    metadata = inner.get("metadata")
    if metadata is None:
        return ""
    text = f"json: cannot unmarshal {go_name(metadata)} into Go value of type v1.ObjectMeta"
    if isinstance(metadata, dict):
        text = wrong_metadata(metadata)
    return f"{path}.metadata: Invalid value: {show(metadata)}: {text}" if text else ""


def embedded_problems(document: Document, resource_type: ResourceType) -> Iterator[FieldError]:
    """What is wrong with the objects within a custom object."""
    for path, inner in _embedded(document, resource_type.schema):
        for name in ("apiVersion", "kind"):
            if name not in inner:
                yield required(f"{path}.{name}")
        yield from _version_problems(f"{path}.apiVersion", inner.get("apiVersion"))
        yield from _kind_problems(f"{path}.kind", inner.get("kind"))
        if inner.get("metadata"):
            yield from _metadata_problems(path, inner["metadata"])


def _version_problems(path: str, version: str | None) -> Iterator[FieldError]:
    if version == "":
        yield invalid_value(path, version, "must not be empty")
    elif version is not None and version.count("/") > 1:
        yield invalid_value(path, version, f"unexpected GroupVersion string: {version}")


def _kind_problems(path: str, kind: str | None) -> Iterator[FieldError]:
    if kind == "":
        yield invalid_value(path, kind, "must not be empty")
    elif kind is not None:
        texts = dns_1035_problems(kind.lower())
        if texts:
            head = "may have mixed case, but should otherwise match: "
            yield invalid_value(path, kind, head + ",".join(texts))


def _metadata_problems(path: str, metadata: Document) -> Iterator[FieldError]:
    named = {"name": "fakename"} | metadata
    for error in metadata_problems("", "", named, path_problems):
        yield dataclasses.replace(error, field=f"{path}.{error.field}")
    namespace = metadata.get("namespace")
    for text in label_problems(namespace) if namespace else ():
        yield invalid_value(f"{path}.metadata.namespace", namespace, text)


def _embedded(document: Document, schema: Schema) -> list[tuple[str, Document]]:
    """The objects within an object, each with its path, those outside first."""
    return list(_found(document, schema, "")) if _has_any(_Same(schema)) else []


@dataclasses.dataclass(frozen=True, eq=False)
class _Same:
    """A schema that is equal to itself alone, so that it can be remembered."""

    schema: Schema

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and self.schema is other.schema

    def __hash__(self) -> int:
        return id(self.schema)


@lru_cache(maxsize=256)
def _has_any(same: _Same) -> bool:
    return _marked(same.schema)


def _marked(schema: Any) -> bool:
    if isinstance(schema, dict):
        return bool(schema.get(_MARK)) or any(map(_marked, schema.values()))
    return isinstance(schema, list) and any(map(_marked, schema))


def _found(value: Any, schema: Schema, path: str) -> Iterator[tuple[str, Document]]:
    node = resolve(schema)
    if isinstance(value, dict):
        if node.get(_MARK):
            yield path, value
        for key in value:
            free = node.get("additionalProperties") and key not in (node.get("properties") or {})
            below = f"{path}[{key}]" if free else f"{path}.{key}" if path else key
            yield from _found(value[key], field_schema(schema, key), below)
    elif isinstance(value, list):
        items = item_schema(schema)
        for index, item in enumerate(value):
            yield from _found(item, items, f"{path}[{index}]")
