"""Regular expressions of Go (RE2), as far as CRDs need them.

The API server compiles patterns with Go's package regexp. Python's `re` knows more and other
things, so its verdict counts for nothing; `mistake` reads a pattern as Go does and names what Go
would not take. Names of Unicode classes, as in `{Greek}`, are believed. `matches` uses `re` for
those patterns that mean the same to both.
"""

from __future__ import annotations

import re
from functools import cache

_LONGEST_REPEAT = 1000
_ESCAPES = frozenset("aftnrvdDsSwWbBAzQpPx0")
_REPEAT = r"\{(\d+)(,(\d*))?\}"
_GROUP = r"\(\?(P?<\w+>|[imsU]*(-[imsU]+)?[:)])"
_OTHER_MEANING = r"\\[zCQEpPx]|\[\[?:|\(\?P?<|\(\?[a-zA-Z-]+[:)]"
_CLASS = r"(?s)\[\^?\]?(\[:\^?\w+:\]|\\.|[^\]\\])*\]"
_IN_CLASS = (
    r"(?s)\[:(?P<name>\^?\w+):\]|\\(?P<set>[dDsSwW]|[pP](\{\^?\w+\}|\w))"
    r"|(?P<low>\\(x[0-9a-fA-F]{2}|x\{\w+\}|[0-7]{2,3}|.)|.)"
    r"(-(?P<high>\\(x[0-9a-fA-F]{2}|x\{\w+\}|[0-7]{2,3}|.)|[^\]\\]))?"
)
_CLASS_NAMES = frozenset(
    [
        "alnum",
        "alpha",
        "ascii",
        "blank",
        "cntrl",
        "digit",
        "graph",
        "lower",
        "print",
        "punct",
        "space",
        "upper",
        "word",
        "xdigit",
    ]
)
_CLASS_ESCAPES = frozenset("aftnrvx0")
_LETTERS = {"a": "\a", "f": "\f", "t": "\t", "n": "\n", "r": "\r", "v": "\v"}


@cache
def mistake(pattern: str) -> str:
    """Why Go would not compile a pattern, in Go's words; nothing if it would."""
    depth = 0
    position = 0
    repeatable = False
    sizes = _Sizes()
    while position < len(pattern):
        part, problem = _part(pattern, position, repeatable)
        if problem:
            return f"error parsing regexp: {problem}"
        if not sizes.take(part):
            return f"error parsing regexp: invalid repeat count: `{part}`"
        depth += (part[0] == "(" and not _is_flags(part)) - (part == ")")
        if depth < 0:
            return f"error parsing regexp: unexpected ): `{pattern}`"
        repeatable = part[0] not in "(|" or part == "\\("
        position += len(part)
    return f"error parsing regexp: missing closing ): `{pattern}`" if depth else ""


class _Sizes:
    """How often the parts of a pattern are repeated, all in all: Go allows a thousand times."""

    def __init__(self) -> None:
        self._open = [1]
        self._last = 1

    def take(self, part: str) -> bool:
        """Go on with the next part; False if it makes the repetitions too many."""
        found = re.match(_REPEAT, part)
        if part[0] == "(" and not _is_flags(part):
            self._open.append(1)
            self._last = 1
        elif part == ")" and len(self._open) > 1:
            self._last = self._open.pop()
        elif found and part[0] == "{":
            self._last *= max(int(found[3] or found[1]), 1)
        elif part[0] not in "*+?|":
            self._last = 1
        self._open[-1] = max(self._open[-1], self._last)
        return self._last <= _LONGEST_REPEAT


def _is_flags(part: str) -> bool:
    """Whether a part that starts with a bracket sets flags and opens no group."""
    return part.startswith("(?") and part.endswith(")")


def _part(pattern: str, position: int, repeatable: bool) -> tuple[str, str]:
    """The part at a position and what is wrong with it."""
    letter = pattern[position]
    if letter == "\\":
        return _escape(pattern, position)
    if letter == "[":
        found = re.match(_CLASS, pattern[position:])
        if not found:
            return "", f"missing closing ]: `{pattern[position:]}`"
        return found[0], _class_mistake(found[0])
    if pattern.startswith("(?", position):
        return _group(pattern, position)
    repeat = re.match(_REPEAT, pattern[position:])
    if letter in "*+?" or repeat:
        return _repetition(pattern, position, repeat[0] if repeat else letter, repeatable)
    return letter, ""


def _escape(pattern: str, position: int) -> tuple[str, str]:
    part = pattern[position : position + 2]
    if len(part) < 2:
        return "", "trailing backslash at end of expression: ``"
    letter = part[1]
    is_octal = re.match(r"[1-7][0-7]", pattern[position + 1 :])
    if letter.isalnum() and letter not in _ESCAPES and not is_octal:
        return "", f"invalid escape sequence: `{part}`"
    if letter == "Q":
        end = pattern.find("\\E", position)
        return pattern[position : end + 2 if end >= 0 else len(pattern)], ""
    return part, ""


def _class_mistake(text: str) -> str:
    """What is wrong inside of the brackets of a class of letters."""
    inside = text[2:-1] if text.startswith("[^") else text[1:-1]
    for found in re.finditer(_IN_CLASS, inside):
        if found["set"] or found["name"]:
            if found["name"] and found["name"].lstrip("^") not in _CLASS_NAMES:
                return f"invalid character class range: `{found[0]}`"
            continue
        ends = [end for end in (found["low"], found["high"]) if end]
        for end in ends:
            is_named = len(end) == 2 and end[1].isalnum()
            if is_named and end[1] not in _CLASS_ESCAPES:
                return f"invalid escape sequence: `{end}`"
        if len(ends) == 2 and _code(ends[0]) > _code(ends[1]):
            return f"invalid character class range: `{found[0]}`"
    return ""


def _code(letter: str) -> int:
    """The number of a letter in a class, be it written as an escape."""
    if len(letter) == 1:
        return ord(letter)
    body = letter[1:]
    if body[0] == "x" and len(body) > 1:
        return int(body[1:].strip("{}"), 16)
    if body.isdigit():
        return int(body, 8)
    return ord(_LETTERS.get(body, body))


def _group(pattern: str, position: int) -> tuple[str, str]:
    found = re.match(_GROUP, pattern[position:])
    if found:
        return found[0], ""
    if pattern.startswith(("(?P<", "(?<"), position):
        return "", f"invalid named capture: `{pattern[position:]}`"
    return "", f"invalid or unsupported Perl syntax: `{pattern[position : position + 3]}`"


def _repetition(pattern: str, position: int, part: str, repeatable: bool) -> tuple[str, str]:
    if not repeatable:
        return "", f"missing argument to repetition operator: `{part}`"
    numbers = [int(number) for number in re.findall(r"\d+", part)]
    if max(numbers, default=0) > _LONGEST_REPEAT or numbers != sorted(numbers):
        return "", f"invalid repeat count: `{part}`"
    end = position + len(part)
    lazy = part + ("?" if pattern.startswith("?", end) else "")
    following = pattern[position + len(lazy) :]
    if following[:1] in ("*", "+", "?") or re.match(_REPEAT, following):
        return "", f"invalid nested repetition operator: `{lazy}{following[:1]}`"
    return lazy, ""


@cache
def _compiled(pattern: str) -> re.Pattern[str] | None:
    """The pattern for Python, or None if it may mean something else there."""
    if re.search(_OTHER_MEANING, pattern) or mistake(pattern):
        return None
    try:
        return re.compile(pattern, re.ASCII)
    except re.error:
        return None


def matches(pattern: str, text: str) -> bool:
    """Whether a text matches somewhere; True as well if that cannot be said."""
    compiled = _compiled(pattern)
    if compiled is None and not mistake(pattern):
        from opgen.cel import library

        return not library.installed() or library.matches(pattern, text) is not False
    # Python's $ matches before a line break at the end as well.
    return compiled is None or text.endswith("\n") or bool(compiled.search(text))
