# SPDX-License-Identifier: Apache-2.0
"""The MyApp API, version v1alpha1. After a change, run `make manifests`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from opgen.api import (
    CustomResource,
    Ge,
    Int32,
    MinLen,
    PrintColumn,
    SpecReplicas,
    StatusReplicas,
    resource,
)


@dataclass(kw_only=True)
class MyAppSpec:
    """MyAppSpec says what to run and how often."""

    replicas: Annotated[Int32, Ge(0), SpecReplicas, PrintColumn("REPLICAS")]
    """Replicas of the application."""

    image: Annotated[str, MinLen(1), PrintColumn("IMAGE")]
    """Image to run."""


@dataclass(kw_only=True)
class MyAppStatus:
    """MyAppStatus is what is seen of the application."""

    ready_replicas: Annotated[Int32, StatusReplicas] = 0
    """How many pods serve requests right now."""


@resource(
    group="apps.example.org",
    version="v1alpha1",
    plural="myapps",
    storage=True,
    columns=[PrintColumn("AGE", path=".metadata.creationTimestamp", type="date")],
)
@dataclass(kw_only=True)
class MyApp(CustomResource[MyAppSpec, MyAppStatus]):
    """MyApp is a small application."""
