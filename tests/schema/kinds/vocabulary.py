"""What the rows of the tests about types and markers are written with."""

# ruff: noqa: F401, F403, F405
from __future__ import annotations

import collections.abc
import datetime
import decimal
import enum
import ipaddress
import pathlib
import re
import typing
import uuid
from collections.abc import Callable, Iterable, Mapping, MutableMapping, Sequence
from dataclasses import KW_ONLY, InitVar, dataclass, field
from types import SimpleNamespace
from typing import (
    Annotated,
    Any,
    ClassVar,
    Final,
    Generic,
    Literal,
    LiteralString,
    NamedTuple,
    NewType,
    NotRequired,
    Protocol,
    Self,
    TypedDict,
    TypeVar,
)

from opgen.api import *
from opgen.k8s import core_v1

Item = TypeVar("Item")


class Mode(enum.StrEnum):
    """How."""

    FAST = "fast"
    NONE = ""


class Size(enum.IntEnum):
    BIG = 2
    SMALL = 1


class Color(enum.Enum):
    RED = "red"
    BLUE = "blue"


class Switch(enum.Enum):
    ON = True
    OFF = False


@dataclass
class Plain:
    x: int
    y: str = ""


@dataclass
class Derived(Plain):
    z: bool = False


@dataclass
class Narrowed(Plain):
    y: Annotated[str, MaxLen(3)] = "b"


class Mixin:
    """Not a dataclass, and of no interest to a CRD."""

    def helper(self) -> int:
        return 1


@dataclass
class Mixed(Mixin, Plain):
    w: int = 0


@dataclass
class Box(Generic[Item]):
    content: Item
    others: list[Item] = field(default_factory=list)


@dataclass
class Labelled(Box[str]):
    label: str = ""


@dataclass(slots=True, frozen=True)
class Slotted:
    x: int


@dataclass
class Documented:
    """What it is.

    In several lines: "quoted", with a # and ünïcode.
    """

    x: int
    """What x is."""
    y: Annotated[int, Doc("What Doc says.")] = 0
    z: int = 0


@dataclass
class DerivedDocumented(Documented):
    w: int = 0


@dataclass
class PythonOnly:
    """Python's own attributes."""

    kept: int
    constant: ClassVar[int] = 1
    seed: InitVar[int] = 0
    _: KW_ONLY
    later: int
    hidden: int = field(default=0, init=False)
    _private: int = 0

    @property
    def computed(self) -> int:
        return 1

    def method(self) -> int:
        return 1


class Outer:
    @dataclass
    class Inner:
        name: str
        peers: Annotated[Inner | None, PreserveUnknown] = None


@marked(CEL("self.x > 0"), MinLen(1))
@dataclass
class Ruled:
    x: int = 1


@marked(ExactlyOneOf("file", "url"), AtMostOneOf("url", "token"), CEL("true"))
@dataclass
class Source:
    file: str | None = None
    url: str | None = None
    token: Annotated[str | None, Immutable] = None


@marked(AtLeastOneOf("namespace", "ip-address"))
@dataclass
class OddlyNamed:
    namespace: Annotated[str | None, Immutable] = None
    address: Annotated[str | None, Name("ip-address"), Immutable] = None


@resource(group="example.com", version="v1")
@dataclass(kw_only=True)
class Other(CustomResource[Plain, None]):
    """A kind of its own."""


@dataclass
class Retry:
    times: int = 3


class Typed(TypedDict):
    a: int
    b: NotRequired[str]


class Deeper(TypedDict):
    a: Annotated[NotRequired[int], Ge(1)]


class Partial(TypedDict, total=False):
    a: typing.Required[int]
    b: str


Port = NewType("Port", int)
"""A port of a machine."""
Key = NewType("Key", str)
Percent = Annotated[int, Ge(0), Le(100)]
