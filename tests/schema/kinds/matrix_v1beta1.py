"""Golden case 10 in Python, the second version."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated, NewType

from opgen.api import CustomResource, Int64, Optional, PrintColumn, resource

Row = NewType("Row", list[Int64])
"""Row is one line of numbers."""


@dataclass(kw_only=True)
class MatrixSpec:
    """MatrixSpec is a list of rows."""

    rows: list[Row] = field(default_factory=list)


@resource(
    group="math.example.org",
    version="v1beta1",
    scope="Cluster",
    deprecated=True,
    columns=[PrintColumn("Age", path=".metadata.creationTimestamp", type="date")],
)
@dataclass(kw_only=True)
class Matrix(CustomResource[MatrixSpec, None]):
    """Matrix is a table of numbers."""

    spec: Annotated[MatrixSpec, Optional]
