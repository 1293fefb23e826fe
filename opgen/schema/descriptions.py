"""Descriptions: those of every kind's own fields, and cutting them to a length."""

from __future__ import annotations

import unicodedata
from typing import Any

# The texts of meta/v1 TypeMeta, which every CRD carries.
API_VERSION = (
    "APIVersion defines the versioned schema of this representation of an object.\n"
    "Servers should convert recognized schemas to the latest internal value, and\n"
    "may reject unrecognized values.\n"
    "More info: https://git.k8s.io/community/contributors/devel/sig-architecture/"
    "api-conventions.md#resources"
)
KIND = (
    "Kind is a string value representing the REST resource this object represents.\n"
    "Servers may infer this from the endpoint the client submits requests to.\n"
    "Cannot be updated.\nIn CamelCase.\n"
    "More info: https://git.k8s.io/community/contributors/devel/sig-architecture/"
    "api-conventions.md#types-kinds"
)

_SCHEMAS = ("properties", "definitions", "patternProperties")
# Unicode's property Sentence_Terminal, as far as it is in use.
_SENTENCE_ENDS = (
    ".!?\u0589\u061f\u06d4\u0964\u0965\u2047\u2048\u2049\u3002\ufe52\uff01\uff0e\uff1f\uff61"
)


def limit(schema: dict[str, Any], longest: int, done: set[int] | None = None) -> None:
    """Cut the descriptions of a schema and of all below it; 0 removes them.

    Args:
        schema: The schema, of which parts may be one and the same object.
        longest: The greatest length in bytes.
        done: The ids of schemas that are cut already: a second cut could cut more.
    """
    done = set() if done is None else done
    if id(schema) in done:
        return
    done.add(id(schema))
    text = schema.get("description")
    if isinstance(text, str):
        short = cut(text, longest)
        if short:
            schema["description"] = short
        else:
            del schema["description"]
    for keyword in _SCHEMAS:
        for inner in schema.get(keyword, {}).values():
            limit(inner, longest, done)
    for keyword in ("items", "additionalProperties"):
        if isinstance(schema.get(keyword), dict):
            limit(schema[keyword], longest, done)


def cut(text: str, longest: int) -> str:
    """A text of at most so many bytes, cut after a sentence if there is one, else after a word."""
    if len(text.encode()) <= longest:
        return text
    head = text.encode()[:longest].decode(errors="ignore")
    end = max(head.rfind(mark) for mark in _SENTENCE_ENDS)
    if end >= 0:
        return head[: end + 1]
    space = max((i for i, char in enumerate(head) if _is_space(char)), default=-1)
    if space >= 0:
        return head[:space] + "..."
    return head + "..." if head else ""


def _is_space(char: str) -> bool:
    return char.isspace() or unicodedata.category(char) == "Zs"
