"""get and list: selectors, pages, resource versions, and the form the client wants."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache

import msgspec

from opgen.testing.errors import Document
from opgen.testing.objects.field_selectors import parse_fields
from opgen.testing.objects.label_selectors import parse_labels
from opgen.testing.objects.selectors import Selector, matches
from opgen.testing.resources.field_labels import Value, fields_of
from opgen.testing.resources.operations import Operations
from opgen.testing.resources.registry import ResourceType
from opgen.testing.storage import Revision
from opgen.testing.web.list_query import ListQuery, make_token

Filter = Callable[[Revision], bool]


def make_filter(resource_type: ResourceType, namespace: str, query: Mapping[str, str]) -> Filter:
    """The test that an object must pass to be seen.

    Raises:
        StatusError: a selector is wrong.
    """
    labels = parse_labels(query.get("labelSelector", ""))
    fields = parse_fields(query.get("fieldSelector", ""))
    values = fields_of(resource_type, [requirement.key for requirement in fields])

    def passes(revision: Revision) -> bool:
        if namespace and revision.namespace != namespace:
            return False
        return matches(labels, revision.labels) and _fields_match(fields, values, revision)

    return passes


def _fields_match(fields: Selector, values: Mapping[str, Value], revision: Revision) -> bool:
    if not fields:
        return True
    found = {"metadata.name": revision.name, "metadata.namespace": revision.namespace}
    asked = {requirement.key for requirement in fields} - found.keys()
    if asked:
        document = revision.document()
        found |= {key: values[key](document) for key in asked}
    return matches(fields, found)


async def at_type(
    operations: Operations, resource_type: ResourceType, revisions: Sequence[Revision]
) -> list[Revision]:
    """The revisions with bodies in the type's version.

    Raises:
        StatusError: a conversion webhook fails.
    """
    head = _head(resource_type.kind.api_version)
    found = list(revisions)
    others = [index for index, item in enumerate(found) if not item.body.startswith(head)]
    if others:
        documents = [found[index].document() for index in others]
        converted = await operations.convert(documents, resource_type)
        for index, document in zip(others, converted, strict=True):
            body = msgspec.json.encode(document)
            found[index] = msgspec.structs.replace(found[index], body=body)
    return found


@cache
def _head(api_version: str) -> bytes:
    """How the bytes of objects in a version begin."""
    return b'{"apiVersion":"%b",' % api_version.encode()


class Page:
    """The part of a list that a request asked for.

    The token for the next page names the version of the first one and the key to go on after, so
    all pages show the same moment, which the collection's log brings back.
    """

    def __init__(
        self,
        resource_type: ResourceType,
        revisions: Sequence[Revision],
        metadata: Document,
    ) -> None:
        self.resource_type = resource_type
        self.revisions = revisions
        self.metadata = metadata

    @classmethod
    async def read(
        cls,
        operations: Operations,
        resource_type: ResourceType,
        namespace: str,
        query: Mapping[str, str],
    ) -> Page:
        """Read what a query asks for.

        Raises:
            StatusError: the query is wrong, or its moment is forgotten.
        """
        asked = ListQuery.read(query, operations.store.version)
        passes = make_filter(resource_type, namespace, query)
        stored = asked.moment(operations.store.collection(resource_type.resource), namespace)
        if asked.after:
            stored = [item for item in stored if _path(item) > asked.after]
        shown = await at_type(operations, resource_type, stored)
        found = [item for item in shown if passes(item)]
        page = found[: asked.limit] if asked.limit else found
        # Whether what is left passes the selectors is not looked at before it is asked for.
        full = bool(asked.limit) and len(page) == asked.limit and not _is_single(query)
        rest = sum(_path(item) > _path(page[-1]) for item in stored) if full else 0
        metadata: Document = {"resourceVersion": str(asked.version)}
        if resource_type.custom:
            metadata = {"continue": ""} | metadata
        if rest:
            metadata["continue"] = make_token(asked.version, _path(page[-1]))
            if not query.get("labelSelector") and not query.get("fieldSelector"):
                metadata["remainingItemCount"] = rest
        return cls(resource_type, page, metadata)

    def body(self) -> bytes:
        """The list as JSON, put together from the objects' bytes."""
        kind = self.resource_type.kind
        head = {
            "kind": self.resource_type.list_kind,
            "apiVersion": kind.api_version,
            "metadata": self.metadata,
        }
        items = b",".join(self._item(revision.body) for revision in self.revisions)
        return msgspec.json.encode(head)[:-1] + b',"items":[' + items + b"]}\n"

    def _item(self, body: bytes) -> bytes:
        """An object as a list holds it: built-in ones are not told their kind again."""
        if self.resource_type.custom:
            return body
        kind = self.resource_type.kind
        head = msgspec.json.encode({"apiVersion": kind.api_version, "kind": kind.kind})[:-1] + b","
        return b"{" + body[len(head) :] if body.startswith(head) else body

    def documents(self) -> list[Document]:
        """The objects."""
        return [item.document() for item in self.revisions]


def _is_single(query: Mapping[str, str]) -> bool:
    """Whether a field selector names the object."""
    fields = parse_fields(query.get("fieldSelector", ""))
    return any(
        item.key == "metadata.name" and item.operator in ("=", "==", "in") for item in fields
    )


def _path(revision: Revision) -> str:
    """Where etcd keeps an object, below its resource."""
    return "/".join(filter(None, revision.key))
