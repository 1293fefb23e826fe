"""Migration from client-side apply: kubectl's annotation with what it applied last.

When kubectl turns to server-side apply, fields that it applied before do not conflict with the
manager under whose name it updated them, and the annotation keeps up with what it applies.
Source: apimachinery's lastAppliedManager and lastAppliedUpdater.
"""

from __future__ import annotations

import copy
from typing import Any

import msgspec

from opgen.testing.errors import Document
from opgen.testing.objects.field_sets import EMPTY, FieldSet, compare, fields_of
from opgen.testing.objects.schemas import Schema

ANNOTATION = "kubectl.kubernetes.io/last-applied-configuration"
KUBECTL = "kubectl"


def allowed_conflicts(live: Document, schema: Schema) -> FieldSet:
    """The fields that kubectl applied before and that still have the value it gave them."""
    text = _annotation(live)
    try:
        last: Any = msgspec.json.decode(text) if text else None
    except msgspec.DecodeError:
        return EMPTY
    if not isinstance(last, dict) or last.get("apiVersion") != live.get("apiVersion"):
        return EMPTY
    try:
        changes = compare(last, live, schema)
        fields = fields_of(last, schema)
    except ValueError:
        return EMPTY
    return fields - changes.modified - changes.added - changes.removed


def refresh(merged: Document, config: Document) -> None:
    """Have the annotation say what was applied now, in place, if there is one."""
    if not _annotation(merged):
        return
    shown = copy.deepcopy(config)
    annotations = shown["metadata"].get("annotations") or {}
    annotations.pop(ANNOTATION, None)
    if not annotations:
        shown["metadata"].pop("annotations", None)
    text = msgspec.json.encode(shown, order="sorted").decode()
    merged["metadata"]["annotations"][ANNOTATION] = f"{text}\n"


def _annotation(document: Document) -> str:
    annotations = (document.get("metadata") or {}).get("annotations") or {}
    text: str = annotations.get(ANNOTATION) or ""
    return text
