"""Plurals of kinds, as controller-gen forms them."""

from __future__ import annotations


def pluralize(word: str) -> str:
    """The plural of a lower-cased kind."""
    if word.endswith("y") and word[-2:-1] not in "aeiou":
        return word[:-1] + "ies"
    if word.endswith(("s", "x", "z", "ch", "sh")):
        return word + "es"
    return word + "s"
