"""Reading YAML that strangers wrote: with positions, as Kubernetes reads it, and without traps.

Kubernetes makes JSON out of YAML. So a date is text here, and so is `=`; a key that is there twice
is a mistake; and a small file that stands for a huge document, by aliases of aliases, is refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import yaml

from opgen.api.errors import Location, Problem, Problems

LARGEST = 32 * 2**20
"""The greatest size of a file in bytes; etcd takes objects of 1.5 MB."""
DEEPEST = 200
"""The greatest depth of a document."""
_LIBRARY_TOO_DEEP = "exceeded maximum nesting depth"
"""What libyaml says since 0.2.6 of depths above 1,000, which it meets before we can count."""
_MOST_ALIASED = 10
"""How many times as large as it is written a document may get by aliases."""
_SMALL = 10_000

Path = tuple[str | int, ...]


class _Loader(yaml.CSafeLoader):
    """Scalars as JSON has them; the keys of objects are text, whatever they look like."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        """An object of JSON."""
        return {_key(key): item for key, item in super().construct_mapping(node, deep).items()}


def _key(key: Any) -> Any:
    is_number = isinstance(key, (int, float)) and not isinstance(key, bool)
    return str(key) if is_number else key


def _text(loader: _Loader, node: yaml.ScalarNode) -> str:
    return str(node.value)


def _number(loader: _Loader, node: yaml.ScalarNode) -> Any:
    """A number; what has a colon is text to everybody but YAML 1.1, and 1.0 is 1 in JSON."""
    if ":" in node.value:
        return str(node.value)
    if node.tag.endswith("int"):
        return loader.construct_yaml_int(node)
    number = loader.construct_yaml_float(node)
    return int(number) if number.is_integer() and abs(number) < _LEAST_WITH_EXPONENT else number


def _flag(loader: _Loader, node: yaml.ScalarNode) -> bool:
    return node.value.lower() in ("y", "yes", "true", "on")


def _decoded_text(loader: _Loader, node: yaml.ScalarNode) -> str:
    return loader.construct_yaml_binary(node).decode()


_LEAST_WITH_EXPONENT = 1e21
"""From here on Go writes whole numbers as 1e+21, which is no integer to it any more."""
_TAG = "tag:yaml.org,2002:"
_NOT_OF_PYYAML = {
    "bool": (r"[yYnN]", "yYnN"),
    "int": (r"[-+]?0o[0-7_]+", "-+0"),
    "float": (r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)[eE][-+]?[0-9]+", "-+.0123456789"),
}
"""What is more than text to Go's YAML, and no more to this one: a pattern, and how it may begin."""
for _kind, (_pattern, _first) in _NOT_OF_PYYAML.items():
    _Loader.add_implicit_resolver(_TAG + _kind, re.compile(f"(?:{_pattern})$"), list(_first))
for _kind, _constructor in {
    **dict.fromkeys(("value", "merge", "timestamp"), _text),
    **dict.fromkeys(("int", "float"), _number),
    "bool": _flag,
    "binary": _decoded_text,
}.items():
    _Loader.add_constructor(_TAG + _kind, _constructor)


@dataclass(frozen=True, slots=True)
class YamlDocument:
    """One document of a file.

    Attributes:
        value: What it says.
        source: The file's name, as messages show it.
        line: The line that it begins on.
        text: The whole file, to look up positions in.
        index: Which document of the file it is.
    """

    value: Any
    source: str
    line: int
    text: str = field(repr=False)
    index: int

    def locations(self) -> Locations:
        """The lines of all that is in the document; this reads the file again."""
        nodes = yaml.compose_all(self.text, _Loader)
        node = next(node for index, node in enumerate(nodes) if index == self.index)
        return Locations(self.source, node)


class Locations:
    """Where the parts of a document stand."""

    def __init__(self, source: str, node: yaml.Node) -> None:
        self._source = source
        self._node = node

    def of(self, path: Path) -> Location:
        """The place of what a path leads to, or of the last thing on the way that is there."""
        node, line = self._node, _line(self._node)
        for step in path:
            found = _step(node, step)
            if found is None:
                break
            node, line = found
        return Location(self._source, line)


def _step(node: yaml.Node, step: str | int) -> tuple[yaml.Node, int] | None:
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            if isinstance(key, yaml.ScalarNode) and key.value == step:
                return value, _line(key)
    if isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
        return node.value[step], _line(node.value[step])
    return None


def read(content: bytes, source: str) -> list[YamlDocument]:
    """The documents of a file, without empty ones.

    Args:
        content: The file.
        source: What messages call it.

    Raises:
        Problems: it is no YAML, or none that Kubernetes would read.
    """
    if len(content) > LARGEST:
        size = f"{len(content) / 2**20:.0f} MiB"
        raise _refused(
            source, 0, f"{source} has {size}, and no CRD is that large", "pass the CRD's own file"
        )
    text = _decoded(content, source)
    try:
        _refuse_depth(text, source)
        return list(_documents(_Loader(text), text, source))
    except yaml.MarkedYAMLError as error:
        raise _not_yaml(error, source) from error
    except (yaml.reader.ReaderError, ValueError) as error:
        message = f"{source} is no YAML: {str(error).splitlines()[0]}"
        raise _refused(source, 0, message, "mend the file") from error


def _documents(loader: _Loader, text: str, source: str) -> Iterator[YamlDocument]:
    index = 0
    while loader.check_node():
        node = loader.get_node()
        if node is None:
            break
        _check(node, source)
        value = loader.construct_document(node)
        if value is not None:
            yield YamlDocument(value, source, _line(node), text, index)
        index += 1


def _decoded(content: bytes, source: str) -> str:
    encoding = "utf-16" if content[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise _refused(
            source, line, f"{source} is not in UTF-8", "save the file in UTF-8"
        ) from error


def _refuse_depth(text: str, source: str) -> None:
    """Refuse what would overflow the stack of the functions that make documents."""
    depth = 0
    for event in yaml.parse(text, _Loader):
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        if depth > DEEPEST:
            raise _too_deep(source, event.start_mark.line + 1 if event.start_mark else 0)


def _too_deep(source: str, line: int) -> Problems:
    return _refused(
        source, line, f"{source} is nested more than {DEEPEST} levels deep", "pass another file"
    )


def _check(root: yaml.Node, source: str) -> None:
    """Refuse duplicate keys, and what aliases blow up.

    Raises:
        Problems: there is one of them.
    """
    sizes: dict[int, int] = {}
    problems: list[Problem] = []
    written = 0
    waiting = [(root, False)]
    while waiting:
        node, done = waiting.pop()
        parts = _parts(node)
        if done:
            sizes[id(node)] = 1 + sum(sizes.get(id(part), 0) for part in parts)
            continue
        if id(node) in sizes:
            if not sizes[id(node)]:
                raise _refused(
                    source,
                    _line(node),
                    f"{source} has an alias of what it stands in, which has no end",
                    "write out what the alias stands for",
                )
            continue
        sizes[id(node)] = 0  # until all of its parts are counted
        written += 1
        problems += _duplicates(node, source)
        waiting.append((node, True))
        waiting += [(part, False) for part in reversed(parts)]
    if problems:
        raise Problems(problems)
    if sizes[id(root)] > max(_SMALL, _MOST_ALIASED * written):
        raise _refused(
            source,
            _line(root),
            f"{source} stands for {sizes[id(root)]} values and has {written}: its aliases multiply",
            "write out what the aliases stand for",
        )


def _parts(node: yaml.Node) -> list[yaml.Node]:
    if isinstance(node, yaml.MappingNode):
        return [part for pair in node.value for part in pair]
    return node.value if isinstance(node, yaml.SequenceNode) else []


def _duplicates(node: yaml.Node, source: str) -> Iterator[Problem]:
    if not isinstance(node, yaml.MappingNode):
        return
    seen: set[str] = set()
    for key, _ in node.value:
        if not isinstance(key, yaml.ScalarNode) or key.value == "<<":
            continue
        yield from _no_text(key, source)
        if key.value in seen:
            place = Location(source, _line(key))
            yield Problem(
                f"the key {key.value!r} is there twice", place, hint="remove one of the two"
            )
        seen.add(key.value)


def _no_text(key: yaml.ScalarNode, source: str) -> Iterator[Problem]:
    """Complain about a key such as `on` or `y`, which Kubernetes reads as true."""
    place = Location(source, _line(key))
    if key.tag == f"{_TAG}bool":
        read = str(key.value.lower() in ("y", "yes", "true", "on")).lower()
        message = f"the key {key.value} is read as {read} by Kubernetes"
        yield Problem(message, place, hint=f'write "{key.value}" in quotes')
    elif key.tag == f"{_TAG}null":
        yield Problem("a key cannot be null", place, hint="write a name, if need be in quotes")


def _not_yaml(error: yaml.MarkedYAMLError, source: str) -> Problems:
    line = error.problem_mark.line + 1 if error.problem_mark else 0
    if error.problem == _LIBRARY_TOO_DEEP:
        return _too_deep(source, line)
    return _refused(source, line, f"{source} is no YAML: {error.problem}", "mend the file")


def _line(node: yaml.Node) -> int:
    return node.start_mark.line + 1 if node.start_mark else 0


def _refused(source: str, line: int, message: str, hint: str) -> Problems:
    return Problems.of(message, location=Location(source, line), hint=hint)
