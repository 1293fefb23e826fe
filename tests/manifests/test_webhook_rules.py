"""Wrong webhooks: each is told with the server's words, the argument and the way out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

from opgen.api import CustomResource, resource
from opgen.api.conversion import ConverterInfo
from opgen.api.errors import Location, Problem
from opgen.api.webhooks import MatchCondition, WebhookInfo, webhook, webhook_info
from opgen.manifests.selectors import selector_faults
from opgen.manifests.webhook_rules import check

GOOD: dict[str, Any] = {
    "name": "pods.example.org",
    "path": "/validate-pods",
    "groups": [""],
    "versions": ["v1"],
    "resources": ["pods"],
    "mutating": False,
}
NAME_HINT = 'write a name such as name="mboat.example.org"'
URL_HINT = "write it as https://HOST:PORT/PATH"
REVIEW_HINT = 'write admission_review_versions=("v1",)'
WRONG: dict[str, tuple[dict[str, Any], tuple[str, str, str]]] = {
    "no-name": ({"name": ""}, ("name", "Required value", NAME_HINT)),
    "short-name": (
        {"name": "pods.org"},
        (
            "name",
            "'pods.org' should be a domain with at least three segments separated by dots",
            NAME_HINT,
        ),
    ),
    "odd-name": (
        {"name": "Pods.example.org"},
        ("name", "'Pods.example.org' is no DNS-1123 subdomain", NAME_HINT),
    ),
    "undecided": (
        {"mutating": None},
        (
            "mutating",
            "webhook(...) decorates no class and does not say what it is",
            "decorate a class with it, or say mutating=True or mutating=False",
        ),
    ),
    "failure-policy": (
        {"failure_policy": "fail"},
        (
            "failure_policy",
            'Unsupported value: "fail": supported values: "Fail", "Ignore"',
            'write "Fail"',
        ),
    ),
    "match-policy": (
        {"match_policy": "Loose"},
        (
            "match_policy",
            'Unsupported value: "Loose": supported values: "Equivalent", "Exact"',
            "use one of these",
        ),
    ),
    "side-effects": (
        {"side_effects": "Some"},
        (
            "side_effects",
            'Unsupported value: "Some": supported values: "None", "NoneOnDryRun"',
            "use one of these",
        ),
    ),
    "no-side-effects": (
        {"side_effects": ""},
        (
            "side_effects",
            'Unsupported value: "": supported values: "None", "NoneOnDryRun"',
            "use one of these",
        ),
    ),
    "reinvocation": (
        {"reinvocation_policy": "Always", "mutating": True},
        (
            "reinvocation_policy",
            'Unsupported value: "Always": supported values: "IfNeeded", "Never"',
            "use one of these",
        ),
    ),
    "reinvocation-of-checks": (
        {"reinvocation_policy": "Never"},
        (
            "reinvocation_policy",
            "a webhook that only validates is never called again",
            "leave it out",
        ),
    ),
    **{
        f"timeout-{seconds}": (
            {"timeout_seconds": seconds},
            (
                "timeout_seconds",
                f"{seconds!r}: the timeout value must be between 1 and 30 seconds",
                "the server waits 10 seconds if it is left out",
            ),
        )
        for seconds in (0, 31, -1, True, 2.5)
    },
    "configuration": (
        {"configuration": "Mine"},
        (
            "configuration",
            "'Mine' is no DNS-1123 subdomain",
            "use lower case letters, digits, dashes and dots",
        ),
    ),
    "no-reviews": (
        {"admission_review_versions": []},
        ("admission_review_versions", "must specify one of v1, v1beta1", REVIEW_HINT),
    ),
    "odd-reviews": (
        {"admission_review_versions": ["v2"]},
        ("admission_review_versions", "must include at least one of v1, v1beta1", REVIEW_HINT),
    ),
    "reviews-label": (
        {"admission_review_versions": ["v1", "V2"]},
        ("admission_review_versions", "'V2' is no DNS-1035 label", REVIEW_HINT),
    ),
    "reviews-twice": (
        {"admission_review_versions": ["v1", "v1"]},
        ("admission_review_versions", "duplicate version", REVIEW_HINT),
    ),
    "path-and-url": (
        {"url": "https://a.b/c"},
        ("url", "exactly one of url or path may be given", "leave one of them out"),
    ),
    "no-path": (
        {"path": ""},
        ("path", "exactly one of url or path must be given", 'write path="/mutate-pods"'),
    ),
    "odd-path": (
        {"path": "validate"},
        ("path", "'validate': must start with a '/'", "write /validate"),
    ),
    "http": (
        {"path": "", "url": "http://a.b/c"},
        ("url", "'http://a.b/c': 'http': 'https' is the only allowed URL scheme", URL_HINT),
    ),
    "query": (
        {"path": "", "url": "https://a.b/c?d"},
        ("url", "'https://a.b/c?d': query parameters are not permitted in the URL", URL_HINT),
    ),
    "no-service": (
        {"service_name": ""},
        ("service_name", "service name is required", "give the name"),
    ),
    "no-namespace": (
        {"service_namespace": ""},
        ("service_namespace", "service namespace is required", "give the namespace"),
    ),
    "port": (
        {"service_port": 70000},
        ("service_port", "70000: port is not valid: must be 1-65535", "correct it"),
    ),
    "no-operations": (
        {"operations": []},
        ("operations", "Required value", "say which operations; * stands for all"),
    ),
    "operation": (
        {"operations": ["create"]},
        (
            "operations",
            'Unsupported value: "create": supported values: '
            '"*", "CONNECT", "CREATE", "DELETE", "UPDATE"',
            'write "CREATE"',
        ),
    ),
    "operations-star": (
        {"operations": ["*", "CREATE"]},
        (
            "operations",
            "if '*' is present, must not specify other operations",
            "drop the others",
        ),
    ),
    "no-groups": (
        {"groups": []},
        ("groups", "Required value", "say which API groups; * stands for all"),
    ),
    "groups-star": (
        {"groups": ["*", "apps"]},
        ("groups", "if '*' is present, must not specify other API groups", "drop the others"),
    ),
    "no-versions": (
        {"versions": []},
        ("versions", "Required value", "say which API versions; * stands for all"),
    ),
    "empty-version": (
        {"versions": [""]},
        ("versions", "Required value: a version is empty", 'write the version, such as "v1"'),
    ),
    "no-resources": (
        {"resources": []},
        ("resources", "Required value", "say which resources; * stands for all"),
    ),
    "empty-resource": (
        {"resources": [""]},
        ("resources", "Required value: a resource is empty", 'write the plural, such as "pods"'),
    ),
    "all-and-more": (
        {"resources": ["*", "pods"]},
        (
            "resources",
            "if '*' is present, must not specify other resources without subresources",
            "drop the others",
        ),
    ),
    "everything-and-more": (
        {"resources": ["*/*", "pods"]},
        (
            "resources",
            "if '*/*' is present, must not specify other resources",
            "drop the others",
        ),
    ),
    "subresources": (
        {"resources": ["pods/*", "pods/status"]},
        (
            "resources",
            "if 'pods/*' is present, must not specify pods/status",
            "drop pods/status",
        ),
    ),
    "subresource-of-all": (
        {"resources": ["*/scale", "pods/scale"]},
        ("resources", "if '*/scale' is present, must not specify pods/scale", "drop pods/scale"),
    ),
    "scope": (
        {"scope": "namespaced"},
        (
            "scope",
            'Unsupported value: "namespaced": supported values: "*", "Cluster", "Namespaced"',
            'write "Namespaced"',
        ),
    ),
    "condition": (
        {"match_conditions": ["object.a"]},
        (
            "match_conditions",
            "'object.a' is no MatchCondition",
            'write MatchCondition("scaled", "object.spec.replicas > 1")',
        ),
    ),
    "condition-name": (
        {"match_conditions": [MatchCondition("a b", "true")]},
        (
            "match_conditions",
            "'a b' is no qualified name",
            "use letters, digits, dashes, underscores and dots",
        ),
    ),
    "condition-empty": (
        {"match_conditions": [MatchCondition("a", " ")]},
        ("match_conditions", "the expression of 'a' is empty", "write it, or drop it"),
    ),
    "condition-twice": (
        {"match_conditions": [MatchCondition("a", "true")] * 2},
        ("match_conditions", "Duplicate value: 'a'", "give it another name"),
    ),
    "conditions": (
        {"match_conditions": [MatchCondition(f"c{n}", "true") for n in range(65)]},
        (
            "match_conditions",
            "Too many: 65: must have at most 64 items",
            "join some of them with &&",
        ),
    ),
    "rule": (
        {"rules": ["pods"]},
        ("rules", "'pods' is no AdmissionRule", "write AdmissionRule(groups=..., ...)"),
    ),
    "selector": (
        {"object_selector": {"matchLabels": {"a": "b c"}}},
        (
            "object_selector",
            "'b c' is no label value",
            "write a string of at most 63 letters, digits, dashes, underscores and dots",
        ),
    ),
}


@pytest.mark.parametrize("case", WRONG)
def test_wrong_arguments(case: str) -> None:
    said, (argument, message, hint) = WRONG[case]
    info = webhook(**GOOD | said)
    assert check([info], []) == [Problem(message, info.location, f"webhook {argument}", hint)]


SELECTORS: dict[str, tuple[Any, str]] = {
    "text": ("a=b", "'a=b' is no label selector"),
    "unknown": ({"labels": {}}, "unknown field 'labels'"),
    "kinds": ({"matchLabels": []}, "matchLabels is an object and matchExpressions a list"),
    "key": ({"matchLabels": {"a/b/c": "d"}}, "'a/b/c' is no label key"),
    "number": ({"matchLabels": {"a": 1}}, "1 is no label value"),
    "requirement": (
        {"matchExpressions": [{"key": "a"}]},
        "{'key': 'a'} is no label selector requirement",
    ),
    "operator": (
        {"matchExpressions": [{"key": "a", "operator": "in"}]},
        "'in': not a valid selector operator",
    ),
    "values": (
        {"matchExpressions": [{"key": "a", "operator": "In"}]},
        "values must be specified when `operator` is 'In' or 'NotIn'",
    ),
    "no-values": (
        {"matchExpressions": [{"key": "a", "operator": "Exists", "values": ["b"]}]},
        "values may not be specified when `operator` is 'Exists' or 'DoesNotExist'",
    ),
}


@pytest.mark.parametrize("case", SELECTORS)
def test_wrong_selectors(case: str) -> None:
    selector, message = SELECTORS[case]
    ((found, hint),) = selector_faults(selector)
    assert found == message
    assert hint


def test_sound_selectors() -> None:
    expressions = [
        {"key": "example.org/tier", "operator": "NotIn", "values": ["web", ""]},
        {"key": "a", "operator": "DoesNotExist"},
    ]
    selector = {"matchLabels": {"a.b/C_d": "E.f"}, "matchExpressions": expressions}
    assert list(selector_faults(selector)) == []


@dataclass
class Spec:
    size: int = 1


@resource(group="example.org", version="v1")
@dataclass(kw_only=True)
class Boat(CustomResource[Spec, None]):
    pass


class V2:
    @resource(group="example.org", version="v2")
    @dataclass(kw_only=True)
    class Boat(CustomResource[Spec, None]):
        pass

    @resource(group="example.com", version="v2")
    @dataclass(kw_only=True)
    class Ship(CustomResource[Spec, None]):
        pass


class Both:
    def default(self, obj: Any, request: Any) -> None: ...

    def validate(self, obj: Any, old: Any, request: Any) -> None: ...


def boat(**said: Any) -> WebhookInfo:
    found = webhook_info(webhook(Boat, **said)(type("Webhook", (Both,), {})))
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("argument", "value"), [("name", "a.b.c"), ("path", "/a"), ("url", "https://a.b/c")]
)
def test_what_names_one_webhook_is_no_use_to_two(argument: str, value: str) -> None:
    problem = check([boat(**{argument: value})], [])[0]
    assert problem.message == f"{argument} is for one webhook, but this class is two"
    assert problem.field == f"Boat webhook {argument}"


def test_names_are_unique_in_a_configuration() -> None:
    first, second = webhook(**GOOD), webhook(**GOOD)
    (problem,) = check([first, second], [])
    assert problem.message == (
        f"Duplicate value: 'pods.example.org' is the name of the webhook at {first.location} "
        "as well"
    )
    assert problem.location == second.location
    elsewhere = webhook(**GOOD | {"configuration": "other"})
    assert check([first, webhook(**GOOD | {"mutating": True}), elsewhere], []) == []


def test_mutating_is_not_for_classes() -> None:
    with pytest.raises(TypeError, match=r"leave mutating out: the methods of Both say what"):
        webhook(Boat, mutating=True)(Both)
    with pytest.raises(TypeError, match=r'operations must be a list of strings, as in op.*\["\*'):
        webhook(Boat, operations="*")


def converter(spoke: Any, hub: Any, line: int = 1) -> ConverterInfo:
    return ConverterInfo(spoke=spoke, hub=hub, location=Location("a.py", line))


@pytest.mark.parametrize(
    ("converters", "message"),
    [
        (
            [converter(Boat, V2.Ship)],
            "Boat of example.org and Ship of example.com are two kinds",
        ),
        ([converter(Boat, Boat)], "both versions are v1"),
        (
            [converter(Boat, V2.Boat), converter(Boat, V2.Boat, 2)],
            "two converters are for Boat of example.org/v1",
        ),
        (
            [converter(Boat, V2.Boat), converter(V2.Boat, Boat, 2)],
            "the hub of Boat is v1 here and another version elsewhere",
        ),
    ],
)
def test_wrong_converters(converters: list[ConverterInfo], message: str) -> None:
    (problem,) = check([], converters)
    assert problem.message == message
    assert problem.location == converters[-1].location
    assert problem.hint
