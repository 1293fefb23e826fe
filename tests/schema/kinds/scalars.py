"""Golden case 04 in Python: every scalar."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from ipaddress import IPv4Address
from typing import Annotated, Any, NewType

from opgen.api import (
    CustomResource,
    Default,
    Doc,
    Duration,
    Enum,
    Example,
    Format,
    Ge,
    Gt,
    Int32,
    Int64,
    IntOrString,
    Json,
    Le,
    MinLen,
    MultipleOf,
    Name,
    PreserveUnknown,
    Quantity,
    Required,
    Schema,
    Time,
    resource,
)

Label = NewType("Label", str)
"""Label is a defined string type."""

Tag = NewType("Tag", Label)
"""Tag is defined on top of Label, which is defined on top of string."""

Nick = Annotated[str, Doc("Nick is an alias, not a new type.")]
Handle = Label
Weight = Annotated[Int32, Ge(1), Doc("Weight is a defined integer of 32 bits.")]
Serial = Annotated[Int64, Doc("Serial is a defined unsigned integer of 64 bits.")]
Tally = Annotated[Int64, Doc("Tally is an alias of a sized integer.")]
Switch = Annotated[bool, Doc("Switch is a defined boolean.")]
Blob = Annotated[bytes, Doc("Blob is a defined byte slice.")]
Endpoint = Annotated[str, MinLen(3)]
Free = Annotated[dict[str, Any], PreserveUnknown]
# The address is any text in Go; Python's type says which kind it is.
Address = Annotated[IPv4Address, Schema({"format": None})]


@dataclass(kw_only=True)
class Plain:
    """Plain has a MarshalJSON method but no Type marker, so its fields are still walked."""

    x: int


@dataclass(kw_only=True)
class ScalarsSpec:
    """ScalarsSpec has a field for every scalar."""

    bool_: bool
    string: str
    int_: int
    int8: int
    int16: int
    int32: Int32
    int64: Int64
    uint: int
    uint8: int
    uint16: int
    uint32: Int32
    uint64: Int64
    byte: int
    """a byte is a small number, unlike a slice of bytes"""
    rune: Int32
    uintptr: int

    bool_ptr: bool
    string_ptr: str
    int32_ptr: Int32 | None = None
    int64_ptr_ptr: Int64 | None = None
    label_ptr: Label | None = None
    string_ptrs: list[str] | None = None

    label: Label
    tag: Tag
    nick: Nick
    handle: Handle
    weight: Weight
    """a comment on the field wins over the comment on the type"""
    serial: Serial
    tally: Tally
    undocumented: int
    switch: Switch

    bytes_: bytes
    bytes_list: list[bytes] | None = None
    blob: Blob
    digest: list[int]
    uint8s: list[int]
    runes: list[Int32]
    triple: tuple[str, ...]
    raw_json: Annotated[bytes | None, Name("rawJSON")] = None
    number: str | None = None

    severity: str
    endpoint: Endpoint
    plain: Plain
    ip: Address
    address: Address
    address_ptr: str | None = None

    time: Time
    time_ptr: datetime.datetime | None = None
    micro_time: Time
    duration: Duration
    duration_ptr: datetime.timedelta | None = None
    go_duration: Int64
    month: int
    times: list[Time] | None = None
    time_map: dict[str, Time] | None = None
    duration_map: dict[str, Duration] | None = None

    int_or_string: IntOrString
    int_or_string_ptr: int | str | None = None
    quantity: Quantity
    quantity_ptr: Quantity | None = None
    quantities: list[Quantity] | None = None
    """the comment of the field is used for quantities too"""
    resource_list: dict[str, Quantity] | None = None
    uid: str
    protocol: str

    raw_extension: Free
    raw_extension_ptr: Free | None = None
    raw_extensions: list[Free] | None = None
    json: Json
    json_ptr: Json | None = None
    jsons: list[Json] | None = None
    json_map: dict[str, Json] | None = None

    any_: Json
    """an interface needs Schemaless, otherwise it is an error"""
    any_object: Annotated[dict | None, PreserveUnknown] = None  # type: ignore[type-arg]
    """an interface that is said to be an object"""
    any_map: Free | None = None
    """a map of interfaces that is said to be an object"""

    dash: Annotated[str, Name("-")]
    """a field whose name on the wire is a dash"""
    quoted: int
    """an option that controller-gen does not know"""


@resource(group="scalars.example.org", version="v1", plural="scalars")
@dataclass(kw_only=True)
class Scalars(CustomResource[ScalarsSpec, None]):
    """Scalars has every scalar."""


Ratio = Annotated[float, Ge(0), Le(1), Doc("Ratio is a defined float.")]


@resource(group="scalars.example.org", version="v1", plural="floats")
@dataclass(kw_only=True)
class Floats(CustomResource[None, None]):
    """Floats has numbers with a fraction."""

    spec: None = None
    float32: float
    float64: float
    ptr: float | None = None
    list_: list[float] | None = None
    map_: dict[str, float] | None = None
    ratio: Ratio
    celsius: Annotated[
        float, Ge(-273.15), Le(1e6), MultipleOf(0.01), Default(36.6), Example(0.5), Required
    ]
    whole: Annotated[float, Gt(0), Required] = 1
    step: Annotated[float, Enum(0.5, 1.5, 2), Format("double")]
