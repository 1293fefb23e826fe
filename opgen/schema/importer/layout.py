"""Expressions of Python, folded as `ruff format` folds them.

What does not fit on a line is taken apart at its outermost brackets: first all that is inside goes
to a line of its own, and if that is too long as well, each item does. Lists and dicts skip the
first step. Tests format every imported module of the corpus with ruff and find nothing to change.
"""

from __future__ import annotations

from dataclasses import dataclass

WIDTH = 100
_STEP = 4


@dataclass(frozen=True, slots=True)
class Group:
    """Items in brackets: a call, a subscript, or a list or dict (`literal`)."""

    head: str
    items: tuple[Code, ...]
    tail: str
    literal: bool = False


@dataclass(frozen=True, slots=True)
class Headed:
    """A value with something in front: a keyword of a call, or the key of a dict."""

    head: str
    value: Code


@dataclass(frozen=True, slots=True)
class OrNone:
    """A type or None."""

    inner: Code


Code = str | Group | Headed | OrNone


def call(name: str, *items: Code, **keywords: Code) -> Group:
    """A call."""
    named = (Headed(f"{key}=", value) for key, value in keywords.items())
    return Group(f"{name}(", (*items, *named), ")")


def subscript(name: str, *items: Code) -> Group:
    """A generic type with arguments."""
    return Group(f"{name}[", items, "]")


def flat(code: Code) -> str:
    """The expression on one line."""
    if isinstance(code, str):
        return code
    if isinstance(code, Headed):
        return code.head + flat(code.value)
    if isinstance(code, OrNone):
        return f"{flat(code.inner)} | None"
    return f"{code.head}{', '.join(map(flat, code.items))}{code.tail}"


def folded(code: Code, indent: int, before: int, after: int = 0) -> str:
    """The expression in as few lines as it takes.

    Args:
        code: The expression.
        indent: The indentation of the line it starts on.
        before: How much of that line is used.
        after: How much follows on its last line.
    """
    line = flat(code)
    if isinstance(code, str) or before + len(line) + after <= WIDTH:
        return line
    if isinstance(code, Headed):
        return code.head + folded(code.value, indent, before + len(code.head), after)
    if isinstance(code, OrNone):
        inner = folded(code.inner, indent, before)
        return f"{inner}\n{' ' * indent}| None"
    return _unfolded(code, indent) if code.items else line


def _unfolded(group: Group, indent: int) -> str:
    """A group with its content on lines of its own."""
    deeper = indent + _STEP
    margin = "\n" + " " * deeper
    together = ", ".join(map(flat, group.items))
    if not group.literal and deeper + len(together) <= WIDTH:
        content = margin + together
    else:
        comma = "," if len(group.items) > 1 else ""
        content = "".join(
            margin + folded(item, deeper, deeper, len(comma)) + comma for item in group.items
        )
    return f"{group.head}{content}\n{' ' * indent}{group.tail}"


def assignment(name: str, annotation: Code, default: Code = "", indent: int = _STEP) -> str:
    """A field of a class: its name, annotation and default."""
    margin = " " * indent
    end = f" = {flat(default)}" if default else ""
    line = f"{margin}{name}: {flat(annotation)}{end}"
    if len(line) <= WIDTH:
        return line
    deeper = indent + _STEP
    head = f"{margin}{name}: {flat(annotation)} = "
    if isinstance(default, Group):
        return head + folded(default, indent, len(head))
    if default and len(head) < WIDTH:
        return f"{head}(\n{' ' * deeper}{default}\n{margin})"
    if isinstance(annotation, Group):
        head = f"{margin}{name}: "
        return head + folded(annotation, indent, len(head), len(end)) + end
    inner = folded(annotation, deeper, deeper)
    return f"{margin}{name}: (\n{' ' * deeper}{inner}\n{margin}){end}"
