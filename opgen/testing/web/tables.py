"""Tables: what `kubectl get` prints.

Custom kinds have the columns of their CRD; for built-in kinds a table here says what a cell shows.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec

from opgen.testing.errors import Document
from opgen.testing.objects.paths import find_all
from opgen.testing.resources.machinery import Machinery
from opgen.testing.resources.registry import Column, ResourceType
from opgen.testing.storage import GroupResource, Revision
from opgen.testing.web.cells import BUILT_IN_COLUMNS

Cell = Callable[[Document], Any]
_TABLE = re.compile(r"as=Table")


def wants_table(accept: str) -> bool:
    """Whether a client asks for a table."""
    return bool(_TABLE.search(accept))


def age(stamp: Any, now: float) -> str:
    """How long ago a time is, as kubectl says it."""
    if not isinstance(stamp, str):
        return "<unknown>"
    try:
        seconds = int(now - datetime.fromisoformat(stamp.replace("Z", "+00:00")).timestamp())
    except ValueError:
        return "<invalid>"
    return duration(max(seconds, 0))


def duration(seconds: int) -> str:
    """A duration in at most two units. Source: apimachinery's HumanDuration."""
    minutes, hours, days = seconds // 60, seconds // 3600, seconds // 86400
    if seconds < 120:
        return f"{seconds}s"
    if minutes < 10:
        rest = seconds % 60
        return f"{minutes}m{rest}s" if rest else f"{minutes}m"
    if minutes < 180:
        return f"{minutes}m"
    if hours < 8:
        rest = minutes % 60
        return f"{hours}h{rest}m" if rest else f"{hours}h"
    if hours < 48:
        return f"{hours}h"
    if days < 8:
        rest = hours % 24
        return f"{days}d{rest}h" if rest else f"{days}d"
    if days < 730:
        return f"{days}d"
    rest = days % 365
    return f"{days // 365}y{rest}d" if rest and days < 2920 else f"{days // 365}y"


class TableWriter:
    """Makes tables."""

    def __init__(self, machinery: Machinery) -> None:
        self._clock = machinery.clock
        self._operations = machinery.operations
        self._built_in: Mapping[GroupResource, Sequence[Column | tuple[Column, Cell]]] = (
            BUILT_IN_COLUMNS
        )

    def _columns(self, resource_type: ResourceType) -> list[tuple[Column, Cell]]:
        name = Column("Name", ".metadata.name", "string", "name", _NAME_HELP)
        columns: list[Column | tuple[Column, Cell]] = [name]
        if resource_type.custom:
            columns += resource_type.columns
        else:
            columns += self._built_in.get(resource_type.resource, ())
            if len(columns) == 1 or resource_type.resource not in self._built_in:
                columns.append(_AGE)
        return [
            item
            if isinstance(item, tuple)
            else (item, self._cell(item, custom=resource_type.custom))
            for item in columns
        ]

    def _cell(self, column: Column, *, custom: bool) -> Cell:
        def by_path(document: Document) -> Any:
            found = find_all(document, column.path)
            if column.fallback and found in ([], [None]):
                found = find_all(document, column.fallback)
            if not found:
                return None
            value = found[0]
            if column.type == "date":
                return age(value, self._clock.now())
            if column.type == "string" and custom:
                return ",".join(_text(item) for item in found)
            return value

        return by_path

    def table(
        self,
        resource_type: ResourceType,
        documents: Sequence[Document],
        metadata: Document,
        query: Mapping[str, str],
    ) -> Document:
        """A Table object."""
        columns = self._columns(resource_type)
        return {
            "kind": "Table",
            "apiVersion": "meta.k8s.io/v1",
            "metadata": metadata,
            "columnDefinitions": [
                {
                    "name": column.name,
                    "type": column.type,
                    "format": column.format,
                    "description": column.description,
                    "priority": column.priority,
                }
                for column, _ in columns
            ],
            "rows": [self._row(columns, document, query) for document in documents],
        }

    @staticmethod
    def _row(
        columns: list[tuple[Column, Cell]], document: Document, query: Mapping[str, str]
    ) -> Document:
        include = query.get("includeObject") or "Metadata"
        row: Document = {"cells": [cell(document) for _, cell in columns]}
        if include == "Object":
            row["object"] = document
        elif include == "Metadata":
            row["object"] = {
                "kind": "PartialObjectMetadata",
                "apiVersion": "meta.k8s.io/v1",
                "metadata": document["metadata"],
            }
        return row

    def encoder(
        self, resource_type: ResourceType, query: Mapping[str, str]
    ) -> Callable[[Revision], bytes]:
        """What turns the objects of a watch into tables; only the first one has columns."""
        first = True

        def encode(revision: Revision) -> bytes:
            nonlocal first
            document = revision.document()
            metadata = {"resourceVersion": str(revision.version)}
            table = self.table(resource_type, [document], metadata, query)
            if not first:
                table["columnDefinitions"] = None
            first = False
            return msgspec.json.encode(table)

        return encode


_NAME_HELP = (
    "Name must be unique within a namespace. Is required when creating resources, although some "
    "resources may allow a client to request the generation of an appropriate name automatically. "
    "Name is primarily intended for creation idempotence and configuration definition. Cannot be "
    "updated."
)
_AGE = Column("Age", ".metadata.creationTimestamp", "date")


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, (dict, list)):
        return msgspec.json.encode(value).decode()
    return str(value)
