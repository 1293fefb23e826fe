"""get and list: selectors, pages, resource versions, and the form the client wants."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Mapping

import msgspec

from opgen.testing.errors import (
    Document,
    StatusError,
    bad_request,
    expired,
    too_large_version,
)
from opgen.testing.objects.paths import find
from opgen.testing.objects.selectors import Selector, matches, parse_fields, parse_labels
from opgen.testing.resources.operations import Operations
from opgen.testing.resources.registry import ResourceType
from opgen.testing.storage import Revision

Filter = Callable[[Revision], bool]


def make_filter(resource_type: ResourceType, namespace: str, query: Mapping[str, str]) -> Filter:
    """The test that an object must pass to be seen.

    Raises:
        StatusError: a selector is wrong.
    """
    labels = parse_labels(query.get("labelSelector", ""))
    fields = parse_fields(query.get("fieldSelector", ""))
    paths = {path[1:]: path for path in resource_type.selectable}
    for requirement in fields:
        if requirement.key not in paths and requirement.key not in _METADATA:
            group = resource_type.kind.api_version
            raise bad_request(
                f'Unable to find "{group}, Resource={resource_type.kind.plural}" that match label '
                f'selector "{query.get("labelSelector", "")}", field selector '
                f'"{query.get("fieldSelector", "")}": field label not supported: {requirement.key}'
            )

    def passes(revision: Revision) -> bool:
        if namespace and revision.namespace != namespace:
            return False
        return matches(labels, revision.labels) and _fields_match(fields, paths, revision)

    return passes


_METADATA = ("metadata.name", "metadata.namespace")


def _fields_match(fields: Selector, paths: Mapping[str, str], revision: Revision) -> bool:
    if not fields:
        return True
    values = {"metadata.name": revision.name, "metadata.namespace": revision.namespace}
    if any(requirement.key not in values for requirement in fields):
        document = revision.document()
        for key, path in paths.items():
            values[key] = _text(find(document, path))
    return matches(fields, values)


def _text(value: object) -> str:
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)


def body_at(resource_type: ResourceType, operations: Operations, revision: Revision) -> bytes:
    """An object's bytes in the type's version."""
    if resource_type.is_stored_form:
        return revision.body
    return msgspec.json.encode(operations.read(resource_type, revision))


class Page:
    """The part of a list that a request asked for.

    The token for the next page names the version and the key to go on after. The server keeps no
    history of objects, so a page shows the present state; after compaction it is refused.
    """

    def __init__(
        self,
        operations: Operations,
        resource_type: ResourceType,
        namespace: str,
        query: Mapping[str, str],
    ) -> None:
        self.operations = operations
        self.resource_type = resource_type
        store = operations.store
        self.version = store.version
        limit = int(query.get("limit") or 0)
        after = None
        if query.get("continue"):
            self.version, after = _read_token(query["continue"])
            collection = store.collection(resource_type.resource)
            if self.version < collection.forgotten:
                raise expired(
                    "The provided continue parameter is too old to display a consistent list "
                    "result. You can start a new list without the continue parameter, or use the "
                    "continue token in this response to retrieve the remainder of the results. "
                    "Continuing with the provided token results in an inconsistent list - objects "
                    "that were created, modified, or deleted between the time the first chunk was "
                    "returned and now may show up in the list."
                )
        check_version(store.version, query)
        passes = make_filter(resource_type, namespace, query)
        found = [item for item in store.list(resource_type.resource, namespace) if passes(item)]
        if after is not None:
            found = [item for item in found if item.key > after]
        self.revisions = found[:limit] if limit else found
        rest = len(found) - len(self.revisions)
        self.metadata: Document = {"resourceVersion": str(self.version)}
        if rest:
            self.metadata["continue"] = _make_token(self.version, self.revisions[-1])
            if not query.get("labelSelector") and not query.get("fieldSelector"):
                self.metadata["remainingItemCount"] = rest

    def body(self) -> bytes:
        """The list as JSON, put together from the objects' bytes."""
        kind = self.resource_type.kind
        head = {
            "kind": self.resource_type.list_kind,
            "apiVersion": kind.api_version,
            "metadata": self.metadata,
        }
        items = b",".join(
            self._item(body_at(self.resource_type, self.operations, revision))
            for revision in self.revisions
        )
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
        return [self.operations.read(self.resource_type, item) for item in self.revisions]


def check_version(current: int, query: Mapping[str, str]) -> None:
    """Check the resource version that a read asks for.

    Raises:
        StatusError: it is no number, lies in the future, or is not allowed.
    """
    asked = query.get("resourceVersion", "")
    if not asked:
        return
    if not asked.isdecimal():
        raise bad_request(f'Invalid value: "{asked}": strconv.ParseUint: parsing "{asked}"')
    if int(asked) > current:
        raise too_large_version(int(asked), current)
    if query.get("resourceVersionMatch") == "Exact" and 0 < int(asked) < current:
        raise expired(f"The resourceVersion for the provided list is too old: {asked}")


def _make_token(version: int, last: Revision) -> str:
    body = msgspec.json.encode([version, *last.key])
    return base64.urlsafe_b64encode(body).decode()


def _read_token(token: str) -> tuple[int, tuple[str, str]]:
    try:
        version, namespace, name = msgspec.json.decode(
            base64.urlsafe_b64decode(token), type=tuple[int, str, str]
        )
    except (binascii.Error, ValueError, msgspec.DecodeError) as error:
        raise _bad_token(error) from None
    return version, (namespace, name)


def _bad_token(error: Exception) -> StatusError:
    return bad_request(f"invalid continue token: continue key is not valid: {error}")
