"""Tables: what `kubectl get` prints.

Custom kinds have the columns of their CRD; for built-in kinds a table here says what a cell shows.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec

from opgen.testing.errors import Document, bad_request, show
from opgen.testing.objects.paths import find_all
from opgen.testing.resources.machinery import Machinery
from opgen.testing.resources.registry import Column, ResourceType
from opgen.testing.storage import Revision
from opgen.testing.web.cells import age
from opgen.testing.web.columns import AGE, COLUMNS, CREATED, NAME, Cell, Entry

_INCLUDED = ("", "None", "Metadata", "Object")


class TableWriter:
    """Makes tables."""

    def __init__(self, machinery: Machinery) -> None:
        self._clock = machinery.clock
        self._operations = machinery.operations

    @staticmethod
    def _columns(resource_type: ResourceType) -> Sequence[Entry]:
        if not resource_type.custom:
            return COLUMNS.get(resource_type.resource, (NAME, AGE))
        return [NAME, *((column, _by_path(column)) for column in resource_type.columns)]

    def table(
        self,
        resource_type: ResourceType,
        documents: Sequence[Document],
        metadata: Document,
        query: Mapping[str, str],
    ) -> Document:
        """A Table object.

        Raises:
            StatusError: 400, the query asks for what rows cannot carry.
        """
        included = query.get("includeObject", "")
        if included not in _INCLUDED:
            raise bad_request(
                "Unable to convert to Table as requested: includeObject: Invalid value: "
                f"{show(included)}: must be 'Metadata', 'Object', 'None', or empty"
            )
        columns, now = self._columns(resource_type), self._clock.now()
        # Kinds without columns of their own have no rows where others have an empty list.
        empty: list[Document] | None = None if CREATED in columns else []
        shown = {key: value for key, value in metadata.items() if value}
        return {
            "kind": "Table",
            "apiVersion": "meta.k8s.io/v1",
            "metadata": shown,
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
            "rows": [self._row(columns, document, query, now) for document in documents] or empty,
        }

    @staticmethod
    def _row(
        columns: Sequence[Entry], document: Document, query: Mapping[str, str], now: float
    ) -> Document:
        include = query.get("includeObject") or "Metadata"
        row: Document = {"cells": [cell(document, now) for _, cell in columns], "object": None}
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
        self, resource_type: ResourceType, query: Mapping[str, str], version: str
    ) -> Callable[[Revision], bytes]:
        """What turns the objects of a watch into tables; only the first one has columns."""
        first = True

        def encode(revision: Revision) -> bytes:
            nonlocal first
            document = revision.document()
            metadata = {"resourceVersion": str(revision.version)}
            table = self.table(resource_type, [document], metadata, query)
            table["apiVersion"] = version
            if not first:
                table["columnDefinitions"] = None
            first = False
            return msgspec.json.encode(table)

        return encode


def _by_path(column: Column) -> Cell:
    """The cells of a column that a CRD declares."""

    def cell(document: Document, now: float) -> Any:
        found = find_all(document, column.path)
        if not found:
            return None
        if column.type == "date":
            return age(found[0], now)
        if column.type == "string":
            return ",".join(_text(item) for item in found)
        return found[0]

    return cell


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, (dict, list)):
        return msgspec.json.encode(value).decode()
    return str(value)
