"""Every type that a schema can be made of has values: what the CRD says, the codec reads."""

from __future__ import annotations

import collections.abc
import datetime
import decimal
import enum
import importlib
import ipaddress
import json
import pathlib
import re
import uuid
from dataclasses import dataclass
from typing import (
    Annotated,
    Any,
    Final,
    Generic,
    Literal,
    LiteralString,
    NewType,
    NotRequired,
    TypedDict,
    TypeVar,
)

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from opgen.api import CustomResource, EmbeddedResource, ObjectMeta, resource
from opgen.api.durations import format_duration, parse_duration
from opgen.runtime.codec import encode
from opgen.runtime.decoding import check, decoder
from opgen.runtime.errors import DecodeError
from opgen.schema import crds
from opgen.schema.scalars import SCALARS


class Mode(enum.StrEnum):
    FAST = "fast"


Item = TypeVar("Item")


@dataclass
class Box(Generic[Item]):
    content: Item


@dataclass
class Pages(Box[str]):
    number: int = 0


class Row(TypedDict):
    day: datetime.date
    note: NotRequired[str]


class Cell(TypedDict, Generic[Item]):
    content: Item


@resource(group="example.org", version="v1")
@dataclass(kw_only=True)
class Other(CustomResource[Box[int], None]):
    pass


HEAD = {"apiVersion": "example.org/v1", "kind": "Other"}
METADATA = {
    "name": "a",
    "labels": {},
    "annotations": {},
    "finalizers": [],
    "ownerReferences": [],
}
Key = NewType("Key", str)
ID = "12345678-1234-5678-1234-567812345678"

VALUES: list[tuple[Any, Any, Any]] = [
    (bytes, "YWJj", b"abc"),
    (datetime.date, "2026-01-02", datetime.date(2026, 1, 2)),
    (datetime.time, "12:30:00", datetime.time(12, 30)),
    (datetime.timedelta, "1h30m0s", datetime.timedelta(hours=1.5)),
    (decimal.Decimal, "1.50", decimal.Decimal("1.50")),
    (uuid.UUID, ID, uuid.UUID(ID)),
    (ipaddress.IPv4Address, "10.0.0.1", ipaddress.IPv4Address("10.0.0.1")),
    (ipaddress.IPv6Address, "::1", ipaddress.IPv6Address("::1")),
    (ipaddress.IPv4Network, "10.0.0.0/8", ipaddress.IPv4Network("10.0.0.0/8")),
    (ipaddress.IPv6Network, "fd00::/8", ipaddress.IPv6Network("fd00::/8")),
    (ipaddress.IPv4Interface, "10.0.0.1/8", ipaddress.IPv4Interface("10.0.0.1/8")),
    (ipaddress.IPv6Interface, "fd00::1/8", ipaddress.IPv6Interface("fd00::1/8")),
    (pathlib.Path, "/etc/hosts", pathlib.Path("/etc/hosts")),
    (pathlib.PurePosixPath, "a/b", pathlib.PurePosixPath("a/b")),
    (re.Pattern, "^a+$", re.compile("^a+$")),
    (re.Pattern[str], "(?i)a", re.compile("(?i)a")),
    (Final[int], 1, 1),
    (LiteralString, "a", "a"),
    (str | None, None, None),
    (Box[datetime.date], {"content": "2026-01-02"}, Box(datetime.date(2026, 1, 2))),
    (Box[Box[int]], {"content": {"content": 1}}, Box(Box(1))),
    (Box[Annotated[int, [1]]], {"content": 1}, Box(1)),
    (Pages, {"content": "a", "number": 1}, Pages("a", 1)),
    (Row, {"day": "2026-01-02"}, {"day": datetime.date(2026, 1, 2)}),
    (Cell[int], {"content": 1}, {"content": 1}),
    (
        Annotated[Other, EmbeddedResource],
        {**HEAD, "metadata": METADATA, "spec": {"content": 1}},
        Other(metadata=ObjectMeta(name="a"), spec=Box(1)),
    ),
    (set[int], [1, 2], {1, 2}),
    (frozenset[str], ["a", "b"], frozenset({"a", "b"})),
    (tuple[int, ...], [2, 1], (2, 1)),
    (collections.abc.Sequence[int], [2, 1], [2, 1]),
    (collections.abc.Mapping[str, int], {"a": 1}, {"a": 1}),
    (dict[Key, int], {"a": 1}, {"a": 1}),
    (dict[Mode, int], {"fast": 1}, {Mode.FAST: 1}),
    (dict[Literal["a"], int], {"a": 1}, {"a": 1}),
    (collections.abc.MutableSequence[int], [2, 1], [2, 1]),
    (collections.abc.MutableSet[int], [1, 2], {1, 2}),
    (list[datetime.date], ["2026-01-02"], [datetime.date(2026, 1, 2)]),
]


@pytest.mark.parametrize(
    ("annotation", "text", "value"), VALUES, ids=[str(annotation) for annotation, *_ in VALUES]
)
def test_there_and_back(annotation: Any, text: Any, value: Any) -> None:
    decoded = decoder(annotation)(text)
    assert decoded == value
    assert type(decoded) is type(value)
    assert json.loads(msgspec.json.encode(encode(decoded))) == text


@pytest.mark.parametrize("annotation", [row[0] for row in VALUES], ids=str)
def test_the_schema_knows_the_type_as_well(annotation: Any) -> None:
    made = dataclass(type("Spec", (), {"__annotations__": {"x": annotation}}))

    @resource(group="example.org", version="v1")
    @dataclass(kw_only=True)
    class Thing(CustomResource[made, None]):  # type: ignore[valid-type]
        pass

    assert crds([Thing]).problems == ()
    check(Thing)


@pytest.mark.parametrize("name", SCALARS, ids=".".join)
def test_every_scalar_of_the_schema_is_read(name: tuple[str, str]) -> None:
    module = importlib.import_module(name[0].removesuffix("._local"))
    assert callable(decoder(getattr(module, name[1])))


WRONG: list[tuple[Any, Any, str]] = [
    (bytes, "?", "'?' is not bytes in base64"),
    (datetime.date, "tomorrow", "'tomorrow' is not a date in ISO 8601"),
    (datetime.timedelta, "2 days", "'2 days' is not a duration"),
    (decimal.Decimal, "many", "'many' is not a decimal number"),
    (uuid.UUID, 1, "expected a UUID, got an integer"),
    (ipaddress.IPv4Address, "10.0.0", "'10.0.0' is not an IPv4 address"),
    (ipaddress.IPv4Network, "10.0.0.1/8", "'10.0.0.1/8' is not an IPv4 network"),
    (re.Pattern[str], "(", "'(' is not a regular expression of Python"),
    (re.Pattern, "a{99999999999}", "'a{99999999999}' is not a regular expression of Python"),
    (re.Pattern, 1, "expected a regular expression of Python, got an integer"),
    (pathlib.Path, 1, "expected a path, got an integer"),
    (Final[int], "a", "expected an integer, got a string"),
    (Box[int], {"content": "a"}, "expected an integer, got a string"),
    (Box[int], {}, "is required"),
    (Row, {"note": "a"}, "is required"),
    (Row, {"day": 1}, "expected a date in ISO 8601, got an integer"),
    (set[int], "a", "expected an array, got a string"),
    (dict[Mode, int], {"slow": 1}, "'slow' is not one of 'fast'"),
]


@pytest.mark.parametrize(("annotation", "value", "message"), WRONG, ids=lambda each: str(each))
def test_wrong_values(annotation: Any, value: Any, message: str) -> None:
    with pytest.raises(DecodeError) as error:
        decoder(annotation)(value)
    assert error.value.message == message


@pytest.mark.parametrize("annotation", [re.Pattern[bytes], Item, complex])
def test_types_without_values(annotation: Any) -> None:
    with pytest.raises(TypeError, match="JSON has no values for"):
        decoder(annotation)


def test_only_what_a_typed_dict_declares_is_kept() -> None:
    assert decoder(Row)({"day": "2026-01-02", "more": 1}) == {"day": datetime.date(2026, 1, 2)}


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        (re.compile("a", re.IGNORECASE | re.MULTILINE), "(?im)a"),
        (re.compile("(?i)a", re.DOTALL), "(?s)(?i)a"),
        (re.compile("(?x) a"), "(?x) a"),
        (re.compile("a", re.ASCII | re.VERBOSE), "(?ax)a"),
    ],
)
def test_flags_of_patterns_are_kept(pattern: re.Pattern[str], text: str) -> None:
    assert encode(pattern) == text
    again = decoder(re.Pattern)(text)
    assert (again.flags, encode(again)) == (pattern.flags, text)


def test_a_pattern_for_bytes_is_no_text() -> None:
    with pytest.raises(TypeError, match=r"b'a' is a regular expression for bytes"):
        encode(re.compile(b"a"))


DURATIONS = {
    "0s": 0,
    "1.5s": 1_500_000,
    "-2s": -2_000_000,
    "1m0s": 60_000_000,
    "1h0m0s": 3_600_000_000,
    "26h3m4.5s": 93_784_500_000,
    "300ms": 300_000,
    "1.5ms": 1500,
    "7µs": 7,
}


@pytest.mark.parametrize("text", DURATIONS)
def test_durations_are_written_as_go_writes_them(text: str) -> None:
    duration = datetime.timedelta(microseconds=DURATIONS[text])
    assert format_duration(duration) == text
    assert parse_duration(text) == duration


@pytest.mark.parametrize("text", ["0", "1h", "1.5h", "90m", "+1m", ".5s", "1h1ms"])
def test_durations_that_go_reads(text: str) -> None:
    assert parse_duration(parse_and_write(text)) == parse_duration(text)


def parse_and_write(text: str) -> str:
    return format_duration(parse_duration(text))


@pytest.mark.parametrize("text", ["", "-", "1", "1d", "h", "1 h", "1h-1m", "1,5s"])
def test_texts_that_say_no_duration(text: str) -> None:
    with pytest.raises(ValueError, match="is no duration; write it like 1h30m or 500ms"):
        parse_duration(text)


@given(st.integers(-(10**14), 10**14))
def test_any_duration_is_read_back(microseconds: int) -> None:
    duration = datetime.timedelta(microseconds=microseconds)
    again = parse_duration(format_duration(duration))
    assert abs(again - duration) <= datetime.timedelta(microseconds=1)
