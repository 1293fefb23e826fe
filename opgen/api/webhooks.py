"""Webhooks: what the API server asks before it stores an object, or to get it in another version.

Like `controller`, the decorators only attach frozen records; the runtime serves from them.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from opgen.api.errors import Location

__all__ = [
    "AdmissionRequest",
    "ConverterInfo",
    "Denied",
    "WebhookInfo",
    "converter",
    "converter_info",
    "webhook",
    "webhook_info",
]

Class = TypeVar("Class")


class Denied(Exception):
    """Raised by a webhook to refuse a request; the message is what the user reads.

    Attributes:
        code: The HTTP status code of the refusal.
        reason: The machine-readable reason. Source: meta/v1 StatusReason.
    """

    def __init__(self, message: str, *, code: int = 403, reason: str = "Forbidden") -> None:
        super().__init__(message)
        self.code = code
        self.reason = reason


@dataclass(kw_only=True)
class AdmissionRequest:
    """What the API server says about a request. Source: admission/v1 AdmissionRequest.

    Attributes:
        operation: CREATE, UPDATE, DELETE or CONNECT.
        dry_run: Nothing will be stored: have no effects elsewhere.
        user: Who asks: username, uid, groups, extra.
        warnings: What to tell the user, besides the answer; at most 120 characters each.
        audit_annotations: What to put into the audit log.
    """

    uid: str
    operation: str
    name: str = ""
    namespace: str = ""
    subresource: str = ""
    dry_run: bool = False
    user: Mapping[str, Any] = field(default_factory=dict)
    options: Mapping[str, Any] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)
    audit_annotations: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class WebhookInfo:
    """What `@webhook` was told."""

    resource: Any
    operations: tuple[str, ...]
    defaults: bool
    validates: bool
    location: Location = field(compare=False)


@dataclass(frozen=True, kw_only=True, slots=True)
class ConverterInfo:
    """What `@converter` was told."""

    spoke: Any
    hub: Any
    location: Location = field(compare=False)


def webhook(
    resource: Any, /, *, operations: Iterable[str] = ("CREATE", "UPDATE")
) -> Callable[[type[Class]], type[Class]]:
    """Declare a class to be the admission webhook of a kind.

    The class has one or both of

    - `default(self, obj, request)`, which changes `obj` in place;
    - `validate(self, obj, old, request)`, which raises `Denied` or `Problems` to refuse. `old` is
      None for a new object; when one is deleted, `obj` is what is deleted.

    Both may be `async`; a plain method runs in a thread.

    Args:
        resource: The kind, a `CustomResource` class or a built-in kind.
        operations: Which of CREATE, UPDATE and DELETE are validated.

    Raises:
        TypeError: the class has neither method.
    """
    location = _caller()

    def decorate(cls: type[Class]) -> type[Class]:
        defaults, validates = (callable(getattr(cls, n, None)) for n in ("default", "validate"))
        if not (defaults or validates):
            raise TypeError(
                f"{cls.__qualname__} needs a method default(self, obj, request) or "
                "validate(self, obj, old, request)"
            )
        cls.__opgen_webhook__ = WebhookInfo(  # type: ignore[attr-defined]
            resource=resource,
            operations=tuple(operations),
            defaults=defaults,
            validates=validates,
            location=location,
        )
        return cls

    return decorate


def converter(spoke: Any, /, *, hub: Any) -> Callable[[type[Class]], type[Class]]:
    """Declare a class to convert between a version of a kind and its hub version.

    The class has `to_hub(self, obj)` and `from_hub(self, obj)`, which return an object of the other
    version. Metadata is carried over; what the other version has no field for can be kept in
    annotations, `obj.metadata.annotations`.

    Args:
        spoke: The class of the one version.
        hub: The class of the version that all others are converted to and from.

    Raises:
        TypeError: a method is missing.
    """
    location = _caller()

    def decorate(cls: type[Class]) -> type[Class]:
        for name in ("to_hub", "from_hub"):
            if not callable(getattr(cls, name, None)):
                raise TypeError(f"{cls.__qualname__} needs a method {name}(self, obj)")
        cls.__opgen_converter__ = ConverterInfo(  # type: ignore[attr-defined]
            spoke=spoke, hub=hub, location=location
        )
        return cls

    return decorate


def webhook_info(cls: type) -> WebhookInfo | None:
    """What `@webhook` was told about this very class, or None if it was not decorated."""
    info = cls.__dict__.get("__opgen_webhook__")
    return info if isinstance(info, WebhookInfo) else None


def converter_info(cls: type) -> ConverterInfo | None:
    """What `@converter` was told about this very class, or None if it was not decorated."""
    info = cls.__dict__.get("__opgen_converter__")
    return info if isinstance(info, ConverterInfo) else None


def _caller() -> Location:
    frame = sys._getframe(2)
    return Location(frame.f_code.co_filename, frame.f_lineno)
