"""The rule that fields of a CRD have values of the right kind; else nothing else has sense.

The server does not even read such a document. Keywords of schemas are told of in
`opgen.schema.preflight.forms`, each at its own place.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

from opgen.schema import formats
from opgen.schema.preflight.base import Document, DocumentRule, Finding, Path


class Kind(NamedTuple):
    """A kind of value: its name, whether a value is of it, and what to write."""

    name: str
    fits: Callable[[Any], bool]
    hint: str


def _is_bytes(value: Any) -> bool:
    try:
        base64.b64decode(value, validate=True)
    except (TypeError, ValueError, binascii.Error):
        return False
    return isinstance(value, str)


def _is_int32(value: Any) -> bool:
    return type(value) is int and -(2**31) <= value < 2**31


TEXT = Kind("string", lambda value: isinstance(value, str), "write a text, if need be in quotes")
FLAG = Kind("boolean", lambda value: isinstance(value, bool), "write true or false, no quotes")
_INT32 = Kind("integer of 32 bits", _is_int32, "write a number, no quotes")
_BYTES = Kind("string of base64", _is_bytes, "encode it with base64")
_TIME = Kind(
    "time",
    lambda value: isinstance(value, str) and formats.has("date-time", value),
    "leave it to the server",
)
OBJECT = Kind("object", lambda value: isinstance(value, Mapping), "write an object")
ARRAY = Kind("array", lambda value: isinstance(value, list), "write a list")

Shape = Kind | list[Any] | dict[str, Any]
"""A kind of value, a list of one shape, or an object: its fields, or one shape for any name."""
ANY_NAME = "*"
_TEXTS: Shape = {ANY_NAME: TEXT}
_CLIENT: Shape = {
    "url": TEXT,
    "caBundle": _BYTES,
    "service": {"namespace": TEXT, "name": TEXT, "path": TEXT, "port": _INT32},
}
_VERSION: Shape = {
    "name": TEXT,
    "served": FLAG,
    "storage": FLAG,
    "deprecated": FLAG,
    "deprecationWarning": TEXT,
    "schema": {"openAPIV3Schema": OBJECT},
    "subresources": {
        "status": OBJECT,
        "scale": {
            "specReplicasPath": TEXT,
            "statusReplicasPath": TEXT,
            "labelSelectorPath": TEXT,
        },
    },
    "additionalPrinterColumns": [
        {
            "name": TEXT,
            "type": TEXT,
            "format": TEXT,
            "description": TEXT,
            "priority": _INT32,
            "jsonPath": TEXT,
        }
    ],
    "selectableFields": [{"jsonPath": TEXT}],
}
_CRD: Shape = {
    "metadata": {
        "name": TEXT,
        "generateName": TEXT,
        "namespace": TEXT,
        "labels": _TEXTS,
        "annotations": _TEXTS,
        "finalizers": [TEXT],
        "creationTimestamp": _TIME,
        "ownerReferences": [{"apiVersion": TEXT, "kind": TEXT, "name": TEXT, "uid": TEXT}],
    },
    "spec": {
        "group": TEXT,
        "scope": TEXT,
        "preserveUnknownFields": FLAG,
        "names": {
            "plural": TEXT,
            "singular": TEXT,
            "kind": TEXT,
            "listKind": TEXT,
            "shortNames": [TEXT],
            "categories": [TEXT],
        },
        "versions": [_VERSION],
        "conversion": {
            "strategy": TEXT,
            "webhook": {"conversionReviewVersions": [TEXT], "clientConfig": _CLIENT},
        },
    },
    "status": {"storedVersions": [TEXT]},
}
"""Source: apiextensions/v1 CustomResourceDefinition."""


def _well_shaped(document: Document) -> Iterator[Finding]:
    yield from misshapen(document, _CRD, ())


def fits(value: Any, shape: Shape) -> bool:
    """Whether a value is of a shape; null is, wherever it stands."""
    if value is None:
        return True
    if isinstance(shape, Kind):
        return shape.fits(value)
    if isinstance(shape, list):
        return isinstance(value, list) and all(fits(item, shape[0]) for item in value)
    if not isinstance(value, Mapping):
        return False
    others = shape.get(ANY_NAME)
    parts = ((item, shape.get(name, others)) for name, item in value.items())
    return all(part is None or fits(item, part) for item, part in parts)


def misshapen(value: Any, shape: Shape, path: Path) -> Iterator[Finding]:
    """Where a value is of another shape."""
    kind = _kind_of(shape)
    if fits(value, shape):
        return
    if not kind.fits(value):
        message = f"{value!r}: cannot unmarshal into a field of type {kind.name}"
        yield Finding(path, message, kind.hint)
    elif isinstance(shape, list):
        for index, item in enumerate(value):
            yield from misshapen(item, shape[0], (*path, index))
    elif isinstance(shape, dict):
        for name, item in value.items():
            below = shape.get(name, shape.get(ANY_NAME))
            if below is not None:
                yield from misshapen(item, below, (*path, name))


def _kind_of(shape: Shape) -> Kind:
    if isinstance(shape, list):
        return ARRAY
    return OBJECT if isinstance(shape, dict) else shape


WELL_SHAPED = DocumentRule("R33", "Fields of a CRD have values of the right kind", _well_shaped)
