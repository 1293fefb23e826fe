"""What the fields of tests about unsupported annotations are written with."""

# ruff: noqa: F401, F403, F405
from __future__ import annotations

import enum
import re
import typing
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal, NamedTuple

import attrs
import msgspec
import pydantic

from opgen.api import *


class Mixed(enum.Enum):
    A = 1
    B = "b"


class Access(enum.Flag):
    READ = 1


class Rights(enum.IntFlag):
    READ = 1


@attrs.define
class Defined:
    a: int


class Pair(NamedTuple):
    a: int


class Bare:
    x: int


@dataclass
class Node:
    children: list[Node]


@dataclass
class Inner:
    x: int = 0


Lazy = Annotated[int, Ge(1)]


class Struct(msgspec.Struct):
    a: int


class Readable(typing.Protocol):
    def read(self) -> str: ...


class Model(pydantic.BaseModel):
    a: int


@marked(AtMostOneOf("3scale"))
@dataclass
class Unnameable:
    scale: Annotated[str | None, Name("3scale")] = None


@resource(group="example.com", version="v1")
@dataclass(kw_only=True)
class Other(CustomResource[Inner, None]):
    pass


T = typing.TypeVar("T")


@dataclass
class Box(typing.Generic[T]):
    content: T


@dataclass
class Bare_Box(Box):
    size: int = 0


@dataclass
class Changed(Inner):
    x = 5


class Plain(enum.Enum):
    A = "a"
