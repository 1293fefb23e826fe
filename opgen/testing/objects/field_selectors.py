"""Field selectors as queries have them: `metadata.name=x,status.phase!=Running`.

What is accepted, and what is said of the rest, is what apimachinery's fields.ParseSelector accepts
and says.
"""

from __future__ import annotations

import re

from opgen.testing.errors import bad_request
from opgen.testing.objects.selectors import Requirement, Selector

_TERMS = re.compile(r"(?:\\.|[^\\,]|\\$)+", re.DOTALL)
_TERM = re.compile(r"(.*?)(!=|==|=)(.*)", re.DOTALL)
_PIECE = re.compile(r"\\(.?)|([,=])|[^\\,=]+", re.DOTALL)
_ESCAPED = ("\\", ",", "=")


def parse_fields(text: str) -> Selector:
    """Read a field selector.

    Raises:
        StatusError: it cannot be read.
    """
    found = []
    for term in sorted(_TERMS.findall(text)):
        match = _TERM.fullmatch(term)
        if match is None:
            raise bad_request(f"invalid selector: '{text}'; can't understand '{term}'")
        key, operator, value = match.groups()
        found.append(Requirement(key, "notin" if operator == "!=" else "in", (_plain(value),)))
    return tuple(found)


def _plain(value: str) -> str:
    """A value without backslashes, which commas and equals signs need."""
    plain = []
    for match in _PIECE.finditer(value):
        escaped, bare = match.groups()
        if bare:
            text = f"unescaped character in value: {ord(bare)}"
            raise bad_request(f"invalid field selector: {text}")
        if escaped is not None and escaped not in _ESCAPED:
            text = f"invalid escape sequence: \\{escaped}"
            raise bad_request(f"invalid field selector: {text}")
        plain.append(match[0] if escaped is None else escaped)
    return "".join(plain)
