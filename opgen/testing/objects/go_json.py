"""What Go's JSON decoder says of a text that is no JSON.

`syntax_error` walks a text as the scanner of encoding/json does and stops at the first byte that
does not fit. It is asked only about texts that another decoder has refused, so it may be slow.
"""

from __future__ import annotations

import re
from collections.abc import Callable

DEEPEST = 10_000
"""How many lists and objects may be in one another."""

_SPACE = re.compile(rb"[ \t\r\n]*")
_PLAIN = re.compile(rb'(?:[^"\\\x00-\x1f]|\\["\\/bfnrt]|\\u[0-9a-fA-F]{4})*')
_HEX = re.compile(rb"[0-9a-fA-F]*")
_DIGITS = re.compile(rb"[0-9]*")
_LITERALS = {b"t": b"true", b"f": b"false", b"n": b"null"}
_END = "unexpected end of JSON input"


def syntax_error(text: bytes) -> str:
    """The first mistake in a text in Go's words; empty if it is JSON."""
    try:
        # At the end, Go looks whether a space would end what has begun.
        _Scanner(text + b" ").scan()
    except _Unexpected as error:
        return str(error)
    return ""


class _Unexpected(Exception):
    """A byte that does not fit, or the end of the text."""


class _Scanner:
    def __init__(self, text: bytes) -> None:
        self._text = text
        self._at = 0
        self._open: list[bytes] = []
        """The brackets around what comes next."""

    def scan(self) -> None:
        """Walk the whole text.

        Raises:
            _Unexpected: the first mistake.
        """
        step: Callable[[], bool] = self._value
        while True:
            ended = step()
            while ended and self._open:
                ended = self._after()
            if ended:
                break
            step = self._key if self._open[-1] == b"{" else self._value
        self._skip(_SPACE)
        if self._at < len(self._text):
            raise self._wrong("after top-level value")

    def _value(self) -> bool:
        """Read a value; False if it is a list or object that goes on."""
        first = self._next()
        if first in (b"{", b"["):
            if len(self._open) == DEEPEST:
                raise self._wrong("exceeded max depth")
            self._open.append(first)
            self._at += 1
            if self._next() != (b"}" if first == b"{" else b"]"):
                return False
            self._open.pop()
            self._at += 1
        elif first == b'"':
            self._string()
        elif first in _LITERALS:
            self._literal(_LITERALS[first])
        elif first.isdigit() or first == b"-":
            self._number()
        else:
            raise self._wrong("looking for beginning of value")
        return True

    def _key(self) -> bool:
        if self._next() != b'"':
            raise self._wrong("looking for beginning of object key string")
        self._string()
        if self._next() != b":":
            raise self._wrong("after object key")
        self._at += 1
        return self._value()

    def _after(self) -> bool:
        """Read what follows an entry; True if it ends the list or object."""
        is_object = self._open[-1] == b"{"
        found = self._next()
        if found == (b"}" if is_object else b"]"):
            self._open.pop()
        elif found != b",":
            raise self._wrong(f"after {'object key:value pair' if is_object else 'array element'}")
        self._at += 1
        return found != b","

    def _string(self) -> None:
        self._at += 1
        self._skip(_PLAIN)
        found = self._here()
        if found == b"\\":
            self._at += 1
            if self._here() != b"u":
                raise self._wrong("in string escape code")
            self._at += 1
            self._skip(_HEX)
            raise self._wrong("in \\u hexadecimal character escape")
        if found != b'"':
            raise self._wrong("in string literal")
        self._at += 1

    def _literal(self, word: bytes) -> None:
        for expected in word.decode():
            if self._here() != expected.encode():
                raise self._wrong(f"in literal {word.decode()} (expecting '{expected}')")
            self._at += 1

    def _number(self) -> None:
        if self._here() == b"-":
            self._at += 1
        if self._here() == b"0":
            self._at += 1
        else:
            self._digits("in numeric literal")
        if self._here() == b".":
            self._at += 1
            self._digits("after decimal point in numeric literal")
        if self._here() in (b"e", b"E"):
            self._at += 1
            if self._here() in (b"+", b"-"):
                self._at += 1
            self._digits("in exponent of numeric literal")

    def _digits(self, where: str) -> None:
        if not self._here().isdigit():
            raise self._wrong(where)
        self._skip(_DIGITS)

    def _skip(self, pattern: re.Pattern[bytes]) -> None:
        found = pattern.match(self._text, self._at)
        self._at = found.end() if found else self._at

    def _next(self) -> bytes:
        """The next byte that is no space."""
        self._skip(_SPACE)
        return self._here()

    def _here(self) -> bytes:
        if self._at >= len(self._text):
            raise _Unexpected(_END)
        return self._text[self._at : self._at + 1]

    def _wrong(self, where: str) -> _Unexpected:
        return _Unexpected(f"invalid character {_quoted(self._here())} {where}")


_NAMED = dict(zip(b"\a\b\f\n\r\t\v\\'", ("\\" + name for name in "abfnrtv\\'"), strict=True))


def _quoted(byte: bytes) -> str:
    """A byte as Go shows it in messages."""
    code = byte[0]
    if code in _NAMED:
        return f"'{_NAMED[code]}'"
    if code < 0x20 or code == 0x7F:
        return f"'\\x{code:02x}'"
    # Go takes the byte for a character; not all of Latin-1 can be printed.
    printable = chr(code).isprintable()
    return f"'{chr(code)}'" if printable else f"'\\u{code:04x}'"
