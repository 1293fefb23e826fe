"""The template of the operator's Deployment.

What values decide is written out in `parts/manager.yaml`; what else the project's own Deployment
has, such as volumes, comes along between the lines of that.
"""

from __future__ import annotations

import copy
from collections.abc import Iterable
from typing import Any

from opgen.chart import text
from opgen.chart.naming import Naming
from opgen.chart.objects import MANAGER, Document

METRICS_ADDRESS = "OPGEN_METRICS_BIND_ADDRESS"
WATCHED = "WATCH_NAMESPACE"
DECIDED_BY_VALUES = ("image", "imagePullPolicy", "resources", "securityContext")
DECIDED_FOR_POD = ("affinity", "serviceAccountName", "serviceAccount", "securityContext")


def is_manager(document: Document) -> bool:
    """Whether an object is the operator's Deployment."""
    if document["kind"] != "Deployment":
        return False
    containers = document["spec"]["template"]["spec"]["containers"]
    return any(container["name"] == MANAGER for container in containers)


def blocks(deployment: Document, naming: Naming) -> dict[str, str]:
    """The texts that go into the template, by the name of their place."""
    released = naming.released(copy.deepcopy(deployment))
    spec, metadata = released["spec"], released["metadata"]
    pod = spec["template"]
    pod_spec = {k: v for k, v in pod["spec"].items() if k not in DECIDED_FOR_POD}
    containers = pod_spec.pop("containers")
    manager = next(one for one in containers if one["name"] == MANAGER)
    others = [one for one in containers if one is not manager]
    rest = {k: v for k, v in manager.items() if k not in (*DECIDED_BY_VALUES, "name")}
    arguments = [one for one in rest.pop("args", ()) if WATCHED not in one]
    variables = [
        one for one in rest.pop("env", ()) if one["name"] not in (METRICS_ADDRESS, WATCHED)
    ]
    ports = [one for one in rest.pop("ports", ()) if one.get("name") != "metrics"]
    return {
        "deployment_metadata": _lines({k: metadata[k] for k in ("name", "namespace")}, 2),
        "deployment_labels": _lines(metadata.get("labels", {}), 4),
        "deployment_rest": _lines(_without(spec, "replicas", "selector", "template"), 2),
        "selector": _lines(spec["selector"], 4),
        "pod_annotations": _lines(pod["metadata"].get("annotations", {}), 8),
        "pod_labels": _lines(pod["metadata"].get("labels", {}), 8),
        "match_labels": _lines(spec["selector"].get("matchLabels", {}), 18),
        "pod_rest": _lines(pod_spec, 6),
        "arguments": _lines(arguments, 8),
        "variables": _lines(variables, 8),
        "ports": _lines(ports, 8),
        "container_rest": _lines(rest, 8),
        "other_containers": _lines(others, 6),
    }


def _without(mapping: dict[str, Any], *keys: str) -> dict[str, Any]:
    return {key: value for key, value in mapping.items() if key not in keys}


def _lines(value: Iterable[Any], indent: int) -> str:
    return text.template(value, indent) if value else ""
