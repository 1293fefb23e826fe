"""Reading request bodies, whatever comes: half, malformed, too deep, or a bomb.

Numbers, keys and times of YAML become what Kubernetes' YAML reader makes of them on the way to
JSON.
"""

from __future__ import annotations

import re
from typing import Any

import msgspec
import yaml

from opgen.testing.errors import bad_request, unsupported_media_type
from opgen.testing.web.negotiation import JSON, READABLE, YAML

LARGEST_DOCUMENT = 1_000_000
"""How many values a YAML document may have, aliases written out."""
_LONG_NUMBER = re.compile(rb"\d{19}")


class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """Reads YAML as JSON has it: times are strings."""


_Loader.yaml_implicit_resolvers = {
    sign: [item for item in resolvers if item[0] != "tag:yaml.org,2002:timestamp"]
    for sign, resolvers in _Loader.yaml_implicit_resolvers.items()
}


def decode(body: bytes, content_type: str) -> Any:
    """A body as JSON or YAML.

    Raises:
        StatusError: it cannot be read.
    """
    try:
        if content_type == YAML:
            return _decode_yaml(body)
        if content_type not in ("", JSON):
            raise unsupported_media_type(READABLE)
        found = msgspec.json.decode(body)
        return _with_floats(found) if _LONG_NUMBER.search(body) else found
    except RecursionError:
        raise too_deep() from None
    except UnicodeDecodeError:
        # As Go's decoder, which puts U+FFFD where the bytes are no UTF-8.
        return decode(body.decode(errors="replace").encode(), content_type)
    except msgspec.DecodeError as error:
        paired = _ESCAPE.sub(_paired, body)
        if paired != body:
            return decode(paired, content_type)
        raise bad_request(f"couldn't get version/kind; json parse error: {error}") from None


# Escapes of JSON: surrogates in pairs, surrogates alone, and all others.
_ESCAPE = re.compile(
    rb"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}"
    rb"|(?P<lone>\\u[dD][89a-fA-F][0-9a-fA-F]{2})|\\."
)


def _paired(escape: re.Match[bytes]) -> bytes:
    """An escape; for half a surrogate pair U+FFFD, as Go's decoder has it."""
    return b"\\ufffd" if escape["lone"] else escape[0]


def too_deep() -> Exception:
    """400: lists in lists in lists."""
    return bad_request("couldn't get version/kind; json parse error: exceeded max depth")


def _decode_yaml(body: bytes) -> Any:
    try:
        found = yaml.load(body, Loader=_Loader)  # noqa: S506 - it is a safe one
    except (yaml.YAMLError, ValueError) as error:
        raise bad_request(f"error decoding YAML: {error}") from None
    if b"*" in body:
        _count(found)
    return _with_floats(found)


def _count(document: Any) -> None:
    """Refuse a document that aliases make too large, before anybody walks it."""
    waiting, count = [document], 0
    while waiting:
        item = waiting.pop()
        count += 1
        if count > LARGEST_DOCUMENT:
            raise bad_request("error decoding YAML: document contains excessive aliasing")
        if isinstance(item, dict):
            waiting += item.values()
        elif isinstance(item, list):
            waiting += item


def _with_floats(value: Any) -> Any:
    """The document with integers beyond 64 bits as floats, and with strings as keys."""
    if isinstance(value, dict):
        return {_key(key): _with_floats(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_with_floats(item) for item in value]
    if isinstance(value, int) and not -(1 << 63) <= value < 1 << 63:
        return float(value)
    return value


def _key(key: Any) -> str:
    return str(key).lower() if isinstance(key, bool) else str(key)
