"""What all markers have in common: frozen values, targets, and the keywords they set.

A marker is written into `typing.Annotated`, as in `Annotated[Int32, Ge(1)]`, on a field, an alias,
the items of a list, or the keys or values of a map. Three kinds of markers exist:

- `SchemaMarker` edits the OpenAPI keywords of the value it sits on,
- `FieldMarker` says something about a field of a dataclass and makes no sense elsewhere,
- `TypeMarker` says something about a dataclass as a whole (see `marked`).

Markers are compared and hashed by value. They are plain classes with slots and no dataclasses,
because creating forty dataclasses would cost a third of the time in which `opgen.api` is imported.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar, NoReturn

JsonSchema = dict[str, Any]

STRING = "strings"
INTEGER = "integers"
NUMBER = "numbers"
BOOLEAN = "booleans"
LIST = "lists"
MAP = "maps"
OBJECT = "objects"
INT_OR_STRING = "int-or-string values"
ANYTHING = "values of any type"

_SINGULAR = {
    STRING: "a string",
    INTEGER: "an integer",
    NUMBER: "a number",
    BOOLEAN: "a boolean",
    LIST: "a list",
    MAP: "a map",
    OBJECT: "an object",
    INT_OR_STRING: "an int-or-string value",
    ANYTHING: "a value of any type",
}
_TYPES = {
    "string": STRING,
    "integer": INTEGER,
    "number": NUMBER,
    "boolean": BOOLEAN,
    "array": LIST,
}


class MarkerError(Exception):
    """A marker does not fit where it stands. `hint` tells how to mend it."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


def target_of(schema: JsonSchema) -> str:
    """What a schema describes, in the plural, as markers name their targets."""
    if schema.get("x-kubernetes-int-or-string"):
        return INT_OR_STRING
    kind = schema.get("type")
    if kind == "object":
        return MAP if "additionalProperties" in schema else OBJECT
    return _TYPES.get(str(kind), ANYTHING)


class Marker:
    """Base of all markers of opgen."""

    __slots__: tuple[str, ...] = ()
    example: ClassVar[str] = ""
    """An annotation that uses the marker; documentation and tests are made from it."""

    _names: ClassVar[tuple[str, ...]] = ()
    _texts: ClassVar[tuple[str, ...]] = ()
    """Which of its values are strings."""
    _text_series: ClassVar[tuple[str, ...]] = ()
    """Which of its values are tuples of strings."""

    def __init_subclass__(cls) -> None:
        cls._names += tuple(cls.__dict__.get("__slots__", ()))

    def _freeze(self, **values: object) -> None:
        for name, value in values.items():
            object.__setattr__(self, name, value)

    def _values(self) -> tuple[object, ...]:
        return tuple(getattr(self, name) for name in self._names)

    def __setattr__(self, name: str, value: object) -> NoReturn:
        raise AttributeError(f"{type(self).__name__} is frozen")

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and repr(self) == repr(other)

    def __hash__(self) -> int:
        return hash(repr(self))

    def __repr__(self) -> str:
        values = self._values()
        if not values:
            return type(self).__name__
        return f"{type(self).__name__}({', '.join(map(repr, values))})"

    def check(self) -> None:
        """Complain about arguments of the wrong kind.

        Raises:
            MarkerError: a string is wanted, and this is something else or cannot be written.
        """
        for name in self._texts:
            self._check_text(getattr(self, name), f"as its {name}")
        for name in self._text_series:
            for text in getattr(self, name):
                self._check_text(text, f"in its {name}")

    def _check_text(self, text: object, where: str) -> None:
        if not isinstance(text, str):
            raise MarkerError(f"{self!r} needs a string {where}, not {text!r}")
        self._check_json(text)

    def _check_json(self, value: object) -> None:
        """Complain about what JSON cannot say.

        Raises:
            MarkerError: there is a number that is not finite, a key that is no string, half of a
                surrogate pair, or an object of Python's own.
        """
        for stranger in _no_json(value):
            raise MarkerError(
                f"{self!r} holds {stranger!r}, which JSON does not have",
                "write strings, finite numbers, booleans, None, lists and dicts with string keys",
            )


class SchemaMarker(Marker):
    """A marker that edits the schema of the value it sits on."""

    __slots__ = ()
    targets: ClassVar[tuple[str, ...]] = ()
    """What the marker applies to; nothing means everything."""

    def apply(self, schema: JsonSchema) -> None:
        """Write the marker's keywords into a schema.

        Raises:
            MarkerError: the marker does not fit the type, or another marker says otherwise.
        """
        self._check_target(schema)
        self._write(schema)

    def _write(self, schema: JsonSchema) -> None:
        """Write into a schema of a fitting type."""
        for keyword, value in self._keywords(schema).items():
            self._put(schema, keyword, value)

    def _keywords(self, schema: JsonSchema) -> JsonSchema:
        """The keywords that the marker adds to a schema of a fitting type."""
        raise TypeError(f"{type(self).__name__} sets no keywords")

    def key_rule(self) -> str:
        """The marker as a CEL expression on `key`, for a marker on the keys of a map.

        Raises:
            MarkerError: the marker makes no sense on keys.
        """
        rule = self._key_rule()
        if not rule:
            raise MarkerError(
                f"{self!r} cannot constrain the keys of a map", "remove it from the key"
            )
        return rule

    def _key_rule(self) -> str:
        return ""

    def _check_target(self, schema: JsonSchema) -> None:
        """Complain about a schema of the wrong type.

        Raises:
            MarkerError: the marker does not apply to this type.
        """
        target = target_of(schema)
        if self.targets and target not in self.targets:
            raise MarkerError(
                f"{self!r} applies to {_enumerate(self.targets)}, not to {_SINGULAR[target]}",
                self._hint_for(target),
            )

    def _hint_for(self, target: str) -> str:
        if target == LIST:
            return f"to constrain the items, write list[Annotated[..., {self!r}]]"
        if target == MAP:
            return f"to constrain the values, write dict[str, Annotated[..., {self!r}]]"
        return f"remove {self!r} or change the type"

    def _put(self, schema: JsonSchema, keyword: str, value: object) -> None:
        """Set one keyword, unless it is set already to something else.

        Raises:
            MarkerError: another marker or the type has set another value.
        """
        if keyword in schema and schema[keyword] != value:
            raise MarkerError(
                f"{self!r} contradicts what the type or another marker says: "
                f"{keyword} is already {schema[keyword]!r}",
                f"say {keyword} only once, on the alias or on the field",
            )
        schema[keyword] = value


class FieldMarker(Marker):
    """A marker that says something about a field of a dataclass."""

    __slots__ = ()


class TypeMarker(Marker):
    """A marker that says something about a dataclass as a whole."""

    __slots__ = ()


def _enumerate(words: tuple[str, ...]) -> str:
    *first, last = words
    return f"{', '.join(first)} and {last}" if first else last


def is_text(value: object) -> bool:
    """Whether a value is a string that can be written: half of a surrogate pair cannot."""
    if not isinstance(value, str):
        return False
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


def _no_json(value: object) -> Iterator[object]:
    """What in a value JSON does not have."""
    if isinstance(value, Mapping):
        for key, item in value.items():
            if not is_text(key):
                yield key
            yield from _no_json(item)
    elif isinstance(value, (list, tuple)):
        for item in value:
            yield from _no_json(item)
    elif isinstance(value, float):
        if value - value != 0:  # Only infinities and NaN differ from themselves so.
            yield value
    elif not (value is None or isinstance(value, int) or is_text(value)):
        yield value
