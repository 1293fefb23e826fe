"""Conversion between the versions of a kind, which the API server asks a webhook for."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, TypeVar

from opgen.api.errors import Location

Class = TypeVar("Class")


@dataclass(frozen=True, kw_only=True, slots=True)
class ConversionWebhook:
    """The webhook that converts objects of a kind from one version to another.

    A kind with a `converter` has one, which names the webhook Service of the project. Another can
    be given: `@resource(..., conversion=ConversionWebhook(port=8443))`. A kind whose versions
    differ in nothing needs none.

    Attributes:
        service: The name of the Service.
        namespace: The namespace of the Service; `system` is replaced when the project is deployed.
        path: The path below the host.
        port: The port of the Service; 443 if left out.
        url: An address outside of the cluster, instead of a Service.
        ca_bundle: Certificates in base64, if cert-manager does not inject them.
        review_versions: The versions of ConversionReview that the webhook understands.
    """

    service: str = "webhook-service"
    namespace: str = "system"
    path: str = "/convert"
    port: int | None = None
    url: str = ""
    ca_bundle: str = ""
    review_versions: Iterable[str] = ("v1",)

    def as_json(self) -> dict[str, Any]:
        """The `conversion` of a CRD."""
        client: dict[str, Any]
        if self.url:
            client = {"url": self.url}
        else:
            service: dict[str, Any] = {"name": self.service, "namespace": self.namespace}
            service |= {"path": self.path} if self.path else {}
            service |= {"port": self.port} if self.port is not None else {}
            client = {"service": service}
        if self.ca_bundle:
            client["caBundle"] = self.ca_bundle
        return {
            "strategy": "Webhook",
            "webhook": {
                "clientConfig": client,
                "conversionReviewVersions": list(self.review_versions),
            },
        }


@dataclass(frozen=True, kw_only=True, slots=True)
class ConverterInfo:
    """What `@converter` was told."""

    spoke: Any
    hub: Any
    location: Location = field(compare=False)


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
    frame = sys._getframe(1)
    location = Location(frame.f_code.co_filename, frame.f_lineno)

    def decorate(cls: type[Class]) -> type[Class]:
        for name in ("to_hub", "from_hub"):
            if not callable(getattr(cls, name, None)):
                raise TypeError(f"{cls.__qualname__} needs a method {name}(self, obj)")
        cls.__opgen_converter__ = ConverterInfo(  # type: ignore[attr-defined]
            spoke=spoke, hub=hub, location=location
        )
        return cls

    return decorate


def converter_info(cls: type) -> ConverterInfo | None:
    """What `@converter` was told about this very class, or None if it was not decorated."""
    info = cls.__dict__.get("__opgen_converter__")
    return info if isinstance(info, ConverterInfo) else None
