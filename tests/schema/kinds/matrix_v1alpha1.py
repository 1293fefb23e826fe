"""Golden case 10 in Python, the first version."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from opgen.api import CustomResource, Ge, Int32, Int64, Optional, resource


@dataclass(kw_only=True)
class MatrixSpec:
    """MatrixSpec is a flat list of numbers."""

    values: list[Int64]
    """All numbers, row by row."""

    width: Annotated[Int32, Ge(1)]
    """How many numbers make a row."""


@resource(
    group="math.example.org",
    version="v1alpha1",
    scope="Cluster",
    served=False,
    deprecated="math.example.org/v1alpha1 Matrix is deprecated; use math.example.org/v1 Matrix",
)
@dataclass(kw_only=True)
class Matrix(CustomResource[MatrixSpec, None]):
    """Matrix is a table of numbers."""

    spec: Annotated[MatrixSpec, Optional]
