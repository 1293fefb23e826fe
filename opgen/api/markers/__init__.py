"""Markers: the objects people put into `typing.Annotated`.

Each marker is a small frozen class whose docstring is its help page. `MARKERS` lists them all; the
documentation, the tests and `opgen.api` go by it.

Start reading at `opgen.api.markers.base`.
"""

from opgen.api.markers.base import (
    FieldMarker,
    JsonSchema,
    Marker,
    MarkerError,
    SchemaMarker,
    TypeMarker,
    target_of,
)
from opgen.api.markers.bounds import (
    Enum,
    Format,
    Ge,
    Gt,
    Le,
    Lt,
    MaxLen,
    MinLen,
    MultipleOf,
    Pattern,
)
from opgen.api.markers.fields import (
    Default,
    Doc,
    Example,
    ExternalDocs,
    Name,
    NoDefault,
    Optional,
    Required,
    Title,
)
from opgen.api.markers.resource import (
    PrintColumn,
    ReplicasSelector,
    Selectable,
    SpecReplicas,
    StatusReplicas,
)
from opgen.api.markers.rules import (
    CEL,
    AtLeastOneOf,
    AtMostOneOf,
    ExactlyOneOf,
    Immutable,
    OneOfMarker,
    instance,
    marked,
    markers_of,
)
from opgen.api.markers.structure import (
    EmbeddedResource,
    IntOrStringValue,
    ListAtomic,
    ListMap,
    ListSet,
    MapAtomic,
    MapGranular,
    Nullable,
    PreserveUnknown,
    Schema,
)

MARKERS: tuple[type[Marker], ...] = (
    Ge, Gt, Le, Lt, MultipleOf, MinLen, MaxLen, Pattern, Format, Enum,
    ListMap, ListSet, ListAtomic, MapAtomic, MapGranular,
    Name, Required, Optional, Nullable, Default, NoDefault, Immutable,
    Doc, Title, Example, ExternalDocs,
    CEL, AtMostOneOf, ExactlyOneOf, AtLeastOneOf,
    PrintColumn, Selectable, SpecReplicas, StatusReplicas, ReplicasSelector,
    PreserveUnknown, EmbeddedResource, IntOrStringValue, Schema,
)  # fmt: skip

__all__ = [
    "CEL",
    "MARKERS",
    "AtLeastOneOf",
    "AtMostOneOf",
    "Default",
    "Doc",
    "EmbeddedResource",
    "Enum",
    "ExactlyOneOf",
    "Example",
    "ExternalDocs",
    "FieldMarker",
    "Format",
    "Ge",
    "Gt",
    "Immutable",
    "IntOrStringValue",
    "JsonSchema",
    "Le",
    "ListAtomic",
    "ListMap",
    "ListSet",
    "Lt",
    "MapAtomic",
    "MapGranular",
    "Marker",
    "MarkerError",
    "MaxLen",
    "MinLen",
    "MultipleOf",
    "Name",
    "NoDefault",
    "Nullable",
    "OneOfMarker",
    "Optional",
    "Pattern",
    "PreserveUnknown",
    "PrintColumn",
    "ReplicasSelector",
    "Required",
    "Schema",
    "SchemaMarker",
    "Selectable",
    "SpecReplicas",
    "StatusReplicas",
    "Title",
    "TypeMarker",
    "instance",
    "marked",
    "markers_of",
    "target_of",
]
