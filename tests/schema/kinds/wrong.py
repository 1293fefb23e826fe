"""What wrong declarations are made of; the wrong ones themselves are texts in a test."""

# ruff: noqa: F401, F403, F405
from __future__ import annotations

import collections.abc
import datetime
import enum
import fractions
import ipaddress
from asyncio import Queue
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Annotated, Any, Generic, Literal, Protocol, TypeVar
from urllib.parse import ParseResult

from opgen.api import *
from opgen.k8s import core_v1


@dataclass(kw_only=True)
class Part:
    a: str | None = None
    b: str | None = None


@dataclass(kw_only=True)
class Whole:
    a: str


@dataclass(kw_only=True)
class Node:
    left: Node | None = None


@dataclass(kw_only=True)
class Tree:
    below: dict[str, Tree]


@dataclass(kw_only=True)
class Ping:
    pong: Pong


@dataclass(kw_only=True)
class Pong:
    ping: Ping | None = None


@marked(CEL("self.b == ''", field_path=".c"))
@dataclass(kw_only=True)
class Ruled:
    b: str


@marked(ExactlyOneOf("a", "z"))
@dataclass(kw_only=True)
class UnknownArm:
    a: str | None = None


@marked(AtLeastOneOf("a"))
@dataclass(kw_only=True)
class RequiredArm:
    a: str


@marked(ExactlyOneOf("a", "b.c"))
@dataclass(kw_only=True)
class NestedArm:
    a: str | None = None
    b: Part | None = None


@marked(CEL("self.min <= self.max"))
@dataclass(kw_only=True)
class Span:
    min: int = 0
    max: int = 1


@marked(ExactlyOneOf("a,b"))
@dataclass(kw_only=True)
class CommaArm:
    a: str | None = None


@dataclass(kw_only=True)
class Overriding(Whole):
    a: int  # type: ignore[assignment]


@marked(ExactlyOneOf())
@dataclass(kw_only=True)
class NoArm:
    a: str | None = None


@dataclass(kw_only=True)
class OneItem:
    a: Annotated[str | None, Immutable] = None


Slug = Annotated[str, MaxLen(40)]
MaybeSlug = Slug | None
Slugs = Annotated[list[str], MaxLen(4)]


class Number(enum.IntEnum):
    ONE = 1


class Nothing(enum.Enum):
    pass


Labels = dict[str, str]
Item = TypeVar("Item")


@dataclass(kw_only=True)
class Box(Generic[Item]):
    content: Item


class Readable(Protocol):
    def read(self) -> str: ...


@marked(Required)
@dataclass(kw_only=True)
class MarkedPart:
    a: str | None = None
