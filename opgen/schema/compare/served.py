"""Served versions of one CRD beside each other.

Without a webhook the API server converts by changing `apiVersion` alone. So an object that is right
in one version may be wrong, or lose fields, when it is read or written in another. Differences that
were there before break nobody anew, and are left out.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import permutations
from typing import Any

from opgen.schema.compare.changes import BREAKING, Change
from opgen.schema.compare.schemas import changes

Document = Mapping[str, Any]


def has_webhook(spec: Document) -> bool:
    """Whether a webhook converts between versions."""
    return (spec.get("conversion") or {}).get("strategy") == "Webhook"


def between_versions(old: Document, new: Document) -> Iterator[Change]:
    """What objects newly lose between the served versions of a CRD that has no webhook."""
    if has_webhook(new):
        return
    before, after = _served(old), _served(new)
    for first, second in permutations(after, 2):
        known = set()
        if first in before and second in before and not has_webhook(old):
            known = set(_breaking(before[first], before[second], first, second))
        for change in _breaking(after[first], after[second], first, second):
            if change not in known:
                yield change


def _served(spec: Document) -> dict[str, Any]:
    """The schemas of served versions."""
    return {
        version["name"]: (version.get("schema") or {}).get("openAPIV3Schema") or {}
        for version in spec["versions"]
        if version.get("served")
    }


def _breaking(old: Document, new: Document, first: str, second: str) -> Iterator[Change]:
    for change in changes(old, new, f"{first} read as {second}: "):
        if change.severity == BREAKING:
            yield change
