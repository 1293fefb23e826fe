"""What each construct of Python becomes in a CRD."""

from __future__ import annotations

import datetime
import decimal
import enum
import ipaddress
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import (
    Annotated,
    Any,
    ClassVar,
    Final,
    Generic,
    Literal,
    NewType,
    NotRequired,
    TypedDict,
    TypeVar,
)

import pytest

from opgen.api import (
    CEL,
    AtMostOneOf,
    CustomResource,
    Default,
    Doc,
    Duration,
    EmbeddedResource,
    Enum,
    ExactlyOneOf,
    Ge,
    Gt,
    Immutable,
    Int32,
    IntOrString,
    Json,
    ListMap,
    ListSet,
    MaxLen,
    MinLen,
    Name,
    NoDefault,
    Nullable,
    ObjectMeta,
    Optional,
    Pattern,
    PreserveUnknown,
    Quantity,
    Required,
    Schema,
    Time,
    marked,
    resource,
)
from opgen.schema import crds

QUANTITY = (
    r"^(\+|-)?(([0-9]+(\.[0-9]*)?)|(\.[0-9]+))"
    r"(([KMGTPE]i)|[numkMGTPE]|([eE](\+|-)?(([0-9]+(\.[0-9]*)?)|(\.[0-9]+))))?$"
)
STRING = {"type": "string"}
INTEGER = {"type": "integer"}
EITHER = {"anyOf": [INTEGER, STRING], "x-kubernetes-int-or-string": True}
ANY = {"x-kubernetes-preserve-unknown-fields": True}
Item = TypeVar("Item")


class Mode(enum.StrEnum):
    """How."""

    FAST = "fast"
    NONE = ""


class Size(enum.IntEnum):
    BIG = 2
    SMALL = 1


@dataclass
class Plain:
    x: int
    y: str = ""


@dataclass
class Derived(Plain):
    z: bool = False


@dataclass
class Box(Generic[Item]):
    content: Item
    others: list[Item] = field(default_factory=list)


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


@dataclass
class Retry:
    times: int = 3


class Typed(TypedDict):
    a: int
    b: NotRequired[str]


Port = NewType("Port", int)
"""A port of a machine."""


@dataclass
class Constructs:
    text: str
    whole: int
    truth: bool
    octets: bytes
    sized: Int32
    moment: Time
    duration: Duration
    python_moment: datetime.datetime
    python_date: datetime.date
    span: datetime.timedelta
    amount: Quantity
    exact: decimal.Decimal
    identity: uuid.UUID
    address: ipaddress.IPv4Address
    either: IntOrString
    written_either: int | str
    json: Json
    anything: Annotated[Any, PreserveUnknown]
    anything_object: Annotated[dict[str, Any], PreserveUnknown]
    bare_object: Annotated[dict, PreserveUnknown]
    embedded: Annotated[dict[str, Any], EmbeddedResource, PreserveUnknown]
    raw: Annotated[Any, Schema({"type": "string"})]
    texts: list[str]
    sequence: Sequence[str]
    many: tuple[str, ...]
    unique: set[int]
    frozen: frozenset[str]
    table: dict[str, int]
    mapping: Mapping[str, list[str]]
    enum_keys: dict[Mode, int]
    bounded_keys: dict[Annotated[str, MaxLen(3), Pattern("^a")], int]
    bounded_values: dict[str, Annotated[list[Annotated[str, MinLen(1)]], MaxLen(5)]]
    one: Literal["a"]
    numbers: Literal[1, 2]
    maybe_literal: Literal["a", None]
    mode: Mode
    size: Size
    plain: Plain
    derived: Derived
    box: Box[int]
    boxes: list[Box[str]]
    ruled: Ruled
    more_ruled: Annotated[Ruled, CEL("self.x < 9")]
    source: Source
    typed: Typed
    port: Port
    final: Final[int]  # type: ignore[misc]
    greater: Annotated[int, Gt(1)]
    inner_bound: Annotated[int, Ge(1)] | None
    outer_bound: Annotated[int | None, Ge(1)]
    maybe_items: list[str | None]
    renamed: Annotated[str, Name("from")]
    class_: str
    clusterIP: str
    metadata: ObjectMeta
    described: Annotated[list[Annotated[str, Doc("An item.")]], Doc("Items.")]
    stays: Annotated[str, Immutable]
    named_list: Annotated[list[Plain], ListMap("x")]
    foreign: Annotated[int, SimpleNamespace(ge=1, lt=9)]
    unit: ClassVar[int] = 1
    _hidden: int = 0
    skipped: int = field(default=0, init=False)


PLAIN = {
    "type": "object",
    "properties": {"x": INTEGER, "y": {"type": "string", "default": ""}},
    "required": ["x"],
}
EXPECTED: dict[str, Any] = {
    "text": STRING,
    "whole": INTEGER,
    "truth": {"type": "boolean"},
    "octets": {"type": "string", "format": "byte"},
    "sized": {"type": "integer", "format": "int32"},
    "moment": {"type": "string", "format": "date-time"},
    "duration": STRING,
    "pythonMoment": {"type": "string", "format": "date-time"},
    "pythonDate": {"type": "string", "format": "date"},
    "span": STRING,
    "amount": {**EITHER, "pattern": QUANTITY},
    "exact": STRING,
    "identity": {"type": "string", "format": "uuid"},
    "address": {"type": "string", "format": "ipv4"},
    "either": EITHER,
    "writtenEither": EITHER,
    "json": ANY,
    "anything": ANY,
    "anythingObject": {"type": "object", **ANY},
    "bareObject": {"type": "object", **ANY},
    "embedded": {"type": "object", "x-kubernetes-embedded-resource": True, **ANY},
    "raw": STRING,
    "texts": {"type": "array", "items": STRING},
    "sequence": {"type": "array", "items": STRING},
    "many": {"type": "array", "items": STRING},
    "unique": {"type": "array", "items": INTEGER, "x-kubernetes-list-type": "set"},
    "frozen": {"type": "array", "items": STRING, "x-kubernetes-list-type": "set"},
    "table": {"type": "object", "additionalProperties": INTEGER},
    "mapping": {
        "type": "object",
        "additionalProperties": {"type": "array", "items": STRING},
    },
    "enumKeys": {"type": "object", "additionalProperties": INTEGER},
    "boundedKeys": {
        "type": "object",
        "additionalProperties": INTEGER,
        "x-kubernetes-validations": [
            {"rule": "self.all(key, key.size() <= 3)", "message": "keys: MaxLen(3)"},
            {"rule": 'self.all(key, key.matches("^a"))', "message": "keys: Pattern('^a')"},
        ],
    },
    "boundedValues": {
        "type": "object",
        "additionalProperties": {
            "type": "array",
            "items": {"type": "string", "minLength": 1},
            "maxItems": 5,
        },
    },
    "one": {"type": "string", "enum": ["a"]},
    "numbers": {"type": "integer", "enum": [1, 2]},
    "maybeLiteral": {"type": "string", "enum": ["a"], "nullable": True},
    "mode": {"type": "string", "enum": ["fast", ""], "description": "How."},
    "size": {"type": "integer", "enum": [2, 1]},
    "plain": PLAIN,
    "derived": {
        **PLAIN,
        "properties": {**PLAIN["properties"], "z": {"type": "boolean", "default": False}},
    },
    "box": {
        "type": "object",
        "properties": {"content": INTEGER, "others": {"type": "array", "items": INTEGER}},
        "required": ["content"],
    },
    "boxes": {
        "type": "array",
        "items": {
            "type": "object",
            "properties": {"content": STRING, "others": {"type": "array", "items": STRING}},
            "required": ["content"],
        },
    },
    "ruled": {
        "type": "object",
        "properties": {"x": {"type": "integer", "default": 1}},
        "minProperties": 1,
        "x-kubernetes-validations": [{"rule": "self.x > 0"}],
    },
    "moreRuled": {
        "type": "object",
        "properties": {"x": {"type": "integer", "default": 1}},
        "minProperties": 1,
        "x-kubernetes-validations": [{"rule": "self.x < 9"}, {"rule": "self.x > 0"}],
    },
    "source": {
        "type": "object",
        "properties": {
            "file": STRING,
            "url": STRING,
            "token": {
                "type": "string",
                "x-kubernetes-validations": [
                    {"rule": "self == oldSelf", "message": "field is immutable"}
                ],
            },
        },
        "x-kubernetes-validations": [
            {
                "rule": "!has(oldSelf.token) || has(self.token)",
                "message": "field token is immutable once set",
            },
            {"rule": "true"},
            {
                "rule": "(has(self.url)?1:0)+(has(self.token)?1:0) <= 1",
                "message": "at most one of the fields in [url token] may be set",
            },
            {
                "rule": "(has(self.file)?1:0)+(has(self.url)?1:0) == 1",
                "message": "exactly one of the fields in [file url] must be set",
            },
        ],
    },
    "typed": {
        "type": "object",
        "properties": {"a": INTEGER, "b": STRING},
        "required": ["a"],
    },
    "port": {"type": "integer", "description": "A port of a machine."},
    "final": INTEGER,
    "greater": {"type": "integer", "minimum": 1, "exclusiveMinimum": True},
    "innerBound": {"type": "integer", "minimum": 1, "nullable": True},
    "outerBound": {"type": "integer", "minimum": 1, "nullable": True},
    "maybeItems": {"type": "array", "items": {"type": "string", "nullable": True}},
    "from": STRING,
    "class": STRING,
    "clusterIP": STRING,
    "metadata": {
        "type": "object",
        "properties": {
            "annotations": {"type": "object", "additionalProperties": STRING},
            "finalizers": {"type": "array", "items": STRING},
            "labels": {"type": "object", "additionalProperties": STRING},
            "name": STRING,
            "namespace": STRING,
        },
    },
    "described": {
        "type": "array",
        "items": {"type": "string", "description": "An item."},
        "description": "Items.",
    },
    "stays": {
        "type": "string",
        "x-kubernetes-validations": [{"rule": "self == oldSelf", "message": "field is immutable"}],
    },
    "namedList": {
        "type": "array",
        "items": PLAIN,
        "x-kubernetes-list-type": "map",
        "x-kubernetes-list-map-keys": ["x"],
    },
    "foreign": {"type": "integer", "minimum": 1, "maximum": 9, "exclusiveMaximum": True},
}


@dataclass(kw_only=True)
class Defaults:
    """Each field says in its name what is expected of it."""

    required: str
    nullable: str | None
    marked_nullable: Annotated[str, Nullable] = "x"
    optional: str | None = None
    optional_with_default: int | None = 3
    scalar: str = "a"
    zero: int = 0
    off: bool = False
    member: Mode = Mode.FAST
    listed: list[int] = field(default_factory=lambda: [1, 2])
    empty_list: list[int] = field(default_factory=list)
    empty_map: dict[str, int] = field(default_factory=dict)
    entry: Ruled = field(default_factory=Ruled)
    filled: Annotated[Retry, Default({})] = field(default_factory=Retry)
    hidden: Annotated[int, NoDefault] = 5
    required_default: Annotated[int, Required] = 5
    optional_no_default: Annotated[int, Optional]
    other: Annotated[int, Default(7)] = 5
    listed_in_set: Annotated[list[str], ListSet] = field(default_factory=lambda: ["a"])
    chosen: Annotated[str, Enum("", "a")] = ""
    maybe: Annotated[int | None, Ge(1)] = None


DEFAULTS = {
    "optionalWithDefault": 3,
    "markedNullable": "x",
    "scalar": "a",
    "zero": 0,
    "off": False,
    "member": "fast",
    "listed": [1, 2],
    "filled": {},
    "requiredDefault": 5,
    "other": 7,
    "listedInSet": ["a"],
    "chosen": "",
}


def spec_of(spec: Any) -> dict[str, Any]:
    @resource(group="example.com", version="v1")
    @dataclass
    class Thing(CustomResource[spec, None]):  # type: ignore[valid-type]
        pass

    derived = crds([Thing])
    assert derived.problems == ()
    root = derived.documents[0]["spec"]["versions"][0]["schema"]["openAPIV3Schema"]
    schema: dict[str, Any] = root["properties"]["spec"]
    return schema


@pytest.fixture(scope="module")
def constructs() -> dict[str, Any]:
    return spec_of(Constructs)


@pytest.mark.parametrize("name", EXPECTED)
def test_construct(name: str, constructs: dict[str, Any]) -> None:
    assert constructs["properties"][name] == EXPECTED[name]


def test_nothing_else_is_there(constructs: dict[str, Any]) -> None:
    assert set(constructs["properties"]) == set(EXPECTED)
    assert constructs["required"] == sorted(EXPECTED)


def test_defaults() -> None:
    schema = spec_of(Defaults)
    found = {
        name: part["default"] for name, part in schema["properties"].items() if "default" in part
    }
    assert found == DEFAULTS
    assert schema["required"] == ["nullable", "required", "requiredDefault"]
    nullable = {name for name, part in schema["properties"].items() if part.get("nullable")}
    assert nullable == {"nullable", "markedNullable", "optionalWithDefault"}


def test_a_dataclass_without_docstring_has_no_description(constructs: dict[str, Any]) -> None:
    assert "description" not in constructs["properties"]["plain"]


def test_the_order_of_classes_does_not_matter(kinds: Callable[[str], Any]) -> None:
    both = [kinds("webserver").WebServer, kinds("myapp").MyApp]
    assert crds(both).documents == crds(both[::-1]).documents
