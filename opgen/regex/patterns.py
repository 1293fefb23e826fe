"""Patterns checked and asked.

Python's `re` knows more and other things, so its verdict counts for nothing; `mistake` reads a
pattern as Go's package `regexp/syntax` does and names what Go would not take. `matches` and
`find_all` ask RE2 itself (google-re2, of the extra `opgen[cel]`); without it, `matches` uses `re`
for those patterns that mean the same to both.
"""

from __future__ import annotations

import importlib
import importlib.util
import re
from collections.abc import Iterator
from functools import cache
from typing import Any

from opgen.regex.syntax import PatternError, spelled

_OTHER_MEANING = r"\\[zCQEpPx]|\[\[?:|\(\?P?<|\(\?[a-zA-Z-]+[:)]"
INSTALL = "pip install 'opgen[cel]'"
"""The command that brings RE2."""
_MEMORY = 1 << 28
"""Bytes that a compiled pattern may take: more than any that Go would take."""


@cache
def mistake(pattern: str) -> str:
    """Why Go would not compile a pattern, in Go's words; nothing if it would."""
    try:
        spelled(pattern)
    except PatternError as error:
        return f"error parsing regexp: {error}"
    return ""


@cache
def installed() -> bool:
    """Whether RE2 is here."""
    return importlib.util.find_spec("re2") is not None


def matches(pattern: str, text: str) -> bool:
    """Whether a text matches somewhere; True as well if that cannot be said."""
    if mistake(pattern):
        return True
    own = _re2(pattern) if installed() else None
    if own is not None:
        return own.search(text) is not None
    compiled = _python(pattern)
    # Python's $ matches before a line break at the end as well.
    return compiled is None or text.endswith("\n") or bool(compiled.search(text))


def find_all(pattern: str, text: str) -> Iterator[str]:
    """Everything that matches, from left to right; as in Go, nothing right after a match is none.

    Raises:
        ValueError: Go would not compile the pattern, and the text is Go's; or RE2 is not installed.
    """
    wrong = mistake(pattern)
    if wrong:
        raise ValueError(wrong)
    if not installed():
        raise ValueError(f"regular expressions need google-re2: {INSTALL}")
    compiled = _re2(pattern)
    if compiled is None:
        raise ValueError(f"RE2 cannot run `{pattern}`, though Go can")
    end = -1
    for found in compiled.finditer(text):
        if found.end() > found.start() or found.start() != end:
            yield found[0]
        end = found.end()


@cache
def _re2(pattern: str) -> Any:
    """The pattern for RE2; None for the very few of Go that it does not take."""
    module = importlib.import_module("re2")
    options = module.Options()
    options.log_errors = False
    options.max_mem = _MEMORY
    try:
        return module.compile(spelled(pattern), options)
    except module.error:
        return None


@cache
def _python(pattern: str) -> re.Pattern[str] | None:
    """The pattern for Python, or None if it may mean something else there."""
    if re.search(_OTHER_MEANING, pattern):
        return None
    try:
        return re.compile(pattern, re.ASCII)
    except re.error:
        return None
