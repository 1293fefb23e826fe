"""Answers: bodies of bytes with a code, made in one place."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import msgspec
import yaml

from opgen.testing.errors import StatusError

JSON = "application/json"


@dataclass(slots=True)
class Answer:
    """A complete answer."""

    body: bytes
    code: int = 200
    content_type: str = JSON
    warnings: list[str] = field(default_factory=list)
    headers: dict[str, str] = field(default_factory=dict)


def json_answer(document: Any, code: int = 200, warnings: Iterable[str] = ()) -> Answer:
    """An object as JSON."""
    return Answer(msgspec.json.encode(document) + b"\n", code, warnings=list(warnings))


def error_answer(error: StatusError) -> Answer:
    """A Status as JSON."""
    answer = json_answer(error.document(), error.code)
    retry = (error.details or {}).get("retryAfterSeconds")
    if retry:
        answer.headers["Retry-After"] = str(retry)
    return answer


def in_form(answer: Answer, media_type: str) -> Answer:
    """An answer in JSON, in the form that was asked for."""
    if media_type == JSON or answer.content_type != JSON:
        return answer
    body = yaml.safe_dump(msgspec.json.decode(answer.body), allow_unicode=True).encode()
    return dataclasses.replace(answer, body=body, content_type=media_type)


def text_answer(text: str, code: int = 200) -> Answer:
    """Plain text."""
    headers = {"X-Content-Type-Options": "nosniff"}
    return Answer(text.encode(), code, "text/plain; charset=utf-8", headers=headers)
