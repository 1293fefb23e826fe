"""Reading Kubernetes' protobuf, which kubectl sends for some built-in kinds.

Answers are always JSON, which every client accepts as well. Field numbers come from
`_data/protobuf.txt`, made by `tools/make_protobuf_table.py`.
"""

from __future__ import annotations

import base64
import struct
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from opgen.testing.errors import Document, bad_request

CONTENT_TYPE = "application/vnd.kubernetes.protobuf"
MAGIC = b"k8s\x00"
_META = "k8s.io.apimachinery.pkg.apis.meta.v1."
_INT_OR_STRING = "k8s.io.apimachinery.pkg.util.intstr.IntOrString"
_QUANTITY = "k8s.io.apimachinery.pkg.api.resource.Quantity"
_FIELDS = _META + "FieldsV1"
_TIMES = (_META + "Time", _META + "MicroTime")
_UNWRAPPED = ("ExtraValue", "Verbs")
# Numbers of which zero means something else than their absence. Protobuf does not tell.
_ZERO_COUNTS = frozenset(["replicas", "value"])


# Embedded structs, whose fields JSON has beside the others.
_EMBEDDED = frozenset(
    [
        *("deviceConfiguration", "ephemeralContainerCommon", "handler", "ingressRuleValue"),
        *("localObjectReference", "persistentVolumeSource", "rule", "ruleWithOperations"),
        "volumeSource",
    ]
)
_NAMES = {
    "Expression": "expression",
    "Name": "name",
    "Webhooks": "webhooks",
    "aPIGroup": "apiGroup",
    "uID": "uid",
}
"""Fields that protobuf calls otherwise than JSON."""


class _Field(NamedTuple):
    name: str
    type: str
    repeated: bool
    is_map: bool


@cache
def _table() -> dict[str, str]:
    path = Path(__file__).parent.parent / "_data" / "protobuf.txt"
    lines = path.read_text(encoding="utf-8").splitlines()
    return dict(line.split(" ", 1) for line in lines if " " in line)


@cache
def _fields(message: str) -> dict[int, _Field]:
    found = {}
    for entry in _table().get(message, "").split():
        number, name, kind = entry.split(":")
        name = _NAMES.get(name, name)
        found[int(number)] = _Field(name, kind.lstrip("*%"), kind[0] == "*", kind[0] == "%")
    return found


def decode_protobuf(body: bytes) -> Document:
    """An object in Kubernetes' protobuf envelope as a document.

    Raises:
        StatusError: it is damaged, or of a kind that is not in the table.
    """
    if not body.startswith(MAGIC):
        raise bad_request("provided data does not appear to be a protobuf message")
    try:
        envelope = dict(_parts(body[len(MAGIC) :]))
        head = dict(_parts(envelope[1]))
        api_version, kind = head[1].decode(), head[2].decode()
        message = _message(api_version, kind)
        document: Document = _decode_message(message, envelope.get(2, b""))
    except (KeyError, IndexError, ValueError, struct.error) as error:
        raise bad_request(f"unable to decode the protobuf message: {error!r}") from None
    return {"apiVersion": api_version, "kind": kind, **document}


def _message(api_version: str, kind: str) -> str:
    group, _, version = api_version.rpartition("/")
    package = {"": "core", "meta.k8s.io": "meta"}.get(group, group.partition(".")[0])
    for prefix in (f"k8s.io.api.{package}.{version}.", _META):
        if prefix + kind in _table():
            return prefix + kind
    raise KeyError(f"{api_version} {kind}")


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, at
        shift += 7


def _parts(data: bytes) -> Iterator[tuple[int, Any]]:
    """The field numbers and raw values of a message."""
    at = 0
    while at < len(data):
        tag, at = _varint(data, at)
        wire = tag & 7
        if wire == 0:
            value, at = _varint(data, at)
            yield tag >> 3, value
        elif wire == 2:
            length, at = _varint(data, at)
            if at + length > len(data):
                raise ValueError("unexpected EOF")
            yield tag >> 3, data[at : at + length]
            at += length
        elif wire in (1, 5):
            size = 8 if wire == 1 else 4
            yield tag >> 3, data[at : at + size]
            at += size
        else:
            raise ValueError(f"wire type {wire}")


def _decode_message(message: str, data: bytes) -> Any:
    """A message as JSON has it; fields at their zero value are left out, as Go leaves them out."""
    special = _decode_special(message, data)
    if special is not None:
        return special
    fields = _fields(message)
    out: Document = {}
    for number, raw in _parts(data):
        field = fields.get(number)
        if field is None:
            continue
        if field.is_map:
            entry = dict(_parts(raw))
            value = _decode(field.type, entry.get(2, b""))
            out.setdefault(field.name, {})[entry.get(1, b"").decode()] = value
        elif field.repeated:
            out.setdefault(field.name, []).append(_decode(field.type, raw))
        else:
            value = _decode(field.type, raw)
            if field.name in _EMBEDDED:
                out |= value
            elif value not in ("", None, {}) and (value or field.name in _ZERO_COUNTS):
                out[field.name] = value
    if message.rpartition(".")[2] in _UNWRAPPED:
        return out.get("items", [])
    return out


def _decode_special(message: str, data: bytes) -> Any:
    """Types whose JSON is no object."""
    if message in _TIMES:
        parts = dict(_parts(data))
        if not parts.get(1):
            return ""
        moment = datetime.fromtimestamp(parts[1], UTC)
        if message.endswith("MicroTime"):
            moment = moment.replace(microsecond=parts.get(2, 0) // 1000)
            return moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
    if message == _INT_OR_STRING:
        parts = dict(_parts(data))
        return parts.get(3, b"").decode() if parts.get(1) else _signed(parts.get(2, 0))
    if message == _QUANTITY:
        return dict(_parts(data)).get(1, b"").decode()
    if message == _FIELDS:
        import msgspec

        return msgspec.json.decode(dict(_parts(data)).get(1, b"{}"))
    return None


def _signed(value: int) -> int:
    return value - (1 << 64) if value >> 63 else value


def _decode(kind: str, raw: Any) -> Any:
    if kind == "string":
        return raw.decode()
    if kind == "bytes":
        return base64.b64encode(raw).decode()
    if kind == "bool":
        return bool(raw)
    if kind in ("int32", "int64"):
        return _signed(raw)
    if kind == "double":
        return struct.unpack("<d", raw)[0]
    return _decode_message(kind, raw)
