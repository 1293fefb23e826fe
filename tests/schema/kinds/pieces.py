"""Golden case 09 in Python: types of Kubernetes as fields."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from opgen.api import CustomResource, Duration, IntOrString, Optional, Quantity, Time, resource
from opgen.k8s import (
    apps_v1,
    autoscaling_v2,
    batch_v1,
    core_v1,
    meta_v1,
    networking_v1,
    policy_v1,
    rbac_v1,
)


@dataclass(kw_only=True)
class PiecesSpec:
    """PiecesSpec has types of Kubernetes."""

    time: Time | None = None
    timePtr: Time | None = None
    microTime: Time | None = None
    duration: Duration | None = None
    selector: meta_v1.LabelSelector | None = None
    requirement: meta_v1.LabelSelectorRequirement | None = None
    conditions: list[meta_v1.Condition] | None = None
    owner: meta_v1.OwnerReference | None = None
    groupVersionKind: meta_v1.GroupVersionKind | None = None
    groupResource: meta_v1.GroupResource | None = None
    managedFields: list[meta_v1.ManagedFieldsEntry] | None = None
    listMeta: meta_v1.ListMeta | None = None
    quantity: Quantity | None = None
    intOrString: IntOrString | None = None
    uid: str | None = None
    pullPolicy: str | None = None
    restart: str | None = None
    phase: str | None = None
    serviceType: str | None = None
    uriScheme: str | None = None
    accessModes: list[str] | None = None
    resources: dict[str, Quantity] | None = None
    object: core_v1.ObjectReference | None = None
    local: core_v1.LocalObjectReference | None = None
    locals: list[core_v1.LocalObjectReference] | None = None
    typedLocal: core_v1.TypedLocalObjectReference | None = None
    typedObject: core_v1.TypedObjectReference | None = None
    secretRef: core_v1.SecretReference | None = None
    secretKey: core_v1.SecretKeySelector | None = None
    configMapKey: core_v1.ConfigMapKeySelector | None = None
    fieldRef: core_v1.ObjectFieldSelector | None = None
    env: list[core_v1.EnvVar] | None = None
    envFrom: list[core_v1.EnvFromSource] | None = None
    containerPorts: list[core_v1.ContainerPort] | None = None
    mounts: list[core_v1.VolumeMount] | None = None
    devices: list[core_v1.VolumeDevice] | None = None
    requirements: core_v1.ResourceRequirements | None = None
    probe: core_v1.Probe | None = None
    lifecycle: core_v1.Lifecycle | None = None
    security: core_v1.SecurityContext | None = None
    podSecurity: core_v1.PodSecurityContext | None = None
    tolerations: list[core_v1.Toleration] | None = None
    affinity: core_v1.Affinity | None = None
    nodeSelector: core_v1.NodeSelector | None = None
    spread: list[core_v1.TopologySpreadConstraint] | None = None
    hostAliases: list[core_v1.HostAlias] | None = None
    dns: core_v1.PodDNSConfig | None = None
    taints: list[core_v1.Taint] | None = None
    claim: core_v1.PersistentVolumeClaimSpec | None = None
    claimTemplate: core_v1.PersistentVolumeClaimTemplate | None = None
    emptyDir: core_v1.EmptyDirVolumeSource | None = None
    csi: core_v1.CSIVolumeSource | None = None
    servicePorts: list[core_v1.ServicePort] | None = None
    service: core_v1.ServiceSpec | None = None
    loadBalancer: core_v1.LoadBalancerStatus | None = None
    networkPolicy: networking_v1.NetworkPolicySpec | None = None
    ingress: networking_v1.IngressSpec | None = None
    ingressTLS: list[networking_v1.IngressTLS] | None = None
    rules: list[rbac_v1.PolicyRule] | None = None
    subjects: list[rbac_v1.Subject] | None = None
    roleRef: rbac_v1.RoleRef | None = None
    disruption: policy_v1.PodDisruptionBudgetSpec | None = None
    strategy: apps_v1.DeploymentStrategy | None = None
    autoscaling: autoscaling_v2.HorizontalPodAutoscalerSpec | None = None


@resource(group="builtin.example.org", version="v1", plural="pieces")
@dataclass(kw_only=True)
class Pieces(CustomResource[PiecesSpec, None]):
    """Pieces has types of Kubernetes."""

    spec: Annotated[PiecesSpec, Optional]


@dataclass(kw_only=True)
class PodsSpec:
    """PodsSpec has types of Kubernetes."""

    template: core_v1.PodTemplateSpec


@resource(group="builtin.example.org", version="v1", plural="pods")
@dataclass(kw_only=True)
class Pods(CustomResource[PodsSpec, None]):
    """Pods has types of Kubernetes."""

    spec: Annotated[PodsSpec, Optional]


@dataclass(kw_only=True)
class JobsSpec:
    """JobsSpec has types of Kubernetes."""

    job: batch_v1.JobSpec
    active: list[core_v1.ObjectReference] | None = None


@resource(group="builtin.example.org", version="v1", plural="jobs")
@dataclass(kw_only=True)
class Jobs(CustomResource[JobsSpec, None]):
    """Jobs has types of Kubernetes."""

    spec: Annotated[JobsSpec, Optional]
