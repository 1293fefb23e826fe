"""Which scalars an operator takes, for operands of which the checker knows less than the schema.

The library types items of inner lists as anything, so that it lets every operator pass.
"""

from __future__ import annotations

from collections.abc import Mapping

_NUMBERS = ("int", "uint", "double")
_SCALARS = frozenset([*_NUMBERS, "bool", "string", "bytes", "duration", "timestamp"])
_SAME = frozenset((kind, kind) for kind in _SCALARS)
_OF_NUMBERS = frozenset((kind, kind) for kind in _NUMBERS)
_COMPARED = _SAME | {(left, right) for left in _NUMBERS for right in _NUMBERS}
_TIMES = frozenset([("timestamp", "duration"), ("duration", "duration")])
_OPERANDS: Mapping[str, frozenset[tuple[str, str]]] = {
    **dict.fromkeys(("_==_", "_!=_"), _SAME),
    **dict.fromkeys(("_<_", "_<=_", "_>_", "_>=_"), _COMPARED),
    **dict.fromkeys(("_*_", "_/_"), _OF_NUMBERS),
    "_%_": frozenset([("int", "int"), ("uint", "uint")]),
    "_-_": _OF_NUMBERS | _TIMES | {("timestamp", "timestamp")},
    "_+_": _OF_NUMBERS
    | _TIMES
    | {("duration", "timestamp"), ("string", "string"), ("bytes", "bytes")},
}
_NAMES = {"duration": "google.protobuf.Duration", "timestamp": "google.protobuf.Timestamp"}


def mismatch(name: str, left: str, right: str) -> str:
    """Why an operator does not take two kinds of scalars, in cel-go's words.

    Nothing if it takes them, or if that cannot be said.
    """
    allowed = _OPERANDS.get(name)
    if allowed is None or not {left, right} <= _SCALARS or (left, right) in allowed:
        return ""
    shown = ", ".join(_NAMES.get(kind, kind) for kind in (left, right))
    return f"found no matching overload for '{name}' applied to '({shown})'"
