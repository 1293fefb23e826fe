"""How a string is written as a YAML scalar, so that Go's reader gives the same string back.

The style is the one that Go's yaml.v2 chooses, and with it controller-gen: plain where that is
read as a string again, double-quoted where it would be another type (YAML 1.1 with extras: `y`,
`on`, `1_000`, `190:20:30`, dates), single-quoted where only the syntax forbids plain, a literal
block for several lines. Plain and quoted text is folded at the first blank behind column 80.

Three sorts of strings are written otherwise than controller-gen does, because not every reader, or
none, gives its output back: the key `<<` is quoted, the line breaks U+0085, U+2028 and U+2029 are
escaped, and so are the control characters U+007F to U+009F.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache
from typing import NamedTuple

WIDTH = 80
LONGEST_SIMPLE_KEY = 128
"""In bytes; a longer key is written as `? key`."""


class _Syntax(NamedTuple):
    r"""What the syntax of YAML asks of a text.

    Attributes:
        not_printable: Finds a character that must be escaped wherever it stands.
        not_plain: Finds what is forbidden in a plain scalar of one line.
        not_literal: Finds what a literal block would not keep: a blank before a break, and other
            breaks than \n.
        to_escape: Finds each character that is escaped between double quotes.
    """

    not_printable: re.Pattern[str]
    not_plain: re.Pattern[str]
    not_literal: re.Pattern[str]
    to_escape: re.Pattern[str]


@cache
def _syntax(is_ascii: bool) -> _Syntax:
    """The patterns for a text; those for texts beyond ASCII take 15 ms to compile."""
    breaks = "\n\r" if is_ascii else "\n\r\x85\u2028\u2029"
    beyond = "" if is_ascii else "\xa0-\ud7ff\ue000-\ufefe\uff00-\ufffd"
    not_printable = f"[^\n\x20-\x7e{beyond}]"
    forbidden = [
        r"""\A[#,\[\]{}&*!|>'"%@` ]""",
        r"\A(?:---|\.\.\.)",
        r"\A[-?](?=[ \t]|\Z)",
        r":(?=[ \t]|\Z)",
        rf"(?<=[ \t\0{breaks}])#",
        r" \Z",
        f"[{breaks}]",
        not_printable,
    ]
    return _Syntax(
        re.compile(not_printable),
        re.compile("|".join(forbidden)),
        re.compile(f" \\Z| \n|[\u2028\u2029]|{not_printable}"),
        re.compile(rf'["\\{breaks}]|{not_printable}'),
    )


_WORDS = frozenset(
    word
    for line in (
        "y Y yes Yes YES n N no No NO on On ON off Off OFF",
        "true True TRUE false False FALSE ~ null Null NULL",
        ".nan .NaN .NAN .inf .Inf .INF +.inf +.Inf +.INF -.inf -.Inf -.INF",
    )
    for word in ["", *line.split()]
)
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_BASED = re.compile(r"[-+]?0(?:[xX][0-9a-fA-F]+|[oO][0-7]+|[bB][01]+)")
_BASED_YAML_11 = re.compile(r"[-+]?0(?:x[0-9a-fA-F_]+|b[01_]+)")
_BASE_60 = re.compile(r"[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?")
_CLOCK = r"([0-9]{1,2}):([0-9]{1,2}):([0-9]{1,2})(?:[.,][0-9]+)?"
_TIMESTAMP = re.compile(
    r"([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})"
    rf"(?:[Tt]{_CLOCK}(?:Z|[-+][0-9]{{2}}:[0-9]{{2}})| {_CLOCK})?"
)

_ESCAPES = {
    "\0": "\\0",
    "\a": "\\a",
    "\b": "\\b",
    "\t": "\\t",
    "\n": "\\n",
    "\v": "\\v",
    "\f": "\\f",
    "\r": "\\r",
    "\x1b": "\\e",
    '"': '\\"',
    "\\": "\\\\",
    "\x85": "\\N",
    "\xa0": "\\_",
    "\u2028": "\\L",
    "\u2029": "\\P",
}

# A blank where plain and single-quoted text, and where double-quoted text, may be folded.
_FOLD = re.compile(r"(?<! ) (?! )")
_FOLD_DOUBLE = re.compile(r"(?<! ) ")


def scalar(text: str, column: int, indent: int) -> str:
    """The string as a value.

    Args:
        text: The string.
        column: Where the value starts, in characters.
        indent: By how much its further lines are indented.
    """
    short = inline(text)
    if short is None:
        return literal(text, indent)
    if column + len(short) <= WIDTH + 1 or " " not in short:
        return short
    return _fold(short, column, indent)


@lru_cache(maxsize=4096)
def inline(text: str) -> str | None:
    """The string on one line, however long, or None if it belongs into a literal block."""
    syntax = _syntax(text.isascii())
    if "\n" in text and not syntax.not_literal.search(text):
        return None
    if "\n" in text or syntax.not_printable.search(text) or resolves(text):
        return _double_quoted(text)
    if not syntax.not_plain.search(text):
        return text
    if "\u2028" in text or "\u2029" in text:
        return _double_quoted(text)
    return "'" + text.replace("'", "''") + "'"


def literal(text: str, indent: int) -> str:
    """The string as a literal block, without the line break that ends its last line."""
    hint = "2" if text[0] in " \n" else ""
    chomp = ""
    if not text.endswith("\n"):
        chomp = "-"
    elif text == "\n" or text.endswith("\n\n"):
        chomp = "+"
    blanks = " " * indent
    lines = [blanks + line if line else "" for line in text.split("\n")]
    if text.endswith("\n"):
        lines.pop()
    return "\n".join([f"|{hint}{chomp}", *lines])


def key(text: str) -> str | None:
    """The string as a key on one line, or None if it must be written as `? key`."""
    if "\n" in text or "\r" in text or len(text.encode()) > LONGEST_SIMPLE_KEY:
        return None
    if text == "<<":
        return '"<<"'
    return inline(text)


def resolves(text: str) -> bool:
    """Whether Go's reader, or one of YAML 1.1, takes the plain text for something else."""
    if text in _WORDS:
        return True
    first = text[0]
    if first == ".":
        return _FLOAT.fullmatch(text.replace("_", "")) is not None
    if first not in "+-0123456789":
        return False
    digits = text.replace("_", "")
    return (
        _FLOAT.fullmatch(digits) is not None
        or _BASED.fullmatch(digits) is not None
        or _BASED_YAML_11.fullmatch(text) is not None
        or _BASE_60.fullmatch(text) is not None
        or _is_timestamp(text)
    )


def _is_timestamp(text: str) -> bool:
    match = _TIMESTAMP.fullmatch(text)
    if match is None:
        return False
    numbers = [int(group) for group in match.groups() if group is not None]
    year, month, day, *clock = numbers
    from datetime import date

    try:
        date(year or 2000, month, day)
    except ValueError:
        return False
    return all(number < limit for number, limit in zip(clock, (24, 60, 60), strict=False))


def _double_quoted(text: str) -> str:
    if text.startswith("\ufeff"):
        # yaml.v2 takes every character behind a byte order mark for one.
        return '"' + "".join(map(_escape, text)) + '"'
    return '"' + _syntax(text.isascii()).to_escape.sub(lambda match: _escape(match[0]), text) + '"'


def _escape(character: str) -> str:
    known = _ESCAPES.get(character)
    if known is not None:
        return known
    code = ord(character)
    if code <= 0xFF:
        return f"\\x{code:02X}"
    return f"\\u{code:04X}" if code <= 0xFFFF else f"\\U{code:08X}"


def _fold(text: str, column: int, indent: int) -> str:
    """Plain or quoted text over several lines, each broken at the first blank behind the width."""
    double = text[0] == '"'
    quoted = double or text[0] == "'"
    pattern = _FOLD_DOUBLE if double else _FOLD
    first, last = (2, len(text) - 2) if quoted else (0, len(text))
    lines: list[str] = []
    start = 0
    escape = ""
    while match := pattern.search(text, max(first, start + WIDTH + 1 - column)):
        if match.start() >= last:
            break
        lines.append(escape + text[start : match.start()])
        start = match.end()
        # A blank at the start of a line would be skipped.
        escape = "\\" if text[start] == " " else ""
        column = indent + len(escape)
    lines.append(escape + text[start:])
    return ("\n" + " " * indent).join(lines)
