"""Webhook configurations: what tells the API server which requests to send where.

The documents are laid out as controller-gen does: one MutatingWebhookConfiguration and one
ValidatingWebhookConfiguration unless webhooks name others, webhooks sorted by name, and nothing
written that was not said. Names and paths of a kind's webhooks are kubebuilder's.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from opgen.api.resources import kind_of
from opgen.api.webhooks import AdmissionRule, Verb, WebhookInfo

Document = dict[str, Any]

KINDS: dict[Verb, tuple[str, str]] = {
    "mutate": ("MutatingWebhookConfiguration", "mutating-webhook-configuration"),
    "validate": ("ValidatingWebhookConfiguration", "validating-webhook-configuration"),
}
"""The kind of configuration for each verb, and its name unless another is given."""


def configurations(webhooks: Iterable[WebhookInfo]) -> list[Document]:
    """The webhook configurations: those that mutate first, each kind by name."""
    listed: dict[tuple[Verb, str], list[Document]] = {}
    for info in webhooks:
        for verb in info.verbs:
            listed.setdefault((verb, configuration_of(info, verb)), []).append(_webhook(info, verb))
    return [
        {
            "apiVersion": "admissionregistration.k8s.io/v1",
            "kind": KINDS[verb][0],
            "metadata": {"name": name},
            "webhooks": sorted(documents, key=lambda document: str(document["name"])),
        }
        for (verb, name), documents in sorted(listed.items())
    ]


def configuration_of(info: WebhookInfo, verb: Verb) -> str:
    """The name of the configuration that lists a webhook."""
    return info.configuration or KINDS[verb][1]


def name_of(info: WebhookInfo, verb: Verb) -> str:
    """The name of a webhook: the one given, or kubebuilder's for the kind; empty without both."""
    if info.name or info.resource is None:
        return info.name
    kind = kind_of(info.resource)
    return f"{verb[0]}{kind.kind.lower()}-{kind.version}.kb.io"


def rules_of(info: WebhookInfo, verb: Verb) -> Iterator[AdmissionRule]:
    """Which requests reach a webhook: those for its kind, then what further rules say."""
    kind = kind_of(info.resource) if info.resource is not None else None
    if kind or info.groups or info.versions or info.resources or not info.rules:
        yield AdmissionRule(
            groups=info.groups or ((kind.group,) if kind else ()),
            versions=info.versions or ((kind.version,) if kind else ()),
            resources=info.resources or ((kind.plural,) if kind else ()),
            operations=_operations(info, verb),
            scope=info.scope,
        )
    yield from info.rules


def _operations(info: WebhookInfo, verb: Verb) -> tuple[str, ...]:
    """The operations, without deletion where defaults are asked for: nothing is stored then."""
    if verb == "mutate" and info.validates:
        return tuple(operation for operation in info.operations if operation != "DELETE")
    return info.operations


def _webhook(info: WebhookInfo, verb: Verb) -> Document:
    said = {
        "failurePolicy": info.failure_policy,
        "matchPolicy": info.match_policy,
        "sideEffects": info.side_effects,
        "timeoutSeconds": info.timeout_seconds,
        "reinvocationPolicy": info.reinvocation_policy if verb == "mutate" else "",
        "namespaceSelector": info.namespace_selector,
        "objectSelector": info.object_selector,
        "matchConditions": [
            {"name": condition.name, "expression": condition.expression}
            for condition in info.match_conditions
        ],
    }
    return {
        "admissionReviewVersions": list(info.admission_review_versions),
        "clientConfig": client_config(info, verb),
        "name": name_of(info, verb),
        "rules": [_rule(rule) for rule in rules_of(info, verb)],
        **{key: value for key, value in said.items() if value not in ("", None, [])},
    }


def client_config(info: WebhookInfo, verb: Verb) -> Document:
    """How the API server reaches a webhook."""
    if info.url:
        return {"url": info.url}
    service: Document = {"name": info.service_name, "namespace": info.service_namespace}
    if path := info.path_of(verb):
        service["path"] = path
    if info.service_port is not None:
        service["port"] = info.service_port
    return {"service": service}


def _rule(rule: AdmissionRule) -> Document:
    document: Document = {
        "apiGroups": ["" if group == "core" else group for group in rule.groups],
        "apiVersions": list(rule.versions),
        "operations": list(rule.operations),
        "resources": list(rule.resources),
    }
    return document | ({"scope": rule.scope} if rule.scope else {})
