"""Semantic versions (semver.org 2.0.0)."""

from __future__ import annotations

import re
from typing import Any

from opgen.cel.functions.tagged import Tagged, content, tagged

KIND = "semver"
_NUMBER = r"(0|[1-9]\d*)"
_PART = r"(?:0|[1-9]\d*|\d*[A-Za-z-][0-9A-Za-z-]*)"
_VERSION = (
    rf"{_NUMBER}\.{_NUMBER}\.{_NUMBER}(?:-({_PART}(?:\.{_PART})*))?"
    r"(?:\+([0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*))?"
)


def semver(text: str, normalize: bool = False) -> Tagged:
    """The function `semver`; normalized, a leading v, missing parts and zeros in front are fine."""
    whole = _normalized(text) if normalize else text
    if not re.fullmatch(_VERSION, whole):
        raise ValueError(f'invalid semantic version "{text}"')
    # What is built from a version does not count when versions are compared.
    return tagged(KIND, whole.partition("+")[0])


def is_semver(text: str, normalize: bool = False) -> bool:
    """The function `isSemver`."""
    try:
        semver(text, normalize)
    except ValueError:
        return False
    return True


def order(value: Any) -> tuple[Any, ...]:
    """What versions are sorted by: one with a pre-release is before the one without."""
    numbers, _, before = content(value, KIND).partition("-")
    parts = [
        (0, int(part), "") if part.isdigit() else (1, 0, part) for part in before.split(".") if part
    ]
    return (*(int(number) for number in numbers.split(".")), not before, parts)


def number(value: Any, index: int) -> int:
    """The functions `major`, `minor` and `patch`."""
    return int(order(value)[index])


def _normalized(text: str) -> str:
    parts = text.removeprefix("v").split(".", 2)
    parts = [re.sub(r"^0+(?=\d)", "", part) for part in parts]
    if len(parts) < 3 and re.search(r"[+-]", parts[-1]):
        raise ValueError("short version cannot contain PreRelease/Build meta data")
    return ".".join([*parts, "0", "0"][:3])
