"""Which webhooks a request concerns: rules, selectors and match conditions.

Source: apiserver's `admission/plugin/webhook` (rules, namespace, object and matchconditions).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from opgen.testing.errors import Document
from opgen.testing.objects.selectors import from_label_selector, matches
from opgen.testing.resources.options import WriteOptions
from opgen.testing.resources.rbac import User
from opgen.testing.resources.registry import Registry, ResourceType
from opgen.testing.storage import Store

_EXEMPT = {
    ("admissionregistration.k8s.io", plural)
    for plural in (
        "mutatingwebhookconfigurations",
        "validatingwebhookconfigurations",
        "validatingadmissionpolicies",
        "validatingadmissionpolicybindings",
        "mutatingadmissionpolicies",
        "mutatingadmissionpolicybindings",
    )
}


class Attributes(msgspec.Struct, frozen=True):
    """What a webhook is asked about, besides the objects."""

    operation: str
    type: ResourceType
    namespace: str
    name: str
    subresource: str
    write: WriteOptions

    @property
    def user(self) -> User:
        """Who writes."""
        return self.write.user

    @property
    def dry_run(self) -> bool:
        """Whether nothing is stored."""
        return self.write.dry_run

    @property
    def options(self) -> Document:
        """The options of the write, as webhooks are shown them."""
        return self.write.document(f"{self.operation.capitalize()}Options")

    @property
    def warnings(self) -> list[str]:
        """What the client shall be told, to which a webhook adds."""
        return self.write.warnings


@dataclass(frozen=True, slots=True)
class Webhook:
    """One webhook of a configuration."""

    configuration: str
    index: int
    document: Document

    @property
    def name(self) -> str:
        """Its full name."""
        name: str = self.document["name"]
        return name

    @property
    def ignores_failure(self) -> bool:
        """Whether a request goes on when the webhook cannot be called."""
        return self.document.get("failurePolicy") == "Ignore"

    @property
    def reinvoked(self) -> bool:
        """Whether it is called again when a later webhook changed the object."""
        return self.document.get("reinvocationPolicy") == "IfNeeded"

    @property
    def timeout(self) -> float:
        """Seconds to wait for it."""
        return float(self.document.get("timeoutSeconds") or 10)

    @property
    def dry_runs(self) -> bool:
        """Whether it may be called for a dry run."""
        return self.document.get("sideEffects") in ("None", "NoneOnDryRun")


def admission_attributes(
    operation: str,
    resource_type: ResourceType,
    namespace: str,
    document: Document,
    options: WriteOptions,
    subresource: str = "",
) -> Attributes:
    """What webhooks are told of a write, besides the objects."""
    name = document["metadata"].get("name", "")
    place = name if resource_type.resource == ("", "namespaces") else namespace
    return Attributes(operation, resource_type, place, name, subresource, options)


def is_exempt(resource_type: ResourceType) -> bool:
    """Whether no webhook is asked, so that webhooks can always be mended."""
    return resource_type.resource in _EXEMPT or resource_type.verbs == ("create",)


def matching_type(
    webhook: Webhook, attributes: Attributes, registry: Registry
) -> ResourceType | None:
    """The version of the resource that the webhook is asked about; None if it is not asked."""
    for resource_type in _equivalents(webhook, attributes.type, registry):
        for rule in webhook.document.get("rules") or ():
            if _rule_matches(rule, attributes, resource_type):
                return resource_type
    return None


def _equivalents(
    webhook: Webhook, resource_type: ResourceType, registry: Registry
) -> Iterator[ResourceType]:
    yield resource_type
    if webhook.document.get("matchPolicy", "Equivalent") == "Equivalent":
        for other in registry:
            if other.resource == resource_type.resource and other is not resource_type:
                yield other


def _rule_matches(
    rule: Mapping[str, Any], attributes: Attributes, resource_type: ResourceType
) -> bool:
    kind = resource_type.kind
    scope = rule.get("scope") or "*"
    # A Namespace is cluster-scoped, though requests about it carry its name as namespace.
    namespaced = kind.namespaced
    return (
        scope in ("*", "Namespaced" if namespaced else "Cluster")
        and _lists(rule.get("apiGroups"), kind.group)
        and _lists(rule.get("apiVersions"), kind.version)
        and _lists(rule.get("operations"), attributes.operation)
        and _names_resource(rule.get("resources") or (), kind.plural, attributes.subresource)
    )


def _lists(values: Iterable[str] | None, value: str) -> bool:
    return any(item in ("*", value) for item in values or ())


def _names_resource(patterns: Iterable[str], plural: str, subresource: str) -> bool:
    for pattern in patterns:
        resource, _, sub = pattern.partition("/")
        if resource in ("*", plural) and sub in (("*", subresource) if subresource else ("", "*")):
            return True
    return False


def selected(
    webhook: Webhook,
    attributes: Attributes,
    new: Document | None,
    old: Document | None,
    store: Store,
) -> bool:
    """Whether the webhook's namespace and object selectors select the request."""
    wanted = from_label_selector(webhook.document.get("objectSelector") or {})
    objects = [_labels(item) for item in (new, old) if item is not None]
    if wanted and not any(matches(wanted, labels) for labels in objects):
        return False
    wanted = from_label_selector(webhook.document.get("namespaceSelector") or {})
    labels = _namespace_labels(attributes, new, store)
    return not wanted or labels is None or matches(wanted, labels)


def _labels(document: Document) -> dict[str, str]:
    return dict((document.get("metadata") or {}).get("labels") or {})


def _namespace_labels(
    attributes: Attributes, new: Document | None, store: Store
) -> dict[str, str] | None:
    """The labels of the request's namespace; None for what is in none."""
    is_namespace = attributes.type.resource == ("", "namespaces")
    if is_namespace and attributes.operation in ("CREATE", "UPDATE") and new is not None:
        return _labels(new)
    name = attributes.name if is_namespace else attributes.namespace
    if not is_namespace and not attributes.type.kind.namespaced:
        return None
    found = store.get(("", "namespaces"), "", name)
    return dict(found.labels) if found else {}
