"""What the tool and its child process say to each other.

The project's opgen may be of another version than the tool's, so the answer has a number. The
request is a command line (`opgen.manifests.request`). The child answers in lines of JSON:
`{"importing": module}` before each module, so that a module that hangs can be named, and at the end
the documents and the problems.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from opgen.api.errors import Location, Problem

VERSION = 2


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
