"""What Python forgets at run time: attribute docstrings and line numbers.

The source of a module is parsed once. Classes are found by their qualified name; a class without
source (made by `exec`, or in a shell) has neither descriptions of its fields nor positions.
"""

from __future__ import annotations

import ast
import inspect
import linecache
import sys
from collections.abc import Iterator, Mapping
from functools import cache
from typing import NamedTuple

from opgen.api.errors import Location


class FieldSource(NamedTuple):
    """A field, or a name at the top of a module: where it stands and what is said below it."""

    location: Location | None = None
    doc: str = ""
    annotation: ast.expr | None = None
    repeated: bool = False
    """Whether the name is annotated above already."""

    @property
    def names(self) -> frozenset[str]:
        """The names that its annotation mentions."""
        nodes = list(ast.walk(self.annotation)) if self.annotation else []
        names = {node.id for node in nodes if isinstance(node, ast.Name)}
        constants = (node.value for node in nodes if isinstance(node, ast.Constant))
        return frozenset(names | {value for value in constants if isinstance(value, str)})


class ClassSource(NamedTuple):
    """A class statement. `location` is None if there is no source."""

    location: Location | None
    doc: str
    fields: Mapping[str, FieldSource]


_UNKNOWN = ClassSource(None, "", {})


def class_source(cls: type) -> ClassSource:
    """The class statement of a class, as far as its module has source."""
    classes, _ = _module(_file(cls.__module__))
    return classes.get(cls.__qualname__, _UNKNOWN)


def alias_source(module: str, name: str) -> FieldSource | None:
    """The assignment or `type` statement at the top of a module that makes an alias."""
    _, names = _module(_file(module))
    return names.get(name)


def _file(module: str) -> str:
    return getattr(sys.modules.get(module), "__file__", None) or ""


@cache
def _module(file: str) -> tuple[dict[str, ClassSource], dict[str, FieldSource]]:
    text = "".join(linecache.getlines(file)) if file else ""
    if not text:
        return {}, {}
    tree = ast.parse(text, file)
    return dict(_classes(tree, "", file)), _fields(tree.body, file)


def _classes(tree: ast.AST, prefix: str, file: str) -> Iterator[tuple[str, ClassSource]]:
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.ClassDef):
            name = prefix + node.name
            location = Location(file, node.lineno)
            doc = ast.get_docstring(node) or ""
            yield name, ClassSource(location, doc, _fields(node.body, file))
            yield from _classes(node, f"{name}.", file)
        elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            yield from _classes(node, f"{prefix}{node.name}.<locals>.", file)
        elif isinstance(node, (ast.If, ast.Try, ast.With)):
            yield from _classes(node, prefix, file)


def _fields(body: list[ast.stmt], file: str) -> dict[str, FieldSource]:
    """Names and the string literals that stand right below them."""
    fields: dict[str, FieldSource] = {}
    for statement, following in zip(body, [*body[1:], None], strict=True):
        name = _assigned(statement)
        if name:
            annotation = getattr(statement, "annotation", None)
            fields[name] = FieldSource(
                Location(file, statement.lineno),
                _literal(following),
                annotation,
                repeated=name in fields and annotation is not None,
            )
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
