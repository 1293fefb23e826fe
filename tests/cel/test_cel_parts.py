"""The parts below the checker: names, sizes, the wire format, the installed library."""

from __future__ import annotations

import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opgen.cel import library, timing, wire
from opgen.cel.declared import LARGEST_REQUEST, declare
from opgen.cel.names import escape
from opgen.cel.sizes import GREATEST, Range


@pytest.mark.parametrize(
    ("name", "identifier"),
    [
        ("plain", "plain"),
        ("a__b", "a__underscores__b"),
        ("a.b-c/d", "a__dot__b__dash__c__slash__d"),
        ("namespace", "__namespace__"),
        ("int", "int"),
        ("1st", None),
        ("ü", None),
        ("", None),
    ],
)
def test_names(name: str, identifier: str | None) -> None:
    assert escape(name) == identifier


def test_sizes_of_declared_types() -> None:
    text = declare({"type": "string"})
    assert text and text.largest == LARGEST_REQUEST - 2
    names = declare({"type": "array", "items": {"type": "string", "maxLength": 3}})
    assert names and names.largest == (LARGEST_REQUEST - 2) // 3
    assert names.element and names.element.largest == 12
    entry = declare(
        {
            "type": "object",
            "required": ["ab", "c"],
            "properties": {"ab": {"type": "boolean"}, "c": {"type": "integer", "default": 1}},
        }
    )
    assert entry and entry.smallest == 2 + 2 + 4 + 4


@given(st.integers(0, GREATEST), st.integers(0, GREATEST))
def test_ranges_never_overflow(left: int, right: int) -> None:
    a, b = Range(0, left), Range(0, right)
    for found in (a.plus(b), a.times(b), a.scaled(2.5), a.union(b)):
        assert 0 <= found.high <= GREATEST
    assert a.union(b).high == max(left, right)


@given(st.integers(1, 100), st.integers(0, GREATEST), st.binary())
def test_wire(field: int, value: int, data: bytes) -> None:
    message = wire.number(field, value) + wire.text(field + 1, data)
    assert list(wire.fields(message)) == [(field, value), (field + 1, data)]


@pytest.mark.parametrize(
    ("text", "seconds", "nanos"),
    [
        ("1h30m", 5400, 0),
        ("1.5s", 1, 500_000_000),
        ("-1.5s", -1, -500_000_000),
        ("100ms", 0, 100_000_000),
        ("0", 0, 0),
    ],
)
def test_durations(text: str, seconds: int, nanos: int) -> None:
    assert timing.duration(text) == timing.Duration(seconds, nanos)


@pytest.mark.parametrize("text", ["", "1", "h", "1d", "1h 30m", "300000000h"])
def test_no_durations(text: str) -> None:
    assert timing.duration(text) is None


def test_timestamps() -> None:
    assert timing.timestamp("1970-01-01T01:00:00.25+01:00") == timing.Timestamp(0, 250_000_000)
    for text in ("1970-01-01", "1970-13-01T00:00:00Z", "1970-01-01T00:00:00"):
        assert timing.timestamp(text) is None


def test_without_the_library(monkeypatch: pytest.MonkeyPatch) -> None:
    library.installed.cache_clear()
    library.cel.cache_clear()
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    try:
        assert not library.installed()
        with pytest.raises(ImportError, match=r"pip install 'opgen\[cel\]'"):
            library.cel()
    finally:
        library.installed.cache_clear()


def test_importing_the_room_imports_no_library() -> None:
    code = (
        "import opgen.cel, sys; print(any(n.startswith(('cel_', 'google')) for n in sys.modules))"
    )
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert told.stdout == "False\n"
