"""OpenAPI v2 as protobuf, in which kubectl asks for it.

Fields and their numbers are those of gnostic's `openapi.v2.Document`. What kubectl validates with
is encoded: definitions, with their types, references and extensions; there are no paths.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from opgen.testing.errors import Document

CONTENT_TYPE = "application/com.github.proto-openapi.spec.v2.v1.0+protobuf"
_ASKED = "com.github.proto-openapi.spec.v2"


def wants_protobuf(accept: str) -> bool:
    """Whether a client asks for this form first."""
    return _ASKED in accept.partition(",")[0]


def encode(document: Document) -> bytes:
    """An OpenAPI v2 document."""
    info = document.get("info") or {}
    definitions: Mapping[str, Document] = document.get("definitions") or {}
    named = (_message(1, _named(name, _schema(item))) for name, item in definitions.items())
    return b"".join(
        (
            _text(1, document.get("swagger", "2.0")),
            _message(2, _text(1, info.get("title", "")) + _text(2, info.get("version", ""))),
            _message(8, b""),
            _message(9, b"".join(named)),
        )
    )


def _number(value: int) -> bytes:
    """A varint."""
    encoded = bytearray()
    while value > 0x7F:
        encoded.append(value & 0x7F | 0x80)
        value >>= 7
    encoded.append(value)
    return bytes(encoded)


def _message(field: int, content: bytes) -> bytes:
    return _number(field << 3 | 2) + _number(len(content)) + content


def _text(field: int, text: str) -> bytes:
    return _message(field, text.encode()) if text else b""


def _named(name: str, value: bytes) -> bytes:
    return _text(1, name) + _message(2, value)


def _any(value: Any) -> bytes:
    """A value as YAML, of which JSON is a part."""
    return _text(2, json.dumps(value, separators=(",", ":")))


_TEXTS = {"$ref": 1, "format": 2, "title": 3, "description": 4, "pattern": 13}


def _schema(schema: Document) -> bytes:
    parts = [_text(field, schema[name]) for name, field in _TEXTS.items() if name in schema]
    if "default" in schema:
        parts.append(_message(5, _any(schema["default"])))
    parts += [_text(19, name) for name in schema.get("required") or ()]
    parts += [_message(20, _any(value)) for value in schema.get("enum") or ()]
    values = schema.get("additionalProperties")
    if isinstance(values, dict):
        parts.append(_message(21, _message(1, _schema(values))))
    elif values:
        parts.append(_message(21, b"\x10\x01"))
    if "type" in schema:
        parts.append(_message(22, _text(1, schema["type"])))
    if isinstance(schema.get("items"), dict):
        parts.append(_message(23, _message(1, _schema(schema["items"]))))
    parts += [_message(24, _schema(item)) for item in schema.get("allOf") or ()]
    fields: Mapping[str, Document] = schema.get("properties") or {}
    if fields:
        parts.append(_message(25, _entries(fields.items())))
    parts += [
        _message(31, _named(name, _any(value)))
        for name, value in schema.items()
        if name.startswith("x-")
    ]
    return b"".join(parts)


def _entries(fields: Iterable[tuple[str, Document]]) -> bytes:
    return b"".join(_message(1, _named(name, _schema(item))) for name, item in fields)
