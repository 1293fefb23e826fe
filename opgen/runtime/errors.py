"""What can go wrong between an operator and its API server.

`ApiError` is an answer the server gave, `Unreachable` the lack of one.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

REASONS: Mapping[int, str] = {
    400: "BadRequest",
    401: "Unauthorized",
    403: "Forbidden",
    404: "NotFound",
    405: "MethodNotAllowed",
    409: "Conflict",
    410: "Expired",
    415: "UnsupportedMediaType",
    422: "Invalid",
    429: "TooManyRequests",
    500: "InternalError",
    503: "ServiceUnavailable",
    504: "Timeout",
}
"""The reason where the answer is not a Status. Source: meta/v1 StatusReason."""


class ApiError(Exception):
    """The API server refused a request.

    Attributes:
        code: The HTTP status code.
        reason: The machine-readable reason, such as `NotFound`.
        message: The server's words.
        body: The Status object, or what could be made of the answer.
        retry_after: Seconds the server asked us to wait, or None.
    """

    def __init__(
        self,
        code: int,
        reason: str,
        message: str,
        body: Mapping[str, Any] | None = None,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(f"{message} ({code} {reason})")
        self.code = code
        self.reason = reason
        self.message = message
        self.body = dict(body or {})
        self.retry_after = retry_after

    @classmethod
    def from_status(cls, status: Mapping[str, Any], retry_after: float | None = None) -> ApiError:
        """From a Status object. Source: meta/v1 Status."""
        code = int(status.get("code") or 500)
        reason = str(status.get("reason") or REASONS.get(code, ""))
        message = str(status.get("message") or reason)
        details = status.get("details") or {}
        seconds = details.get("retryAfterSeconds") if isinstance(details, dict) else None
        return cls(code, reason, message, status, retry_after or seconds)

    @classmethod
    def from_reply(cls, code: int, body: bytes, retry_after: float | None = None) -> ApiError:
        """From an HTTP answer, whether its body is a Status or not."""
        try:
            status = json.loads(body)
        except ValueError:
            status = None
        if isinstance(status, dict) and status.get("kind") == "Status":
            return cls.from_status({**status, "code": code}, retry_after)
        text = body[:500].decode(errors="replace").strip() or REASONS.get(code, "no answer")
        return cls(code, REASONS.get(code, ""), text, {}, retry_after)

    @property
    def expired(self) -> bool:
        """Whether the resourceVersion that we asked for is too old or not known any more."""
        if self.code == 410:
            return True
        causes = (self.body.get("details") or {}).get("causes") or ()
        return any(cause.get("reason") == "ResourceVersionTooLarge" for cause in causes)

    @property
    def names_an_object(self) -> bool:
        """Whether it is about one object, rather than a path that the server does not serve."""
        return bool((self.body.get("details") or {}).get("name"))


class Unreachable(Exception):
    """The API server did not answer, or the connection broke."""

    def __init__(self, server: str, cause: BaseException) -> None:
        detail = str(cause) or type(cause).__name__
        super().__init__(f"cannot reach the API server at {server}: {detail}")
        self.server = server
        self.detail = detail


class LeaseLost(Unreachable):
    """Nothing may be written: others may be doing our work by now."""

    def __init__(self, server: str, lease: str) -> None:
        super().__init__(server, TimeoutError(f"the lease {lease} was not renewed in time"))


class Silent(Unreachable):
    """A stream is open, but nothing has come for too long."""


class DecodeError(ValueError):
    """A JSON value does not fit the type it is declared to have."""

    def __init__(self, path: str, message: str) -> None:
        super().__init__(f"{path}: {message}")
        self.path = path
        self.message = message

    def below(self, step: str) -> DecodeError:
        """The same with a longer path, as an outer value tells it."""
        return DecodeError(f"{step}{self.path}", self.message)
