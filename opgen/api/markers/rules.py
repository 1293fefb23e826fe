"""Markers that become CEL rules, and `marked`, which puts markers on a dataclass."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar, TypeVar

from opgen.api.markers.base import (
    FieldMarker,
    JsonSchema,
    Marker,
    MarkerError,
    SchemaMarker,
    TypeMarker,
)

Class = TypeVar("Class", bound=type)

REASONS = ("FieldValueRequired", "FieldValueInvalid", "FieldValueForbidden", "FieldValueDuplicate")


_RESERVED = """
true false null in as break const continue else for function if import let loop package namespace
return var void while
"""
_ESCAPES = (("__", "__underscores__"), (".", "__dot__"), ("-", "__dash__"), ("/", "__slash__"))


def cel_name(name: str) -> str:
    """A property's name as CEL expressions have to write it: `namespace` is `__namespace__`.

    Source: Kubernetes' documentation of validation rules, "Field path escaping".

    Raises:
        MarkerError: no expression can reach a property of this name.
    """
    if name in _RESERVED.split():
        return f"__{name}__"
    for plain, escaped in _ESCAPES:
        name = name.replace(plain, escaped)
    if not name.isidentifier() or not name.isascii():
        raise MarkerError(
            f"no rule can name the field {name!r}", "write the rule without it, or rename the field"
        )
    return name


class CEL(SchemaMarker):
    """A rule in the Common Expression Language that the API server checks.

    `self` is the value and `oldSelf` the value before an update.

    Args:
        rule: An expression that is true for good values.
        message: What to say about bad values.
        message_expression: An expression that makes the message.
        reason: FieldValueInvalid and so on; what clients are told.
        field_path: The field to blame, such as `.spec.replicas`.
        optional_old_self: Run the rule on creation too; `oldSelf` is then an optional value.
    """

    __slots__ = (
        "field_path",
        "message",
        "message_expression",
        "optional_old_self",
        "reason",
        "rule",
    )
    rule: str
    message: str
    message_expression: str
    reason: str
    field_path: str
    optional_old_self: bool | None
    _texts = ("rule", "message", "message_expression", "reason", "field_path")
    example = 'Annotated[str, CEL("self == oldSelf", message="must not change")]'

    def __init__(
        self,
        rule: str,
        *,
        message: str = "",
        message_expression: str = "",
        reason: str = "",
        field_path: str = "",
        optional_old_self: bool | None = None,
    ) -> None:
        self._freeze(
            rule=rule,
            message=message,
            message_expression=message_expression,
            reason=reason,
            field_path=field_path,
            optional_old_self=optional_old_self,
        )

    def __repr__(self) -> str:
        return f"CEL({self.rule!r})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, CEL) and self._values() == other._values()

    def __hash__(self) -> int:
        return hash(self._values())

    def check(self) -> None:
        """Complain about arguments of the wrong kind.

        Raises:
            MarkerError: `optional_old_self` is neither true nor false, or a text is no string.
        """
        super().check()
        if self.optional_old_self not in (None, True, False):
            raise MarkerError(
                f"{self!r} needs True or False as its optional_old_self, "
                f"not {self.optional_old_self!r}"
            )

    def _write(self, schema: JsonSchema) -> None:
        schema.setdefault("x-kubernetes-validations", []).append(self.as_json())

    def as_json(self) -> JsonSchema:
        """The rule as an item of `x-kubernetes-validations`.

        Raises:
            MarkerError: the reason is none that the API server knows.
        """
        if self.reason and self.reason not in REASONS:
            raise MarkerError(
                f"{self!r} has the unknown reason {self.reason!r}",
                f"use one of {', '.join(REASONS)}",
            )
        keywords: JsonSchema = {
            "rule": self.rule,
            "message": self.message,
            "messageExpression": self.message_expression,
            "reason": self.reason,
            "fieldPath": self.field_path,
        }
        rule = {name: value for name, value in keywords.items() if value}
        rule["rule"] = self.rule
        if self.optional_old_self is not None:
            rule["optionalOldSelf"] = self.optional_old_self
        return rule


class Immutable(FieldMarker):
    """The field cannot be changed; an optional one can be set once."""

    __slots__ = ()
    example = "Annotated[str, Immutable]"


class OneOfMarker(TypeMarker):
    """A marker about how many of some optional fields may be set."""

    __slots__ = ("fields",)
    fields: tuple[str, ...]
    _text_series = ("fields",)
    priority: ClassVar[int]
    comparison: ClassVar[str] = ""
    phrase: ClassVar[str]

    def __init__(self, *fields: str) -> None:
        self._freeze(fields=fields)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(map(repr, self.fields))})"

    def rule(self) -> CEL:
        """The same as a CEL rule.

        Raises:
            MarkerError: a field has a name that no rule can reach.
        """
        message = f"{self.phrase} of the fields in [{' '.join(self.fields)}] {self.verb} be set"
        return CEL(self._expression(), message=message)

    verb: ClassVar[str] = "must"

    def _expression(self) -> str:
        terms = "+".join(f"(has(self.{cel_name(name)})?1:0)" for name in self.fields)
        return f"{terms} {self.comparison}"


class AtMostOneOf(OneOfMarker):
    """At most one of these optional fields, given by their JSON names, may be set."""

    __slots__ = ()
    priority = 1
    comparison = "<= 1"
    phrase = "at most one"
    verb = "may"
    example = '@marked(AtMostOneOf("user", "token"))'


class ExactlyOneOf(OneOfMarker):
    """Exactly one of these optional fields, given by their JSON names, must be set."""

    __slots__ = ()
    priority = 2
    comparison = "== 1"
    phrase = "exactly one"
    example = '@marked(ExactlyOneOf("file", "url"))'


class AtLeastOneOf(OneOfMarker):
    """At least one of these optional fields, given by their JSON names, must be set."""

    __slots__ = ()
    priority = 3
    phrase = "at least one"
    example = '@marked(AtLeastOneOf("file", "url"))'

    def _expression(self) -> str:
        return "||".join(f"has(self.{cel_name(name)})" for name in self.fields)


def marked(*markers: Marker | type[Marker]) -> Callable[[Class], Class]:
    """Put markers on a class, so that they apply wherever it is used.

    `@marked(CEL("self.low <= self.high"), ExactlyOneOf("file", "url"))`
    """

    def decorate(cls: Class) -> Class:
        cls.__opgen_markers__ = tuple(map(instance, markers))  # type: ignore[attr-defined]
        return cls

    return decorate


def markers_of(cls: type) -> tuple[Marker, ...]:
    """What `marked` was told about this very class."""
    found: tuple[Marker, ...] = cls.__dict__.get("__opgen_markers__", ())
    return found


def instance(marker: Any) -> Any:
    """A marker that was written without call, as in `Annotated[Int32, SpecReplicas]`, made whole.

    Raises:
        MarkerError: the marker needs arguments.
    """
    if not (isinstance(marker, type) and issubclass(marker, Marker)):
        return marker
    try:
        return marker()
    except TypeError as error:
        raise MarkerError(
            f"{marker.__name__} needs arguments", f"write it as in {marker.example}"
        ) from error
