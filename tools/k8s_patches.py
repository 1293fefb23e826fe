"""What Kubernetes' OpenAPI definitions leave out, for `make_k8s_table.py`.

Source: the markers in the Go sources of k8s.io/api and k8s.io/apimachinery v0.36. For another minor
version, look for `+default=`, `+kubebuilder:` and `+structType` there.
"""

from __future__ import annotations

from typing import Any

API = "io.k8s.api."
META = "io.k8s.apimachinery.pkg.apis.meta.v1"
EXTENSIONS = "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1"
CORE = API + "core.v1"

QUANTITY = "io.k8s.apimachinery.pkg.api.resource.Quantity"
INT_OR_STRING = "io.k8s.apimachinery.pkg.util.intstr.IntOrString"
RAW_EXTENSION = "io.k8s.apimachinery.pkg.runtime.RawExtension"
INT_OR_STRING_FACTS = {
    "anyOf": [{"type": "integer"}, {"type": "string"}],
    "x-kubernetes-int-or-string": True,
}
ANYTHING = {"x-kubernetes-preserve-unknown-fields": True}

# Definitions that OpenAPI says too little of, or does not have.
DEFINITIONS: dict[str, dict[str, Any]] = {
    QUANTITY: {
        **INT_OR_STRING_FACTS,
        "pattern": (
            r"^(\+|-)?(([0-9]+(\.[0-9]*)?)|(\.[0-9]+))"
            r"(([KMGTPE]i)|[numkMGTPE]|([eE](\+|-)?(([0-9]+(\.[0-9]*)?)|(\.[0-9]+))))?$"
        ),
    },
    INT_OR_STRING: INT_OR_STRING_FACTS,
    RAW_EXTENSION: {"type": "object", **ANYTHING},
    f"{EXTENSIONS}.JSON": ANYTHING,
    f"{EXTENSIONS}.JSONSchemaPropsOrArray": ANYTHING,
    f"{EXTENSIONS}.JSONSchemaPropsOrBool": ANYTHING,
    f"{EXTENSIONS}.JSONSchemaPropsOrStringArray": ANYTHING,
    f"{META}.Duration": {"type": "string"},
}
for _name, _fields in {
    "GroupKind": ("group", "kind"),
    "GroupResource": ("group", "resource"),
    "GroupVersion": ("group", "version"),
    "GroupVersionKind": ("group", "version", "kind"),
    "GroupVersionResource": ("group", "version", "resource"),
}.items():
    DEFINITIONS[f"{META}.{_name}"] = {
        "type": "object",
        "properties": {field: {"type": "string"} for field in _fields},
        "required": sorted(_fields),
    }

# Strings that have a name in Go and none in OpenAPI.
for _name in (
    "ConditionStatus",
    "DNSPolicy",
    "IPFamily",
    "PersistentVolumeAccessMode",
    "PersistentVolumeMode",
    "PodPhase",
    "Protocol",
    "PullPolicy",
    "ResourceName",
    "RestartPolicy",
    "SecretType",
    "ServiceType",
    "TaintEffect",
    "TerminationMessagePolicy",
    "TolerationOperator",
    "URIScheme",
):
    DEFINITIONS[f"{CORE}.{_name}"] = {"type": "string"}
DEFINITIONS[f"{CORE}.ResourceList"] = {
    "type": "object",
    "additionalProperties": {"$ref": QUANTITY},
}

QUALIFIED_NAME = (
    r"^([a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*/)?"
    r"(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])$"
)
PORT_ERROR = {"maxLength": 316, "pattern": QUALIFIED_NAME}

# Facts of definitions, and of fields as `definition.field`, that only the markers in Go's sources
# have: defaults, bounds, and the map type of references by way of an embedded struct.
PATCHES: dict[str, dict[str, Any]] = {
    f"{API}autoscaling.v1.ScaleSpec.replicas": {"default": 0},
    f"{API}networking.v1.IngressPortStatus": {"required": ["error", "port", "protocol"]},
    f"{API}networking.v1.IngressPortStatus.error": PORT_ERROR,
    f"{API}resource.v1.DeviceToleration.operator": {"default": "Equal"},
    f"{CORE}.AzureDiskVolumeSource.fsType": {"default": "ext4"},
    f"{CORE}.AzureDiskVolumeSource.readOnly": {"default": False},
    f"{CORE}.ContainerPort.protocol": {"default": "TCP"},
    f"{CORE}.FileKeySelector.optional": {"default": False},
    f"{CORE}.GRPCAction.service": {"default": ""},
    f"{CORE}.ImageVolumeStatus.imageRef": {"maxLength": 256},
    f"{CORE}.PortStatus": {"required": ["error", "port", "protocol"]},
    f"{CORE}.PortStatus.error": PORT_ERROR,
    f"{CORE}.ReplicationControllerSpec.minReadySeconds": {"default": 0},
    f"{CORE}.ReplicationControllerSpec.replicas": {"default": 1},
    f"{CORE}.ServicePort.protocol": {"default": "TCP"},
    f"{META}.Condition.message": {"maxLength": 32768},
    f"{META}.Condition.observedGeneration": {"minimum": 0},
    f"{META}.Condition.reason": {
        "maxLength": 1024,
        "minLength": 1,
        "pattern": "^[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?$",
    },
    f"{META}.Condition.status": {"enum": ["True", "False", "Unknown"]},
    f"{META}.Condition.type": {"maxLength": 316, "pattern": QUALIFIED_NAME},
}
for _name in ("LocalObjectReference", "ConfigMapKeySelector", "SecretKeySelector"):
    PATCHES[f"{CORE}.{_name}.name"] = {"default": ""}
for _name in (
    "ConfigMapEnvSource",
    "ConfigMapProjection",
    "ConfigMapVolumeSource",
    "SecretEnvSource",
    "SecretProjection",
):
    PATCHES[f"{CORE}.{_name}"] = {"x-kubernetes-map-type": "atomic"}
    PATCHES[f"{CORE}.{_name}.name"] = {"default": ""}
for _name in ("", "Persistent"):
    PATCHES |= {
        f"{CORE}.ISCSI{_name}VolumeSource.iscsiInterface": {"default": "default"},
        f"{CORE}.RBD{_name}VolumeSource.keyring": {"default": "/etc/ceph/keyring"},
        f"{CORE}.RBD{_name}VolumeSource.pool": {"default": "rbd"},
        f"{CORE}.RBD{_name}VolumeSource.user": {"default": "admin"},
        f"{CORE}.ScaleIO{_name}VolumeSource.fsType": {"default": "xfs"},
        f"{CORE}.ScaleIO{_name}VolumeSource.storageMode": {"default": "ThinProvisioned"},
    }
