"""Golden case 01 in Python."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated

from opgen.api import (
    Condition,
    CustomResource,
    Ge,
    Int32,
    ListMap,
    MinLen,
    NoDefault,
    PrintColumn,
    SpecReplicas,
    StatusReplicas,
    resource,
)


@dataclass(kw_only=True)
class WebServerSpec:
    """WebServerSpec defines the desired state of WebServer."""

    image: Annotated[str, MinLen(1), PrintColumn("Image")]
    """The container image of the webserver."""

    replicas: Annotated[Int32, Ge(1), SpecReplicas, PrintColumn("Replicas")] = 1
    """The number of replicas that the webserver should have."""


@dataclass(kw_only=True)
class WebServerStatus:
    """WebServerStatus defines the observed state of WebServer."""

    ready_replicas: Annotated[Int32, StatusReplicas, NoDefault, PrintColumn("Ready")] = 0
    """How many pods serve requests right now."""

    conditions: Annotated[list[Condition], ListMap("type")] = field(default_factory=list)
    """The latest observations of the webserver's state."""


@resource(
    group="my.domain",
    version="v1",
    short_names=["ws"],
    categories=["all"],
    columns=[
        PrintColumn(
            "Available",
            path='.status.conditions[?(@.type=="Available")].status',
            type="string",
            description="Whether the webserver answers requests",
            priority=1,
        ),
        PrintColumn("Age", path=".metadata.creationTimestamp", type="date"),
    ],
)
@dataclass(kw_only=True)
class WebServer(CustomResource[WebServerSpec, WebServerStatus]):
    """WebServer is the Schema for the webservers API."""

    spec: WebServerSpec
    """spec defines the desired state of WebServer."""

    status: WebServerStatus = field(default_factory=WebServerStatus)
    """status defines the observed state of WebServer."""
