"""From annotations to nodes.

The walker goes through a dataclass and everything it refers to. What Kubernetes cannot express
becomes a `Problem` that names the way out, and the walk goes on. A dataclass is read once, however
often it is used.
"""

from __future__ import annotations

import collections.abc
import dataclasses
import enum
import types
import typing
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal, Union

from opgen.api.annotations import (
    alias_of,
    alias_value,
    defaults_of,
    is_hashable,
    is_transparent,
    is_typed_dict,
    parameters_of,
)
from opgen.api.errors import Problem
from opgen.api.markers import (
    EmbeddedResource,
    FieldMarker,
    Marker,
    MarkerError,
    OneOf,
    PreserveUnknown,
    TypeMarker,
    instance,
)
from opgen.api.meta import ObjectMeta
from opgen.schema import foreign
from opgen.schema.annotations import NONE, describe, is_kind, is_text, none_apart
from opgen.schema.nodes import (
    REFUSED,
    Anything,
    Array,
    BuiltIn,
    Map,
    Marked,
    Node,
    Object,
    Place,
    Scalar,
)
from opgen.schema.refusals import kind_refusal, refusal, union_refusal
from opgen.schema.scalars import enum_values, enumeration, int_or_string, plain, scalar
from opgen.schema.source import alias_source, class_source

_OBJECT_META = "io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta"
_NESTED = 20
"""How often a generic class may stand within itself, as in `Box[Box[int]]`."""
_SHOWN_PATH = 60


@dataclass(slots=True)
class FieldContext:
    """What an annotation says about the field it belongs to, found while walking it."""

    markers: list[Marker] = field(default_factory=list)
    allows_none: bool = False


class Walker:
    """Reads annotations and dataclasses; complaints are collected in `problems`."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []
        self._objects: dict[Any, Object] = {}
        self._open: list[tuple[Any, str]] = []

    def refuse(self, place: Place, message: str, hint: str, severity: str = "error") -> Node:
        """Note a problem and give a node that causes no further ones."""
        problem = Problem(message, place.location, place.path, hint, severity)
        if problem not in self.problems:
            self.problems.append(problem)
        return REFUSED

    def node(self, annotation: Any, place: Place, context: FieldContext | None = None) -> Node:
        """The node of an annotation; with a context it is that of a field."""
        origin = typing.get_origin(annotation)
        if origin is Annotated:
            return self._annotated(annotation, place, context)
        if origin is Literal:
            annotation = none_apart(annotation)
            origin = typing.get_origin(annotation)
        if origin in (Union, types.UnionType):
            return self._union(annotation, place, context)
        if isinstance(annotation, typing.NewType):
            inner = self.node(annotation.__supertype__, place, context)
            return self._alias(annotation.__module__, annotation.__name__, inner, place)
        if alias_of(annotation) is not None:
            return self._type_alias(annotation, place, context)
        if is_transparent(origin):
            return self.node(typing.get_args(annotation)[0], place, context)
        if not is_hashable(origin or annotation):
            return self.refuse(place, *refusal(annotation))
        handler = _HANDLERS.get(origin or annotation)
        if handler:
            return handler(self, annotation, typing.get_args(annotation), place)
        return self._class(annotation, origin, place)

    def _annotated(self, annotation: Any, place: Place, context: FieldContext | None) -> Node:
        inner, *metadata = typing.get_args(annotation)
        node = self._special(inner, metadata, place, context) or self.node(inner, place, context)
        markers = []
        for marker in self._markers(metadata, place):
            if not isinstance(marker, FieldMarker):
                markers.append(marker)
            elif context:
                context.markers.append(marker)
            else:
                self.refuse(
                    place,
                    f"{marker!r} belongs on a field, not on the items of a list or map",
                    "move it into the outermost Annotated of the field",
                )
        return Marked(node, place, tuple(markers)) if markers else node

    def _special(
        self, inner: Any, metadata: list[Any], place: Place, context: FieldContext | None
    ) -> Node | None:
        """The node of what only a marker makes possible: OneOf, EmbeddedResource or recursion."""
        arms = [inner]
        if typing.get_origin(inner) in (Union, types.UnionType):
            arms = [arm for arm in typing.get_args(inner) if arm is not NONE]
        node: Node
        if _has(OneOf, metadata) and len(arms) > 1:
            from opgen.schema.choices import read

            node = read(self, arms, place)
        elif _has(EmbeddedResource, metadata) and len(arms) == 1 and is_kind(arms[0]):
            node = self.object(arms[0], place)
        elif _has(PreserveUnknown, metadata) and any(arms == [entry] for entry, _ in self._open):
            node = Anything({"type": "object"}, describe(arms[0]))
        else:
            return None
        if NONE not in typing.get_args(inner):
            return node
        if context:
            context.allows_none = True
            return node
        return Marked(node, place, nullable=True)

    def _markers(self, metadata: list[Any], place: Place) -> list[Marker]:
        """The objects in `Annotated` as markers, those of other libraries translated."""
        found: list[Marker] = []
        for item in metadata:
            try:
                marker = instance(item)
                own = [marker] if isinstance(marker, Marker) else list(foreign.markers(marker))
                for one in own:
                    one.check()
            except MarkerError as error:
                self.refuse(place, error.message, error.hint or f"write it as in {item.example}")
                continue
            if isinstance(marker, TypeMarker):
                self.refuse(
                    place,
                    f"{marker!r} belongs on a dataclass, not on a field",
                    f"decorate the dataclass: {marker.example}",
                )
            else:
                found += own
        return found

    def _union(self, annotation: Any, place: Place, context: FieldContext | None) -> Node:
        arms = [arm for arm in typing.get_args(annotation) if arm is not NONE]
        node = self._arms(arms, place, context)
        if len(arms) == len(typing.get_args(annotation)):
            return node
        if context:
            context.allows_none = True
            return node
        return Marked(node, place, nullable=True)

    def _arms(self, arms: list[Any], place: Place, context: FieldContext | None) -> Node:
        if len(arms) == 1:
            return self.node(arms[0], place, context)
        if set(arms) == {int, str}:
            return Scalar(int_or_string())
        return self.refuse(place, *union_refusal(arms))

    def _alias(self, module: str, name: str, inner: Node, place: Place) -> Node:
        source = alias_source(module, name)
        return Marked(inner, place, description=source.doc) if source and source.doc else inner

    def _type_alias(self, annotation: Any, place: Place, context: FieldContext | None) -> Node:
        alias = alias_of(annotation)
        if any(entry is alias for entry, _ in self._open):
            return self.refuse(
                place,
                f"the type alias {alias.__name__} contains itself",
                "a CRD cannot describe recursion; use Json where it begins again",
            )
        self._open.append((alias, place.path))
        try:
            inner = self.node(alias_value(annotation), place, context)
            return self._alias(alias.__module__, alias.__name__, inner, place)
        except NameError as error:
            return self.refuse(
                place,
                f"the type alias {alias.__name__} names {error.name!r}, which does not exist",
                f"define or import {error.name}",
            )
        finally:
            self._open.pop()

    def _array(self, annotation: Any, arguments: tuple[Any, ...], place: Place) -> Node:
        if not arguments:
            return self._bare(annotation, place)
        return Array(self.node(arguments[0], place.below("[]")), place.below("[]"))

    def _set(self, annotation: Any, arguments: tuple[Any, ...], place: Place) -> Node:
        if not arguments:
            return self._bare(annotation, place)
        return Array(self.node(arguments[0], place.below("[]")), place.below("[]"), unique=True)

    def _bare(self, annotation: Any, place: Place) -> Node:
        name = describe(annotation)
        items = "str, ..." if annotation is tuple else "str"
        return self.refuse(
            place, f"{name} does not say what its items are", f"write {name}[{items}] or the like"
        )

    def _tuple(self, annotation: Any, arguments: tuple[Any, ...], place: Place) -> Node:
        if len(arguments) == 2 and arguments[1] is Ellipsis:
            return Array(self.node(arguments[0], place.below("[]")), place.below("[]"))
        if annotation is tuple:
            return self._bare(annotation, place)
        return self.refuse(
            place,
            f"{describe(annotation)}: the items of a list in a CRD have one type",
            "use a dataclass with a field for each item, or list[...] with one type",
        )

    def _map(self, annotation: Any, arguments: tuple[Any, ...], place: Place) -> Node:
        if not arguments or arguments[1] in (Any, object):
            return Anything({"type": "object"}, describe(annotation))
        key, value = arguments
        if not is_text(key):
            return self.refuse(
                place,
                f"{describe(annotation)}: the keys of a map are strings",
                f"write dict[str, {describe(value)}]",
            )
        markers: list[Marker] = []
        inner = self.node(key, place)
        while isinstance(inner, Marked):
            markers = [*inner.markers, *markers]
            inner = inner.inner
        return Map(self.node(value, place.below("[]")), place.below("[]"), tuple(markers))

    def _literal(self, annotation: Any, arguments: tuple[Any, ...], place: Place) -> Node:
        values = [plain(value) for value in arguments]
        keywords = enumeration(values)
        return self._mixed(annotation, values, place) if keywords is None else Scalar(keywords)

    def _mixed(self, annotation: Any, values: list[Any], place: Place) -> Node:
        listed = ", ".join(map(repr, values)) or "nothing"
        return self.refuse(
            place,
            f"{describe(annotation)} lists {listed}: the values of an enum have one type, "
            "string, integer or boolean",
            "give all values one type",
        )

    def _anything(self, annotation: Any, arguments: tuple[Any, ...], place: Place) -> Node:
        return Anything({}, describe(annotation))

    def _class(self, annotation: Any, origin: Any, place: Place) -> Node:
        """A class or something that no annotation of a field may be."""
        definition = getattr(annotation, "__opgen_k8s__", None)
        if isinstance(definition, str):
            return BuiltIn(definition)
        if annotation is ObjectMeta:
            return BuiltIn(_OBJECT_META)
        keywords = scalar(annotation)
        if keywords is not None:
            return self._scalar(annotation, keywords, place)
        cls = origin or annotation
        if is_kind(cls):
            return self.refuse(place, *kind_refusal(cls))
        if isinstance(cls, type) and issubclass(cls, enum.Enum):
            return self._enum(cls, place)
        if isinstance(cls, type) and (dataclasses.is_dataclass(cls) or is_typed_dict(cls)):
            return self.object(annotation, place)
        return self.refuse(place, *refusal(annotation))

    def _scalar(self, annotation: Any, keywords: Mapping[str, Any], place: Place) -> Node:
        if annotation is float:
            self.refuse(
                place,
                "float is read differently by different programs",
                "use Quantity or an integer in a smaller unit, such as millis",
                severity="warning",
            )
        return Scalar(keywords)

    def _enum(self, cls: type[enum.Enum], place: Place) -> Node:
        if issubclass(cls, enum.Flag):
            return self.refuse(
                place,
                f"{cls.__qualname__} is a Flag, whose values can be combined",
                "use set[...] of a StrEnum",
            )
        keywords = enumeration(enum_values(cls))
        if keywords is None:
            return self._mixed(cls, enum_values(cls), place)
        doc = class_source(cls).doc
        return Marked(Scalar(keywords), place, description=doc) if doc else Scalar(keywords)

    def object(self, annotation: Any, place: Place) -> Node:
        """The node of a dataclass or TypedDict, or of a generic one with its arguments."""
        from opgen.schema.objects import read

        can_be_known = is_hashable(annotation)
        if can_be_known and annotation in self._objects:
            return self._objects[annotation]
        cls = typing.get_origin(annotation) or annotation
        if annotation is cls and parameters_of(cls):
            return self._without_arguments(cls, place)
        if any(entry == annotation for entry, _ in self._open):
            return self._recursion(annotation, place)
        if sum((typing.get_origin(entry) or entry) is cls for entry, _ in self._open) > _NESTED:
            return self._growing(cls, place)
        self._open.append((annotation, place.path))
        try:
            node = read(self, annotation, place)
        finally:
            self._open.pop()
        if can_be_known:
            self._objects[annotation] = node
        return node

    def _without_arguments(self, cls: type, place: Place) -> Node:
        """The node of a generic class whose type parameters get no values where it is used."""
        defaults = defaults_of(cls)
        if defaults:
            return self.object(cls[defaults], place)  # type: ignore[index]
        parameters = parameters_of(cls)
        names = ", ".join(parameter.__name__ for parameter in parameters)
        return self.refuse(
            place,
            f"{cls.__qualname__} does not say what its {names} is",
            f"give an argument, as in {cls.__qualname__}[{', '.join(['int'] * len(parameters))}]",
        )

    def _growing(self, cls: type, place: Place) -> Node:
        return self.refuse(
            Place(place.path[:_SHOWN_PATH], place.location),
            f"{cls.__qualname__} contains itself with other arguments each time",
            "a CRD cannot describe recursion; mark one field of the cycle with PreserveUnknown, or "
            "give it the type Json",
        )

    def _recursion(self, annotation: Any, place: Place) -> Node:
        names = [describe(entry) for entry, _ in self._open]
        name = describe(annotation)
        cycle = " -> ".join([*names[names.index(name) :], name])
        return self.refuse(
            place,
            f"{name} contains itself: {cycle}",
            "a CRD cannot describe recursion; mark one field of the cycle, as in "
            f"Annotated[{name}, PreserveUnknown], or give it the type Json",
        )


_Handler = Callable[[Walker, Any, tuple[Any, ...], Place], Node]
_ARRAYS = (
    list,
    collections.abc.Iterable,
    collections.abc.Collection,
    collections.abc.Sequence,
    collections.abc.MutableSequence,
)
_SETS = (set, frozenset, collections.abc.Set, collections.abc.MutableSet)
_MAPS = (dict, collections.abc.Mapping, collections.abc.MutableMapping)
_HANDLERS: dict[Any, _Handler] = {
    **dict.fromkeys(_ARRAYS, Walker._array),
    **dict.fromkeys(_SETS, Walker._set),
    **dict.fromkeys(_MAPS, Walker._map),
    tuple: Walker._tuple,
    Literal: Walker._literal,
    Any: Walker._anything,
    object: Walker._anything,
}


def _has(kind: type[Marker], metadata: list[Any]) -> bool:
    """Whether a marker, with or without a call, is among what `Annotated` holds."""
    return any(marker is kind or isinstance(marker, kind) for marker in metadata)
