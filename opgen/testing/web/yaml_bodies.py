"""Reading YAML as the server does: with go-yaml's types and words, and with its limits."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from typing import Any

import yaml
from yaml.reader import ReaderError
from yaml.scanner import ScannerError

from opgen.testing.errors import unsupported_media_type
from opgen.testing.objects.typed import go_syntax
from opgen.testing.web.bodies import Unreadable, read_json, with_floats
from opgen.testing.web.negotiation import JSON, READABLE, YAML

_FEW_VALUES, _MANY_VALUES = 400_000, 4_000_000
_MOST_OF_FEW, _MOST_OF_MANY = 0.99, 0.10
"""Which part of a document may come from aliases, if it has few or many values."""

_NUMBER = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_INTEGER = re.compile(r"[-+]?(0|[1-9][0-9]*|0[0-7]+|0[oO][0-7]+|0[xX][0-9a-fA-F]+|0[bB][01]+)")
_TRUE = ("y", "yes", "true", "on")
_FALSE = ("n", "no", "false", "off")
_WORDS: dict[str, bool | float | None] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), None),
    **dict.fromkeys((".nan", ".NaN", ".NAN"), math.nan),
    **{f"{sign}{word}": math.inf for sign in ("", "+") for word in (".inf", ".Inf", ".INF")},
    **dict.fromkeys(("-.inf", "-.Inf", "-.INF"), -math.inf),
    **{form: True for word in _TRUE for form in (word, word.capitalize(), word.upper())},
    **{form: False for word in _FALSE for form in (word, word.capitalize(), word.upper())},
}
_PLAIN = "tag:yaml.org,2002:str"
_MERGE = "tag:yaml.org,2002:merge"


def _scalar(text: str) -> Any:
    """What go-yaml makes of a scalar without quotes."""
    if text in _WORDS:
        return _WORDS[text]
    if text[:1] not in "0123456789+-.":
        return text
    plain = text.replace("_", "")
    if _INTEGER.fullmatch(plain) and len(plain) < 100:
        octal = re.fullmatch(r"([-+]?)0([0-7]+)", plain)
        value = int(f"{octal[1]}0o{octal[2]}", 0) if octal else int(plain, 0)
        if -(1 << 63) <= value < 1 << 64:
            return value
    if _NUMBER.fullmatch(plain):
        number = float(plain)
        return number if math.isfinite(number) else text
    return text


class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """Builds plain values; a tag that nobody knows says nothing."""

    def any_value(self, node: yaml.Node) -> Any:
        """A value, whatever its tag."""
        if isinstance(node, yaml.ScalarNode):
            plain = not node.style and node.tag == _PLAIN
            return _scalar(node.value) if plain else node.value
        if isinstance(node, yaml.SequenceNode):
            return self.construct_sequence(node, deep=True)
        assert isinstance(node, yaml.MappingNode)
        return self.construct_mapping(node, deep=True)

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[str, Any]:
        """A map, whose keys become strings as JSON has them."""
        for pair in node.value:
            if isinstance(pair[0], yaml.ScalarNode) and pair[0].value == "<<":
                pair[0].tag = _MERGE
            elif not isinstance(pair[0], yaml.ScalarNode):
                shown = go_syntax(self.construct_object(pair[0], deep=True))
                raise Unreadable(f"yaml: invalid map key: {shown}")
        self.flatten_mapping(node)
        return {
            _key(self.construct_object(key)): self.construct_object(value, deep=True)
            for key, value in node.value
        }


_Loader.yaml_implicit_resolvers = {}
_Loader.yaml_constructors = {None: _Loader.any_value}


def _key(key: Any) -> str:
    if key is None:
        return "null"
    return str(key).lower() if isinstance(key, bool) else str(key)


def read_yaml(body: bytes) -> Any:
    """A body as YAML; of several documents the first.

    Raises:
        Unreadable: it is none.
    """
    try:
        loader = _Loader(body)
        found = loader.get_data() if loader.check_data() else None
        if b"*" in body:
            _check_aliases(found)
        return with_floats(_checked(found))
    except RecursionError:
        raise Unreadable("yaml: exceeded max depth of 10000") from None
    except yaml.YAMLError as error:
        raise Unreadable(f"yaml: {_words(error, body)}") from None


def _checked(value: Any) -> Any:
    """The value, if JSON can hold its numbers."""
    waiting = [value]
    while waiting:
        item = waiting.pop()
        if isinstance(item, dict):
            waiting += item.values()
        elif isinstance(item, list):
            waiting += item
        elif isinstance(item, float) and not math.isfinite(item):
            name = "NaN" if math.isnan(item) else "+Inf" if item > 0 else "-Inf"
            raise Unreadable(f"json: unsupported value: {name}")
    return value


def _check_aliases(document: Any) -> None:
    """Refuse a document that aliases make too large, before anybody walks it."""
    seen: set[int] = set()
    copied = 0
    for count, repeated in enumerate(_copies(document, seen), 1):
        copied += repeated
        many = min(max(count - _FEW_VALUES, 0) / (_MANY_VALUES - _FEW_VALUES), 1)
        most = _MOST_OF_FEW - (_MOST_OF_FEW - _MOST_OF_MANY) * many
        if copied > 100 and count > 1000 and copied / count > most:
            raise Unreadable("yaml: document contains excessive aliasing")


def _copies(document: Any, seen: set[int]) -> Iterator[bool]:
    """For every value, and every copy of one, whether it is a copy."""
    waiting: list[tuple[Any, bool]] = [(document, False)]
    while waiting:
        value, repeated = waiting.pop()
        if isinstance(value, (dict, list)):
            repeated = repeated or id(value) in seen
            seen.add(id(value))
            parts = value.values() if isinstance(value, dict) else value
            waiting += [(item, repeated) for item in list(parts)[::-1]]
            yield from [repeated] * (len(value) if isinstance(value, dict) else 0)
        yield repeated


def _words(error: yaml.YAMLError, body: bytes) -> str:
    """What go-yaml, which has the same scanner, says of a mistake."""
    if isinstance(error, ReaderError):
        return str(error.reason)
    if not isinstance(error, yaml.MarkedYAMLError) or error.problem is None:
        return str(error)
    if error.problem == "found undefined alias" and error.problem_mark is not None:
        lines = body.decode(errors="replace").splitlines()
        rest = lines[error.problem_mark.line][error.problem_mark.column :]
        name = re.match(r"\*([\w-]+)", rest)
        return f"unknown anchor '{name[1] if name else ''}' referenced"
    if error.problem == "found unconstructable recursive node":
        anchor = re.search(rb"\*([\w-]+)", body)
        return f"anchor '{anchor[1].decode() if anchor else ''}' value contains itself"
    if error.problem.startswith("expected a mapping or list of mappings for merging"):
        return "map merge requires map or sequence of maps as the value"
    line = error.problem_mark.line if error.problem_mark else 0
    if line and isinstance(error, ScannerError):
        line += 1
    elif not line and error.context_mark:
        line = error.context_mark.line
    return f"line {line}: {error.problem}" if line else error.problem


def read_body(body: bytes, content_type: str) -> Any:
    """A body of a media type.

    Raises:
        Unreadable: it is not of that type.
        StatusError: 415, nobody can read that type.
    """
    if content_type == YAML:
        return read_yaml(body)
    if content_type not in ("", JSON):
        raise unsupported_media_type(READABLE)
    return read_json(body)
