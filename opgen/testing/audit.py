"""What the server has answered: a line for each request, and the same as audit events."""

from __future__ import annotations

from datetime import UTC, datetime

import msgspec

from opgen.testing.errors import Document
from opgen.testing.resources.rbac import User
from opgen.testing.web.requests import RequestInfo


class LoggedRequest(msgspec.Struct, frozen=True, gc=False):
    """One request that the server has answered.

    Attributes:
        info: What it asked for, in Kubernetes' terms.
        sender: Who sent it; None if nobody knows.
        acting: As whom it was carried out, which impersonation changes.
        received: When it came, in seconds since the epoch.
        review: Whether it was a question that stores nothing.
    """

    method: str
    path: str
    query: str
    code: int
    info: RequestInfo
    sender: User | None
    acting: User | None
    agent: str
    received: float
    review: bool

    @property
    def user(self) -> str:
        """The name of who did it; empty if nobody knows."""
        return self.acting.name if self.acting else ""

    @property
    def verb(self) -> str:
        """Its verb, or `review`."""
        return "review" if self.review else self.info.verb

    @property
    def resource(self) -> str:
        """Resource and subresource, as RBAC rules name them."""
        return self.info.full_resource

    @property
    def name(self) -> str:
        """The name of the object."""
        return self.info.name

    @property
    def is_write(self) -> bool:
        """Whether it could change an object."""
        return self.method not in ("GET", "HEAD") and not self.review

    def audit_event(self) -> Document:
        """The request as an audit.k8s.io/v1 Event of level Metadata."""
        moment = datetime.fromtimestamp(self.received, UTC).isoformat(timespec="microseconds")
        stamp = moment.replace("+00:00", "Z")
        event: Document = {
            "kind": "Event",
            "apiVersion": "audit.k8s.io/v1",
            "level": "Metadata",
            "stage": "ResponseComplete",
            "requestURI": f"{self.path}?{self.query}" if self.query else self.path,
            "verb": self.info.verb,
            "user": self.sender.info() if self.sender else {},
            "userAgent": self.agent,
            "responseStatus": {"metadata": {}, "code": self.code},
            "requestReceivedTimestamp": stamp,
            "stageTimestamp": stamp,
        }
        if self.acting is not self.sender and self.acting is not None:
            event["impersonatedUser"] = self.acting.info()
        if self.info.resource:
            reference = {
                "resource": self.info.resource,
                "namespace": self.info.namespace,
                "name": self.info.name,
                "apiGroup": self.info.group,
                "apiVersion": self.info.version,
                "subresource": self.info.subresource,
            }
            event["objectRef"] = {key: value for key, value in reference.items() if value}
        return event
