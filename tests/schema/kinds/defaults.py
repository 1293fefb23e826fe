"""Golden case 06 in Python: every field has a default."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated, Literal

from opgen.api import (
    CustomResource,
    Default,
    Doc,
    Duration,
    Int32,
    Int64,
    IntOrString,
    Nullable,
    Quantity,
    Required,
    Time,
    resource,
)

Level = Annotated[Literal["low", "high"], Doc("Level is an enum.")]


@dataclass(kw_only=True)
class Inner:
    """Inner is a struct whose fields have defaults of their own."""

    size: Int32 = 1
    name: str = "none"
    tags: list[str] | None = None


@dataclass(kw_only=True)
class Strings:
    """Strings has text defaults."""

    bare: str = "plain"
    quoted: str = "in quotes"
    spaced: str = "two words"
    raw: str = 'raw "text" \\n'
    escaped: str = "tab\tand\nnewline"
    empty: str = ""
    empty_single: str = "''"
    """single quotes are no quotes: they stay"""
    single: str = "'it is'"
    punctuation: str = "a: b # c"
    blanks: str = " leading and trailing "
    unicode: str = "ünïcödé → ☃ 😀"
    url: str = "http://example.org:8080/path"
    lines: str = "first line\nsecond line"
    level: Level = "low"
    star: str = "*"
    braces: str = "{}"
    dash: str = "- item"
    percent: str = "%percent"
    html: str = "<a href='x'>&amp;</a>"


@dataclass(kw_only=True)
class Lookalikes:
    """Lookalikes are strings that look like something else."""

    true: str = "true"
    yes: str = "yes"
    off: str = "off"
    n: str = "n"
    null: str = "null"
    bare_null: str = "null"
    tilde: str = "~"
    five: str = "5"
    hex: str = "0x1F"
    octal: str = "0o17"
    old_octal: str = "0777"
    exponent: str = "1e3"
    decimal: str = "1.0"
    half: str = ".5"
    underscore: str = "1_000"
    plus: str = "+1"
    clock: str = "12:30"
    sexagesimal: str = "190:20:30"
    date: str = "2024-01-15"
    bare_date: str = "2024-01-15"
    timestamp: str = "2024-01-15T10:00:00Z"
    infinity: str = ".inf"
    nan: str = ".NaN"
    bare_quantity: str = "100Mi"
    bare_duration: str = "10s"
    bare_version: str = "v1.2.3"
    bare_digits: str = "1.2.3"
    equals: str = "="
    merge: str = "<<"


@dataclass(kw_only=True)
class Numbers:
    """Numbers has defaults that are not text."""

    zero: Int32 = 0
    negative: Int32 = -7
    largest: Int64 = 9223372036854775807
    notAFloat: Int64 = 9007199254740993
    ten: Int64 = 10
    """leading zeros do not mean octal"""
    yes: bool = True
    no: bool = False
    port: IntOrString = 80
    surge: IntOrString = "25%"
    cpu: Quantity = "500m"
    cores: Quantity = 2
    timeout: Duration = "1h30m"
    since: Time = "1970-01-01T00:00:00Z"
    bytes_: bytes = b"hello"


SORTED = "z a m10 m9 B m09 a-b a_b a.b 10 9 _ m9x ab"


@dataclass(kw_only=True)
class Compounds:
    """Compounds has defaults for lists, maps and structs."""

    strings: list[str] = field(default_factory=lambda: ["a", "b", "c d"])
    legacy: list[str] = field(default_factory=lambda: list("abc"))
    lookalikes: list[str] = field(default_factory=lambda: ["true", "1"])
    ints: list[Int32] = field(default_factory=lambda: [80, 443])
    bools: list[bool] = field(default_factory=lambda: [True, False])
    no_strings: Annotated[list[str], Default([])] = field(default_factory=list)
    matrix: list[list[int]] = field(default_factory=lambda: [[1, 2], [3]])
    structs: Annotated[list[Inner] | None, Default([{"size": 2, "name": "x"}, {"name": "y"}])] = (
        None
    )
    single: list[str] = field(default_factory=lambda: ["one"])

    map: dict[str, str] = field(default_factory=lambda: {"key": "value", "other": "1"})
    quoted_keys: dict[str, str] = field(default_factory=lambda: {"a.b/c": "d", "e f": "g"})
    empty_map: Annotated[dict[str, str], Default({})] = field(default_factory=dict)
    sorted: dict[str, Int32] = field(
        default_factory=lambda: {key: place for place, key in enumerate(SORTED.split(), 1)}
    )
    """keys are sorted as people would sort them, more or less"""

    inner: Annotated[Inner | None, Default({"size": 3, "name": "inner", "tags": ["x", "y"]})] = None
    empty_inner: Annotated[Inner, Default({})] = field(default_factory=Inner)
    pointer_inner: Annotated[Inner | None, Default({"size": 4})] = None
    nested: Annotated[
        dict[str, Inner] | None, Default({"inner": {"size": 5, "tags": ["t"]}, "list": {}})
    ] = None


@dataclass(kw_only=True)
class Spellings:
    """Spellings compares the two marker names."""

    k_string: str = "text"
    k_int: Int32 = 3
    k_bool: bool = True
    k_list: list[str] = field(default_factory=lambda: ["a", "b"])
    k_empty_list: Annotated[list[str] | None, Default([])] = None
    k_struct: Annotated[Inner | None, Default({"size": 2, "tags": ["x"]})] = None
    k_empty_map: Annotated[dict[str, str] | None, Default({})] = None
    k_null: str | None = None
    """JSON's null means no default"""
    k_ref: str | None = None
    """references are skipped"""
    k_large: Int64 = 9007199254740993
    """a large whole number passes through a float"""
    both: str = "second"
    """kubebuilder's default wins, whatever the order"""
    twice: str = "two"
    """of two, the later wins"""
    required: Annotated[str, Required] = "set"
    """a field can be required and have a default"""
    required_too: Annotated[str, Required] = "set"
    optional: Int32 = 1
    nullable: Annotated[str | None, Nullable] = "here"


@resource(group="defaults.example.org", version="v1")
@dataclass(kw_only=True)
class Defaulted(CustomResource[None, None]):
    """Defaulted has defaults everywhere."""

    strings: Strings | None = None
    lookalikes: Lookalikes | None = None
    numbers: Numbers | None = None
    compounds: Compounds | None = None
    spellings: Spellings | None = None
