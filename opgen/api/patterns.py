"""Regular expressions of Python as text, their flags included."""

from __future__ import annotations

import re

_FLAGS = {
    re.ASCII: "a",
    re.IGNORECASE: "i",
    re.MULTILINE: "m",
    re.DOTALL: "s",
    re.VERBOSE: "x",
}


def parse_pattern(text: str) -> re.Pattern[str]:
    """The regular expression that a text is.

    Raises:
        ValueError: Python's `re` does not understand it.
    """
    try:
        return re.compile(text)
    except (re.error, OverflowError, RecursionError) as error:
        raise ValueError(f"{text!r} is no regular expression of Python: {error}") from None


def format_pattern(pattern: re.Pattern[str]) -> str:
    """A regular expression as text. Flags that its text does not set are put in front: `(?i)a`.

    Raises:
        TypeError: it is one for bytes.
    """
    if isinstance(pattern.pattern, bytes):
        raise TypeError(f"{pattern.pattern!r} is a regular expression for bytes")
    missing = pattern.flags & ~re.compile(pattern.pattern).flags
    letters = "".join(letter for flag, letter in _FLAGS.items() if missing & flag)
    return f"(?{letters}){pattern.pattern}" if letters else pattern.pattern
