"""From a dataclass or TypedDict to an object node: its fields, docs, defaults, what is required."""

from __future__ import annotations

import dataclasses
import inspect
import typing
from collections.abc import Iterator
from dataclasses import MISSING
from typing import Any

from opgen.api.annotations import is_typed_dict
from opgen.api.fields import (
    JsonField,
    annotated_names,
    fields_of,
    json_name,
    resolve_hints,
)
from opgen.api.markers import (
    CEL,
    FieldMarker,
    Marker,
    MarkerError,
    Name,
    NoDefault,
    OneOfMarker,
    Optional,
    Required,
    SchemaMarker,
    is_text,
    markers_of,
)
from opgen.api.resources import CustomResource
from opgen.schema.annotations import describe, free_variables
from opgen.schema.nodes import REFUSED, Marked, Object, Place, Property, core
from opgen.schema.source import (
    ClassSource,
    FieldSource,
    class_source,
    names_in_annotation,
)
from opgen.schema.values import as_json
from opgen.schema.walk import FieldContext, Walker

_NONE = type(None)
_NOWHERE = FieldSource()
_JSON_TYPES = (str, int, float, bool, list, dict)
_NAMED = 'write it as in Name("from")'


def read(walker: Walker, annotation: Any, place: Place) -> Object:
    """The node of a class, which may be a generic one with arguments."""
    cls = typing.get_origin(annotation) or annotation
    source = class_source(cls)
    here = Place(place.path, source.location or place.location)
    properties = []
    seen: dict[str, str] = {}
    for field in _fields(walker, annotation, cls, source, place):
        said = class_source(field.owner).fields.get(field.attribute, _NOWHERE)
        if not is_text(field.name):
            below = place.below(f".{field.attribute}", said.location)
            walker.refuse(below, f"{field.name!r} is no JSON name", _NAMED)
            continue
        below = place.below(f".{field.name}", said.location)
        if said.repeated:
            walker.refuse(below, f"{field.attribute} is there twice", "remove one of the two")
        _refuse_names(walker, field, below)
        if field.owner is not cls and free_variables(field.annotation):
            _refuse_bare_base(walker, cls, field.owner, here)
            continue
        if field.name in seen:
            walker.refuse(
                below,
                f"{seen[field.name]} and {field.attribute} both have the JSON name {field.name!r}",
                'give one of them another with Name("...")',
            )
        seen[field.name] = field.attribute
        properties.append(_property(walker, field, said.doc, below))
    _refuse_bare_attributes(walker, cls, place)
    _refuse_markers(walker, cls, here)
    return Object(cls.__qualname__, here, tuple(properties), source.doc or _doc(cls), _markers(cls))


def _refuse_bare_base(walker: Walker, cls: type, owner: type, place: Place) -> None:
    """Complain about a class that derives from a generic one without saying of what."""
    arguments = ", ".join(parameter.__name__ for parameter in getattr(owner, "__parameters__", ()))
    walker.refuse(
        place,
        f"{cls.__qualname__} derives from {owner.__qualname__} without arguments",
        f"write class {cls.__name__}({owner.__qualname__}[...]) with a type for {arguments}",
    )


def _refuse_markers(walker: Walker, cls: type, place: Place) -> None:
    """Complain about markers that a class cannot have, or that are wrong themselves."""
    for marker in markers_of(cls):
        if isinstance(marker, FieldMarker):
            walker.refuse(
                place,
                f"{marker!r} belongs on a field, not on a dataclass",
                f"write it into the annotation of a field: {marker.example}",
            )
        wrong = _wrong(marker)
        if wrong is not None:
            walker.refuse(place, wrong.message, wrong.hint or f"write it as in {marker.example}")


def _wrong(marker: Marker) -> MarkerError | None:
    """What is wrong with the arguments of a marker."""
    try:
        marker.check()
    except MarkerError as error:
        return error
    return None


def _refuse_bare_attributes(walker: Walker, cls: type, place: Place) -> None:
    """Complain about `x = 1` in a dataclass: without an annotation it is no field."""
    for base in cls.__mro__:
        if "__dataclass_fields__" not in vars(base):
            continue
        annotated = annotated_names(base)
        for name, value in vars(base).items():
            is_constant = name.startswith("_") or name.isupper()
            if not is_constant and name not in annotated and isinstance(value, _JSON_TYPES):
                said = class_source(base).fields.get(name, _NOWHERE)
                walker.refuse(
                    place.below(f".{json_name(name)}", said.location),
                    f"{name} has no annotation, so it is no field",
                    f"write {name}: {type(value).__name__} = {value!r}, or mark it as ClassVar",
                )


def _refuse_names(walker: Walker, field: JsonField, place: Place) -> None:
    """Complain about two JSON names of one field."""
    is_annotated = typing.get_origin(field.annotation) is typing.Annotated
    metadata = typing.get_args(field.annotation)[1:] if is_annotated else ()
    names = [marker for marker in metadata if isinstance(marker, Name)]
    for name in names[1:]:
        if name != names[0]:
            walker.refuse(place, f"{name!r} contradicts {names[0]!r}", "say one of them")


def _markers(cls: type) -> tuple[Marker, ...]:
    """What `marked` says about a class: its own markers, and those of its bases.

    Rules of bases come after those of the class and hold too; any other marker of a base gives way
    to one of the same sort on the class.
    """
    found: list[Marker] = []
    for base in cls.__mro__:
        said = {type(marker) for marker in found}
        for marker in markers_of(base):
            if _wrong(marker) is not None:
                continue
            is_rule = isinstance(marker, (CEL, OneOfMarker))
            if base is cls or (marker not in found if is_rule else _holds_below(marker, said)):
                found.append(marker)
    return tuple(found)


def _holds_below(marker: Marker, said: set[type[Marker]]) -> bool:
    """Whether a marker of a base counts for a class that has markers of these sorts."""
    return isinstance(marker, SchemaMarker) and type(marker) not in said


def _doc(cls: type) -> str:
    """The docstring of a class without source, but not the text that dataclass makes up."""
    doc = inspect.cleandoc(cls.__dict__.get("__doc__") or "")
    return "" if doc == cls.__name__ or doc.startswith(f"{cls.__name__}(") else doc


def _fields(
    walker: Walker, annotation: Any, cls: type, source: ClassSource, place: Place
) -> Iterator[JsonField]:
    try:
        fields = fields_of(annotation)
    except Exception as error:
        _unresolved(walker, cls, source, place, error)
        return
    forgotten = dataclasses.is_dataclass(cls) and "__dataclass_fields__" not in vars(cls)
    if forgotten and inspect.get_annotations(cls):
        walker.refuse(
            Place(place.path, source.location),
            f"{cls.__qualname__} has fields of its own but is no dataclass",
            "decorate it with @dataclass",
        )
    for field in fields:
        _refuse_marked_metadata(walker, cls, field, place)
        if not _is_absent(cls, field):
            yield field


def _is_absent(cls: type, field: JsonField) -> bool:
    """Whether a field of a kind is not described here: metadata, and a spec or status of None."""
    if not issubclass(cls, CustomResource):
        return False
    return field.attribute == "metadata" or field.annotation in (None, _NONE)


def _refuse_marked_metadata(walker: Walker, cls: type, field: JsonField, place: Place) -> None:
    """Complain about markers on the metadata of a kind, which is described by Kubernetes."""
    is_root = issubclass(cls, CustomResource) and field.attribute == "metadata"
    if not is_root or typing.get_origin(field.annotation) is not typing.Annotated:
        return
    said = class_source(field.owner).fields.get(field.attribute, _NOWHERE)
    walker.refuse(
        place.below(".metadata", said.location),
        "markers on the metadata of a kind have no effect",
        'say it in @resource(root={"metadata": {...}}), or in a rule of the kind',
    )


def _unresolved(
    walker: Walker, cls: type, source: ClassSource, place: Place, error: Exception
) -> None:
    """Complain that annotations cannot be evaluated, at the fields that are to blame."""
    is_told = False
    for name, field in source.fields.items():
        wrong = _evaluation_error(cls, name)
        if wrong is None and getattr(error, "name", "") in names_in_annotation(field):
            wrong = error
        if wrong is not None:
            is_told = True
            walker.refuse(place.below(f".{json_name(name)}", field.location), *_unclear(wrong))
    if not is_told:
        walker.refuse(
            Place(place.path, source.location or place.location),
            f"the annotations of {cls.__qualname__} cannot be evaluated: {error}",
            "mend the annotation",
        )


def _unclear(wrong: Exception) -> tuple[str, str]:
    """What is wrong with an annotation that cannot be evaluated, and what to do about it."""
    if isinstance(wrong, NameError) and wrong.name:
        return (
            f"the annotation names {wrong.name!r}, which does not exist",
            f"define or import {wrong.name} at the top of the module",
        )
    return f"the annotation cannot be evaluated: {wrong}", "mend the annotation"


def _evaluation_error(cls: type, name: str) -> Exception | None:
    """What is wrong with one annotation of a class, if it is written as a string."""
    annotation = vars(cls).get("__annotations__", {}).get(name)
    if not isinstance(annotation, str):
        return None
    alone = type(cls.__name__, (), {"__annotations__": {name: annotation}})
    alone.__module__, alone.__qualname__ = cls.__module__, cls.__qualname__
    try:
        resolve_hints(alone)
    except Exception as error:
        return error
    return None


def _property(walker: Walker, field: JsonField, doc: str, place: Place) -> Property:
    context = FieldContext()
    node = walker.node(field.annotation, place, context)
    markers = tuple(context.markers)
    value = MISSING if core(node) is REFUSED else _python_default(walker, field, place)
    if context.allows_none and (value is MISSING or value is not None):
        node = Marked(node, place, nullable=True)
    elif value is None and not _may_be_none(field, context):
        walker.refuse(
            place,
            f"the default None is no {describe(field.annotation)}",
            f"write {describe(field.annotation)} | None",
        )
    is_marked = _has_marker_default(node)
    _refuse_contradictions(walker, markers, is_marked, place)
    default = _json_default(walker, field, value, markers, place)
    is_whole = dataclasses.is_dataclass(value)
    return Property(
        name=field.name,
        node=node,
        place=place,
        required=_is_required(markers, field.has_default or is_marked),
        default=MISSING if is_whole else default,
        description=doc,
        markers=tuple(m for m in markers if not isinstance(m, (Name, Required, Optional))),
        in_python=default if is_whole and not _is_bare(value, field) else MISSING,
    )


def _is_bare(value: Any, field: JsonField) -> bool:
    """Whether an object is nothing but the defaults of its fields, each of which is checked."""
    if field.default_factory is type(value):
        return True
    try:
        return bool(value == type(value)())
    except Exception:
        return False


def _refuse_contradictions(
    walker: Walker, markers: tuple[Marker, ...], has_default: bool, place: Place
) -> None:
    """Complain about two markers of a field of which only one can hold."""
    said = {type(marker) for marker in markers}
    hint = "say one of them, on the alias or on the field"
    if {Required, Optional} <= said:
        walker.refuse(place, "Required contradicts Optional", hint)
    if NoDefault in said and has_default:
        walker.refuse(place, "NoDefault contradicts Default", hint)


def _may_be_none(field: JsonField, context: FieldContext) -> bool:
    """Whether None is a fitting default, which it is for the status of a kind."""
    absent = issubclass(field.owner, CustomResource) and field.attribute == "status"
    return context.allows_none or absent or is_typed_dict(field.owner)


def _has_marker_default(node: Any) -> bool:
    from opgen.api.markers import Default

    while isinstance(node, Marked):
        if any(isinstance(marker, Default) for marker in node.markers):
            return True
        node = node.inner
    return False


def _is_required(markers: tuple[Marker, ...], has_default: bool) -> bool:
    said = [marker for marker in markers if isinstance(marker, (Required, Optional))]
    return isinstance(said[0], Required) if said else not has_default


def _python_default(walker: Walker, field: JsonField, place: Place) -> Any:
    try:
        return field.default_value()
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # SystemExit is a mistake as well
        walker.refuse(
            place,
            f"the default factory fails: {type(error).__name__}: {error}",
            "give a factory that can be called without arguments",
        )
        return MISSING


def _json_default(
    walker: Walker, field: JsonField, value: Any, markers: tuple[Marker, ...], place: Place
) -> Any:
    """The default as JSON, or MISSING.

    Empty lists and maps are what an optional field is anyway when it is left out, so they are no
    defaults of the CRD. Neither are whole objects, but they have to fit.
    """
    if value is MISSING or value is None or any(isinstance(m, NoDefault) for m in markers):
        return MISSING
    if field.default_factory is not MISSING and not isinstance(value, (str, int)) and not value:
        return MISSING
    try:
        return as_json(value)
    except TypeError as error:
        walker.refuse(
            place,
            f"the default cannot be written as JSON: {error}",
            "use a JSON value, or mark the field with NoDefault",
        )
        return MISSING
