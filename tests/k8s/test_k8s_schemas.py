"""Schemas of built-in types against what controller-gen writes for the same Go types."""

from __future__ import annotations

import lzma
import typing
from pathlib import Path
from typing import Any

import pytest
import yaml

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
from opgen.k8s.schemas import definitions, embedded_metadata, schema

GOLDENS = Path(__file__).parent / "goldens"
QUANTITY = "io.k8s.apimachinery.pkg.api.resource.Quantity"
INT_OR_STRING = "io.k8s.apimachinery.pkg.util.intstr.IntOrString"

FIELDS: dict[str, Any] = {
    "time": meta_v1.Time,
    "timePtr": meta_v1.Time,
    "microTime": meta_v1.MicroTime,
    "duration": meta_v1.Duration,
    "selector": meta_v1.LabelSelector,
    "requirement": meta_v1.LabelSelectorRequirement,
    "conditions": list[meta_v1.Condition],
    "owner": meta_v1.OwnerReference,
    "groupVersionKind": meta_v1.GroupVersionKind,
    "groupResource": meta_v1.GroupResource,
    "managedFields": list[meta_v1.ManagedFieldsEntry],
    "listMeta": meta_v1.ListMeta,
    "quantity": QUANTITY,
    "intOrString": INT_OR_STRING,
    "pullPolicy": core_v1.PullPolicy,
    "restart": core_v1.RestartPolicy,
    "phase": core_v1.PodPhase,
    "serviceType": core_v1.ServiceType,
    "uriScheme": core_v1.URIScheme,
    "accessModes": list[core_v1.PersistentVolumeAccessMode],
    "resources": core_v1.ResourceList,
    "object": core_v1.ObjectReference,
    "local": core_v1.LocalObjectReference,
    "locals": list[core_v1.LocalObjectReference],
    "typedLocal": core_v1.TypedLocalObjectReference,
    "typedObject": core_v1.TypedObjectReference,
    "secretRef": core_v1.SecretReference,
    "secretKey": core_v1.SecretKeySelector,
    "configMapKey": core_v1.ConfigMapKeySelector,
    "fieldRef": core_v1.ObjectFieldSelector,
    "env": list[core_v1.EnvVar],
    "envFrom": list[core_v1.EnvFromSource],
    "containerPorts": list[core_v1.ContainerPort],
    "mounts": list[core_v1.VolumeMount],
    "devices": list[core_v1.VolumeDevice],
    "requirements": core_v1.ResourceRequirements,
    "probe": core_v1.Probe,
    "lifecycle": core_v1.Lifecycle,
    "security": core_v1.SecurityContext,
    "podSecurity": core_v1.PodSecurityContext,
    "tolerations": list[core_v1.Toleration],
    "affinity": core_v1.Affinity,
    "nodeSelector": core_v1.NodeSelector,
    "spread": list[core_v1.TopologySpreadConstraint],
    "hostAliases": list[core_v1.HostAlias],
    "dns": core_v1.PodDNSConfig,
    "taints": list[core_v1.Taint],
    "claim": core_v1.PersistentVolumeClaimSpec,
    "claimTemplate": core_v1.PersistentVolumeClaimTemplate,
    "emptyDir": core_v1.EmptyDirVolumeSource,
    "csi": core_v1.CSIVolumeSource,
    "servicePorts": list[core_v1.ServicePort],
    "service": core_v1.ServiceSpec,
    "loadBalancer": core_v1.LoadBalancerStatus,
    "networkPolicy": networking_v1.NetworkPolicySpec,
    "ingress": networking_v1.IngressSpec,
    "ingressTLS": list[networking_v1.IngressTLS],
    "rules": list[rbac_v1.PolicyRule],
    "subjects": list[rbac_v1.Subject],
    "roleRef": rbac_v1.RoleRef,
    "disruption": policy_v1.PodDisruptionBudgetSpec,
    "strategy": apps_v1.DeploymentStrategy,
    "autoscaling": autoscaling_v2.HorizontalPodAutoscalerSpec,
    "template": core_v1.PodTemplateSpec,
    "job": batch_v1.JobSpec,
    "active": list[core_v1.ObjectReference],
}


def crd_properties(text: str, part: str) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for document in yaml.load_all(text, Loader=yaml.CSafeLoader):
        (version,) = document["spec"]["versions"]
        properties = version["schema"]["openAPIV3Schema"]["properties"]
        found.update(properties[part]["properties"])
    return found


@pytest.fixture(scope="module")
def controller_gen() -> dict[str, Any]:
    """The schemas of the fields of all kinds, by field."""
    text = lzma.decompress((GOLDENS / "k8s-types.yaml.xz").read_bytes()).decode()
    return crd_properties(text, "spec")


def schema_of(annotation: Any) -> dict[str, Any]:
    if isinstance(annotation, str):
        return schema(annotation)
    if typing.get_origin(annotation) is list:
        (item,) = typing.get_args(annotation)
        return {"type": "array", "items": schema_of(item)}
    return schema(annotation.__opgen_k8s__)


def without_metadata(node: Any) -> Any:
    """The schema with bare metadata, which is controller-gen's default."""
    if node == embedded_metadata():
        return {"type": "object"}
    if isinstance(node, dict):
        return {key: without_metadata(value) for key, value in node.items()}
    if isinstance(node, list):
        return [without_metadata(value) for value in node]
    return node


@pytest.mark.parametrize("field", FIELDS)
def test_equal_to_controller_gen(field: str, controller_gen: dict[str, Any]) -> None:
    assert without_metadata(schema_of(FIELDS[field])) == controller_gen[field]


def test_the_golden_has_no_other_fields(controller_gen: dict[str, Any]) -> None:
    assert controller_gen.keys() - FIELDS.keys() == {"uid"}


@pytest.mark.parametrize(
    ("part", "field", "annotation"),
    [
        ("spec", "resources", core_v1.ResourceRequirements),
        ("spec", "envs", list[core_v1.EnvVar]),
        ("spec", "ports", list[core_v1.ServicePort]),
    ],
)
def test_the_fields_of_an_app_service(part: str, field: str, annotation: Any) -> None:
    golden = crd_properties((GOLDENS / "appservice.yaml").read_text(), part)
    assert schema_of(annotation) == golden[field]


def test_the_status_of_an_app_service() -> None:
    golden = crd_properties((GOLDENS / "appservice.yaml").read_text(), "status")
    assert schema_of(apps_v1.DeploymentStatus)["properties"] == golden


def test_metadata_inside_of_objects_keeps_what_authors_set() -> None:
    metadata = schema_of(core_v1.PodTemplateSpec)["properties"]["metadata"]
    assert sorted(metadata["properties"]) == [
        "annotations",
        "finalizers",
        "labels",
        "name",
        "namespace",
    ]


def test_schemas_are_fresh_objects() -> None:
    first = schema_of(core_v1.EnvVar)
    first["properties"]["name"]["type"] = "integer"
    first["required"].append("value")
    second = schema_of(core_v1.EnvVar)
    assert second["properties"]["name"] == {"type": "string"}
    assert second["required"] == ["name"]


def test_no_node_is_shared_within_a_schema() -> None:
    seen: set[int] = set()

    def walk(node: Any) -> None:
        if isinstance(node, dict | list):
            assert id(node) not in seen
            seen.add(id(node))
            for child in node.values() if isinstance(node, dict) else node:
                walk(child)

    walk(schema_of(core_v1.PodTemplateSpec))


def test_a_type_that_contains_itself_has_no_schema() -> None:
    name = "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSONSchemaProps"
    with pytest.raises(ValueError, match=f"^{name} contains itself, which a CRD cannot express$"):
        schema(name)


def test_an_unknown_definition_is_a_key_error() -> None:
    with pytest.raises(KeyError, match=r"io\.k8s\.api\.core\.v1\.Nothing"):
        schema("io.k8s.api.core.v1.Nothing")


def test_the_table_knows_how_patches_merge() -> None:
    containers = definitions()["io.k8s.api.core.v1.PodSpec"]["properties"]["containers"]
    assert containers == {
        "type": "array",
        "items": {"$ref": "io.k8s.api.core.v1.Container"},
        "x-kubernetes-list-type": "map",
        "x-kubernetes-list-map-keys": ["name"],
        "x-kubernetes-patch-merge-key": "name",
        "x-kubernetes-patch-strategy": "merge",
    }


def test_every_reference_of_the_table_leads_somewhere() -> None:
    table = definitions()

    def walk(node: Any) -> None:
        if isinstance(node, dict):
            if isinstance(node.get("$ref"), str):
                assert node["$ref"] in table
            for child in node.values():
                walk(child)

    for name in table:
        walk(table[name])
