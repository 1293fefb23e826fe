"""Expressions of a CRD checked as the API server checks them: syntax, types, literals, cost."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from opgen.cel.constants import program_mistake
from opgen.cel.cost import Estimator
from opgen.cel.declared import Declared, declare
from opgen.cel.library import checking
from opgen.cel.literals import mistakes, told
from opgen.cel.tree import Tree, read
from opgen.cel.versions import needs

_WORD = r"[A-Za-z_]\w*|[<>]"
_EXISTS_ONE = r"\.exists_one(?=\s*\(\s*\w+\s*,\s*\w+\s*,)"
"""With two variables the library knows it as existsOne alone."""
_WORDINGS = (
    (r"^[A-Z_]+: (?=ERROR: )| \[[A-Z_]+\]$", ""),
    (r" not found in struct '[^']*'", ""),
    (r"\nERROR: [^\n]*'\*error\*'.*(\n \| .*)*", ""),
    (
        r"expression of type ('.*?') cannot be the operand of a select operation",
        r"type \1 does not support field selection",
    ),
    (r"has\(\) argument must be a field selection", "invalid argument to has() macro"),
)
_WANTED = {
    "bool": "cel expression must evaluate to a bool",
    "string": "messageExpression must evaluate to a string",
}


@dataclass(frozen=True, slots=True)
class Checked:
    """What is known of an expression: the mistake, in cel-go's words, or else its cost.

    Where the library itself gives up there is neither, but a `doubt`.
    """

    mistake: str = ""
    cost: int = 0
    """The greatest cost of one evaluation, in units of CEL."""
    uses_old_self: bool = False
    doubt: str = ""
    needs: Mapping[str, int] = field(default_factory=dict)
    """What only newer API servers know, and since which minor version of Kubernetes."""


class Scope:
    """What the expressions at one schema see."""

    def __init__(self, declared: Declared, expressions: Iterable[str] = ()) -> None:
        """Prepare.

        Args:
            declared: The type of `self`.
            expressions: What will be checked, as far as it is known: saves time.
        """
        self.declared = declared
        self._words: frozenset[str] = frozenset()
        self._environments: dict[bool, Any] = {}
        self._checked: dict[tuple[str, str, bool], Checked] = {}
        self._expect(*expressions)

    @classmethod
    def of(
        cls,
        schema: Mapping[str, Any],
        is_resource: bool = False,
    ) -> Scope | None:
        """The scope of a schema; None if rules cannot see its values.

        Args:
            schema: The structural schema that has the rules.
            is_resource: Whether it is the root, or that of an embedded resource.
        """
        declared = declare(schema, is_resource)
        return cls(declared) if declared else None

    def check(
        self, expression: str, result: str = "bool", optional_old_self: bool = False
    ) -> Checked:
        """Check an expression; one that was checked before is known already.

        Args:
            expression: A rule or a messageExpression.
            result: The type it must have, bool or string.
            optional_old_self: Whether `oldSelf` is an optional, as the rule says.

        Raises:
            ImportError: the library is not installed.
        """
        known = (expression, result, optional_old_self)
        if known not in self._checked:
            self._checked[known] = self._check(expression, result, optional_old_self)
        return self._checked[known]

    def _check(self, expression: str, result: str, optional_old_self: bool) -> Checked:
        self._expect(expression)
        if optional_old_self not in self._environments:
            environment = checking(self.declared, self._words, optional_old_self)
            self._environments[optional_old_self] = environment
        environment = self._environments[optional_old_self]
        try:
            tree = _tree(environment, expression)
        except RuntimeError as error:
            message = str(error)
            is_told = "ERROR: <input>" in message
            return Checked(compile_wording(message)) if is_told else Checked(doubt=message)
        found = mistakes(tree, expression)
        if found:
            return Checked(found)
        if tree.type_of(tree.root).kind != result:
            return Checked(_WANTED[result])
        found = program_mistake(tree)
        if found:
            return Checked(f"program instantiation failed: {found}")
        estimator = Estimator(tree, self.declared)
        cost = estimator.cost()
        if estimator.mistakes:
            return Checked(told(estimator.mistakes, tree, expression))
        return Checked("", cost, "oldSelf" in tree.names, needs=needs(tree))

    def _expect(self, *expressions: str) -> None:
        """Have environments that know what is named in some expressions."""
        words = self._words.union(*(re.findall(_WORD, text) for text in expressions))
        if words != self._words:
            self._words = words
            self._environments.clear()


@lru_cache(maxsize=1024)
def _tree(environment: Any, expression: str) -> Tree:
    """An expression as it is typed in an environment, which may be that of many schemas.

    Raises:
        RuntimeError: it cannot be compiled.
    """
    return read(environment.compile(re.sub(_EXISTS_ONE, ".existsOne ", expression)).serialize())


def compile_wording(message: str) -> str:
    """The library's words about what it cannot compile as those of cel-go."""
    text = message.strip()
    for pattern, wording in _WORDINGS:
        text = re.sub(pattern, wording, text)
    return f"compilation failed: {text}"
