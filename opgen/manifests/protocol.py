"""What the tool and its child process say to each other.

The project's opgen may be of another version than the tool's, so the answer has a number. The
request is a command line (`opgen.manifests.request`). The child answers in lines of JSON:
`{"importing": module}` before each module, so that a module that hangs can be named, and None after
the last; then the CRDs, so that their text is made while they are checked; and at the end the other
documents and the problems, or `{"mistake": traceback}` of one in opgen. CRDs are packed, because a
type that is used in many places makes them many times as large as what they say.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from opgen.api.errors import Location, Problem

VERSION = 3


def encode_problem(problem: Problem) -> dict[str, Any]:
    """A problem as a JSON object."""
    return asdict(problem)


def decode_problem(document: dict[str, Any]) -> Problem:
    """A problem from its JSON object."""
    location = document.get("location")
    return Problem(
        message=document["message"],
        location=Location(**location) if location else None,
        field=document.get("field", ""),
        hint=document.get("hint", ""),
        severity=document.get("severity", "error"),
    )


def pack(value: Any) -> list[Any]:
    """JSON as a list of its objects and arrays, in which each stands once, inner ones first.

    What is one and the same object in memory is one of the list. Inside of each, a part that is an
    object or an array itself is `[position]`; no other array is left there, so that is plain.
    """
    parts: list[Any] = []
    _pack(value, parts, {})
    return parts


def _pack(value: Any, parts: list[Any], known: dict[int, list[int]]) -> list[int]:
    """Put an object or array behind the parts that it needs; returns what stands for it."""
    found = known.get(id(value))
    if found is not None:
        return found
    packed: Any
    if isinstance(value, dict):
        packed = {
            name: _pack(part, parts, known) if isinstance(part, _NESTED) else part
            for name, part in value.items()
        }
    else:
        packed = [
            _pack(part, parts, known) if isinstance(part, _NESTED) else part for part in value
        ]
    reference = known[id(value)] = [len(parts)]
    parts.append(packed)
    return reference


_NESTED = (dict, list, tuple)


def unpack(parts: list[Any]) -> Any:
    """The JSON that `pack` made the list of; equal parts are one and the same object again."""
    for part in parts:
        for name, value in part.items() if isinstance(part, dict) else enumerate(part):
            if isinstance(value, list):
                part[name] = parts[value[0]]
    return parts[-1]
