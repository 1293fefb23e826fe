"""A request for a resource, as the verbs take it."""

from __future__ import annotations

from dataclasses import dataclass, field

from opgen.testing.errors import Document, bad_request
from opgen.testing.resources.options import WriteOptions, require_object
from opgen.testing.resources.rbac import User
from opgen.testing.resources.registry import ResourceType
from opgen.testing.web.bodies import decode
from opgen.testing.web.negotiation import PROTOBUF, Form
from opgen.testing.web.protobuf import decode_protobuf
from opgen.testing.web.requests import RequestInfo, is_true


@dataclass(frozen=True, kw_only=True, slots=True)
class Call:
    """A request for a resource, ready to be carried out."""

    info: RequestInfo
    type: ResourceType
    user: User
    query: dict[str, str]
    body: bytes
    content_type: str
    form: Form
    agent: str
    warnings: list[str] = field(default_factory=list)
    """What the client shall be told, whatever becomes of the call."""

    @property
    def namespace(self) -> str:
        """Where the object is; empty for what is in no namespace."""
        return self.info.namespace if self.type.kind.namespaced else ""

    def options(self) -> WriteOptions:
        """The write options of the query."""
        dry_run = self.query.get("dryRun", "")
        if dry_run not in ("", "All"):
            raise bad_request(
                f'Invalid value: ["{dry_run}"]: dryRun: Unsupported value: supported values: "All"'
            )
        return WriteOptions(
            manager=self.query.get("fieldManager") or self.agent.partition("/")[0] or "unknown",
            dry_run=bool(dry_run),
            field_validation=self.query.get("fieldValidation") or "Warn",
            force=is_true(self.query.get("force", "false")),
            user=self.user,
            warnings=self.warnings,
        )

    def document(self) -> Document:
        """The body as an object.

        Raises:
            StatusError: it cannot be read.
        """
        if self.content_type == PROTOBUF and not self.type.custom:
            return decode_protobuf(self.body)
        return require_object(decode(self.body, self.content_type))
