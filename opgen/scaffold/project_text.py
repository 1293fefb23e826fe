"""PROJECT as opgen itself writes it.

Hardly anybody edits PROJECT, and a library that keeps comments takes a tenth of a second for it.
So the plain form below is written here; what holds anything else (a comment, a quoted string,
another order) is left to ruamel.yaml, which gives the same text for the plain form.

    # comment of opgen
    key: scalar
    mapping:
      key: scalar
    list:
    - key: scalar
      key:
      - scalar
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

COMMENT = "What opgen knows about this project. opgen keeps it; commit it with the rest."
_WORDS = r"[A-Za-z0-9_./][A-Za-z0-9_./+=<>,@-]*(?: [A-Za-z0-9_./+=<>,@-]+)*"
_LONGEST_KEY = 100
"""YAML writes keys of more than 128 characters in another form."""
_EXPONENT = "(e[-+]?[0-9]+)?"
_OTHER_TYPES = re.compile(
    r"[-+]?0(b[01_]+|o[0-7_]+|x[0-9a-f_]+)"
    rf"|[-+]?[0-9][0-9_,]*(\.[0-9_]*)?{_EXPONENT}|\.[0-9_]+{_EXPONENT}"
    r"|[0-9]{4}-[0-9].*|\.(inf|nan)|\.+|true|false|yes|no|on|off|y|n|null",
    re.IGNORECASE,
)
"""What is no text without quotes, to some reader of YAML."""
_LINE = re.compile(rf"(?: {{2}}){{0,2}}(?:- )?(?:{_WORDS}:(?: (?:'1'|{_WORDS}))?|{_WORDS})")


class _NotPlain(Exception):
    """It has another form."""


def write(document: Mapping[str, Any]) -> str | None:
    """PROJECT's text, or None if something in it is not plain."""
    try:
        return f"# {COMMENT}\n" + "".join(f"{line}\n" for line in _mapping(document, ""))
    except _NotPlain:
        return None


def _mapping(values: Mapping[str, Any], indent: str) -> Iterator[str]:
    for key, value in values.items():
        name = f"{indent}{_checked(key)}:"
        if len(key) > _LONGEST_KEY or value in ({}, []):
            raise _NotPlain
        if isinstance(value, Mapping):
            yield name
            yield from _mapping(value, indent + "  ")
        elif isinstance(value, list):
            yield name
            for item in value:
                yield from _item(item, indent)
        else:
            yield f"{name} {_scalar(value)}"


def _item(item: Any, indent: str) -> Iterator[str]:
    if not isinstance(item, Mapping):
        yield f"{indent}- {_scalar(item)}"
        return
    first, *rest = _mapping(item, indent + "  ")
    yield f"{indent}- {first.lstrip()}"
    yield from rest


def _scalar(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return "'1'" if value == "1" else _checked(value)


def _checked(text: Any) -> str:
    if not (isinstance(text, str) and re.fullmatch(_WORDS, text)) or _OTHER_TYPES.fullmatch(text):
        raise _NotPlain
    return text


def read(text: str) -> Any:
    """What a text says if it is plain, and None or something else if it is not.

    Whether it is plain shows when the outcome is written again.
    """
    import yaml

    comment, *lines = text.split("\n")[:-1] or [""]
    if not (comment == f"# {COMMENT}" and all(map(_LINE.fullmatch, lines))):
        return None
    loader = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
    try:
        return _typed(yaml.load(text, loader))  # noqa: S506 - it makes nothing but text
    except yaml.YAMLError:
        return None


def _typed(value: Any) -> Any:
    """The value with its booleans, which are text to the loader."""
    if isinstance(value, dict):
        return {key: _typed(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_typed(item) for item in value]
    return {"true": True, "false": False}.get(value, value)
