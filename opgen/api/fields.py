"""The JSON fields of a dataclass: the one place that decides names and resolves annotations.

`opgen.schema` derives schemas from these fields and the runtime's codec reads and writes JSON by
them, so a property in a CRD and an attribute in memory can never drift apart.

Names: an attribute with `_` inside becomes camelCase (`ready_replicas` is `readyReplicas`), a
trailing `_` is dropped (`from_` is `from`), everything else is kept as it is (`clusterIP`), and
`Name("...")` overrides all of it, and so does the alias of pydantic's `Field(alias="...")`.
"""

from __future__ import annotations

import dataclasses
import sys
import typing
from collections.abc import Mapping
from dataclasses import MISSING
from functools import cache
from types import CodeType, SimpleNamespace
from typing import Annotated, Any, NamedTuple

from opgen.api.annotations import defaults_of, is_typed_dict, may_be_left_out, substitute
from opgen.api.markers import Name


class JsonField(NamedTuple):
    """One field of a dataclass as JSON sees it.

    Attributes:
        attribute: The name in Python.
        name: The name in JSON.
        annotation: The resolved type with its `Annotated` metadata, type variables replaced.
        default: The default value, or `dataclasses.MISSING`.
        default_factory: The factory of the default, or `dataclasses.MISSING`.
        owner: The class whose body declares the field.
    """

    attribute: str
    name: str
    annotation: Any
    default: Any
    default_factory: Any
    owner: type

    @property
    def has_default(self) -> bool:
        """Whether the field may be left out in Python."""
        return self.default is not MISSING or self.default_factory is not MISSING

    def default_value(self) -> Any:
        """A fresh default, or `dataclasses.MISSING`. Calls the factory."""
        return self.default if self.default_factory is MISSING else self.default_factory()


def json_name(attribute: str) -> str:
    """The JSON name that an attribute gets when no `Name` marker says otherwise."""
    stem = attribute.rstrip("_") or attribute
    head, *tail = stem.split("_")
    return head + "".join(word[:1].upper() + word[1:] for word in tail)


@cache
def json_fields(cls: type) -> tuple[JsonField, ...]:
    """The JSON fields of a dataclass in declaration order, those of its bases first.

    Fields with `init=False`, class variables and names with a leading underscore are Python's own
    and left out.

    Raises:
        TypeError: `cls` is not a dataclass.
        NameError: an annotation names something that does not exist.
    """
    if not dataclasses.is_dataclass(cls):
        raise TypeError(f"{cls.__qualname__} is not a dataclass")
    hints = resolve_hints(cls)
    return tuple(
        JsonField(
            attribute=field.name,
            name=_name(field.name, hints[field.name]),
            annotation=hints[field.name],
            default=field.default,
            default_factory=field.default_factory,
            owner=_owner(cls, field.name),
        )
        for field in dataclasses.fields(cls)
        if field.init and not field.name.startswith("_")
    )


def fields_of(annotation: Any) -> tuple[JsonField, ...]:
    """The JSON fields of a dataclass or TypedDict, or of a generic one with its arguments.

    Raises:
        TypeError: it is neither.
        NameError: an annotation names something that does not exist.
    """
    cls = typing.get_origin(annotation) or annotation
    fields = _typed_dict(cls) if is_typed_dict(cls) else json_fields(cls)
    arguments = typing.get_args(annotation) or defaults_of(cls)
    variables = dict(zip(getattr(cls, "__parameters__", ()), arguments, strict=False))
    if not variables:
        return fields
    return tuple(
        field._replace(annotation=substitute(field.annotation, variables)) for field in fields
    )


def _typed_dict(cls: type) -> tuple[JsonField, ...]:
    """The keys of a TypedDict; their names are the JSON names."""
    return tuple(
        JsonField(name, name, hint, None if _left_out(cls, name, hint) else MISSING, MISSING, cls)
        for name, hint in resolve_hints(cls).items()
    )


def _left_out(cls: type, name: str, hint: Any) -> bool:
    """Whether a key may be missing; what the annotation says counts more than `total=False`."""
    said = may_be_left_out(hint)
    return name in getattr(cls, "__optional_keys__", ()) if said is None else said


def resolve_hints(cls: type) -> dict[str, Any]:
    """The annotations of a class and its bases, strings evaluated and type variables replaced.

    Raises:
        NameError: an annotation names something that does not exist.
    """
    hints: dict[str, Any] = {}
    for base in reversed(cls.__mro__):
        names = annotated_names(base)
        if not names or base is object:
            continue
        resolved = _evaluated(base, names)
        variables = _type_arguments(cls, base)
        for name in names:
            hints[name] = substitute(resolved[name], variables)
    return hints


def _evaluated(base: type, annotations: Mapping[str, Any]) -> dict[str, Any]:
    """The annotations of a class without strings.

    In large projects the same texts come again and again, each of which `typing` would compile.
    """
    scope = _scope(base)
    if sys.version_info >= (3, 14):
        return typing.get_type_hints(base, localns=scope, include_extras=True)
    names = getattr(sys.modules.get(base.__module__), "__dict__", {})
    known = {
        name: eval(_compiled(value), names, scope) if isinstance(value, str) else value  # noqa: S307
        for name, value in annotations.items()
    }
    return typing.get_type_hints(SimpleNamespace(__annotations__=known), names, scope, True)


@cache
def _compiled(annotation: str) -> CodeType:
    return compile(annotation, "<annotation>", "eval")


def _lazy_annotations(base: type) -> dict[str, Any]:
    import annotationlib  # type: ignore[import-not-found, unused-ignore]

    forwardref = annotationlib.Format.FORWARDREF
    return dict(annotationlib.get_annotations(base, format=forwardref))


def _scope(cls: type) -> dict[str, Any]:
    """The names a class body could see beyond its module: enclosing classes, type parameters."""
    scope: dict[str, Any] = {}
    outer: Any = sys.modules.get(cls.__module__)
    for part in cls.__qualname__.split(".")[:-1]:
        outer = getattr(outer, part, None)
        if isinstance(outer, type):
            scope.update(vars(outer))
    scope.update(
        {parameter.__name__: parameter for parameter in getattr(cls, "__type_params__", ())}
    )
    scope[cls.__name__] = cls
    return scope


def _type_arguments(cls: type, base: type) -> dict[Any, Any]:
    """What `cls` has put in for the type variables of its generic `base`."""
    if cls is base:
        return {}
    for generic in getattr(cls, "__orig_bases__", ()):
        origin = typing.get_origin(generic)
        if origin is None or not isinstance(origin, type) or not issubclass(origin, base):
            continue
        own = dict(
            zip(getattr(origin, "__parameters__", ()), typing.get_args(generic), strict=False)
        )
        inner = _type_arguments(origin, base)
        return {var: substitute(arg, own) for var, arg in inner.items()} if inner else own
    for parent in cls.__bases__:
        if issubclass(parent, base):
            found = _type_arguments(parent, base)
            if found:
                return found
    return {}


def _name(attribute: str, annotation: Any) -> str:
    if typing.get_origin(annotation) is Annotated:
        for marker in typing.get_args(annotation)[1:]:
            if isinstance(marker, Name):
                return marker.name
            for alias in ("serialization_alias", "alias"):
                if isinstance(getattr(marker, alias, None), str):
                    return str(getattr(marker, alias))
    return json_name(attribute)


def _owner(cls: type, attribute: str) -> type:
    """The class whose body declares the attribute: the first in the MRO that annotates it."""
    for base in cls.__mro__:
        if attribute in annotated_names(base):
            return base
    return cls


def annotated_names(base: type) -> Mapping[str, Any]:
    """What the body of a class annotates, as it is written there."""
    if sys.version_info >= (3, 14):
        return _lazy_annotations(base)
    # `inspect.get_annotations` looks at more than classes, which takes its time.
    names: dict[str, Any] = vars(base).get("__annotations__", {})
    return names
