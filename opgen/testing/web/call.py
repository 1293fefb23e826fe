"""A request for a resource, as the verbs take it."""

from __future__ import annotations

from typing import Any

import msgspec

from opgen.testing.errors import Document, StatusError, bad_request
from opgen.testing.resources.options import WriteOptions
from opgen.testing.resources.rbac import User
from opgen.testing.resources.registry import ResourceType
from opgen.testing.web.bodies import Unreadable, cannot_unmarshal, duplicates, go_name
from opgen.testing.web.negotiation import APPLY_PATCH, PROTOBUF, YAML, Form
from opgen.testing.web.option_rules import check_options
from opgen.testing.web.protobuf import MAGIC, decode_protobuf
from opgen.testing.web.requests import RequestInfo, is_true
from opgen.testing.web.yaml_bodies import read_body


class Call(msgspec.Struct, frozen=True, kw_only=True):
    """A request for a resource, ready to be carried out."""

    info: RequestInfo
    type: ResourceType
    user: User
    query: dict[str, str]
    body: bytes
    content_type: str
    form: Form
    agent: str
    warnings: list[str] = msgspec.field(default_factory=list)
    """What the client shall be told, whatever becomes of the call."""

    @property
    def namespace(self) -> str:
        """Where the object is; empty for what is in no namespace."""
        return self.info.namespace if self.type.kind.namespaced else ""

    def options(self) -> WriteOptions:
        """The write options of the query.

        Raises:
            StatusError: 422, they are wrong.
        """
        check_options(
            self.query, _OPTIONS[self.info.verb], applies=self.content_type == APPLY_PATCH
        )
        return WriteOptions(
            manager=self.query.get("fieldManager") or self.agent.partition("/")[0] or "unknown",
            dry_run="dryRun" in self.query,
            field_validation=self.query.get("fieldValidation") or "Warn",
            force=is_true(self.query.get("force", "false")),
            user=self.user,
            warnings=self.warnings,
        )

    def document(self, options: WriteOptions | None = None) -> Document:
        """The body as an object; `options` learn which of its fields are there twice.

        Raises:
            StatusError: 400, it cannot be read.
        """
        if self.content_type == PROTOBUF and not self.type.custom:
            if not self.body.startswith(MAGIC):
                prefix = f"[{' '.join(map(str, MAGIC))}]"
                why = "provided data does not appear to be a protobuf message, expected prefix"
                raise self._unrecognized(f"{why} {prefix}")
            return decode_protobuf(self.body)
        try:
            document = read_body(self.body, self.content_type)
        except Unreadable as error:
            document = error.document
            if not isinstance(document, dict) or self.type.custom:
                raise self._unreadable(error) from None
        found = _as_object(document)
        if isinstance(found, str):
            raise self._unrecognized(f"{_NO_TYPE}{found}")
        api_version = found.get("apiVersion") or ""
        if api_version.count("/") > 1:
            raise self._unrecognized(f"unexpected GroupVersion string: {api_version}")
        if options and options.field_validation != "Ignore" and self.content_type != YAML:
            options.duplicates = duplicates(self.body, document)
        return found

    def delete_options(self) -> Document | None:
        """The body of a deletion; None if it has none.

        Raises:
            StatusError: 400, it cannot be read.
        """
        if self.body and self.content_type == PROTOBUF and not self.type.custom:
            return decode_protobuf(self.body)
        try:
            found = read_body(self.body, self.content_type) if self.body else None
        except Unreadable as error:
            if not isinstance(error.document, dict):
                raise bad_request(f"{_NO_TYPE}{error}") from None
            found = error.document
        found = None if found is None else _as_object(found)
        if isinstance(found, str):
            raise bad_request(f"{_NO_TYPE}{found}")
        return found

    def _unreadable(self, error: Unreadable) -> StatusError:
        document = error.document
        if isinstance(document, dict) and document.get("kind"):
            version = str(document.get("apiVersion", "")).rpartition("/")[2]
            return bad_request(
                f'{document["kind"]} in version "{version}" cannot be handled as a '
                f"{self.type.kind.kind}: {error}"
            )
        return self._unrecognized(str(error) if self.content_type == YAML else f"{_NO_TYPE}{error}")

    def _unrecognized(self, why: str) -> StatusError:
        kind = self.type.kind.kind
        text = f"the object provided is unrecognized (must be of type {kind}): {why}"
        return bad_request(f"{text} ({_summary(self.body)})")


_OPTIONS = {"create": "CreateOptions", "update": "UpdateOptions", "patch": "PatchOptions"}
_NO_TYPE = "couldn't get version/kind; json parse error: "
_SHOWN = 30
"""How many bytes of a body an error shows."""


def _summary(body: bytes) -> str:
    if not body:
        return "<empty>"
    more = " ..." if len(body) > _SHOWN else ""
    head = body[:_SHOWN]
    return (head.decode(errors="replace") if body[:1] == b"{" else head.hex()) + more


def _as_object(document: Any) -> Document | str:
    """The document, if Go can tell what it is an object of; else why it cannot."""
    if document is None:
        return {}
    if not isinstance(document, dict):
        return cannot_unmarshal(go_name(document), _TYPE_META)
    for name in ("apiVersion", "kind"):
        value = document.get(name)
        if value is not None and not isinstance(value, str):
            text = f"into Go struct field .{name} of type string"
            return f"json: cannot unmarshal {go_name(value)} {text}"
    return document


_TYPE_META = (
    r'struct { APIVersion string "json:\"apiVersion,omitempty\""; '
    r'Kind string "json:\"kind,omitempty\"" }'
)
