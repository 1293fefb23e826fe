"""The rules of webhook configurations."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from opgen.testing.errors import FieldError, invalid_value, not_supported, required
from opgen.testing.objects.names import dns_1035_problems, subdomain_problems
from opgen.testing.rules.checks import (
    Check,
    between,
    every,
    filled,
    named,
    one_of,
    optional,
    unique,
)

_OPERATIONS = ("*", "CONNECT", "CREATE", "DELETE", "UPDATE")
_REVIEWS = ("v1", "v1beta1")
_NO_SIDE_EFFECTS = ("None", "NoneOnDryRun")
_PARTS = 3


def webhook_name_problems(name: str) -> list[str]:
    """What is wrong with the name of a webhook: a domain of three parts."""
    found = subdomain_problems(name)
    if not found and name.count(".") + 1 < _PARTS:
        found.append("should be a domain with at least three segments separated by dots")
    return found


def _side_effects(value: Any, path: str) -> Iterator[FieldError]:
    if value is None:
        yield required(path, f"must specify one of {', '.join(_NO_SIDE_EFFECTS)}")
    else:
        yield from one_of(*_NO_SIDE_EFFECTS)(value, path)


def _reviews(versions: Any, path: str) -> Iterator[FieldError]:
    known = f"must specify one of {', '.join(_REVIEWS)}"
    if not versions:
        yield required(path, known)
        return
    for index, version in enumerate(versions):
        if version in versions[:index]:
            yield invalid_value(f"{path}[{index}]", version, "duplicate version")
            continue
        for text in dns_1035_problems(version):
            yield invalid_value(f"{path}[{index}]", version, text)
    if not any(version in _REVIEWS for version in versions):
        text = f"must include at least one of {', '.join(_REVIEWS)}"
        yield invalid_value(path, versions, text)


def _client(config: Any, path: str) -> Iterator[FieldError]:
    config = config or {}
    url, service = config.get("url"), config.get("service")
    if (url is None) == (service is None):
        yield required(path, "exactly one of url or service is required")
    elif url is not None:
        yield from _url(url, f"{path}.url")
    else:
        yield from _service(service, f"{path}.service")


def _url(url: str, path: str) -> Iterator[FieldError]:
    parts = urlsplit(url)
    form = "https://host[/path]"
    if parts.scheme != "https":
        text = f"'https' is the only allowed URL scheme; desired format: {form}"
        yield invalid_value(path, parts.scheme, text)
    if not parts.netloc:
        yield invalid_value(path, parts.netloc, f"host must be specified; desired format: {form}")
    if parts.username is not None:
        text = "user information is not permitted in the URL"
        yield invalid_value(path, parts.netloc.partition("@")[0], text)
    if parts.fragment:
        yield invalid_value(path, parts.fragment, "fragments are not permitted in the URL")
    if parts.query:
        yield invalid_value(path, parts.query, "query parameters are not permitted in the URL")


def _service(service: Any, path: str) -> Iterator[FieldError]:
    # The real server tells of the one and names the other.
    if not service.get("name"):
        yield required(f"{path}.namespace")
    if not service.get("namespace"):
        yield required(f"{path}.name")
    number = service.get("port")
    if number is not None and not 1 <= number <= 65535:
        text = "port is not valid: must be between 1 and 65535, inclusive"
        yield invalid_value(f"{path}.port", number, text)
    if service.get("path"):
        yield from _path(service["path"], f"{path}.path")


def _path(value: str, path: str) -> Iterator[FieldError]:
    if value == "/":
        return
    if not value.startswith("/"):
        yield invalid_value(path, value, "must start with a '/'")
    for index, step in enumerate(value.removeprefix("/").removesuffix("/").split("/")):
        if not step:
            yield invalid_value(path, value, f"segment[{index}] may not be empty")
        for text in subdomain_problems(step) if step else ():
            yield invalid_value(path, value, f"segment[{index}]: {text}")


def _rule(rule: Any, path: str) -> Iterator[FieldError]:
    yield from _several(rule, "apiGroups", path)
    yield from _several(rule, "apiVersions", path)
    yield from _several(rule, "resources", path)
    for name in ("apiVersions", "resources"):
        for index, item in enumerate(rule.get(name) or ()):
            if not item:
                yield required(f"{path}.{name}[{index}]")
    yield from _several(rule, "operations", path)
    for index, operation in enumerate(rule.get("operations") or ()):
        if operation not in _OPERATIONS:
            yield not_supported(f"{path}.operations[{index}]", operation, _OPERATIONS)


def _several(rule: Any, name: str, path: str) -> Iterator[FieldError]:
    values, what = rule.get(name) or [], _PLURALS[name]
    if not values:
        yield required(f"{path}.{name}")
    elif "*" in values and len(values) > 1 and name != "resources":
        text = f"if '*' is present, must not specify other {what}"
        yield invalid_value(f"{path}.{name}", values, text)
    elif name == "resources" and "*/*" in values and len(values) > 1:
        text = "if '*/*' is present, must not specify other resources"
        yield invalid_value(f"{path}.{name}", values, text)


_PLURALS = {
    "apiGroups": "API groups",
    "apiVersions": "API versions",
    "operations": "operations",
    "resources": "resources",
}
_ADMISSION = "io.k8s.api.admissionregistration.v1."
_WEBHOOK: Mapping[str, Check] = {
    "name": named(webhook_name_problems),
    "sideEffects": _side_effects,
    "admissionReviewVersions": _reviews,
    "failurePolicy": optional(one_of("Fail", "Ignore")),
    "matchPolicy": optional(one_of("Equivalent", "Exact")),
    "timeoutSeconds": between(1, 30, "the timeout value must be between 1 and 30 seconds"),
    "clientConfig": _client,
}
_HOOKS: Mapping[str, Check] = {"webhooks": unique("name")}

ADMISSION: Mapping[str, Mapping[str, Check]] = {
    _ADMISSION + "ValidatingWebhookConfiguration": _HOOKS,
    _ADMISSION + "MutatingWebhookConfiguration": _HOOKS,
    _ADMISSION + "ValidatingWebhook": _WEBHOOK,
    _ADMISSION + "MutatingWebhook": {
        **_WEBHOOK,
        "reinvocationPolicy": optional(one_of("IfNeeded", "Never")),
    },
    _ADMISSION + "RuleWithOperations": {
        "scope": optional(one_of("*", "Cluster", "Namespaced")),
        "": _rule,
    },
    _ADMISSION + "ServiceReference": {"name": every(), "namespace": every()},
    _ADMISSION + "MatchCondition": {"expression": filled()},
}
