# SPDX-License-Identifier: Apache-2.0
"""The AppService API, version v1. After a change, run `make manifests`."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated

from opgen.api import (
    Condition,
    CustomResource,
    Ge,
    Int32,
    Int64,
    ListMap,
    MinLen,
    PrintColumn,
    SpecReplicas,
    StatusReplicas,
    resource,
)
from opgen.k8s import apps_v1, core_v1


@dataclass(kw_only=True)
class AppServiceSpec:
    """AppServiceSpec describes one application: how many pods, of what, and how it is reached."""

    size: Annotated[Int32, Ge(0), SpecReplicas, PrintColumn("Size")]
    """The number of pods."""

    image: Annotated[str, MinLen(1), PrintColumn("Image")]
    """What every pod runs."""

    resources: core_v1.ResourceRequirements | None = None
    """The compute resources of the container."""

    envs: Annotated[list[core_v1.EnvVar], ListMap("name")] = field(default_factory=list)
    """Set in the container, in this order."""

    ports: Annotated[list[core_v1.ServicePort], ListMap("port", "protocol")] = field(
        default_factory=list
    )
    """The ports of the Service. Without any there is no Service."""


@dataclass(kw_only=True)
class AppServiceStatus:
    """AppServiceStatus is what is seen of the application."""

    deployment: apps_v1.DeploymentStatus | None = None
    """The status of the Deployment behind the application."""

    ready_replicas: Annotated[Int32, StatusReplicas, PrintColumn("Ready")] = 0
    """How many pods serve requests right now."""

    observed_generation: Int64 = 0
    """The generation of the spec that this status is about."""

    conditions: Annotated[list[Condition], ListMap("type")] = field(default_factory=list)
    """The latest observations of the object's state."""


@resource(
    group="app.example.com",
    version="v1",
    plural="appservices",
    storage=True,
    columns=[PrintColumn("Age", path=".metadata.creationTimestamp", type="date")],
)
@dataclass(kw_only=True)
class AppService(CustomResource[AppServiceSpec, AppServiceStatus]):
    """AppService is an application made of one Deployment and one Service."""
