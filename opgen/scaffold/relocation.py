"""Which files and modules of a project move when its layout changes, and imports after a move."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath

from opgen.scaffold.desired import folders_of
from opgen.scaffold.project import Project


@dataclass(frozen=True, slots=True)
class Module:
    """A Python module: its dotted name, and the package that its relative imports start from."""

    name: str
    package: str

    @classmethod
    def at(cls, path: str) -> Module:
        """The module of a file."""
        parts = PurePosixPath(path).with_suffix("").parts
        if parts[-1] == "__init__":
            return cls(".".join(parts[:-1]), ".".join(parts[:-1]))
        return cls(".".join(parts), ".".join(parts[:-1]))


def moves(
    before: Project, after: Project, old: Iterable[str], new: Iterable[str]
) -> dict[str, str]:
    """Where files go, by where they are.

    Args:
        before: The project with its old layout.
        after: The same with its new one.
        old: The paths of the old layout.
        new: The paths of the new one.
    """
    gone, come = set(old) - set(new), set(new) - set(old)
    targets: dict[str, set[str]] = {}
    for one in before.resources:
        pairs = list(zip(folders_of(before, one), folders_of(after, one), strict=True))
        for path in gone:
            for start, replacement in pairs:
                target = replacement + path.removeprefix(start)
                if path.startswith(start) and target in come:
                    targets.setdefault(path, set()).add(target)
    return {path: min(found) for path, found in targets.items() if len(found) == 1}


def modules(moved: Mapping[str, str]) -> dict[str, str]:
    """The new names of modules, by the old ones."""
    return {
        Module.at(old).name: Module.at(new).name
        for old, new in moved.items()
        if old.endswith(".py") and not old.startswith("tests/")
    }


def reimport(source: str, path: str, renamed: Mapping[str, str], *, moved: bool) -> str:
    """A module's text with the new names of modules.

    Full names are replaced wherever they stand. `from package import module` and, in a file that
    moves itself, relative imports are written anew.

    Args:
        source: The text, which is left as it is if it is no Python.
        path: The file before any move.
        renamed: New names of modules by old ones.
        moved: Whether the file itself moves.
    """
    try:
        tree = ast.parse(source)
    except SyntaxError:
        return source  # it cannot be imported either, before or after
    lines = source.split("\n")
    nodes = [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    for node in sorted(nodes, key=lambda one: one.lineno, reverse=True):
        text = _import(node, Module.at(path), renamed, moved=moved)
        if text is not None:
            _put(lines, node, text)
    return _full_names("\n".join(lines), renamed)


def _import(
    node: ast.ImportFrom, module: Module, renamed: Mapping[str, str], *, moved: bool
) -> list[str] | None:
    """The lines in place of an import, or None if it stays."""
    origin = _absolute(node, module)
    homes = {one.name: renamed.get(f"{origin}.{one.name}") for one in node.names}
    relative = node.level > 0 and (moved or origin in renamed)
    if not relative and not any(homes.values()):
        return None
    statements: dict[str, list[ast.alias]] = {}
    for one in node.names:
        home = homes[one.name]
        package = home.rpartition(".")[0] if home else renamed.get(origin, origin)
        statements.setdefault(package, []).append(one)
    return [ast.unparse(ast.ImportFrom(name, names, 0)) for name, names in statements.items()]


def _put(lines: list[str], node: ast.ImportFrom, statements: list[str]) -> None:
    """Put statements in the place of an import; what else is on its lines stays."""
    first, last = node.lineno - 1, node.end_lineno or node.lineno
    before = lines[first].encode()[: node.col_offset].decode()
    after = lines[last - 1].encode()[node.end_col_offset :].decode()
    if before.strip():
        statements = ["; ".join(statements)]
    indent = before if before.isspace() else ""
    head, *rest = statements
    lines[first:last] = [before + head, *(indent + one for one in rest)]
    lines[first + len(statements) - 1] += after


def _absolute(node: ast.ImportFrom, module: Module) -> str:
    if not node.level:
        return node.module or ""
    parts = module.package.split(".")
    base = parts[: len(parts) - node.level + 1]
    return ".".join([*base, *([node.module] if node.module else [])])


def _full_names(text: str, renamed: Mapping[str, str]) -> str:
    if not renamed:
        return text
    longest_first = sorted(renamed, key=len, reverse=True)
    pattern = r"(?<![\w.])(" + "|".join(map(re.escape, longest_first)) + r")(?!\w)"
    return re.sub(pattern, lambda found: renamed[found[1]], text)
