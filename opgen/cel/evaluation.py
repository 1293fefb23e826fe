"""Expressions evaluated on JSON values, with results and errors as the API server has them."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

from opgen.cel.library import cel, evaluating
from opgen.cel.values import UnreadableValueError, aligned, convert

_ABSENT: Any = object()
_LONGEST_MESSAGE = 5 * 1024
_STATUS = r"^[A-Z_]+: "
_STRING = r"""[rR]?(?:\"{3}.*?\"{3}|'{3}.*?'{3}|"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*')"""
_OPTIONAL_CALL = rf"(?s)({_STRING})|(\.\s*validate|\bformat\s*\.\s*named)\s*\("


class EvaluationError(Exception):
    """An expression could not be evaluated; the text is as cel-go would write it."""

    def detail(self, rule: Mapping[str, Any]) -> str:
        """What the API server tells of the rule that could not be evaluated.

        Args:
            rule: The rule as in the CRD, for its message or text.
        """
        message = str(rule.get("message") or "").strip()
        shown = message or str(rule.get("rule", "")).strip()
        if str(self).startswith("no such overload"):
            return (
                f"'{self}': call arguments did not match a supported operator, function or macro "
                f"signature for rule: {shown}"
            )
        return f"{self} evaluating rule: {shown}"


@lru_cache(maxsize=1024)
def _compiled(source: str) -> Any:
    """A compiled expression; the same rule is found on many fields."""
    return evaluating().compile(source)


class Program:
    """An expression of a schema's rules, ready to run. It is expected to have been checked."""

    def __init__(
        self,
        expression: str,
        schema: Mapping[str, Any],
        *,
        is_resource: bool = False,
        optional_old_self: bool = False,
    ) -> None:
        """Compile an expression.

        Args:
            expression: A rule or a messageExpression.
            schema: The structural schema that has it.
            is_resource: Whether that schema is the root, or that of an embedded resource.
            optional_old_self: Whether `oldSelf` is an optional, as the rule says.

        Raises:
            ImportError: the library is not installed.
            EvaluationError: the library cannot compile the expression.
        """
        self._schema = schema
        self._is_resource = is_resource
        self.uses_old_self = bool(re.search(r"\boldSelf\b", re.sub(_STRING, "''", expression)))
        source = with_optional_calls(expression)
        if optional_old_self and self.uses_old_self:
            source = f"[old[?0]].map(oldSelf, ({source}\n))[0]"
        try:
            self._compiled = _compiled(source)
        except RuntimeError as error:
            raise EvaluationError(str(error)) from None

    def evaluate(self, value: Any, old: Any = _ABSENT) -> Any:
        """The result for a value and, if there is one, the value before.

        Args:
            value: The JSON value of the schema.
            old: The JSON value before an update. Left out or None if there was none.

        Raises:
            EvaluationError: the expression fails on these values.
        """
        data: dict[str, Any] = {"self": self._converted(value), "old": []}
        if old is not _ABSENT and old is not None and self.uses_old_self:
            data["oldSelf"] = self._converted(aligned(old, value, self._schema))
            data["old"] = [data["oldSelf"]]
        return run(self._compiled, data)

    def is_true(self, value: Any, old: Any = _ABSENT) -> bool:
        """Whether a rule holds; arguments and errors as of `evaluate`."""
        return self.evaluate(value, old) is True

    def message(self, value: Any, old: Any = _ABSENT) -> str:
        """The text of a messageExpression, or nothing where the API server would not use it.

        Then, as also when it fails, the rule's own message counts. Arguments as of `evaluate`.
        """
        try:
            text = self.evaluate(value, old)
        except EvaluationError:
            return ""
        text = text.strip() if isinstance(text, str) else ""
        is_usable = "\n" not in text and len(text.encode()) <= _LONGEST_MESSAGE
        return text if is_usable else ""

    def _converted(self, value: Any) -> Any:
        try:
            return convert(value, self._schema, self._is_resource)
        except UnreadableValueError as error:
            raise EvaluationError(str(error)) from None


def run(compiled: Any, data: Mapping[str, Any]) -> Any:
    """The result of a compiled expression.

    Raises:
        EvaluationError: it fails on these values.
    """
    try:
        result = compiled.eval(data=data)
    except RuntimeError as error:
        raise EvaluationError(_wording(str(error))) from None
    if result.type() == cel().Type.ERROR:
        raise EvaluationError(_wording(result.value()))
    return result.plain_value()


def with_optional_calls(expression: str) -> str:
    """The expression with `[?0]` after those calls that return an optional.

    Functions written in Python cannot return one, but a list with at most one item.
    """
    text, start = "", 0
    for found in re.finditer(_OPTIONAL_CALL, expression):
        if found[1] or found.start() < start:
            continue
        end = _closing(expression, found.end())
        inner = with_optional_calls(expression[found.end() : end])
        text += f"{expression[start : found.end()]}{inner})[?0]"
        start = end + 1
    return text + expression[start:]


def _closing(expression: str, position: int) -> int:
    """Where the bracket that is open at a position is closed."""
    depth = 1
    for found in re.finditer(rf"(?s){_STRING}|[()]", expression[position:]):
        depth += {"(": 1, ")": -1}.get(found[0], 0)
        if depth == 0:
            return position + found.start()
    return len(expression)


def _wording(error: str) -> str:
    """An error of the library in the words of cel-go."""
    text = re.sub(_STATUS, "", error)
    for pattern, wording in _WORDINGS:
        found = re.search(pattern, text)
        if found:
            return wording(found)
    return text


_WORDINGS: tuple[tuple[str, Callable[[re.Match[str]], str]], ...] = (
    (r'Key not found in map : "?(.*?)"?$', lambda found: f"no such key: {found[1]}"),
    (r"Index error: index=(-?\d+)", lambda found: f"index out of bounds: {found[1]}"),
    (r"divide by zero", lambda _: "division by zero"),
    (r"modulus by zero", lambda _: "modulus by zero"),
    (r"No matching overloads found", lambda _: "no such overload"),
    (r"Applying SELECT to non-message type", lambda _: "no such overload"),
    (r"\$opgen: (.*)", lambda found: found[1]),
)
