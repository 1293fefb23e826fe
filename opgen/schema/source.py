"""What Python forgets at run time: attribute docstrings and line numbers.

The source of a module is parsed once. Classes are found by their qualified name; a class without
source (made by `exec`, or in a shell) has neither descriptions of its fields nor positions.

What a source says is plain data, so that another process can do the parsing (`read`, `remember`).
"""

from __future__ import annotations

import ast
import inspect
import linecache
import sys
import warnings
from collections.abc import Iterator, Mapping
from functools import cache
from typing import NamedTuple

from opgen.api.errors import Location

_SaidOfField = tuple[int, str, bool]
"""Line, docstring, and whether the name is annotated above already."""
_SaidOfClass = tuple[int, str, dict[str, _SaidOfField]]
"""Line, docstring and fields."""
Said = tuple[dict[str, _SaidOfClass], dict[str, _SaidOfField]]
"""Classes by their qualified names, and names at the top of a module."""


class FieldSource(NamedTuple):
    """A field, or a name at the top of a module: where it stands and what is said below it."""

    location: Location | None = None
    doc: str = ""
    repeated: bool = False
    """Whether the name is annotated above already."""


class ClassSource(NamedTuple):
    """A class statement. `location` is None if there is no source."""

    location: Location | None
    doc: str
    fields: Mapping[str, FieldSource]


_UNKNOWN = ClassSource(None, "", {})
_said: dict[str, Said] = {}


def class_source(cls: type) -> ClassSource:
    """The class statement of a class, as far as its module has source."""
    return _class(_file(cls.__module__), cls.__qualname__)


def alias_source(module: str, name: str) -> FieldSource | None:
    """The assignment or `type` statement at the top of a module that makes an alias."""
    file = _file(module)
    _, names = _known(file)
    return _field(file, names[name]) if name in names else None


def names_in_annotation(field: FieldSource) -> frozenset[str]:
    """The names that the annotation of a field mentions."""
    if field.location is None:
        return frozenset()
    line = field.location.line
    for node in ast.walk(_parsed(field.location.file)):
        if isinstance(node, ast.AnnAssign) and node.lineno == line:
            nodes = list(ast.walk(node.annotation))
            names = {inner.id for inner in nodes if isinstance(inner, ast.Name)}
            constants = (inner.value for inner in nodes if isinstance(inner, ast.Constant))
            return frozenset(names | {value for value in constants if isinstance(value, str)})
    return frozenset()


def read(file: str) -> Said:
    """What a source file says; nothing if it cannot be read.

    Raises:
        SyntaxError: it is no Python.
        ValueError: it is no text.
    """
    tree = _parsed(file)
    return dict(_classes(tree, "")), _fields(tree.body)


def remember(said: Mapping[str, Said]) -> None:
    """Do not read files again of which somebody else has read what they say."""
    _said.update(said)


def _file(module: str) -> str:
    return getattr(sys.modules.get(module), "__file__", None) or ""


def _known(file: str) -> Said:
    if file not in _said:
        _said[file] = read(file)
    return _said[file]


@cache
def _class(file: str, name: str) -> ClassSource:
    classes, _ = _known(file)
    if name not in classes:
        return _UNKNOWN
    line, doc, fields = classes[name]
    located = {field: _field(file, said) for field, said in fields.items()}
    return ClassSource(Location(file, line), doc, located)


def _field(file: str, said: _SaidOfField) -> FieldSource:
    line, doc, repeated = said
    return FieldSource(Location(file, line), doc, repeated)


def _parsed(file: str) -> ast.Module:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # importing the module has told them
        return ast.parse("".join(linecache.getlines(file)) if file else "", file)


def _classes(tree: ast.AST, prefix: str) -> Iterator[tuple[str, _SaidOfClass]]:
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.ClassDef):
            name = prefix + node.name
            yield name, (node.lineno, ast.get_docstring(node) or "", _fields(node.body))
            yield from _classes(node, f"{name}.")
        elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            yield from _classes(node, f"{prefix}{node.name}.<locals>.")
        elif isinstance(node, (ast.If, ast.Try, ast.With)):
            yield from _classes(node, prefix)


def _fields(body: list[ast.stmt]) -> dict[str, _SaidOfField]:
    """Names and the string literals that stand right below them."""
    fields: dict[str, _SaidOfField] = {}
    for statement, following in zip(body, [*body, None][1:], strict=True):
        name = _assigned(statement)
        if name:
            repeated = name in fields and isinstance(statement, ast.AnnAssign)
            fields[name] = (statement.lineno, _literal(following), repeated)
    return fields


def _assigned(statement: ast.stmt) -> str:
    target: ast.expr | None = None
    if isinstance(statement, ast.AnnAssign):
        target = statement.target
    elif isinstance(statement, ast.Assign) and len(statement.targets) == 1:
        target = statement.targets[0]
    elif type(statement).__name__ == "TypeAlias":
        target = statement.name  # type: ignore[attr-defined]
    return target.id if isinstance(target, ast.Name) else ""


def _literal(statement: ast.stmt | None) -> str:
    if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant):
        value = statement.value.value
        return inspect.cleandoc(value).strip() if isinstance(value, str) else ""
    return ""
