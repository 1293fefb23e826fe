"""Golden case 03 in Python."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from opgen.api import CustomResource, Int32, Optional, PrintColumn, resource


@dataclass(kw_only=True)
class MyAppSpec:
    """MyAppSpec says what to run and how often."""

    replicas: Annotated[Int32, PrintColumn("REPLICAS", description="Number of replicas asked for")]
    """Replicas of the application."""

    image: Annotated[str, PrintColumn("IMAGE")]
    """Image to run."""


@dataclass(kw_only=True)
class MyAppStatus:
    """MyAppStatus is empty for now."""


@resource(
    group="apps.example.org",
    version="v1alpha1",
    columns=[PrintColumn("AGE", path=".metadata.creationTimestamp", type="date")],
)
@dataclass(kw_only=True)
class MyApp(CustomResource[MyAppSpec, MyAppStatus]):
    """MyApp is a small application."""

    spec: Annotated[MyAppSpec, Optional]
