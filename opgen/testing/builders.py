"""Making objects for tests: what every document says, said once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from opgen.api.resources import ResourceKind, kind_of
from opgen.testing.errors import Document


def build(
    kind: Any,
    name: str,
    *,
    namespace: str = "",
    labels: Mapping[str, str] | None = None,
    annotations: Mapping[str, str] | None = None,
    owner: Document | None = None,
    **fields: Any,
) -> Document:
    """An object of a kind, with the metadata given and other fields as they are.

    Args:
        kind: A class of the project, one of `opgen.k8s`, or a `ResourceKind`.
        name: Its name.
        namespace: Its namespace; the cluster's default if left out.
        labels: Its labels.
        annotations: Its annotations.
        owner: The object that controls it, as the server gave it.
        fields: What else it has, such as `spec`.
    """
    found: ResourceKind = kind_of(kind)
    metadata: Document = {"name": name}
    for key, value in (("namespace", namespace), ("labels", labels), ("annotations", annotations)):
        if value:
            metadata[key] = value if isinstance(value, str) else dict(value)
    if owner is not None:
        metadata["ownerReferences"] = [owner_reference(owner)]
    return {
        "apiVersion": found.api_version,
        "kind": found.kind,
        "metadata": metadata,
        **fields,
    }


def owner_reference(owner: Document) -> Document:
    """The reference by which an object says that another one controls it."""
    return {
        "apiVersion": owner["apiVersion"],
        "kind": owner["kind"],
        "name": owner["metadata"]["name"],
        "uid": owner["metadata"]["uid"],
        "controller": True,
        "blockOwnerDeletion": True,
    }


def deployment(
    name: str, image: str = "app", *, replicas: int = 1, labels: Mapping[str, str] | None = None
) -> Document:
    """A Deployment of one container, called as the Deployment is."""
    from opgen.k8s import apps_v1

    selected = dict(labels or {"app": name})
    template = {
        "metadata": {"labels": selected},
        "spec": {"containers": [{"name": name, "image": image}]},
    }
    spec = {"replicas": replicas, "selector": {"matchLabels": selected}, "template": template}
    return build(apps_v1.Deployment, name, labels=selected, spec=spec)


def pod(name: str, image: str = "app", *, labels: Mapping[str, str] | None = None) -> Document:
    """A Pod of one container, called as the Pod is."""
    from opgen.k8s import core_v1

    spec = {"containers": [{"name": name, "image": image}]}
    return build(core_v1.Pod, name, labels=labels, spec=spec)
