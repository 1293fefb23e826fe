"""Webhooks whose certificates the operator makes itself: what is named how, and what is allowed.

Everything follows from the name of the Service in front of the webhooks, which is kubebuilder's:
what stands before `webhook-service` stands before the names of the Secret and of the webhook
configurations too. The role that is generated and the rights that are checked at the start are made
of the same rules.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from opgen.api.controllers import PolicyRule
from opgen.api.errors import Problems
from opgen.api.resources import kind_of
from opgen.api.webhooks import WebhookInfo, converter_info, webhook_info

__all__ = ["SERVICE_SUFFIX", "WebhookNames", "names_behind", "rules"]

SERVICE_SUFFIX = "webhook-service"
ADMISSION = "admissionregistration.k8s.io"
DEFINITIONS = "apiextensions.k8s.io"


@dataclass(frozen=True, kw_only=True, slots=True)
class WebhookNames:
    """Where the certificate is kept, and who has to trust it.

    Attributes:
        secret: The Secret with the certificate.
        mutating: The MutatingWebhookConfigurations.
        validating: The ValidatingWebhookConfigurations.
        definitions: The CustomResourceDefinitions whose versions are converted.
    """

    secret: str
    mutating: tuple[str, ...] = ()
    validating: tuple[str, ...] = ()
    definitions: tuple[str, ...] = ()


def names_behind(service: str, declared: Iterable[type]) -> WebhookNames:
    """The names that follow from that of the Service.

    Args:
        service: The name of the Service, such as `my-operator-webhook-service`.
        declared: Classes decorated with `@webhook` or `@converter`.

    Raises:
        Problems: the Service is not named so.
    """
    prefix = service.removesuffix(SERVICE_SUFFIX)
    if prefix == service:
        raise Problems.of(
            f"the Service of the webhooks must be named …{SERVICE_SUFFIX}, not {service!r}",
            hint="the names of the Secret and of the webhook configurations follow from it",
        )
    classes = list(declared)
    admission = [info for info in map(webhook_info, classes) if info is not None]
    conversion = [info for info in map(converter_info, classes) if info is not None]
    kinds = [kind_of(info.spoke) for info in conversion]
    return WebhookNames(
        secret=f"{prefix}webhook-server-cert",
        mutating=_names(prefix, "mutating", (info for info in admission if info.defaults)),
        validating=_names(prefix, "validating", (info for info in admission if info.validates)),
        definitions=tuple(sorted({f"{kind.plural}.{kind.group}" for kind in kinds})),
    )


def _names(prefix: str, what: str, infos: Iterable[WebhookInfo]) -> tuple[str, ...]:
    usual = f"{what}-webhook-configuration"
    return tuple(sorted({prefix + (info.configuration or usual) for info in infos}))


def rules(names: WebhookNames, namespace: str) -> tuple[PolicyRule, ...]:
    """The rights needed to keep the certificate and to have it trusted.

    Args:
        names: Where, and by whom.
        namespace: That of the Secret.
    """
    secret = PolicyRule(
        groups=("",), resources=("secrets",), verbs=("create",), namespace=namespace
    )
    kept = PolicyRule(
        groups=("",),
        resources=("secrets",),
        resource_names=(names.secret,),
        verbs=("get", "update"),
        namespace=namespace,
    )
    trusted = (
        (ADMISSION, "mutatingwebhookconfigurations", names.mutating),
        (ADMISSION, "validatingwebhookconfigurations", names.validating),
        (DEFINITIONS, "customresourcedefinitions", names.definitions),
    )
    return (
        secret,
        kept,
        *(
            PolicyRule(
                groups=(group,), resources=(plural,), resource_names=who, verbs=("get", "patch")
            )
            for group, plural, who in trusted
            if who
        ),
    )
