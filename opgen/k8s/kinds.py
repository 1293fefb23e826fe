"""The built-in kinds: what discovery says of them.

OpenAPI has neither plurals nor short names, so these facts are a table of their own. RBAC, the
runtime and the in-process API server look kinds up here without reading the big table.
"""

from __future__ import annotations

from dataclasses import dataclass
from types import NoneType
from typing import Any

from opgen.api.fields import resolve_hints
from opgen.api.resources import ResourceKind, kind_of

ALL_VERBS = ("create", "delete", "deletecollection", "get", "list", "patch", "update", "watch")
_NO_COLLECTION = tuple(verb for verb in ALL_VERBS if verb != "deletecollection")
_REVIEW = ("create",)


@dataclass(frozen=True, kw_only=True, slots=True)
class BuiltInKind:
    """One kind as discovery shows it.

    Attributes:
        kind: Group, version, kind, plural and scope.
        definition: The name in the table, such as `io.k8s.api.apps.v1.Deployment`.
        singular: The singular name.
        short_names: Abbreviations for kubectl.
        categories: Groups of resources such as `all`.
        has_status: Whether there is a status subresource.
        has_scale: Whether there is a scale subresource.
        verbs: What may be done with it.
    """

    kind: ResourceKind
    definition: str
    singular: str
    short_names: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    has_status: bool = False
    has_scale: bool = False
    verbs: tuple[str, ...] = ALL_VERBS


# Group, version, and what definitions' names start with, then a line for each kind: its name, short
# names after a slash, and traits. `all` and `api-extensions` are categories.
_KINDS: dict[tuple[str, str, str], str] = {
    ("", "v1", "io.k8s.api.core.v1"): """
        Binding review
        ComponentStatus/cs cluster read-only
        ConfigMap/cm
        Endpoints/ep
        Event/ev
        LimitRange/limits
        Namespace/ns cluster status no-collection
        Node/no cluster status
        PersistentVolume/pv cluster status
        PersistentVolumeClaim/pvc status
        Pod/po all status
        PodTemplate
        ReplicationController/rc all status scale
        ResourceQuota/quota status
        Secret
        Service/svc all status
        ServiceAccount/sa
    """,
    ("admissionregistration.k8s.io", "v1", "io.k8s.api.admissionregistration.v1"): """
        MutatingAdmissionPolicy cluster api-extensions
        MutatingAdmissionPolicyBinding cluster api-extensions
        MutatingWebhookConfiguration cluster api-extensions
        ValidatingAdmissionPolicy cluster api-extensions status
        ValidatingAdmissionPolicyBinding cluster api-extensions
        ValidatingWebhookConfiguration cluster api-extensions
    """,
    (
        "apiextensions.k8s.io",
        "v1",
        "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1",
    ): """
        CustomResourceDefinition/crd,crds cluster api-extensions status
    """,
    (
        "apiregistration.k8s.io",
        "v1",
        "io.k8s.kube-aggregator.pkg.apis.apiregistration.v1",
    ): """
        APIService cluster api-extensions status
    """,
    ("apps", "v1", "io.k8s.api.apps.v1"): """
        ControllerRevision
        DaemonSet/ds all status
        Deployment/deploy all status scale
        ReplicaSet/rs all status scale
        StatefulSet/sts all status scale
    """,
    ("authentication.k8s.io", "v1", "io.k8s.api.authentication.v1"): """
        SelfSubjectReview cluster review
        TokenReview cluster review
    """,
    ("authorization.k8s.io", "v1", "io.k8s.api.authorization.v1"): """
        LocalSubjectAccessReview review
        SelfSubjectAccessReview cluster review
        SelfSubjectRulesReview cluster review
        SubjectAccessReview cluster review
    """,
    ("autoscaling", "v2", "io.k8s.api.autoscaling.v2"): """
        HorizontalPodAutoscaler/hpa all status
    """,
    ("autoscaling", "v1", "io.k8s.api.autoscaling.v1"): """
        HorizontalPodAutoscaler/hpa all status
    """,
    ("batch", "v1", "io.k8s.api.batch.v1"): """
        CronJob/cj all status
        Job all status
    """,
    ("certificates.k8s.io", "v1", "io.k8s.api.certificates.v1"): """
        CertificateSigningRequest/csr cluster status
    """,
    ("coordination.k8s.io", "v1", "io.k8s.api.coordination.v1"): """
        Lease
    """,
    ("discovery.k8s.io", "v1", "io.k8s.api.discovery.v1"): """
        EndpointSlice
    """,
    ("events.k8s.io", "v1", "io.k8s.api.events.v1"): """
        Event/ev
    """,
    ("flowcontrol.apiserver.k8s.io", "v1", "io.k8s.api.flowcontrol.v1"): """
        FlowSchema cluster status
        PriorityLevelConfiguration cluster status
    """,
    ("networking.k8s.io", "v1", "io.k8s.api.networking.v1"): """
        IPAddress/ip cluster
        Ingress/ing status
        IngressClass cluster
        NetworkPolicy/netpol
        ServiceCIDR cluster status
    """,
    ("node.k8s.io", "v1", "io.k8s.api.node.v1"): """
        RuntimeClass cluster
    """,
    ("policy", "v1", "io.k8s.api.policy.v1"): """
        PodDisruptionBudget/pdb status
    """,
    ("rbac.authorization.k8s.io", "v1", "io.k8s.api.rbac.v1"): """
        ClusterRole cluster
        ClusterRoleBinding cluster
        Role
        RoleBinding
    """,
    ("resource.k8s.io", "v1", "io.k8s.api.resource.v1"): """
        DeviceClass cluster
        ResourceClaim status
        ResourceClaimTemplate
        ResourceSlice cluster
    """,
    ("scheduling.k8s.io", "v1", "io.k8s.api.scheduling.v1"): """
        PriorityClass/pc cluster
    """,
    ("storage.k8s.io", "v1", "io.k8s.api.storage.v1"): """
        CSIDriver cluster
        CSINode cluster
        CSIStorageCapacity
        StorageClass/sc cluster
        VolumeAttachment cluster status
        VolumeAttributesClass/vac cluster
    """,
}

_PLURAL_ENDINGS = {"s": "ses", "y": "ies"}
"""How the last letter of a kind's name changes. All but Endpoints follow this, and it is quicker
than `opgen.api.plurals`, which knows all of English."""
_CATEGORIES = ("all", "api-extensions")
_VERBS = {"review": _REVIEW, "no-collection": _NO_COLLECTION, "read-only": ("get", "list")}


def _kind(group: str, version: str, package: str, line: str) -> BuiltInKind:
    head, *traits = line.split()
    name, _, short_names = head.partition("/")
    singular = name.lower()
    ending = _PLURAL_ENDINGS.get(singular[-1], f"{singular[-1]}s")
    plural = singular if name == "Endpoints" else singular[:-1] + ending
    verbs = next((_VERBS[trait] for trait in traits if trait in _VERBS), ALL_VERBS)
    return BuiltInKind(
        kind=ResourceKind(group, version, name, plural, "cluster" not in traits),
        definition=f"{package}.{name}",
        singular=singular,
        short_names=tuple(short_names.split(",")) if short_names else (),
        categories=tuple(trait for trait in traits if trait in _CATEGORIES),
        has_status="status" in traits,
        has_scale="scale" in traits,
        verbs=verbs,
    )


BUILT_IN: tuple[BuiltInKind, ...] = tuple(
    _kind(group, version, package, line)
    for (group, version, package), lines in _KINDS.items()
    for line in lines.strip().splitlines()
)
"""Every built-in kind; where a group has several versions, the preferred one comes first."""

_BY_DEFINITION = {built_in.definition: built_in for built_in in BUILT_IN}
_BY_KIND: dict[tuple[str, str], BuiltInKind] = {}
_BY_PLURAL: dict[tuple[str, str], BuiltInKind] = {}
for _built_in in BUILT_IN:
    _BY_KIND.setdefault(_built_in.kind.group_kind, _built_in)
    _BY_PLURAL.setdefault((_built_in.kind.group, _built_in.kind.plural), _built_in)


def by_definition(definition: str) -> BuiltInKind | None:
    """The kind of a definition such as `io.k8s.api.apps.v1.Deployment`, or None."""
    return _BY_DEFINITION.get(definition)


def by_kind(group: str, kind: str) -> BuiltInKind | None:
    """The kind of a group in its preferred version, or None."""
    return _BY_KIND.get((group, kind))


def by_plural(group: str, plural: str) -> BuiltInKind | None:
    """The kind that has this plural in a group, in its preferred version, or None."""
    return _BY_PLURAL.get((group, plural))


def has_status(resource: Any) -> bool:
    """Whether a status can be written of objects of a kind, as far as is known here.

    Args:
        resource: A `CustomResource` class, a built-in kind, or a `ResourceKind`, of which only the
            API server knows unless it is built in.
    """
    if isinstance(resource, ResourceKind) or hasattr(resource, "__opgen_k8s__"):
        kind = kind_of(resource)
        built_in = _BY_KIND.get((kind.group, kind.kind))
        return built_in.has_status if built_in is not None else True
    return resolve_hints(resource).get("status") not in (None, NoneType)
