"""Webhook configurations equal controller-gen's, from classes and from explicit calls."""

from __future__ import annotations

import json
import lzma
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from opgen.api import CustomResource, resource
from opgen.api.webhooks import AdmissionRule, MatchCondition, WebhookInfo, webhook, webhook_info
from opgen.k8s import apps_v1, core_v1
from opgen.manifests import emitter
from opgen.manifests.webhook_rules import check
from opgen.manifests.webhooks import configurations

SHOP = "shop.example.org"
CREATE: Any = ("CREATE",)
BOTH: Any = ("CREATE", "UPDATE")
ALL: Any = ("CREATE", "UPDATE", "DELETE", "CONNECT")
NOT_SYSTEM = MatchCondition("not-system", "!('system:nodes' in request.userInfo.groups)")
SCALED = MatchCondition("scaled", "object.spec.replicas > 1")
SELECTED: dict[str, Any] = {
    "operations": CREATE,
    "path": "/mutate-selected",
    "name": "selected.example.org",
    "reinvocation_policy": "Never",
    "namespace_selector": {"matchLabels": {"hooks": "on"}},
    "object_selector": {
        "matchExpressions": [{"key": "tier", "operator": "In", "values": ["web", "db"]}]
    },
}
CONDITIONS: dict[str, Any] = {
    "operations": CREATE,
    "path": "/validate-conditions",
    "name": "conditions.example.org",
    "timeout_seconds": 7,
    "scope": "Namespaced",
    "match_conditions": [NOT_SYSTEM, SCALED],
}
PODS: dict[str, Any] = {
    "operations": CREATE,
    "path": "/mutate-v1-pod",
    "failure_policy": "Ignore",
    "name": "pods.example.org",
}
HOOKS: dict[str, Any] = {
    "service_name": "hooks",
    "service_namespace": "shop",
    "side_effects": "NoneOnDryRun",
    "admission_review_versions": ["v1", "v1beta1"],
    "name": "all.shop.example.org",
}
CARTS: dict[str, Any] = HOOKS | {
    "path": "/mutate-all",
    "operations": ALL,
    "groups": [SHOP, "core"],
    "versions": ["v1", "v1beta1"],
    "resources": ["carts", "carts/status"],
    "failure_policy": "Ignore",
    "match_policy": "Exact",
    "timeout_seconds": 5,
    "service_port": 9443,
    "reinvocation_policy": "IfNeeded",
}
EVERYTHING: dict[str, Any] = HOOKS | {
    "path": "/validate-all",
    "operations": ["*"],
    "groups": ["*"],
    "versions": ["*"],
    "resources": ["*"],
    "match_policy": "Equivalent",
    "timeout_seconds": 30,
    "service_port": 443,
}
REFUNDS: dict[str, Any] = {
    "url": "https://hooks.example.org:8443/validate",
    "operations": ["DELETE"],
    "name": "a.refunds.example.org",
}


def of(plural: str, group: str = SHOP) -> dict[str, Any]:
    return {"groups": [group], "versions": ["v1"], "resources": [plural]}


ORDERS = of("orders") | {"operations": BOTH}
EXPLICIT = [
    webhook(mutating=True, **PODS, **of("pods", "")),
    webhook(
        mutating=False,
        path="/validate-shop-example-org-v1-order",
        name="vorder.shop.example.org",
        **ORDERS,
    ),
    webhook(
        mutating=True,
        path="/mutate-shop-example-org-v1-order",
        name="morder.shop.example.org",
        **ORDERS,
    ),
    webhook(mutating=True, **CARTS),
    webhook(mutating=False, **EVERYTHING),
    webhook(mutating=False, **REFUNDS, **of("refunds")),
    webhook(mutating=True, **SELECTED, **of("deployments", "apps")),
    webhook(mutating=False, **CONDITIONS, **of("deployments", "apps")),
]


@dataclass
class Spec:
    size: int = 1


@resource(group=SHOP, version="v1")
@dataclass(kw_only=True)
class Order(CustomResource[Spec, None]):
    pass


@resource(group=SHOP, version="v1")
@dataclass(kw_only=True)
class Cart(CustomResource[Spec, None]):
    pass


@resource(group=SHOP, version="v1")
@dataclass(kw_only=True)
class Refund(CustomResource[Spec, None]):
    pass


class Defaults:
    def default(self, obj: Any, request: Any) -> None: ...


class Validates:
    def validate(self, obj: Any, old: Any, request: Any) -> None: ...


class Does(Defaults, Validates):
    pass


def info(base: type, kind: Any = None, **said: Any) -> WebhookInfo:
    """What a decorated class carries."""
    found = webhook_info(webhook(kind, **said)(type("Webhook", (base,), {})))
    assert found is not None
    return found


DECLARED = [
    info(Defaults, core_v1.Pod, **PODS),
    info(Validates, Order, name="vorder.shop.example.org"),
    info(Defaults, Order, name="morder.shop.example.org"),
    info(Defaults, Cart, **CARTS),
    info(Validates, **EVERYTHING),
    info(Validates, Refund, **REFUNDS),
    info(Defaults, apps_v1.Deployment, **SELECTED),
    info(Validates, apps_v1.Deployment, **CONDITIONS),
]


def named(letter: str, configuration: str, mutating: bool) -> WebhookInfo:
    verb = "mutate" if mutating else "validate"
    return webhook(
        mutating=mutating,
        path=f"/{verb}-{letter}",
        name=f"{letter}.shop.example.org",
        operations=["CREATE"],
        configuration=configuration,
        **of(f"{letter}s"),
    )


NAMED = [
    named("c", "shop-checks", mutating=False),
    named("b", "shop-defaults", mutating=True),
    named("a", "shop-defaults", mutating=True),
]


def golden(name: str) -> str:
    archive = Path(__file__).parent / "goldens" / "controller-gen.json.xz"
    text: str = json.loads(lzma.decompress(archive.read_bytes()))[f"12-webhooks/{name}"]
    return text


@pytest.mark.parametrize(
    ("declared", "name"),
    [
        (EXPLICIT, "manifests.yaml"),
        (DECLARED, "manifests.yaml"),
        (DECLARED[::-1], "manifests.yaml"),
        (NAMED, "manifests-named.yaml"),
    ],
    ids=["explicit", "declared", "reversed", "named"],
)
def test_goldens(declared: Iterable[WebhookInfo], name: str) -> None:
    assert check(declared, []) == []
    documents = configurations(declared)
    assert documents == list(yaml.safe_load_all(golden(name)))
    assert emitter.dump_all(documents) == golden(name)


def test_a_class_with_both_methods_is_two_webhooks_with_kubebuilders_names() -> None:
    both = info(Does, Order, operations=("CREATE", "UPDATE", "DELETE"))
    mutating, validating = (each["webhooks"][0] for each in configurations([both]))
    assert [each["name"] for each in (mutating, validating)] == [
        "morder-v1.kb.io",
        "vorder-v1.kb.io",
    ]
    assert [each["clientConfig"]["service"]["path"] for each in (mutating, validating)] == [
        "/mutate-shop-example-org-v1-order",
        "/validate-shop-example-org-v1-order",
    ]
    assert mutating["rules"][0]["operations"] == ["CREATE", "UPDATE"]
    assert validating["rules"][0]["operations"] == ["CREATE", "UPDATE", "DELETE"]


def test_further_rules_come_after_that_of_the_kind() -> None:
    more = AdmissionRule(
        groups=("",), versions=("v1",), resources=("pods/scale",), operations=("CONNECT",)
    )
    (document,) = configurations([info(Validates, Order, rules=[more])])
    assert [rule["resources"] for rule in document["webhooks"][0]["rules"]] == [
        ["orders"],
        ["pods/scale"],
    ]
    (document,) = configurations(
        [webhook(mutating=False, rules=[more], name="a.b.c", path="/validate")]
    )
    assert len(document["webhooks"][0]["rules"]) == 1
