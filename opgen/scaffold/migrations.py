"""Bringing a PROJECT of an older format to that of today.

A migration changes a loaded PROJECT in place, comments included, and sets its `version`. They are
applied one after the other, so each knows its own format and the next one only. Reading migrates;
the file itself becomes new with the next command that writes it.
"""

from __future__ import annotations

from collections.abc import Callable, MutableMapping
from typing import Any

Document = MutableMapping[str, Any]
MIGRATIONS: dict[str, Callable[[Document], None]] = {}
"""The migration to the next format, by the format that it reads."""


def migrate(loaded: Any) -> None:
    """Bring a loaded PROJECT to the newest format that its own leads to, in place."""
    if not isinstance(loaded, MutableMapping):
        return
    while isinstance(version := loaded.get("version"), str) and version in MIGRATIONS:
        MIGRATIONS[version](loaded)
