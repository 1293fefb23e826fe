"""Patterns put together at random: verdict, words and findings of Go's package regexp.

`patterns.json` was made by `tools/go_patterns.go` with Go 1.26.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from opgen.regex import find_all, installed, matches, mistake

PATTERNS: list[dict[str, Any]] = json.loads(
    (Path(__file__).parent / "patterns.json").read_text(encoding="utf-8")
)


def test_as_go() -> None:
    for row in PATTERNS:
        assert mistake(row["pattern"]) == row.get("error", ""), row


@pytest.mark.skipif(not installed(), reason="google-re2 is not installed")
def test_finds_what_go_finds() -> None:
    for row in PATTERNS:
        if "error" not in row:
            found = row.get("found", [])
            assert list(find_all(row["pattern"], row["text"])) == found, row
            assert matches(row["pattern"], row["text"]) is bool(found), row


def test_a_wrong_pattern_finds_nothing() -> None:
    with pytest.raises(ValueError, match=r"error parsing regexp: invalid .*: `\(\?=`"):
        list(find_all("(?=a)", "a"))


@pytest.mark.skipif(not installed(), reason="google-re2 is not installed")
def test_what_re2_does_not_take_is_said() -> None:
    assert not mistake(r"\p{ASCII}")
    with pytest.raises(ValueError, match="RE2 cannot run"):
        list(find_all(r"\p{ASCII}", "a"))
    assert matches(r"\p{ASCII}", "a")


def test_without_re2(monkeypatch: pytest.MonkeyPatch) -> None:
    installed.cache_clear()
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    try:
        with pytest.raises(ValueError, match=r"need google-re2: pip install 'opgen\[cel\]'"):
            list(find_all("a", "a"))
        assert matches("^a", "ab")
        assert not matches("^a", "ba")
        assert matches(r"^\pL$", "1"), "what only RE2 knows is not said"
    finally:
        installed.cache_clear()
