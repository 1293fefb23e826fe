"""Golden case 02 in Python."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated

from opgen.api import CustomResource, Int32, Optional, resource
from opgen.k8s import apps_v1, core_v1


@dataclass(kw_only=True)
class AppServiceSpec:
    """AppServiceSpec describes one application: how many pods, and how it is reached."""

    size: Int32
    """size is the number of pods."""

    image: str
    """image is what every pod runs."""

    resources: core_v1.ResourceRequirements | None = None
    """resources are the compute resources of the container."""

    envs: list[core_v1.EnvVar] = field(default_factory=list)
    """envs are set in the container, in this order."""

    ports: list[core_v1.ServicePort] = field(default_factory=list)


@resource(group="app.example.com", version="v1")
@dataclass(kw_only=True)
class AppService(CustomResource[AppServiceSpec, apps_v1.DeploymentStatus]):
    """AppService is an application made of one Deployment and one Service."""

    spec: Annotated[AppServiceSpec, Optional]
