# SPDX-License-Identifier: Apache-2.0
"""The WebServer API, version v1. After a change, run `make manifests`."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated

from opgen.api import (
    Condition,
    CustomResource,
    Ge,
    Int32,
    Int64,
    Le,
    ListMap,
    MinLen,
    PrintColumn,
    SpecReplicas,
    StatusReplicas,
    resource,
)


@dataclass(kw_only=True)
class WebServerSpec:
    """WebServerSpec defines the desired state of WebServer."""

    image: Annotated[str, MinLen(1), PrintColumn("Image")] = "nginx:1.27"
    """The container image that the pods run."""

    replicas: Annotated[Int32, Ge(0), SpecReplicas, PrintColumn("Replicas")] = 1
    """How many pods shall run."""

    port: Annotated[Int32, Ge(1), Le(65535)] = 80
    """The port on which the container listens, and the port of the Service."""

    node_port: Annotated[Int32 | None, Ge(1), Le(65535)] = None
    """The port of the Service on every node. The cluster chooses one if it is left out."""


@dataclass(kw_only=True)
class WebServerStatus:
    """WebServerStatus defines the observed state of WebServer."""

    ready_replicas: Annotated[Int32, StatusReplicas, PrintColumn("Ready")] = 0
    """How many pods serve requests right now."""

    observed_generation: Int64 = 0
    """The generation of the spec that this status is about."""

    conditions: Annotated[list[Condition], ListMap("type")] = field(default_factory=list)
    """The latest observations of the object's state."""


@resource(
    group="my.domain",
    version="v1",
    plural="webservers",
    short_names=["ws"],
    categories=["all"],
    storage=True,
    columns=[PrintColumn("Age", path=".metadata.creationTimestamp", type="date")],
)
@dataclass(kw_only=True)
class WebServer(CustomResource[WebServerSpec, WebServerStatus]):
    """WebServer is the Schema for the webservers API."""
