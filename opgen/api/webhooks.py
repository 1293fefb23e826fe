"""Webhooks: what the API server asks before it stores an object.

Like `controller`, the decorator only attaches a frozen record. The runtime serves from it, and
`opgen.manifests` tells the API server of it, so the two cannot disagree about paths.

Conversion between versions is in `opgen.api.conversion`.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal, TypeVar

from opgen.api.conversion import ConverterInfo, converter, converter_info
from opgen.api.errors import Location
from opgen.api.resources import ResourceKind, kind_of

__all__ = [
    "AdmissionRequest",
    "AdmissionRule",
    "ConverterInfo",
    "Denied",
    "MatchCondition",
    "WebhookInfo",
    "converter",
    "converter_info",
    "webhook",
    "webhook_info",
    "webhook_path",
]

Class = TypeVar("Class")
Operation = Literal["CREATE", "UPDATE", "DELETE", "CONNECT", "*"]
Verb = Literal["mutate", "validate"]

SERVICE = "webhook-service"
NAMESPACE = "system"
"""Replaced when the project is deployed."""


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


@dataclass(frozen=True, slots=True)
class MatchCondition:
    """A CEL expression that must be true for a request to reach a webhook.

    Source: admissionregistration/v1 MatchCondition.

    Attributes:
        name: A qualified name, unique within the webhook, such as `not-system`.
        expression: Over `object`, `oldObject`, `request` and `authorizer`.
    """

    name: str
    expression: str


@dataclass(frozen=True, kw_only=True, slots=True)
class AdmissionRule:
    """Which requests reach a webhook. Source: admissionregistration/v1 RuleWithOperations.

    Attributes:
        groups: API groups; `""` is the core group, `*` stands for all.
        versions: Versions, or `*`.
        resources: Plurals; `pods/status` is a subresource, `*` all resources, `*/*` those as well.
        operations: CREATE, UPDATE, DELETE, CONNECT, or `*`.
        scope: `Cluster`, `Namespaced` or `*`; not said if empty.
    """

    groups: tuple[str, ...]
    versions: tuple[str, ...]
    resources: tuple[str, ...]
    operations: tuple[str, ...]
    scope: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class WebhookInfo:
    """What `webhook` was told; empty values were not said.

    `resource` is None for a webhook that gets plain dicts. `mutates` and `validates` are what the
    decorated class can do, or what `mutating` said of a webhook without one.
    """

    resource: Any = None
    operations: tuple[str, ...]
    groups: tuple[str, ...] = ()
    versions: tuple[str, ...] = ()
    resources: tuple[str, ...] = ()
    scope: str = ""
    rules: tuple[AdmissionRule, ...] = ()
    name: str = ""
    path: str = ""
    url: str = ""
    service_name: str = SERVICE
    service_namespace: str = NAMESPACE
    service_port: int | None = None
    configuration: str = ""
    failure_policy: str = "Fail"
    match_policy: str = ""
    side_effects: str = "None"
    timeout_seconds: int | None = None
    reinvocation_policy: str = ""
    admission_review_versions: tuple[str, ...] = ("v1",)
    namespace_selector: Mapping[str, Any] | None = None
    object_selector: Mapping[str, Any] | None = None
    match_conditions: tuple[MatchCondition, ...] = ()
    mutating: bool | None = None
    defaults: bool = False
    validates: bool = False
    location: Location = field(compare=False)

    @property
    def verbs(self) -> tuple[Verb, ...]:
        """What the API server may ask it to do."""
        both: tuple[tuple[bool, Verb], ...]
        both = ((self.defaults, "mutate"), (self.validates, "validate"))
        return tuple(verb for can, verb in both if can)

    def path_of(self, verb: Verb) -> str:
        """The path that one of its verbs is served on; empty if none was given or follows."""
        if self.url:
            return "/" + self.url.partition("://")[2].partition("/")[2]
        if self.path or self.resource is None:
            return self.path
        return webhook_path(kind_of(self.resource), verb)

    def __call__(self, cls: type[Class]) -> type[Class]:
        """Decorate the class that answers.

        Raises:
            TypeError: the class has neither method, or `mutating` was said.
        """
        if self.mutating is not None:
            raise TypeError(
                f"leave mutating out: the methods of {cls.__qualname__} say what it can do"
            )
        defaults, validates = (callable(getattr(cls, n, None)) for n in ("default", "validate"))
        if not (defaults or validates):
            raise TypeError(
                f"{cls.__qualname__} needs a method default(self, obj, request) or "
                "validate(self, obj, old, request)"
            )
        info = replace(self, defaults=defaults, validates=validates)
        cls.__opgen_webhook__ = info  # type: ignore[attr-defined]
        return cls


def webhook_path(kind: ResourceKind, verb: Verb) -> str:
    """The path of a kind's webhook, as controller-runtime makes it."""
    return f"/{verb}-{kind.group.replace('.', '-')}-{kind.version}-{kind.kind.lower()}"


def webhook(
    resource: Any = None,
    /,
    *,
    operations: Iterable[Operation] = ("CREATE", "UPDATE"),
    groups: Iterable[str] = (),
    versions: Iterable[str] = (),
    resources: Iterable[str] = (),
    scope: Literal["", "*", "Cluster", "Namespaced"] = "",
    rules: Iterable[AdmissionRule] = (),
    name: str = "",
    path: str = "",
    url: str = "",
    service_name: str = SERVICE,
    service_namespace: str = NAMESPACE,
    service_port: int | None = None,
    configuration: str = "",
    failure_policy: Literal["Fail", "Ignore"] = "Fail",
    match_policy: Literal["", "Exact", "Equivalent"] = "",
    side_effects: Literal["None", "NoneOnDryRun"] = "None",
    timeout_seconds: int | None = None,
    reinvocation_policy: Literal["", "Never", "IfNeeded"] = "",
    admission_review_versions: Iterable[str] = ("v1",),
    namespace_selector: Mapping[str, Any] | None = None,
    object_selector: Mapping[str, Any] | None = None,
    match_conditions: Iterable[MatchCondition] = (),
    mutating: bool | None = None,
) -> WebhookInfo:
    """Declare an admission webhook.

    Most often it decorates a class, `@webhook(WebServer)`, which has one or both of

    - `default(self, obj, request)`, which changes `obj` in place;
    - `validate(self, obj, old, request)`, which raises `Denied` or `Problems` to refuse. `old` is
      None for a new object; when one is deleted, `obj` is what is deleted.

    Both may be `async`; a plain method runs in a thread. Without a kind, `obj` is a plain dict.

    In a variable of a module, `PODS = webhook(mutating=True, url=...)`, it stands for a webhook
    that somebody else serves: only the manifests tell of it.

    Args:
        resource: The kind, a `CustomResource` class or a built-in kind.
        operations: CREATE, UPDATE, DELETE and CONNECT, or `*`. A class that has both methods is
            not asked for defaults of what is deleted.
        groups: API groups, instead of that of the kind; `""` is the core group.
        versions: Versions, instead of that of the kind.
        resources: Plurals, instead of that of the kind; `pods/status` is a subresource.
        scope: Only resources of this scope.
        rules: Further rules: which other requests reach the webhook.
        name: A name with at least three parts, such as `mboat.example.org`; made from the kind.
        path: The path below the host; made from the kind.
        url: An address outside of the cluster, instead of a Service.
        service_name: The Service of the webhook.
        service_namespace: Its namespace; `system` is replaced when the project is deployed.
        service_port: Its port; 443 if left out.
        configuration: The name of the configuration object that lists the webhook.
        failure_policy: Whether requests pass when the webhook does not answer.
        match_policy: Whether requests in another version of the kind are converted and sent.
        side_effects: Whether the webhook changes something else than the object.
        timeout_seconds: How long the API server waits, 1 to 30 seconds; 10 if left out.
        reinvocation_policy: Whether to call it again after a later webhook changed the object.
        admission_review_versions: The versions of AdmissionReview that it understands.
        namespace_selector: A label selector, in JSON names, for the namespaces.
        object_selector: A label selector, in JSON names, for the objects.
        match_conditions: CEL expressions that must all be true.
        mutating: For a webhook without a class: whether it changes objects or only checks them.

    Values are checked when manifests are made, together with everything else. Source:
    admissionregistration/v1.
    """
    frame = sys._getframe(1)
    return WebhookInfo(
        resource=resource,
        operations=_strings("operations", operations),
        groups=_strings("groups", groups),
        versions=_strings("versions", versions),
        resources=_strings("resources", resources),
        scope=scope,
        rules=tuple(rules),
        name=name,
        path=path,
        url=url,
        service_name=service_name,
        service_namespace=service_namespace,
        service_port=service_port,
        configuration=configuration,
        failure_policy=failure_policy,
        match_policy=match_policy,
        side_effects=side_effects,
        timeout_seconds=timeout_seconds,
        reinvocation_policy=reinvocation_policy,
        admission_review_versions=_strings("admission_review_versions", admission_review_versions),
        namespace_selector=namespace_selector,
        object_selector=object_selector,
        match_conditions=tuple(match_conditions),
        mutating=mutating,
        defaults=mutating is True,
        validates=mutating is False,
        location=Location(frame.f_code.co_filename, frame.f_lineno),
    )


def _strings(name: str, values: Iterable[str]) -> tuple[str, ...]:
    if isinstance(values, str):
        raise TypeError(f'{name} must be a list of strings, as in {name}=["{values}"]')
    return tuple(values)


def webhook_info(cls: type) -> WebhookInfo | None:
    """What `@webhook` was told about this very class, or None if it was not decorated."""
    info = cls.__dict__.get("__opgen_webhook__")
    return info if isinstance(info, WebhookInfo) else None
