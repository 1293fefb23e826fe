"""Which objects of a schema are alike, so that one class serves them all."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from opgen.schema.importer import builtins
from opgen.schema.importer.literals import is_class_docstring

Schema = Mapping[str, Any]
Path = tuple[str, ...]
FIELD_KEYWORDS = frozenset({"description", "default", "nullable"})
"""What a schema says about the field and not about its type."""
RULES = "x-kubernetes-validations"
"""The keyword of CEL rules."""


@dataclass(slots=True)
class Shape:
    """An object type: a class of the module, or a type of Kubernetes with descriptions.

    Attributes:
        schema: The first schema of this shape.
        path: The shortest way to it.
        definition: The definition of Kubernetes that it is equal to, or an empty string.
        descriptions: The description of each use.
        name: What it is called in the module.
        docstring: What the class says of itself.
        rules: The CEL rules of each use.
        has_rules: Whether the rules are the class's own, because all uses have them.
    """

    schema: Schema
    path: Path
    definition: str = ""
    descriptions: list[str] = field(default_factory=list)
    name: str = ""
    docstring: str = ""
    rules: list[Any] = field(default_factory=list)
    has_rules: bool = False


class Shapes:
    """The object types below the fields of a kind, in the order in which they are found."""

    def __init__(self) -> None:
        self._keys: dict[Any, int] = {}
        self._numbers: dict[int, int] = {}
        self._shapes: dict[int, Shape] = {}
        self._of: dict[int, Shape] = {}
        self._kept: list[Schema] = []

    def add(self, schema: Schema, path: Path) -> None:
        """Note the shapes of a schema and of all below it."""
        if is_object(schema):
            shape = self._shape(schema, path)
            shape.descriptions.append(schema.get("description", ""))
            shape.rules.append(schema.get(RULES))
            if len(path) < len(shape.path):
                shape.path = path
            if shape.definition or len(shape.descriptions) > 1:
                return
        for step, part in parts(schema):
            deeper = (*path[:-1], path[-1] + step) if step == "[]" else (*path, step)
            self.add(part, deeper)

    def of(self, schema: Schema) -> Shape:
        """The shape of an object's schema."""
        return self._of.get(id(schema)) or self._shapes[self._number(schema, shallow=True)]

    def classes(self) -> list[Shape]:
        """Those that need a class of their own."""
        return [shape for shape in self._shapes.values() if not shape.definition]

    def built_in(self) -> list[Shape]:
        """Those that Kubernetes has a type for."""
        return [shape for shape in self._shapes.values() if shape.definition]

    def settle(self) -> None:
        """Decide on the docstrings, when all uses are known."""
        for shape in self.classes():
            if all(shape.descriptions):
                fitting = filter(is_class_docstring, shape.descriptions)
                shape.docstring = next(fitting, "")
            shape.has_rules = all(rules == shape.rules[0] for rules in shape.rules)

    def _shape(self, schema: Schema, path: Path) -> Shape:
        number = self._number(schema, shallow=True)
        shape = self._shapes.get(number)
        if shape is None:
            definition = builtins.recognised(_plain(schema), path[-1])
            shape = self._shapes[number] = Shape(schema, path, definition)
        self._of[id(schema)] = shape
        self._kept.append(schema)  # or its id could become that of another
        return shape

    def _number(self, schema: Schema, *, shallow: bool = False) -> int:
        """A number that equal schemas have in common; a shallow one is that of the type alone."""
        if not shallow and id(schema) in self._numbers:
            return self._numbers[id(schema)]
        ignored = FIELD_KEYWORDS | {RULES} if shallow else frozenset()
        key = tuple(
            (word, self._frozen(word, value))
            for word, value in sorted(schema.items())
            if word not in ignored
        )
        number = self._keys.setdefault((shallow, key), len(self._keys))
        if not shallow:
            self._numbers[id(schema)] = number
            self._kept.append(schema)
        return number

    def _frozen(self, word: str, value: Any) -> Any:
        if word == "properties" and isinstance(value, Mapping):
            return tuple((name, self._number(part)) for name, part in value.items())
        if word in ("items", "additionalProperties") and isinstance(value, Mapping):
            return self._number(value)
        if isinstance(value, str):
            return value
        return repr(value)


def is_object(schema: Schema) -> bool:
    """Whether a schema becomes a class: an object with fields."""
    return schema.get("type") == "object" and bool(schema.get("properties"))


def parts(schema: Schema) -> Iterator[tuple[str, Schema]]:
    """The schemas inside a schema, with the step that leads there."""
    if is_object(schema):
        yield from schema["properties"].items()
    for keyword in ("items", "additionalProperties"):
        if isinstance(schema.get(keyword), Mapping):
            yield "[]", schema[keyword]


def _plain(schema: Schema) -> Schema:
    return {word: value for word, value in schema.items() if word != RULES}
