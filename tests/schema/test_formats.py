"""Formats of defaults: what the API server does not know for a type, it does not look at."""

from __future__ import annotations

from typing import Any

import pytest

from opgen.schema.values import violations

WRONG: list[tuple[str, str, Any]] = [
    ("string", "date", "soon"),
    ("string", "da-te", "soon"),
    ("string", "k8s-short-name", "a" * 64),
    ("string", "k8s-long-name", "a." * 127 + "a"),
    ("integer", "int32", 1 << 31),
]
NOT_LOOKED_AT: list[tuple[str, str, Any]] = [
    ("string", "date", "2026-01-31"),
    ("string", "k8s-short-name", "a" * 63),
    ("string", "k8s-long-name", "a." * 126 + "a"),
    ("string", "password", ""),
    ("string", "int32", "one"),
    ("integer", "date", 1),
    ("integer", "int64", 1 << 31),
    ("number", "int32", 1 << 31),
]


@pytest.mark.parametrize(("kind", "form", "value"), WRONG)
def test_a_format_that_a_value_has_not(kind: str, form: str, value: Any) -> None:
    found = list(violations(value, {"type": kind, "format": form}))
    assert len(found) == 1
    assert form in found[0]


@pytest.mark.parametrize(("kind", "form", "value"), NOT_LOOKED_AT)
def test_a_format_that_a_value_has_or_that_is_not_looked_at(
    kind: str, form: str, value: Any
) -> None:
    assert list(violations(value, {"type": kind, "format": form})) == []
