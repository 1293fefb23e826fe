"""Regular expressions as Go reads them; every verdict here is that of Go's package regexp."""

from __future__ import annotations

import pytest

from opgen.regex import installed, matches, mistake
from opgen.schema.formats import has

MISTAKES = {
    "^(a": "missing closing ): `^(a`",
    "a)": "unexpected ): `a)`",
    "[a-z": "missing closing ]: `[a-z`",
    "(?!a)": "invalid or unsupported Perl syntax: `(?!`",
    "(?>a)": "invalid or unsupported Perl syntax: `(?>`",
    "(?<=a)": "invalid named capture: `(?<=a)`",
    r"(a)\1": r"invalid escape sequence: `\1`",
    r"a\Z": r"invalid escape sequence: `\Z`",
    r"[\Z]": r"invalid escape sequence: `\Z`",
    "\\": "trailing backslash at end of expression: ``",
    "a**": "invalid nested repetition operator: `**`",
    "a++": "invalid nested repetition operator: `++`",
    "*a": "missing argument to repetition operator: `*`",
    "a|*": "missing argument to repetition operator: `*`",
    "a{1001}": "invalid repeat count: `{1001}`",
    "a{2,1}": "invalid repeat count: `{2,1}`",
    "[z-a]": "invalid character class range: `z-a`",
    "[[:foo:]]": "invalid character class range: `[:foo:]`",
}
GOOD = [
    *("", "^[a-z]+$", "[]a]", "[^]a]+", "[[:alpha:]]+", r"\pL\p{Greek}", "(?i)abc", "(?i-s:a)"),
    *("(?P<n>x)(?<m>y)", "a{,3}", "a{", r"x\z", "(|a)", "^*", "a*?", "a{2}?", r"[\]]"),
    *(r"\Qa(b\E", "()*", r"\/", r"\-", r"\x41\x{263a}", r"[\x41-\x5a]", r"\12", "[+-.]"),
]


@pytest.mark.parametrize("pattern", MISTAKES)
def test_mistakes(pattern: str) -> None:
    assert mistake(pattern) == f"error parsing regexp: {MISTAKES[pattern]}"


@pytest.mark.parametrize("pattern", GOOD)
def test_good_patterns(pattern: str) -> None:
    assert mistake(pattern) == ""


@pytest.mark.parametrize(
    ("pattern", "text", "expected"),
    [
        ("^a", "ab", True),
        ("^a", "ba", False),
        (r"^\d$", "٣", False),
        (r"^\pL$", "1", not installed()),  # Python has no such classes
        ("(?!a)", "a", True),
    ],
)
def test_matches(pattern: str, text: str, expected: bool) -> None:
    assert matches(pattern, text) is expected


@pytest.mark.parametrize(
    ("name", "good", "bad"),
    [
        ("date", "2026-01-31", "2026-02-30"),
        ("date", "2026-01-31", "20260131"),
        ("date-time", "2026-01-31T10:00:00.5Z", "2026-01-31"),
        ("date-time", "2026-01-31t10:00:00+01:00", "2026-01-31T25:00:00Z"),
        ("ipv4", "10.0.0.1", "10.0.0.256"),
        ("ipv6", "::1", "1:2"),
        ("uuid", "12345678-1234-1234-1234-123456789abc", "12345678"),
        ("byte", "aGk=", "?"),
    ],
)
def test_formats(name: str, good: str, bad: str) -> None:
    assert has(name, good)
    assert not has(name, bad)


def test_unknown_formats_are_not_checked() -> None:
    assert has("phone", "no number")
