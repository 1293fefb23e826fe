"""Adding what a newer rendering of a Python module has to a module that a person edited.

Nothing of the person's text is changed or moved. Classes, functions and methods that the module
lacks are put at the end of the module or of their class, found by the syntax tree; imports join
those that are there.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from opgen.api.errors import Location, Problems

Definition = ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef
Lines = list[str]


def graft(path: str, ours: str, theirs: str) -> str:
    """The module `ours` with what it lacks of `theirs`.

    Raises:
        Problems: `ours` is no Python.
    """
    tree, new = _parse(path, ours), ast.parse(theirs)
    lines, source = _lines(ours), _lines(theirs)
    # From the end to the beginning, so that the line numbers of the tree stay true.
    known = {node.name: node for node in tree.body if isinstance(node, Definition)}
    added: Lines = []
    inside: list[tuple[int, Lines]] = []
    for node in new.body:
        if not isinstance(node, Definition):
            continue
        if node.name not in known:
            added += ["\n", "\n", *_text(source, node)]
        elif isinstance(node, ast.ClassDef):
            inside += _methods(known[node.name], node, source)
    _end_line(lines)
    lines += added
    for at, text in sorted(inside, key=lambda one: one[0], reverse=True):
        lines[at:at] = text
    _import(lines, tree, new)
    return "".join(lines)


def _parse(path: str, source: str) -> ast.Module:
    try:
        return ast.parse(source)
    except SyntaxError as error:
        raise Problems.of(
            f"{path} is no Python: {error.msg}",
            location=Location(path, error.lineno or 0),
            hint="mend the line and run the command again",
        ) from error


def _methods(ours: Definition, theirs: ast.ClassDef, source: Lines) -> Iterator[tuple[int, Lines]]:
    """The methods that a class lacks, and after which line they go."""
    if not isinstance(ours, ast.ClassDef):
        return
    known = {node.name for node in ours.body if isinstance(node, Definition)}
    at = ours.body[-1].end_lineno or ours.lineno
    for node in theirs.body:
        if isinstance(node, Definition) and node.name not in known:
            yield at, ["\n", *_text(source, node)]


def _text(source: Lines, node: Definition) -> Lines:
    """The lines of a definition, with its decorators."""
    first = min([node.lineno, *(one.lineno for one in node.decorator_list)])
    text = source[first - 1 : node.end_lineno]
    _end_line(text)
    return text


def _import(lines: Lines, tree: ast.Module, new: ast.Module) -> None:
    """Import what is missing: into an import of the same module, or on a line of its own."""
    ours = [node for node in tree.body if isinstance(node, ast.Import | ast.ImportFrom)]
    known = {name for node in ours for name in _names(node)}
    last = max((node.end_lineno or 0 for node in ours), default=_after_docstring(tree))
    for node in reversed(new.body):
        if not isinstance(node, ast.Import | ast.ImportFrom):
            continue
        missing = [one for one in node.names if _name(node, one) not in known]
        if not missing:
            continue
        home = next((one for one in ours if _joins(one, node, lines)), None)
        if home is None:
            lines.insert(last, f"{ast.unparse(_with(node, missing))}\n")
        else:
            names = sorted([*home.names, *missing], key=lambda one: (one.name, one.asname or ""))
            lines[home.lineno - 1 : home.end_lineno] = [f"{ast.unparse(_with(home, names))}\n"]


def _joins(ours: ast.stmt, theirs: ast.Import | ast.ImportFrom, lines: Lines) -> bool:
    """Whether names can be added to an import statement: the same module, and no comment in it."""
    return (
        isinstance(ours, ast.ImportFrom)
        and isinstance(theirs, ast.ImportFrom)
        and (ours.module, ours.level) == (theirs.module, theirs.level)
        and not any("#" in line for line in lines[ours.lineno - 1 : ours.end_lineno])
    )


def _with(node: ast.Import | ast.ImportFrom, names: list[ast.alias]) -> ast.Import | ast.ImportFrom:
    if isinstance(node, ast.ImportFrom):
        return ast.ImportFrom(node.module, names, node.level)
    return ast.Import(names)


def _names(node: ast.Import | ast.ImportFrom) -> Iterator[tuple[str, str, str]]:
    return (_name(node, one) for one in node.names)


def _name(node: ast.Import | ast.ImportFrom, alias: ast.alias) -> tuple[str, str, str]:
    """What tells one imported name from another."""
    module = f"{'.' * node.level}{node.module or ''}" if isinstance(node, ast.ImportFrom) else ""
    return (module, alias.name, alias.asname or "")


def _after_docstring(tree: ast.Module) -> int:
    first = tree.body[0] if tree.body else None
    documented = isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant)
    return (first.end_lineno or 0) if first and documented else 0


def _lines(text: str) -> Lines:
    return [f"{line}\n" for line in text.split("\n")[:-1]] + (
        [last] if (last := text.split("\n")[-1]) else []
    )


def _end_line(lines: Lines) -> None:
    if lines and not lines[-1].endswith("\n"):
        lines[-1] += "\n"
