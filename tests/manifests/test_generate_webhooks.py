"""Webhooks of a project: their configurations, and the conversion stanza of CRDs."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import yaml

from opgen.api.errors import Location
from opgen.manifests.generate import CRDS, HEADER, ROLE, WEBHOOKS, generate

WEBHOOK = """
from opgen.runtime import webhook
from shop.api.types import Shop


@webhook(Shop)
class ShopWebhook:
    def default(self, obj, request): ...

    def validate(self, obj, old, request): ...


FOREIGN = [
    webhook(
        mutating=False,
        name="pods.example.org",
        url="https://hooks.example.org/pods",
        groups=[""],
        versions=["v1"],
        resources=["pods"],
    )
]
"""
CONVERTER = """
from opgen.runtime import converter
from shop.api.types import Shop
from shop.api.old import Shop as OldShop


@converter(OldShop, hub=Shop)
class Converts:
    def to_hub(self, obj): ...

    def from_hub(self, obj): ...
"""
CRD = f"{CRDS}/example.org_shops.yaml"

Project = Callable[..., Path]


def test_webhooks_without_controllers(project: Project) -> None:
    generated = generate(project(controllers__shop="", webhooks__shop=WEBHOOK), "shop")
    assert generated.problems == ()
    assert sorted(generated.files) == [CRD, ROLE, WEBHOOKS]
    text = generated.files[WEBHOOKS]
    assert text.startswith(f"{HEADER}---\napiVersion: admissionregistration.k8s.io/v1\n")
    mutating, validating = yaml.safe_load_all(text)
    assert [each["name"] for each in mutating["webhooks"]] == ["mshop-v1.kb.io"]
    assert [each["name"] for each in validating["webhooks"]] == [
        "pods.example.org",
        "vshop-v1.kb.io",
    ]


def test_a_converter_puts_the_stanza_into_the_crd(project: Project, types: str) -> None:
    old = types.replace('version="v1"', 'version="v1beta1"')
    new = types.replace('version="v1"', 'version="v1", storage=True')
    root = project(api__types=new, api__old=old, webhooks__shop=CONVERTER)
    generated = generate(root, "shop")
    assert generated.problems == ()
    assert sorted(generated.files) == [CRD, ROLE]
    assert yaml.safe_load(generated.files[CRD])["spec"]["conversion"] == {
        "strategy": "Webhook",
        "webhook": {
            "clientConfig": {
                "service": {"name": "webhook-service", "namespace": "system", "path": "/convert"}
            },
            "conversionReviewVersions": ["v1"],
        },
    }


def test_what_resource_says_of_conversion_goes_first(project: Project, types: str) -> None:
    old = types.replace('version="v1"', 'version="v1beta1"')
    said = 'version="v1", storage=True, conversion=ConversionWebhook(port=8443)'
    new = types.replace("import CustomResource", "import ConversionWebhook, CustomResource")
    root = project(
        api__types=new.replace('version="v1"', said), api__old=old, webhooks__shop=CONVERTER
    )
    crd = yaml.safe_load(generate(root, "shop").files[CRD])
    assert crd["spec"]["conversion"]["webhook"]["clientConfig"]["service"]["port"] == 8443


def test_a_wrong_webhook_has_its_place_and_nothing_is_written(project: Project) -> None:
    module = WEBHOOK.replace("@webhook(Shop)", "@webhook(Shop, timeout_seconds=60)")
    generated = generate(project(webhooks__shop=module), "shop")
    assert generated.files == {}
    (problem,) = generated.problems
    assert problem.message == "60: the timeout value must be between 1 and 30 seconds"
    assert problem.location == Location("shop/webhooks/shop.py", 5)
    assert problem.field == "Shop webhook timeout_seconds"


def test_the_configuration_is_removed_with_the_last_webhook(project: Project) -> None:
    root = project()
    file = root / WEBHOOKS
    file.parent.mkdir(parents=True)
    file.write_text(f"{HEADER}---\nkind: MutatingWebhookConfiguration\n")
    assert generate(root, "shop").removed == (WEBHOOKS,)
    file.write_text("kind: MutatingWebhookConfiguration\n")
    assert generate(root, "shop").removed == ()
