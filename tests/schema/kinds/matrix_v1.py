"""Golden case 10 in Python, the stored version and another kind."""

from __future__ import annotations

import enum
from dataclasses import dataclass, field
from typing import Annotated

from opgen.api import (
    CustomResource,
    Int32,
    Int64,
    Optional,
    PrintColumn,
    ReplicasSelector,
    Selectable,
    SpecReplicas,
    StatusReplicas,
    Time,
    resource,
)


class Shape(enum.StrEnum):
    """Shape is the kind of matrix."""

    SQUARE = "Square"
    WIDE = "Wide"
    TALL = "Tall"


@dataclass(kw_only=True)
class MatrixSpec:
    """MatrixSpec is a list of rows with a shape."""

    rows: list[list[Int64]] = field(default_factory=list)
    shape: Annotated[Shape, Selectable] = Shape.SQUARE
    owner: Annotated[str | None, Selectable] = None
    """Who may change the matrix."""


@dataclass(kw_only=True)
class MatrixStatus:
    """MatrixStatus says what is known about the matrix."""

    determinant: str | None = None
    """The determinant, as text."""

    invertible: bool | None = None
    """Whether it can be inverted."""

    checked: Time | None = None
    """When it was last looked at."""

    rank: Int32 | None = None


@resource(
    group="math.example.org",
    version="v1",
    storage=True,
    scope="Cluster",
    short_names=["mx", "mtx", "mat"],
    categories=["math", "all"],
    annotations={
        "api-approved.kubernetes.io": "https://example.org/pull/1",
        "example.org/both": "yes",
        "example.org/empty": "",
        "example.org/equals": "a=b",
    },
    labels={"app.kubernetes.io/part-of": "math", "stage": "1", "tier": "core"},
    columns=[
        PrintColumn("Shape", path=".spec.shape", type="string"),
        PrintColumn(
            "Rank",
            path=".status.rank",
            type="integer",
            format="int32",
            description="The rank, once known",
        ),
        PrintColumn("Invertible", path=".status.invertible", type="boolean", priority=2),
        PrintColumn("Checked", path=".status.checked", type="date", format="date-time"),
    ],
)
@dataclass(kw_only=True)
class Matrix(CustomResource[MatrixSpec, MatrixStatus]):
    """Matrix is a table of numbers."""

    spec: Annotated[MatrixSpec, Optional]


@dataclass(kw_only=True)
class VectorSize:
    """VectorSize is how long a vector is to be, or is."""

    size: Annotated[Int32, SpecReplicas]
    selector: str | None = None


@dataclass(kw_only=True)
class VectorStatus:
    """VectorSize is how long a vector is to be, or is."""

    size: Annotated[Int32, StatusReplicas]
    selector: Annotated[str | None, ReplicasSelector] = None


@resource(group="math.example.org", version="v1")
@dataclass(kw_only=True)
class Vector(CustomResource[VectorSize, VectorStatus]):
    """Vector is a row of numbers. Its only version is this one, so it is stored."""
