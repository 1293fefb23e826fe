"""The CRD of the sequences: a field of every kind that merges or defaults in its own way."""

from __future__ import annotations

from typing import Any

from fuzzing.content import GROUP
from fuzzing.sequences import OTHER_VERSION

_STRING = {"type": "string"}
_FREE = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}

SPEC: dict[str, Any] = {
    "type": "object",
    "properties": {
        "replicas": {"type": "integer", "format": "int32", "minimum": 0, "default": 1},
        "image": {"type": "string", "minLength": 1, "maxLength": 20},
        "tier": {"type": "string", "enum": ["gold", "silver"]},
        "port": {"x-kubernetes-int-or-string": True},
        "note": {"type": "string", "nullable": True},
        "labels": {"type": "object", "additionalProperties": _STRING, "maxProperties": 3},
        "tags": {"type": "array", "items": _STRING, "x-kubernetes-list-type": "set"},
        "plain": {"type": "array", "items": {"type": "integer"}, "minItems": 1},
        "items": {
            "type": "array",
            "x-kubernetes-list-type": "map",
            "x-kubernetes-list-map-keys": ["name"],
            "items": {
                "type": "object",
                "required": ["name"],
                "properties": {
                    "name": _STRING,
                    "value": _STRING,
                    "mode": {"type": "string", "default": "rw"},
                },
            },
        },
        "atomic": {
            "type": "object",
            "x-kubernetes-map-type": "atomic",
            "properties": {"a": _STRING, "b": _STRING},
        },
        "nested": {
            "type": "object",
            "required": ["must"],
            "properties": {"must": _STRING, "also": {"type": "string", "default": "yes"}},
        },
        "free": _FREE,
        "range": {
            "type": "object",
            "properties": {"low": {"type": "integer"}, "high": {"type": "integer"}},
            "x-kubernetes-validations": [
                {
                    "rule": "!has(self.low) || !has(self.high) || self.low <= self.high",
                    "messageExpression": "self.high > 2 ? 'low is above' : ''",
                    "reason": "FieldValueForbidden",
                    "fieldPath": ".low",
                },
            ],
        },
        "fixed": {
            "type": "string",
            "maxLength": 5,
            "x-kubernetes-validations": [{"rule": "self == oldSelf", "message": "stays"}],
        },
        "pairs": {
            "type": "array",
            "x-kubernetes-list-type": "map",
            "x-kubernetes-list-map-keys": ["port", "protocol"],
            "items": {
                "type": "object",
                "required": ["port", "protocol"],
                "properties": {
                    "port": {"type": "integer"},
                    "protocol": {"type": "string", "default": "TCP"},
                    "weight": {"type": "integer", "maximum": 3},
                },
            },
        },
        "numbers": {
            "type": "array",
            "items": {"type": "integer"},
            "x-kubernetes-list-type": "set",
        },
        "rows": {"type": "array", "items": {"type": "array", "items": _STRING}},
    },
}
STATUS: dict[str, Any] = {
    "type": "object",
    "properties": {
        "replicas": {"type": "integer"},
        "phase": _STRING,
        "conditions": {
            "type": "array",
            "x-kubernetes-list-type": "map",
            "x-kubernetes-list-map-keys": ["type"],
            "items": {
                "type": "object",
                "required": ["type", "status"],
                "properties": {"type": _STRING, "status": _STRING},
            },
        },
    },
}
_OLDER: dict[str, Any] = SPEC | {
    "properties": {
        name: schema | {"default": 2} if name == "replicas" else schema
        for name, schema in SPEC["properties"].items()
    }
}
"""What the other version declares: the same fields, and another default."""


def _version(name: str, spec: dict[str, Any], *, storage: bool) -> dict[str, Any]:
    schema = {"type": "object", "properties": {"spec": spec, "status": STATUS}}
    return {
        "name": name,
        "served": True,
        "storage": storage,
        "schema": {"openAPIV3Schema": schema},
        "subresources": {
            "status": {},
            "scale": {
                "specReplicasPath": ".spec.replicas",
                "statusReplicasPath": ".status.replicas",
            },
        },
        # The real server refuses versions that select by the same fields and differ in schemas.
        "selectableFields": [{"jsonPath": ".spec.tier"}] if storage else [],
        "additionalPrinterColumns": [
            {"name": "Image", "type": "string", "jsonPath": ".spec.image"},
            {"name": "Tags", "type": "string", "jsonPath": ".spec.tags[0]", "priority": 1},
            {"name": "Age", "type": "date", "jsonPath": ".metadata.creationTimestamp"},
        ],
    }


WIDGETS: dict[str, Any] = {
    "apiVersion": "apiextensions.k8s.io/v1",
    "kind": "CustomResourceDefinition",
    "metadata": {"name": f"widgets.{GROUP}"},
    "spec": {
        "group": GROUP,
        "scope": "Namespaced",
        "names": {"plural": "widgets", "kind": "Widget"},
        "versions": [
            _version("v1", SPEC, storage=True),
            _version(OTHER_VERSION, _OLDER, storage=False),
        ],
    },
}
