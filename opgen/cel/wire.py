"""As much of the wire format of protocol buffers as descriptors and checked expressions need.

Kept here because the two messages are small, and because the library speaks bytes.
"""

from __future__ import annotations

_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5
_WIDTHS = {_FIXED64: 8, _FIXED32: 4}


def number(field: int, value: int) -> bytes:
    """An integer, enum or bool."""
    return _varint(field << 3 | _VARINT) + _varint(value)


def text(field: int, value: str | bytes) -> bytes:
    """A string, bytes or message."""
    data = value.encode() if isinstance(value, str) else value
    return _varint(field << 3 | _BYTES) + _varint(len(data)) + data


def fields(data: bytes) -> list[tuple[int, int | bytes]]:
    """The fields of a message: numbers as they are, everything else as bytes."""
    found: list[tuple[int, int | bytes]] = []
    position, end = 0, len(data)
    while position < end:
        tag, position = data[position], position + 1
        if tag > 127:  # which few are, here and below
            tag, position = _read_varint(data, position - 1)
        kind = tag & 7
        if kind in _WIDTHS:
            length = _WIDTHS[kind]
        else:
            length, position = data[position], position + 1
            if length > 127:
                length, position = _read_varint(data, position - 1)
        if kind == _VARINT:
            found.append((tag >> 3, length))
        else:
            found.append((tag >> 3, data[position : position + length]))
            position += length
    return found


def _varint(value: int) -> bytes:
    found = bytearray()
    while value > 127:
        found.append(value & 127 | 128)
        value >>= 7
    found.append(value)
    return bytes(found)


def _read_varint(data: bytes, position: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = data[position]
        position += 1
        value |= (byte & 127) << shift
        if byte < 128:
            return value, position
        shift += 7
