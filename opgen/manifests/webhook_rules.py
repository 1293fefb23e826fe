"""What the API server has against webhook configurations, told before it sees them.

Source: the validation of admissionregistration.k8s.io/v1; messages have the server's wording where
it has one. The compilation of CEL expressions is left to the server.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from opgen.api.conversion import ConverterInfo
from opgen.api.errors import Problem
from opgen.api.resources import kind_of
from opgen.api.webhooks import AdmissionRule, MatchCondition, Verb, WebhookInfo
from opgen.manifests.selectors import is_qualified_name, is_subdomain, selector_faults
from opgen.manifests.webhooks import client_config, configuration_of, name_of, rules_of
from opgen.schema.preflight.conversion import service_faults, url_faults

Fault = tuple[str, str, str]
"""An argument of `webhook`, what is wrong with it, and how to mend it."""

WORDS: Mapping[str, tuple[str, ...]] = {
    "failure_policy": ("Fail", "Ignore"),
    "match_policy": ("Equivalent", "Exact"),
    "side_effects": ("None", "NoneOnDryRun"),
    "reinvocation_policy": ("IfNeeded", "Never"),
}
"""The values that an argument may have, besides being left out."""
OPERATIONS = ("*", "CONNECT", "CREATE", "DELETE", "UPDATE")
SCOPES = ("*", "Cluster", "Namespaced")
REVIEWS = ("v1", "v1beta1")
MOST_CONDITIONS = 64
ONE = "make two classes or calls of it, or leave it out"


def check(webhooks: Iterable[WebhookInfo], converters: Iterable[ConverterInfo]) -> list[Problem]:
    """What is wrong with the declarations of webhooks and converters, each thing once."""
    problems: list[Problem] = []
    names: dict[tuple[Verb, str, str], WebhookInfo] = {}
    for info in webhooks:
        faults = dict.fromkeys(_faults(info))
        problems.extend(Problem(text, info.location, _field(info, f), h) for f, text, h in faults)
        for verb in info.verbs:
            name = name_of(info, verb)
            other = names.setdefault((verb, configuration_of(info, verb), name), info)
            if other is not info and name:
                message = f"Duplicate value: {name!r} is the name of the webhook at"
                problems.append(
                    Problem(
                        f"{message} {other.location} as well",
                        info.location,
                        _field(info, "name"),
                        'give one of them another name, as in name="mboat.example.org"',
                    )
                )
    return [*problems, *_converters(converters)]


def _field(info: WebhookInfo, argument: str) -> str:
    owner = f"{kind_of(info.resource).kind} " if info.resource is not None else ""
    return f"{owner}webhook {argument}"


def _faults(info: WebhookInfo) -> Iterator[Fault]:
    if not info.verbs:
        hint = "decorate a class with it, or say mutating=True or mutating=False"
        yield "mutating", "webhook(...) decorates no class and does not say what it is", hint
    yield from _words(info)
    yield from _reviews(info)
    yield from _conditions(info.match_conditions)
    for argument in ("namespace_selector", "object_selector"):
        selector = getattr(info, argument)
        if selector is not None:
            yield from ((argument, text, hint) for text, hint in selector_faults(selector))
    if len(info.verbs) == 2:
        for argument in ("name", "path", "url"):
            if getattr(info, argument):
                yield argument, f"{argument} is for one webhook, but this class is two", ONE
    if info.path and info.url:
        yield "url", "exactly one of url or path may be given", "leave one of them out"
    for verb in info.verbs:
        yield from _name(name_of(info, verb))
        yield from _client(info, verb)
        for rule in rules_of(info, verb):
            yield from _rule(rule)


def _words(info: WebhookInfo) -> Iterator[Fault]:
    for argument, words in WORDS.items():
        value = getattr(info, argument)
        if value not in words and (value or argument == "side_effects"):
            yield argument, *_unsupported(value, words)
    if info.reinvocation_policy and not info.defaults and info.validates:
        message = "a webhook that only validates is never called again"
        yield "reinvocation_policy", message, "leave it out"
    timeout = info.timeout_seconds
    if timeout is not None and (isinstance(timeout, bool) or timeout not in range(1, 31)):
        message = f"{timeout!r}: the timeout value must be between 1 and 30 seconds"
        yield "timeout_seconds", message, "the server waits 10 seconds if it is left out"
    if info.configuration and not is_subdomain(info.configuration):
        message = f"{info.configuration!r} is no DNS-1123 subdomain"
        yield "configuration", message, "use lower case letters, digits, dashes and dots"


def _unsupported(value: Any, words: Iterable[str]) -> tuple[str, str]:
    supported = ", ".join(f'"{word}"' for word in words)
    likely = [word for word in words if word.lower() == str(value).lower()]
    hint = f'write "{likely[0]}"' if likely else "use one of these"
    return f'Unsupported value: "{value}": supported values: {supported}', hint


def _reviews(info: WebhookInfo) -> Iterator[Fault]:
    argument, hint = "admission_review_versions", 'write admission_review_versions=("v1",)'
    versions = info.admission_review_versions
    if not versions:
        yield argument, f"must specify one of {', '.join(REVIEWS)}", hint
    elif not set(versions) & set(REVIEWS):
        yield argument, f"must include at least one of {', '.join(REVIEWS)}", hint
    for version in versions:
        if not re.fullmatch(r"[a-z]([-a-z0-9]{0,61}[a-z0-9])?", version):
            yield argument, f"{version!r} is no DNS-1035 label", hint
    if len(set(versions)) != len(versions):
        yield argument, "duplicate version", hint


def _conditions(conditions: tuple[MatchCondition, ...]) -> Iterator[Fault]:
    argument = "match_conditions"
    if len(conditions) > MOST_CONDITIONS:
        message = f"Too many: {len(conditions)}: must have at most {MOST_CONDITIONS} items"
        yield argument, message, "join some of them with &&"
    seen: set[str] = set()
    for condition in conditions:
        if not isinstance(condition, MatchCondition):
            hint = 'write MatchCondition("scaled", "object.spec.replicas > 1")'
            yield argument, f"{condition!r} is no MatchCondition", hint
            continue
        if not is_qualified_name(condition.name):
            hint = "use letters, digits, dashes, underscores and dots"
            yield argument, f"{condition.name!r} is no qualified name", hint
        if not condition.expression.strip():
            yield argument, f"the expression of {condition.name!r} is empty", "write it, or drop it"
        if condition.name in seen:
            yield argument, f"Duplicate value: {condition.name!r}", "give it another name"
        seen.add(condition.name)


def _name(name: str) -> Iterator[Fault]:
    hint = 'write a name such as name="mboat.example.org"'
    if not name:
        yield "name", "Required value", hint
    elif not is_subdomain(name):
        yield "name", f"{name!r} is no DNS-1123 subdomain", hint
    elif name.count(".") < 2:
        message = f"{name!r} should be a domain with at least three segments separated by dots"
        yield "name", message, hint


def _client(info: WebhookInfo, verb: Verb) -> Iterator[Fault]:
    client = client_config(info, verb)
    if "url" in client:
        for message in url_faults(info.url):
            yield "url", f"{info.url!r}: {message}", "write it as https://HOST:PORT/PATH"
        return
    if "path" not in client["service"]:
        yield "path", "exactly one of url or path must be given", 'write path="/mutate-pods"'
    arguments = {"name": "service_name", "namespace": "service_namespace", "port": "service_port"}
    for finding in service_faults(client["service"]):
        where = str(finding.path[0])
        yield arguments.get(where, where), finding.message, finding.hint


def _rule(rule: AdmissionRule) -> Iterator[Fault]:
    if not isinstance(rule, AdmissionRule):
        yield "rules", f"{rule!r} is no AdmissionRule", "write AdmissionRule(groups=..., ...)"
        return
    lists = {
        "groups": (rule.groups, "API groups"),
        "versions": (rule.versions, "API versions"),
        "operations": (rule.operations, "operations"),
    }
    for argument, (values, words) in lists.items():
        if not values:
            yield argument, "Required value", f"say which {words}; * stands for all"
        if len(values) > 1 and "*" in values:
            yield argument, f"if '*' is present, must not specify other {words}", "drop the others"
    if "" in rule.versions:
        yield "versions", "Required value: a version is empty", 'write the version, such as "v1"'
    for operation in rule.operations:
        if operation not in OPERATIONS:
            yield "operations", *_unsupported(operation, OPERATIONS)
    if rule.scope and rule.scope not in SCOPES:
        yield "scope", *_unsupported(rule.scope, SCOPES)
    yield from (("resources", text, hint) for text, hint in _resources(rule.resources))


def _resources(resources: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    drop = "drop the others"
    if not resources:
        yield "Required value", "say which resources; * stands for all"
    if "" in resources:
        yield "Required value: a resource is empty", 'write the plural, such as "pods"'
    if len(resources) > 1 and "*/*" in resources:
        yield "if '*/*' is present, must not specify other resources", drop
    if "*" in resources and any("/" not in one and one != "*" for one in resources):
        yield "if '*' is present, must not specify other resources without subresources", drop
    for resource in resources:
        name, slash, sub = resource.partition("/")
        if not slash or resource == "*/*":
            continue
        for wide in (f"{name}/*", f"*/{sub}"):
            if wide != resource and wide in resources:
                yield f"if '{wide}' is present, must not specify {resource}", f"drop {resource}"


def _converters(converters: Iterable[ConverterInfo]) -> Iterator[Problem]:
    seen: dict[tuple[str, str], ConverterInfo] = {}
    hubs: dict[tuple[str, str], Any] = {}
    for info in converters:
        spoke, hub = kind_of(info.spoke), kind_of(info.hub)
        field, location = f"{spoke.kind} converter", info.location
        if spoke.group_kind != hub.group_kind:
            message = f"{spoke.kind} of {spoke.group} and {hub.kind} of {hub.group} are two kinds"
            hint = "a converter is for two versions of one kind"
            yield Problem(message, location, field, hint)
        elif spoke.version == hub.version:
            hint = "the hub is another version than the one that is converted"
            yield Problem(f"both versions are {hub.version}", location, field, hint)
        other = seen.setdefault((spoke.api_version, spoke.kind), info)
        if other is not info:
            message = f"two converters are for {spoke.kind} of {spoke.api_version}"
            yield Problem(message, location, field, f"the other is at {other.location}")
        if hubs.setdefault(spoke.group_kind, info.hub) is not info.hub:
            message = f"the hub of {spoke.kind} is {hub.version} here and another version elsewhere"
            yield Problem(message, location, field, "convert all versions by way of one")
