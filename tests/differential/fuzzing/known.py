"""Seeds whose difference is known and has a reason."""

from __future__ import annotations

from collections.abc import Mapping

KNOWN: Mapping[int, str] = {}
