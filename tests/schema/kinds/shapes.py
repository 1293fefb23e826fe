"""Golden case 07 in Python: lists and maps in all shapes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from opgen.api import (
    CustomResource,
    Doc,
    Int32,
    Int64,
    IntOrString,
    ListAtomic,
    ListMap,
    ListSet,
    MapAtomic,
    MapGranular,
    marked,
    resource,
)


@dataclass(kw_only=True)
class Route:
    """Route is an entry of a keyed list."""

    host: str
    protocol: str = "TCP"
    port: Int32
    target: IntOrString | None = None


@marked(MapAtomic)
@dataclass(kw_only=True)
class Frozen:
    """Frozen is replaced as a whole."""

    a: str | None = None
    b: str | None = None


Names = Annotated[list[str], ListSet, Doc("Names is a set of names wherever it is used.")]
Routes = Annotated[
    list[Route], ListMap("host"), Doc("Routes is keyed by host wherever it is used.")
]
Settings = Annotated[
    dict[str, str], MapAtomic, Doc("Settings is replaced as a whole wherever it is used.")
]
Row = Annotated[list[Int32], Doc("Row is a list that says nothing.")]
Table = Annotated[dict[str, Row], Doc("Table is a map that says nothing.")]


@dataclass(kw_only=True)
class ShapesSpec:
    """ShapesSpec has the shapes."""

    plain: list[str]
    atomic: Annotated[list[str], ListAtomic]
    set: Annotated[list[str], ListSet]
    int_set: Annotated[list[Int32] | None, ListSet] = None
    keyed: Annotated[list[Route], ListMap("host")]
    many_keys: Annotated[list[Route] | None, ListMap("port", "host", "protocol")] = None
    """the keys stay in the order of the markers"""
    key_first: Annotated[list[Route] | None, ListMap("host")] = None
    """the order of the two kinds of marker does not matter"""
    key_twice: Annotated[list[Route] | None, ListMap("host", "host")] = None
    """a key given twice is kept once"""
    k8s_keyed: Annotated[list[Route] | None, ListMap("host")] = None
    both_spellings: Annotated[list[Route] | None, ListMap("host")] = None
    """both spellings may stand side by side"""
    k8s_set: Annotated[list[str] | None, ListSet] = None
    pointers: Annotated[list[Route] | None, ListMap("host")] = None

    map: dict[str, str]
    atomic_map: Annotated[dict[str, str], MapAtomic]
    granular_map: Annotated[dict[str, Int64] | None, MapGranular] = None
    key_map: dict[str, str] | None = None
    struct_map: dict[str, Route] | None = None
    pointer_map: dict[str, Int32] | None = None
    bool_map: dict[str, bool] | None = None

    frozen: Frozen
    thawed: Annotated[Frozen, MapGranular]
    """the field's word counts"""
    frozen_route: Annotated[Route, MapAtomic]
    frozen_pointer: Annotated[Route | None, MapAtomic] = None
    frozen_map: Annotated[dict[str, str] | None, MapAtomic] = None
    """on a map, structType does what mapType does"""

    names: Names
    routes: Routes
    settings: Settings
    row: Row
    table: Table

    list_of_lists: list[list[str]]
    list_of_list_lists: list[list[list[Int32]]] | None = None
    list_of_maps: list[dict[str, str]] | None = None
    list_of_rows: list[Row] | None = None
    list_of_names: list[Names] | None = None
    map_of_lists: dict[str, list[str]]
    map_of_maps: dict[str, dict[str, str]]
    map_of_map_lists: dict[str, dict[str, list[int]]] | None = None
    map_of_routes: dict[str, Routes] | None = None
    map_of_settings: dict[str, Settings] | None = None
    map_of_structs: dict[str, list[Route]] | None = None
    atomic_outer: Annotated[list[list[str]] | None, ListAtomic] = None
    """a marker on a list of lists is for the outer list"""
    pointer: list[str] | None = None
    map_pointer: dict[str, str] | None = None


@resource(group="shapes.example.org", version="v1", plural="shapes")
@dataclass(kw_only=True)
class Shapes(CustomResource[ShapesSpec, None]):
    """Shapes has lists and maps."""

    spec: ShapesSpec
