"""Targets of request lines: the path and the query that they ask for. Source: RFC 9112, 3.2."""

from __future__ import annotations

import codecs
import re
from functools import partial
from urllib.parse import parse_qsl, urlsplit

_ESCAPES = re.compile("(?:%[0-9A-Fa-f]{2})+")
_DELIMITERS = {ord(character): f"%{ord(character):02X}" for character in "+=&;"}


def split_target(method: str, target: str) -> tuple[str, str] | None:
    """Path and query as they were sent; None if it is no target of a request.

    A proxy's form with scheme and host means the same as without, and CONNECT asks for no path.
    """
    if method == "CONNECT":
        return "", ""
    if target.startswith("/"):
        path, separator, query = target.partition("?")
        return (path, query.partition("#")[0]) if separator else (path.partition("#")[0], "")
    if target == "*" and method == "OPTIONS":
        return target, ""
    try:
        parts = urlsplit(target)
    except ValueError:
        return None
    return (parts.path or "/", parts.query) if parts.scheme and parts.netloc else None


def unquoted(text: str) -> str:
    """A path without its escapes; what would be no UTF-8 stays escaped."""
    return _ESCAPES.sub(_decoded, text) if "%" in text else text


def query_parameters(query: str) -> dict[str, str]:
    """The parameters of a query, the first of several of one name."""
    found: dict[str, str] = {}
    for name, value in parse_qsl(query, keep_blank_values=True):
        found.setdefault(name, value)
    return found


def readable_query(query: str) -> str:
    """A query without its escapes, but for those of characters that delimit parameters."""
    return _ESCAPES.sub(partial(_decoded, kept=_DELIMITERS), query.replace("+", " "))


def _decoded(found: re.Match[str], kept: dict[int, str] | None = None) -> str:
    text = bytes.fromhex(found[0].replace("%", "")).decode("utf-8", _KEEP_ESCAPES)
    return text.translate(kept) if kept else text


def _escaped(error: UnicodeError) -> tuple[str, int]:
    """Write undecodable bytes as escapes."""
    assert isinstance(error, UnicodeDecodeError)
    part = error.object[error.start : error.end]
    return "".join(f"%{byte:02X}" for byte in part), error.end


_KEEP_ESCAPES = "opgen.testing.escapes"
codecs.register_error(_KEEP_ESCAPES, _escaped)
