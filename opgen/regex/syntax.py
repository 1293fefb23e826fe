"""The syntax of Go's regular expressions, read part by part (Go's package `regexp/syntax`).

Go and RE2 have one syntax but for details: Go takes the names of Unicode classes in any spelling
and two groups of one name, and leaves out single bytes. `spelled` gives a pattern as RE2 takes it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from opgen.regex.unicode_classes import class_name

_LONGEST_REPEAT = 1000
_DEEPEST = 1000
_REPEAT = r"\{(0|[1-9]\d*)(?:(,)(0|[1-9]\d*)?)?\}"
_NAMED = r"\(\?P?<(?=.)"
_FLAGS = r"\(\?[imsU]*(?:-[imsU]+)?[:)]"
_WRONG_FLAGS = r"(?s)\(\?[imsU]*(?:-[imsU]*)?.?"
_ESCAPED = (
    r"(?s)\\(?:x\{[0-9a-fA-F]+\}|x[0-9a-fA-F]{2}|[1-7][0-7]{1,2}|0[0-7]{0,2}|[^\w]|_|[afnrtv])"
)
_WRONG_ESCAPE = r"(?s)\\(?:x(?:\{[0-9a-fA-F]*.?|..?)?|.)"
_UNICODE = r"(?s)\\[pP](?:\{(?P<long>[^}]*)\}|(?P<short>[^{]))"
_ASSERTIONS = ("\\A", "\\b", "\\B", "\\z")
_SETS = ("\\d", "\\D", "\\s", "\\S", "\\w", "\\W")
_POSIX = frozenset(
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
_LETTERS = {"a": "\a", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}
_LAST_LETTER = 0x10FFFF


class PatternError(ValueError):
    """What Go would not compile, and where, in Go's words."""

    def __init__(self, what: str, where: str) -> None:
        super().__init__(f"{what}: `{where}`")


@dataclass(slots=True)
class _Group:
    """A group that is open: how often parts of it are repeated, all in all."""

    captures: bool = False
    most: int = 1
    last: int = 1
    repeatable: bool = False
    """Whether the last part may be repeated."""


def spelled(pattern: str) -> str:
    """A pattern of Go as RE2 spells it.

    Raises:
        PatternError: Go would not compile it.
    """
    reader = _Reader(pattern)
    reader.read()
    return "".join(reader.parts)


class _Reader:
    """Goes through a pattern once; `parts` is what RE2 is to get."""

    def __init__(self, pattern: str) -> None:
        self.parts: list[str] = []
        self._pattern = pattern
        self._at = 0
        self._groups = [_Group()]

    def read(self) -> None:
        repetition = ""
        while self._at < len(self._pattern):
            letter = self._pattern[self._at]
            repeat = re.compile(_REPEAT, re.ASCII).match(self._pattern, self._at)
            if letter in "*+?" or repeat:
                repetition = self._repetition(repeat, repetition)
                continue
            repetition = ""
            _READERS.get(letter, _Reader._letter)(self)
        if len(self._groups) > 1:
            raise PatternError("missing closing )", self._pattern)

    def _rest(self) -> str:
        return self._pattern[self._at :]

    def _take(self, text: str, spelled_as: str | None = None) -> None:
        """Go past a text."""
        self._at += len(text)
        self.parts.append(text if spelled_as is None else spelled_as)

    def _one(self, text: str, spelled_as: str | None = None) -> None:
        """Go past something that may be repeated."""
        self._take(text, spelled_as)
        self._groups[-1].last = 1
        self._groups[-1].repeatable = True

    def _letter(self) -> None:
        self._one(self._pattern[self._at])

    def _bar(self) -> None:
        self._take("|")
        self._groups[-1].repeatable = False

    def _open(self) -> None:
        rest = self._rest()
        named = re.match(_NAMED, rest)
        if not rest.startswith("(?"):
            self._enter("(", captures=True)
        elif named:
            end = rest.find(">")
            if end < 0:
                raise PatternError("invalid named capture", rest)
            if not re.fullmatch(r"(?a)\w+", rest[named.end() : end]):
                raise PatternError("invalid named capture", rest[: end + 1])
            self._enter(rest[: end + 1], captures=True)
        else:
            self._flags(rest)

    def _flags(self, rest: str) -> None:
        found = re.match(_FLAGS, rest)
        if found is None:
            wrong = re.match(_WRONG_FLAGS, rest)
            raise PatternError("invalid or unsupported Perl syntax", wrong[0] if wrong else rest)
        if found[0].endswith(":"):
            self._enter(found[0], captures=False)
        else:
            self._take(found[0])

    def _enter(self, text: str, captures: bool) -> None:
        self._take(text, "(" if captures else None)
        self._groups.append(_Group(captures))
        if sum(group.captures for group in self._groups) >= _DEEPEST:
            raise PatternError("expression nests too deeply", self._pattern)

    def _close(self) -> None:
        if len(self._groups) == 1:
            raise PatternError("unexpected )", self._pattern)
        inner = self._groups.pop()
        self._one(")")
        self._groups[-1].last = inner.most
        self._groups[-1].most = max(self._groups[-1].most, inner.most)

    def _repetition(self, repeat: re.Match[str] | None, before: str) -> str:
        """Read an operator that repeats; `before` is one right before it, or nothing."""
        text = repeat[0] if repeat else self._pattern[self._at]
        low, high = _bounds(repeat) if repeat else (0, 0)
        group = self._groups[-1]
        if low > _LONGEST_REPEAT or high > _LONGEST_REPEAT or 0 <= high < low:
            raise PatternError("invalid repeat count", text)
        lazy = "?" if self._pattern.startswith("?", self._at + len(text)) else ""
        if before:
            raise PatternError("invalid nested repetition operator", before + text + lazy)
        if not group.repeatable:
            raise PatternError("missing argument to repetition operator", text + lazy)
        times = low if high < 0 else high
        group.last *= max(times, 1) if repeat and high else 1
        if (low >= 2 or high >= 2) and group.last > _LONGEST_REPEAT:
            raise PatternError("invalid repeat count", text + lazy)
        group.most = max(group.most, group.last)
        self._take(text + lazy)
        return text + lazy

    def _escape(self) -> None:
        rest = self._rest()
        start = rest[:2]
        if start == "\\Q":
            self._quoted(rest)
        elif start == "\\C":
            raise PatternError("invalid escape sequence", start)
        elif start in _ASSERTIONS or start in _SETS:
            self._one(start)
        elif start in ("\\p", "\\P"):
            self._one(*_unicode(rest))
        else:
            self._one(_escaped(rest))

    def _quoted(self, rest: str) -> None:
        end = rest.find("\\E")
        text = rest[: end + 2] if end >= 0 else rest
        if text in ("\\Q", "\\Q\\E"):
            self._take(text)
        else:
            self._one(text)

    def _class(self) -> None:
        whole = self._rest()
        at = 2 if whole.startswith("[^") else 1
        start = at
        parts = [whole[:at]]
        while at == start or not whole.startswith("]", at):
            if at >= len(whole):
                raise PatternError("missing closing ]", whole)
            text, part = _class_part(whole, at)
            at += len(text)
            parts.append(part)
        self._one(whole[: at + 1], "".join([*parts, "]"]))


_READERS = {
    "(": _Reader._open,
    ")": _Reader._close,
    "[": _Reader._class,
    "\\": _Reader._escape,
    "|": _Reader._bar,
}


def _bounds(repeat: re.Match[str]) -> tuple[int, int]:
    """The smallest and the greatest number of times; -1 if there is no greatest."""
    low = int(repeat[1])
    if repeat[2] is None:
        return low, low
    return low, int(repeat[3]) if repeat[3] else -1


def _unicode(rest: str) -> tuple[str, str]:
    """A class of Unicode at the start of a text, and its spelling for RE2."""
    if len(rest) == 2:
        raise PatternError("invalid character class range", rest)
    found = re.match(_UNICODE, rest)
    if found is None:
        raise PatternError("invalid character class range", rest)
    given = found["short"] or found["long"] or ""
    name = class_name(given.removeprefix("^"))
    if name is None:
        raise PatternError("invalid character class range", found[0])
    inverted = "^" if given.startswith("^") else ""
    return found[0], f"{rest[:2]}{{{inverted}{name}}}"


def _escaped(rest: str) -> str:
    """A letter written with a backslash, at the start of a text."""
    if len(rest) == 1:
        raise PatternError("trailing backslash at end of expression", "")
    found = re.compile(_ESCAPED, re.ASCII).match(rest)
    is_known = found and (rest[1] < "\x80") and _code(found[0]) <= _LAST_LETTER
    if not found or not is_known:
        raise PatternError("invalid escape sequence", _wrong_escape(rest))
    return found[0]


def _wrong_escape(rest: str) -> str:
    """What Go has read of an escape until it has seen that it is none."""
    wrong = re.match(_WRONG_ESCAPE, rest)
    shown = wrong[0] if wrong else rest
    digits = shown[3:].rstrip("}")
    too_large = (
        (end for end in range(1, len(digits) + 1) if int(digits[:end], 16) > _LAST_LETTER)
        if re.fullmatch("[0-9a-fA-F]+", digits)
        else iter(())
    )
    end = next(too_large, 0)
    return shown[: 3 + end] if shown.startswith("\\x{") and end else shown


def _class_part(whole: str, at: int) -> tuple[str, str]:
    """What stands at a place in the brackets of a class, and its spelling for RE2."""
    rest = whole[at:]
    end = rest.find(":]", 2) if rest.startswith("[:") else -1
    if end >= 0:
        name = rest[: end + 2]
        if name[2:-2].removeprefix("^") not in _POSIX:
            raise PatternError("invalid character class range", name)
        return name, name
    if rest.startswith(("\\p", "\\P")):
        return _unicode(rest)
    if rest[:2] in _SETS:
        return rest[:2], rest[:2]
    low = _class_letter(rest, whole)
    following = rest[len(low) :]
    if len(following) < 2 or following[0] != "-" or following[1] == "]":
        return low, low
    high = _class_letter(following[1:], whole)
    text = f"{low}-{high}"
    if _code(high) < _code(low):
        raise PatternError("invalid character class range", text)
    return text, text


def _class_letter(rest: str, whole: str) -> str:
    if not rest:
        raise PatternError("missing closing ]", whole)
    return _escaped(rest) if rest[0] == "\\" else rest[0]


def _code(letter: str) -> int:
    """The number of a letter, be it written as an escape."""
    if len(letter) == 1:
        return ord(letter)
    body = letter[1:]
    if body[0] == "x":
        return int(body[1:].strip("{}"), 16)
    if body.isdigit():
        return int(body, 8)
    return ord(_LETTERS.get(body, body))
