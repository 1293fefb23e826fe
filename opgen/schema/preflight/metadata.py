"""Rules about metadata: of the CRD itself, and of objects in defaults.

Source: apimachinery's validation of object metadata.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from opgen.schema.preflight.base import Document, DocumentRule, Finding, mapping

_NAME = r"([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]"
_SUBDOMAIN = r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*"
_LONGEST_NAME = 63
_LONGEST_PREFIX = 253
_LONGEST_ANNOTATIONS = 256 * 1024
_FORM = (
    "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an "
    "alphanumeric character"
)
_REFERENCE = ("apiVersion", "kind", "name", "uid")


def wrong_labels(labels: Mapping[str, Any]) -> Iterator[str]:
    """What is wrong with labels, in the server's words."""
    for key, value in labels.items():
        text = str(value or "")
        yield from _wrong_key(key)
        if len(text.encode()) > _LONGEST_NAME:
            yield f"{text!r}: must be no more than {_LONGEST_NAME} bytes"
        if not re.fullmatch(rf"({_NAME})?", text):
            yield f"{text!r}: a valid label must be an empty string or {_FORM[5:]}"


def wrong_annotations(annotations: Mapping[str, Any]) -> Iterator[str]:
    """What is wrong with annotations, in the server's words."""
    for key in annotations:
        yield from _wrong_key(key.lower())
    size = sum(len(f"{key}{value or ''}".encode()) for key, value in annotations.items())
    if size > _LONGEST_ANNOTATIONS:
        yield f"Too long: may not be more than {_LONGEST_ANNOTATIONS} bytes"


def _wrong_key(key: str) -> Iterator[str]:
    prefix, slash, name = key.rpartition("/")
    is_prefix = len(prefix) <= _LONGEST_PREFIX and re.fullmatch(_SUBDOMAIN, prefix)
    if slash and not is_prefix:
        yield f"{key!r}: the part before / must be a lower case domain name"
    if len(name) > _LONGEST_NAME:
        yield f"{key!r}: name part must be no more than {_LONGEST_NAME} bytes"
    if not re.fullmatch(_NAME, name):
        yield f"{key!r}: name part {_FORM}"


def _metadata(document: Document) -> Iterator[Finding]:
    metadata = mapping(document.get("metadata"))
    for field, wrong, hint in (
        ("labels", wrong_labels, "write letters and digits, at most 63"),
        ("annotations", wrong_annotations, "write letters and digits, at most 63"),
    ):
        for message in wrong(mapping(metadata.get(field))):
            yield Finding(("metadata", field), message, hint)
    for finalizer in metadata.get("finalizers") or ():
        for message in _wrong_key(finalizer or ""):
            yield Finding(("metadata", "finalizers"), message, "name it like example.com/cleanup")
    for reference in metadata.get("ownerReferences") or ():
        for field in _REFERENCE:
            if not mapping(reference).get(field):
                where = ("metadata", "ownerReferences", field)
                yield Finding(where, "must not be empty", "leave out the reference")
    if metadata.get("generateName"):
        message = 'must be spec.names.plural+"."+spec.group'
        yield Finding(("metadata", "generateName"), message, "leave it out")


RULES = (DocumentRule("R1", "Labels, annotations and finalizers have proper names", _metadata),)
