"""Golden case 05 in Python: CEL rules, values of special kinds, required and optional."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any

from opgen.api import (
    CEL,
    CustomResource,
    EmbeddedResource,
    Enum,
    Example,
    ExternalDocs,
    Immutable,
    IntOrString,
    Json,
    MaxLen,
    MinLen,
    Nullable,
    Optional,
    Pattern,
    PreserveUnknown,
    Required,
    Schema,
    Title,
    marked,
    resource,
)
from opgen.k8s import core_v1

GROUP = "rules.example.org"


@marked(
    CEL("self.min <= self.max", message="min must not exceed max"),
    CEL(
        "self.max < 1000",
        message_expression="'max of ' + self.name + ' is too much'",
        reason="FieldValueForbidden",
        field_path=".max",
    ),
    CEL(
        "has(self.note) == has(oldSelf.note)",
        message="note cannot be added or removed",
        reason="FieldValueInvalid",
    ),
    CEL(
        "!oldSelf.hasValue() || self.min >= oldSelf.value().min",
        optional_old_self=True,
        message="min must not fall",
    ),
    CEL(
        "oldSelf.max == self.max || self.max > 0",
        optional_old_self=False,
        message="a false optionalOldSelf is kept",
    ),
    CEL("self.name.matches('^[a-z]+$')", message='name: "small" letters # only'),
)
@dataclass(kw_only=True)
class RulesSpec:
    """RulesSpec has rules with every argument."""

    min: Annotated[int, CEL("self >= 0")]
    max: Annotated[
        int,
        CEL("self % 2 == 0", message="must be even", reason="FieldValueDuplicate"),
        CEL("self != 13", message="must not be 13", reason="FieldValueRequired"),
    ]
    name: Annotated[str, CEL("self == oldSelf", message="name is immutable"), MaxLen(10)]
    note: Annotated[
        dict[str, str] | None,
        MaxLen(8),
        CEL("self.all(k, k.startsWith('x-') || self[k].size() > 0)"),
    ] = None
    region: Annotated[str, Immutable]
    """a required field that may never change"""
    zone: Annotated[str | None, Immutable] = None
    """an optional field that may not change once it is set"""


@resource(
    group=GROUP,
    version="v1",
    plural="rules",
    rules=[
        CEL("self.metadata.name.startsWith('r-')", message="the name must start with r-"),
    ],
)
@dataclass(kw_only=True)
class Rules(CustomResource[RulesSpec, None]):
    """Rules has CEL rules, also on the root."""

    spec: Annotated[RulesSpec, CEL("size(self.name) > 2")]


@marked(
    Title("A documented thing"),
    ExternalDocs("https://example.org/documented", "All about documented things"),
)
@dataclass(kw_only=True)
class Documented:
    """Documented has a title and a link of its own."""

    text: str


@marked(PreserveUnknown)
@dataclass(kw_only=True)
class Open:
    """Open keeps what it does not know."""

    known: str


@dataclass(kw_only=True)
class Item:
    """Item is what lists below hold."""

    key: str


Free = dict[str, Any]
QUANTITY = (
    r"^(\+|-)?(([0-9]+(\.[0-9]*)?)|(\.[0-9]+))"
    r"(([KMGTPE]i)|[numkMGTPE]|([eE](\+|-)?(([0-9]+(\.[0-9]*)?)|(\.[0-9]+))))?$"
)


@resource(group=GROUP, version="v1")
@dataclass(kw_only=True)
class Special(CustomResource[None, None]):
    """Special has markers that change what a field is."""

    surge: Annotated[IntOrString, Pattern("^([0-9]+|[0-9]{1,2}%)$"), MaxLen(4)]
    surge_enum: Annotated[IntOrString | None, Enum(1, "50%")] = None
    loose: Annotated[str, Schema({"x-kubernetes-int-or-string": True})]
    """a plain string can be declared int-or-string as well"""
    memory: Annotated[IntOrString, Schema({"allOf": [{"pattern": QUANTITY}, {"pattern": "Mi$"}]})]
    """a pattern on a quantity joins the one the quantity has"""
    embedded: Annotated[Free, EmbeddedResource, PreserveUnknown]
    template: Annotated[Free, EmbeddedResource, PreserveUnknown]
    pod: Annotated[core_v1.ObjectReference, EmbeddedResource]
    unknown: Annotated[dict[str, str], PreserveUnknown]
    """the old spelling"""
    unknown_item: Annotated[Item, PreserveUnknown]
    open: Open
    schema: Annotated[Free, PreserveUnknown, MinLen(1)]
    """the field's type is not looked at"""
    titled: Annotated[
        str,
        Title("Plain title"),
        ExternalDocs("https://example.org/field"),
        Example("for example"),
    ]
    documented: Annotated[
        Documented,
        Title("Another title"),
        ExternalDocs("https://example.org/other", "Other, with a comma"),
        Example({"text": "hello"}),
    ]
    """the field's own texts beat those of the type"""
    inherited: Documented
    """only this comment is the field's"""
    example_number: Annotated[int, Example(5)]
    example_list: Annotated[list[int], Example([1, 2, 3])]
    example_map: Annotated[dict[str, Json], Example({"a": "b", "c": [1, 2]})]
    example_flag: Annotated[bool, Example(False)]
    nullable: str | None
    nullable_list: Annotated[list[str] | None, Nullable] = None
    nullable_struct: Annotated[Item | None, Nullable] = None
    not_nullable: str | None = None
    """this spelling is unknown and therefore ignored"""


@resource(group=GROUP, version="v1")
@dataclass(kw_only=True)
class Presence(CustomResource[None, None]):
    """Presence spells out required and optional in all ways."""

    bare: str
    pointer: str
    omit_empty: str | None = None
    omit_zero: Item | None = None
    omit_both: Item | None = None
    zero_pointer: Item | None = None
    optional: Annotated[str, Optional]
    kb_optional: Annotated[str, Optional]
    k8s_optional: Annotated[str, Optional]
    required: Annotated[str | None, Required] = None
    kb_required: Annotated[str | None, Required] = None
    k8s_required: Annotated[str | None, Required] = None
    required_zero: Annotated[Item | None, Required] = None
    kb_both: Annotated[str, Optional]
    """kubebuilder's optional beats kubebuilder's required"""
    kb_beats_plain: str
    """kubebuilder's required beats the plain optional"""
    plain_both: str | None = None
    """the plain optional beats the plain required"""
    kb_optional_beats: str | None = None
    """kubebuilder's optional beats the plain required"""
    defaulted: Annotated[str, Required] = "x"
    """a default does not make a field optional"""
    nullable: Annotated[str | None, Required, Nullable] = None
    """nullable does not make a field optional"""


@dataclass(kw_only=True)
class Part:
    """Part is a struct of this package."""

    left: str | None = None
    right: str


@resource(group=GROUP, version="v1")
@dataclass(kw_only=True)
class Lenient(CustomResource[None, None]):
    """Lenient requires little."""

    bare: str | None = None
    omit_empty: str | None = None
    required: str
    kb_required: str
    k8s_required: str
    optional: str | None = None
    part: Part | None = None
    env: core_v1.EnvVar | None = None
    """types of another package keep the rule of theirs"""
