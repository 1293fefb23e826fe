"""The CEL rules of a custom object's schema, run as the API server runs them.

Rules that compare with the old value need one to compare with: fields and the items of list maps
have it, other list items have not. A rule that fails on an unchanged value is a warning only
(KEP-4008). Source: apiextensions-apiserver's `schema/cel/validation.go`.

What rules cost when they run is not counted: only their estimated cost is checked, when a CRD is
created.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from opgen.testing.errors import (
    FieldError,
    bare_invalid,
    duplicate,
    forbidden_field,
    invalid_value,
    required,
)

if TYPE_CHECKING:
    from opgen.cel import Program

RULES = "x-kubernetes-validations"
_ABSENT: Any = object()


@dataclass(frozen=True, slots=True)
class Finding:
    """A rule that does not hold; `unchanged` if the value it is about is what it was."""

    error: FieldError
    unchanged: bool


@dataclass(slots=True)
class _Rule:
    """A rule, compiled."""

    document: Mapping[str, Any]
    program: Program
    message: Program | None

    @property
    def optional_old(self) -> bool:
        return bool(self.document.get("optionalOldSelf"))

    def text(self, value: Any, old: Any) -> str:
        """What to say when it does not hold."""
        if self.message is not None:
            told = self.message.message(value, old)
            if told:
                return told
        message = str(self.document.get("message") or "").strip()
        return message or f"failed rule: {str(self.document['rule']).strip()}"


@dataclass(slots=True)
class Rules:
    """The rules of one node of a schema, and of the nodes below."""

    schema: Mapping[str, Any]
    own: list[_Rule] = field(default_factory=list)
    properties: dict[str, Rules] = field(default_factory=dict)
    values: Rules | None = None
    items: Rules | None = None

    @classmethod
    def of(cls, schema: Mapping[str, Any], *, is_resource: bool = True) -> Rules | None:
        """The rules of a schema; None if it has none.

        Raises:
            ImportError: there are some, and the library for CEL is not installed.
            EvaluationError: one cannot be compiled.
        """
        embedded = bool(schema.get("x-kubernetes-embedded-resource"))
        node = cls(schema)
        for rule in schema.get(RULES) or ():
            node.own.append(_compile(rule, schema, is_resource=is_resource or embedded))
        for name, child in (schema.get("properties") or {}).items():
            below = cls.of(child, is_resource=False)
            if below is not None:
                node.properties[name] = below
        if isinstance(schema.get("additionalProperties"), dict):
            node.values = cls.of(schema["additionalProperties"], is_resource=False)
        if isinstance(schema.get("items"), dict):
            node.items = cls.of(schema["items"], is_resource=False)
        return node if node.own or node.properties or node.values or node.items else None

    def findings(self, value: Any, old: Any = _ABSENT, path: str = "") -> Iterator[Finding]:
        """The rules that do not hold for a value; `old` is what it was, if it was."""
        if value is None:
            return
        before = _ABSENT if old is None else old
        for rule in self.own:
            yield from self._check(rule, value, before, path)
        if isinstance(value, dict):
            yield from self._below_map(value, before, path)
        elif isinstance(value, list) and self.items is not None:
            for index, item in enumerate(value):
                yield from self.items.findings(
                    item, self._old_item(item, before), f"{path}[{index}]"
                )

    def _below_map(self, value: dict[str, Any], old: Any, path: str) -> Iterator[Finding]:
        before = old if isinstance(old, dict) else {}
        for name, item in value.items():
            below = self.properties.get(name)
            if below is not None:
                where = f"{path}.{name}" if path else name
                yield from below.findings(item, before.get(name, _ABSENT), where)
            elif self.values is not None:
                yield from self.values.findings(item, before.get(name, _ABSENT), f"{path}[{name}]")

    def _old_item(self, item: Any, old: Any) -> Any:
        """What an item of a list map was before."""
        keys = self.schema.get("x-kubernetes-list-map-keys")
        if not keys or not isinstance(old, list) or not isinstance(item, dict):
            return _ABSENT
        identity = [item.get(key) for key in keys]
        for candidate in old:
            if isinstance(candidate, dict) and [candidate.get(key) for key in keys] == identity:
                return candidate
        return _ABSENT

    def _check(self, rule: _Rule, value: Any, old: Any, path: str) -> Iterator[Finding]:
        from opgen.cel import EvaluationError

        uses_old = rule.program.uses_old_self
        if uses_old and old is _ABSENT and not rule.optional_old:
            return
        before = None if old is _ABSENT else old
        where = path or "<nil>"
        try:
            if rule.program.is_true(value, before):
                return
        except EvaluationError as error:
            kind = self.schema.get("type", "")
            yield Finding(invalid_value(where, kind, error.detail(rule.document)), False)
            return
        unchanged = not uses_old and old is not _ABSENT and old == value
        yield Finding(_error(rule, value, before, path), unchanged)


def _compile(rule: Mapping[str, Any], schema: Mapping[str, Any], *, is_resource: bool) -> _Rule:
    from opgen.cel import Program

    optional = bool(rule.get("optionalOldSelf"))
    program = Program(rule["rule"], schema, is_resource=is_resource, optional_old_self=optional)
    message = rule.get("messageExpression")
    told = None
    if message:
        told = Program(message, schema, is_resource=is_resource, optional_old_self=optional)
    return _Rule(rule, program, told)


def _error(rule: _Rule, value: Any, old: Any, path: str) -> FieldError:
    below = str(rule.document.get("fieldPath") or "").lstrip(".")
    where = ".".join(filter(None, [path, below])) or "<nil>"
    text = rule.text(value, old)
    match rule.document.get("reason"):
        case "FieldValueForbidden":
            return forbidden_field(where, text)
        case "FieldValueRequired":
            return required(where, text)
        case "FieldValueDuplicate":
            return duplicate(where, value)
    if isinstance(value, (dict, list)):
        return bare_invalid(where, text)
    return invalid_value(where, value, text)
