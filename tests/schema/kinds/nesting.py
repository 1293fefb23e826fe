"""Golden case 08 in Python: dataclasses made of other dataclasses."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

from opgen.api import (
    CEL,
    CustomResource,
    Default,
    Doc,
    Ge,
    Int32,
    ListSet,
    MaxLen,
    MinLen,
    ObjectMeta,
    Pattern,
    Required,
    Schema,
    marked,
    resource,
)
from opgen.schema.descriptions import API_VERSION, KIND

Depth = Annotated[Int32, Ge(0), Doc("Depth is a number of metres.")]
Metres = Annotated[Depth, Doc("Metres is an alias of a type that is one package further away.")]
Level = Annotated[Literal["info", "warning"], Doc("Level is a word from a list.")]


@dataclass(kw_only=True)
class Well:
    """Well is a hole in the ground."""

    depth: Depth
    """how deep it is"""


@dataclass(kw_only=True)
class Logging:
    """Logging says what to log."""

    level: Annotated[Level | None, Default("info")] = None
    """Level of detail."""
    sinks: Annotated[list[str] | None, ListSet] = None
    """Sinks receive the log."""


@dataclass(kw_only=True)
class Garden:
    """Garden has a well from yet another package."""

    well: Well
    depths: list[Depth] | None = None


@dataclass(kw_only=True)
class Base:
    """Base is embedded in many ways."""

    id: Annotated[str, MinLen(1)]
    """The id of the thing."""
    note: str | None = None
    """A note about the thing."""


@marked(
    CEL("self.checked || !has(self.reason)", message="a reason needs checked"),
    MaxLen(10),
)
@dataclass(kw_only=True)
class Checked:
    """Checked brings a rule and a size along."""

    checked: bool
    reason: str | None = None


@dataclass(kw_only=True)
class Middle(Base):
    """Middle embeds Base and adds to it."""

    size: Int32
    """Size of the middle."""


@dataclass(kw_only=True)
class Outer(Middle, Checked):
    """Outer embeds Middle, which embeds Base."""

    colour: str | None = None
    """Colour of the outside."""


@dataclass(kw_only=True)
class Hidden:
    """Has a field that others take over."""

    secret: str | None = None


@dataclass(kw_only=True)
class Forms(Hidden, Checked, Base):
    """Forms embeds in every form."""


@dataclass(kw_only=True)
class NamedForms(Hidden):
    """NamedForms does not really embed."""

    base: Base
    """Base has a name here and is an ordinary field."""
    middle: Middle | None = None
    """Middle is optional."""


@dataclass(kw_only=True)
class Shadowing(Base):
    """Shadowing has a field that Base has too.
    The schemas of both are merged, although in Go the outer field hides the inner.
    """

    id: Annotated[str, MaxLen(9), Schema({"allOf": [{"minLength": 1}, {"minLength": 5}]})]
    """The id of the thing."""
    note: Annotated[str | None, Pattern("^N"), Required] = None
    """A note about the thing."""


@dataclass(kw_only=True)
class Left:
    """Left has a name."""

    name: str
    """The left name."""
    l: int  # noqa: E741


@dataclass(kw_only=True)
class Right:
    """Right has a name as well."""

    name: str
    """The right name."""
    r: int


@dataclass(kw_only=True)
class Twins(Left, Right):
    """Twins embeds two structs that share a field."""


Synonym = Base


@dataclass(kw_only=True)
class Copy(Base):
    """Copy is a new type with the fields of Base."""


@marked(CEL("self.checked"))
@dataclass(kw_only=True)
class CopyChecked(Checked):
    """CopyChecked is a new type with the fields of Checked and a rule of its own."""


SharedAlias = Logging


@dataclass(kw_only=True)
class SharedCopy(Logging):
    """SharedCopy is a new type made from a struct of another package."""


@dataclass(kw_only=True)
class Template:
    """Template has metadata, as a pod template has."""

    metadata: ObjectMeta | None = None
    """Metadata of what is made from the template."""
    image: str


@dataclass(kw_only=True)
class Document:
    """Document is a whole object inside of an object."""

    api_version: Annotated[str | None, Doc(API_VERSION)] = None
    kind: Annotated[str | None, Doc(KIND)] = None
    metadata: ObjectMeta | None = None
    text: str


@dataclass(kw_only=True)
class NestingSpec(Garden):
    """NestingSpec has all of them."""

    outer: Outer
    forms: Forms
    named_forms: NamedForms
    shadowing: Shadowing
    twins: Twins

    synonym: Synonym
    synonyms: list[Synonym] | None = None
    copy: Copy
    copy_checked: CopyChecked | None = None

    logging: Logging
    level: Level
    levels: dict[str, Logging] | None = None
    shared_alias: SharedAlias
    shared_copy: SharedCopy
    metres: list[Metres] | None = None
    """an alias of another package brings its own comment, unlike an alias of this package"""
    wells: list[Well] | None = None
    """imported with a dot"""

    template: Template
    templates: list[Template] | None = None
    document: Document | None = None
    meta: ObjectMeta | None = None
    """a pointer to metadata"""
    internal: str | None = None
    """a field may be unexported in Go"""


@resource(group="nesting.example.org", version="v1")
@dataclass(kw_only=True)
class Nesting(CustomResource[NestingSpec, None]):
    """Nesting is made of structs in structs."""


@resource(group="nesting.example.org", version="v1")
@dataclass(kw_only=True)
class RootShadow(CustomResource[None, None], Base, Checked):
    """RootShadow does on the root what Shadowing does below it, with another outcome:
    here the outer field comes first and its comment wins.
    """

    id: Annotated[str, MaxLen(9), Schema({"allOf": [{"minLength": 5}, {"minLength": 1}]})]
    """Our own id, longer than that of Base."""
    note: Annotated[str | None, Pattern("^N"), Required] = None
