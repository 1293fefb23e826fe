"""Which rules of linters a module cannot keep, because its texts are the CRD's own."""

from __future__ import annotations

import ast
import re

from opgen.schema.importer.layout import WIDTH

_SENTENCE_ENDS = (".", "?", "!")


def exemptions(module: str, tree: ast.Module) -> str:
    """The comment that exempts a module from the rules it breaks, or nothing.

    Only these can be broken: a class without docstring (D101), a first line that is no sentence
    (D415) or has no blank line behind it (D205), and lines that are too long (E501).
    """
    broken = {"E501"} if any(map(_is_too_long, module.split("\n"))) else set()
    for statement in tree.body:
        if isinstance(statement, ast.ClassDef):
            broken |= _broken_by(ast.get_docstring(statement))
    return f"# ruff: noqa: {', '.join(sorted(broken))}\n" if broken else ""


def _broken_by(docstring: str | None) -> set[str]:
    if docstring is None:
        return {"D101"}
    lines = docstring.split("\n")
    summary = lines[: lines.index("")] if "" in lines else lines
    broken = {"D205"} if len(summary) > 1 else set()
    return broken if summary[-1].endswith(_SENTENCE_ENDS) else broken | {"D415"}


def _is_too_long(line: str) -> bool:
    """Whether a linter objects to the length: not if it is one word, or ends with an address."""
    if len(line) <= WIDTH:
        return False
    words = line.split()
    if len(words) < 2:
        return False
    ends_with_address = re.search("://", words[-1]) is not None
    return not (ends_with_address and len(line) - len(words[-1]) <= WIDTH)
