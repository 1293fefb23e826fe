"""What a change is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

BREAKING = "breaking"
COMPATIBLE = "compatible"


@dataclass(frozen=True, slots=True)
class Change:
    """One difference.

    Attributes:
        severity: `breaking` or `compatible`.
        path: Where it is: `v1: .spec.replicas`, or a field of the CRD such as `spec.scope`.
        message: What has changed.
    """

    severity: str
    path: str
    message: str


Verdict = tuple[str, str]
"""Severity and message."""


def breaking(message: str) -> Verdict:
    """The verdict that a change breaks somebody."""
    return BREAKING, message


def compatible(message: str) -> Verdict:
    """The verdict that everybody can live with a change."""
    return COMPATIBLE, message


def shown(value: Any) -> str:
    """A value as it stands in a message."""
    import json

    text = json.dumps(value, ensure_ascii=False, sort_keys=True)
    return text if len(text) <= 60 else f"{text[:57]}..."
