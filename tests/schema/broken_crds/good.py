"""A CRD that every rule accepts, and the parts of it that are changed."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

GOOD: dict[str, Any] = {
    "apiVersion": "apiextensions.k8s.io/v1",
    "kind": "CustomResourceDefinition",
    "metadata": {"name": "things.example.com"},
    "spec": {
        "group": "example.com",
        "names": {
            "kind": "Thing",
            "listKind": "ThingList",
            "plural": "things",
            "singular": "thing",
        },
        "scope": "Namespaced",
        "versions": [
            {
                "name": "v1",
                "served": True,
                "storage": True,
                "subresources": {"status": {}},
                "schema": {
                    "openAPIV3Schema": {
                        "type": "object",
                        "properties": {
                            "metadata": {"type": "object"},
                            "spec": {"type": "object", "properties": {"x": {"type": "string"}}},
                        },
                    }
                },
            }
        ],
    },
}
ROOT = "spec.versions[0].schema.openAPIV3Schema"
X = f"{ROOT}.properties[spec].properties[x]"
ENTRY = {"type": "object", "properties": {"a": {"type": "string"}}, "required": ["a"]}
LISTED = {"type": "array", "items": ENTRY, "x-kubernetes-list-type": "map"}
KEYS = "x-kubernetes-list-map-keys"
KIND = f"{ROOT}.properties[kind]"
RULE = f"{X}.x-kubernetes-validations[0]"
CLIENT = "spec.conversion.webhook.clientConfig"
SERVICE = f"{CLIENT}.service"
CHANGING = {"x-kubernetes-validations": [{"rule": "self == oldSelf"}]}
EMBEDDED = {
    "type": "object",
    "x-kubernetes-embedded-resource": True,
    "x-kubernetes-preserve-unknown-fields": True,
}
STRINGS = {"type": "array", "items": {"type": "string"}}
UNEVEN = {
    "type": "string",
    "maxLength": 9,
    "x-kubernetes-validations": [{"rule": "self.size() % 2 == 1"}],
}
UNTYPED = {"x-kubernetes-preserve-unknown-fields": True}
NESTED = "self.all(a, self.all(b, a != b))"
LINEAR = "self.all(a, a.size() > 1)"


def spec(document: dict[str, Any], **changes: Any) -> None:
    document["spec"].update(changes)


def names(document: dict[str, Any], **changes: Any) -> None:
    document["spec"]["names"].update(changes)


def version(document: dict[str, Any], **changes: Any) -> None:
    document["spec"]["versions"][0].update(changes)


def root(document: dict[str, Any], **changes: Any) -> None:
    document["spec"]["versions"][0]["schema"]["openAPIV3Schema"].update(changes)


def x(document: dict[str, Any], schema: dict[str, Any]) -> None:
    schema = copy.deepcopy(schema)
    inner = document["spec"]["versions"][0]["schema"]["openAPIV3Schema"]["properties"]["spec"]
    inner["properties"]["x"] = schema


def column(document: dict[str, Any], **keywords: Any) -> None:
    good = {"name": "A", "type": "string", "jsonPath": ".spec.x"}
    version(document, additionalPrinterColumns=[{**good, **keywords}])


def cel(document: dict[str, Any], **keywords: Any) -> None:
    rule = {"rule": "self.a != ''", **keywords}
    x(document, {**ENTRY, "x-kubernetes-validations": [rule]})


def conversion(
    document: dict[str, Any], client: dict[str, Any], versions: list[str] | None = None
) -> None:
    webhook = {"clientConfig": client, "conversionReviewVersions": versions or ["v1"]}
    spec(document, conversion={"strategy": "Webhook", "webhook": webhook})


Change = Callable[[dict[str, Any]], None]
Broken = list[tuple[str, Change, str, str]]
"""The number of a rule, what breaks it, the field that is told, and a part of the message."""
