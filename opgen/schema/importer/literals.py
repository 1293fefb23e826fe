"""Values as Python writes them, with the quotes that `ruff format` chooses."""

from __future__ import annotations

import inspect
import unicodedata
from collections.abc import Mapping
from typing import Any

from opgen.schema.importer.layout import Code, Group, Headed

_QUOTES = '"""'
_ESCAPES = {"\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"}
_SECTIONS = frozenset(
    {
        "args", "arguments", "attention", "attributes", "caution", "danger", "error", "example",
        "examples", "extended summary", "hint", "important", "keyword args", "keyword arguments",
        "methods", "note", "notes", "other args", "other arguments", "other parameters",
        "other params", "parameters", "params", "raise", "raises", "receive", "receives",
        "references", "return", "returns", "see also", "short summary", "tip", "todo", "warn",
        "warning", "warnings", "warns", "yield", "yields",
    }
)  # fmt: skip
"""Words that linters take to be the headings of sections."""
# The Latin letters of Western Europe, and all scripts that look like no other.
_PLAIN_LETTERS = (("\u00c0", "\u00ff"), ("\u3040", "\u9fff"), ("\uac00", "\ud7a3"))


def value(data: Any) -> Code:
    """A JSON value."""
    if isinstance(data, str):
        return text(data)
    if isinstance(data, Mapping):
        entries = (Headed(f"{text(str(key))}: ", value(item)) for key, item in data.items())
        return Group("{", tuple(entries), "}", literal=True)
    if isinstance(data, (list, tuple)):
        return Group("[", tuple(map(value, data)), "]", literal=True)
    return repr(data)


def text(data: str) -> str:
    """A string; one with backslashes is written raw where that is possible."""
    if "\\" in data and not data.endswith("\\") and all(map(_is_plain, data)):
        for quote in "\"'":
            if quote not in data:
                return f"r{quote}{data}{quote}"
    quote = "'" if data.count('"') > data.count("'") else '"'
    escaped = "".join(f"\\{letter}" if letter == quote else _escape(letter) for letter in data)
    return f"{quote}{escaped}{quote}"


def _is_plain(letter: str) -> bool:
    """Whether a letter stands for itself in a literal, and looks like no other."""
    if letter.isascii():
        return letter.isprintable()
    is_known = any(low <= letter <= high for low, high in _PLAIN_LETTERS)
    return is_known and unicodedata.category(letter).startswith("L")


def _escape(letter: str) -> str:
    if letter in _ESCAPES:
        return _ESCAPES[letter]
    if _is_plain(letter):
        return letter
    number = ord(letter)
    if number < 0x100:
        return f"\\x{number:02x}"
    return f"\\u{number:04x}" if number < 0x10000 else f"\\U{number:08x}"


def is_docstring(description: str) -> bool:
    """Whether a text comes back unchanged when it stands as a docstring."""
    lines = description.split("\n")
    return (
        bool(description)
        and all(line == line.rstrip() and "\t" not in line for line in lines)
        and not any(unicodedata.category(letter) == "Cc" for line in lines for letter in line)
        and inspect.cleandoc(description).strip() == description
    )


def is_class_docstring(description: str) -> bool:
    """Whether a text may be the docstring of a class, whose style linters look at.

    They take some words at the beginning of a line to be the headings of sections.
    """
    lines = description.split("\n")
    headings = (line.strip().partition(":")[0].strip().lower() for line in lines)
    return (
        is_docstring(description)
        and '"' not in (description[-1], description[0])
        and _QUOTES not in description
        and not any(heading in _SECTIONS for heading in headings)
    )


def docstring(description: str, *, of_class: bool = False) -> str:
    """A text as a docstring that is indented once."""
    lines = description.split("\n")
    raw = "\\" in description and _QUOTES not in description
    raw = raw and all(map(_is_plain, description.replace("\n", "")))
    if not raw:
        lines = ["".join(map(_escape, line)).replace(_QUOTES, '\\"\\"\\"') for line in lines]
    body = "\n".join(f"    {line}" if line else "" for line in lines).lstrip()
    alone = description.endswith(('"', "\\")) or (of_class and len(lines) > 1)
    end = f"\n    {_QUOTES}" if alone else _QUOTES
    return f"    {'r' if raw else ''}{_QUOTES}{body}{end}"
